"""True means behind noisy ones: nothing is lost without noise, and noise is not taken for disorder."""

import numpy as np
import pytest

from passmuster.stats.fay_herriot import linked_means
from passmuster.stats.rank_agreement import kendall_tau, kendall_taus


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_without_noise_the_true_means_are_the_measured_ones() -> None:
    means = np.array([0.3, 0.9, 0.5, 0.7, 0.1])
    found = linked_means(means, np.zeros((5, 5)), np.arange(5.0), rng(), 500)
    assert np.abs(found.means - means).max() < 1e-3


def test_the_line_is_found_with_its_spread() -> None:
    draws = np.random.default_rng(1)
    x = np.linspace(-2, 2, 60)
    true = 1 + 0.5 * x + draws.normal(0, 0.2, 60)
    found = linked_means(true + draws.normal(0, 0.1, 60), np.eye(60) * 0.01, x, rng())
    assert float(np.median(found.slope)) == pytest.approx(0.5, abs=0.08)
    assert float(np.median(found.spread)) == pytest.approx(0.2, abs=0.06)
    assert float(np.abs(found.means.mean(axis=0) - true).mean()) < 0.1


def test_an_error_that_all_share_moves_no_order() -> None:
    means = np.linspace(0.5, 0.9, 8)
    shared = np.full((8, 8), 0.04) + np.eye(8) * 1e-6
    found = linked_means(means, shared, np.arange(8.0), rng(), 500)
    assert (kendall_taus(means, found.means) > 0.99).mean() > 0.95


def test_a_high_agreement_is_held_where_the_bootstrap_of_the_cases_loses_it() -> None:
    # 60 repetitions; with 95 % coverage fewer than 50 hits come in less than 1 of 1,000 such tests
    draws = np.random.default_rng(2)
    held = naive = 0
    for _ in range(60):
        true = np.sort(draws.normal(0.7, 0.05, 12))
        x = np.argsort(np.argsort(true + draws.normal(0, 0.004, 12))).astype(float)
        cases = (draws.random((80, 12)) < true).astype(float)
        means, covariance = cases.mean(axis=0), np.cov(cases.T) / 80
        agreement = kendall_tau(x, true)
        assert agreement is not None
        drawn = kendall_taus(x, linked_means(means, covariance, x, draws, 500).means)
        weights = draws.multinomial(80, np.full(80, 1 / 80), 300)
        again = kendall_taus(x, weights @ cases / 80)
        held += bool(np.quantile(drawn, 0.025) - 1e-9 <= agreement <= np.quantile(drawn, 0.975) + 1e-9)
        naive += bool(np.quantile(again, 0.025) <= agreement <= np.quantile(again, 0.975))
    assert held >= 50
    assert naive < 20


def test_means_at_one_place_have_no_line() -> None:
    with pytest.raises(ValueError, match="two places"):
        linked_means(np.arange(5.0), np.eye(5), np.ones(5), rng())
    with pytest.raises(ValueError, match="four means"):
        linked_means(np.arange(3.0), np.eye(3), np.arange(3.0), rng())
