"""Cases that stand for different numbers of cases of traffic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats as oracle
from statsmodels.stats.weightstats import DescrStatsW

from passmuster.stats.clusters import student_tail, with_pseudo_scores
from passmuster.stats.intervals import mean_interval
from passmuster.stats.paired import paired_mean_interval, paired_mean_p
from passmuster.stats.quantiles import quantile, quantile_interval
from passmuster.stats.ratio import ratio_interval
from passmuster.stats.weighted import (
    degrees_factor,
    effective_cases,
    weighted_mean_interval,
    weighted_quantile,
    weighted_quantile_interval,
    weighted_rate_interval,
    weighted_sums,
)


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - docs/statistics.md says that -s shows them


def test_the_error_is_that_of_the_linearised_ratio() -> None:
    rng = np.random.default_rng(1)
    values, weights = rng.random(50), rng.uniform(1, 5, 50)
    sums = weighted_sums(values, weights)
    mean = np.average(values, weights=weights)
    residuals = weights * (values - mean) / weights.sum()

    assert float(sums.value()) == pytest.approx(DescrStatsW(values, weights).mean)
    assert float(sums.standard_error()) == pytest.approx(np.sqrt(50 / 49 * np.sum(residuals**2)))


def test_equal_weights_give_the_mean_as_it_is() -> None:
    values = np.array([0.2, 0.4, 0.9, 1.0, 0.3] * 6)
    plain = mean_interval(float(values.sum()), float((values**2).sum()), values.size)

    assert weighted_mean_interval(values, np.full(30, 7.0)) == pytest.approx(plain)
    assert paired_mean_interval(values, weights=np.full(30, 7.0)) == pytest.approx(
        paired_mean_interval(values)
    )
    assert paired_mean_p(values, weights=np.full(30, 7.0)) == pytest.approx(paired_mean_p(values))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=400), st.sampled_from([0.5, 0.95]))
def test_equal_weights_give_the_quantile_as_it_is(values: list[float], q: float) -> None:
    weights = np.full(len(values), 0.25)

    assert weighted_quantile(values, weights, q) == quantile(values, q)
    assert weighted_quantile_interval(values, weights, q) == quantile_interval(values, q)


def test_kish_counts_what_weights_cost() -> None:
    assert effective_cases([2.0] * 10) == pytest.approx(10)
    assert effective_cases([1.0] * 9 + [91.0]) < 1.3
    assert effective_cases([]) == 0.0


def test_a_share_of_one_is_not_certain() -> None:
    low, high = weighted_rate_interval([1] * 30, [10.0] * 5 + [1.0] * 25)
    assert low == pytest.approx(oracle_wilson(effective_cases([10.0] * 5 + [1.0] * 25)))
    assert high == 1.0
    assert low < 0.8  # 30 cases of one weight would give 0.886


def oracle_wilson(n: float) -> float:
    z = oracle.norm.ppf(0.975)
    return float(n / (n + z * z))


def test_clusters_widen_the_interval() -> None:
    values = [1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0] * 5
    weights = [1.0, 2.0, 3.0] * 20
    clusters = np.repeat(np.arange(20), 3)
    alone, grouped = (
        weighted_rate_interval(values, weights),
        weighted_rate_interval(values, weights, clusters),
    )

    assert grouped[1] - grouped[0] > alone[1] - alone[0]
    assert degrees_factor(10, 1) == 0.0
    assert weighted_rate_interval([1, 0], [1.0, 1.0], [0, 0]) == (0.0, 1.0)


def stratified(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw 300 of four strata with at least 30 each; return successes and weights. Truth: 0.7925."""
    shares, rates, sizes = (0.70, 0.20, 0.08, 0.02), (0.85, 0.70, 0.60, 0.55), (190, 50, 30, 30)
    values = np.concatenate([rng.random(n) < p for n, p in zip(sizes, rates, strict=True)])
    weights = np.concatenate([np.full(n, share / n) for n, share in zip(sizes, shares, strict=True)])
    return values.astype(float), weights


TRUTH = 0.7 * 0.85 + 0.2 * 0.70 + 0.08 * 0.60 + 0.02 * 0.55


def test_a_weighted_interval_covers_and_the_plain_mean_does_not() -> None:
    """2,000 samples; the band of 94% to 99% is missed by a right method with less than 1 in 1,000 at 95%."""
    rng = np.random.default_rng(20261121)
    covered, plain, errors = 0, 0, []
    for _ in range(2000):
        values, weights = stratified(rng)
        low, high = weighted_rate_interval(values, weights)
        covered += low <= TRUTH <= high
        straight = weighted_rate_interval(values, np.ones(300))
        plain += straight[0] <= TRUTH <= straight[1]
        errors.append(np.average(values, weights=weights) - TRUTH)

    show(f"weighted rate: covered {covered / 2000:.1%}, plain mean {plain / 2000:.1%}")
    assert 0.93 <= covered / 2000 <= 0.99
    assert abs(np.mean(errors)) < 3 * np.std(errors) / 2000**0.5
    assert plain / 2000 < 0.85


def test_a_weighted_test_keeps_its_level() -> None:
    """2,000 samples at the bar itself; 5% is passed by a right one-sided test in 3.5 to 6.5% (3 SE)."""
    rng = np.random.default_rng(7)
    passed = 0
    for _ in range(2000):
        values, weights = stratified(rng)
        sums = weighted_sums(values, weights)
        tail = student_tail(sums.value() - TRUTH, sums.standard_error(), sums.units - 1)
        passed += float(tail) <= 0.05
    assert passed / 2000 < 0.065


def few_heavy(
    rng: np.random.Generator, rates: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw 20 cases of nine tenths of the traffic and 280 of the rest, successes at these rates."""
    values = np.concatenate([rng.random(size) < rate for size, rate in zip((20, 280), rates, strict=True)])
    weights = np.concatenate([np.full(20, 0.9 / 20), np.full(280, 0.1 / 280)])
    return values.astype(float), weights


def test_few_heavy_cases_that_all_succeed_do_not_make_a_mean_sure() -> None:
    """600 samples; at a true 95% fewer than 92% come with chance 0.1%. Pseudo-scores of average weight cover 32%."""
    rng = np.random.default_rng(3)
    covered = naive = 0
    for _ in range(600):
        values, weights = few_heavy(rng, (0.98, 0.98))
        low, high = weighted_mean_interval(values, weights)
        covered += low <= 0.98 <= high
        light = with_pseudo_scores(weighted_sums(values, weights))
        naive += abs(float(light.value()) - 0.98) <= 1.97 * float(light.standard_error())
    show(f"few heavy cases, mean: covered {covered / 600:.1%}, n for the number of cases {naive / 600:.1%}")
    assert covered / 600 >= 0.92
    assert naive / 600 < 0.5


def test_few_heavy_cases_that_do_not_differ_do_not_make_a_difference_sure() -> None:
    """600 samples of a first candidate better in 5% of the heavy cases; 0.1% as above."""
    rng = np.random.default_rng(4)
    covered = sure = 0
    for _ in range(600):
        better, weights = few_heavy(rng, (0.05, 0.02))
        interval = paired_mean_interval(better, weights=weights)
        assert interval is not None
        covered += interval[0] <= 0.9 * 0.05 + 0.1 * 0.02 <= interval[1]
        less = paired_mean_p(better, limit=0.047, alternative="less", weights=weights)
        sure += less is not None and less <= 0.05
    show(f"few heavy cases, difference: covered {covered / 600:.1%}")
    assert covered / 600 >= 0.92
    assert sure / 600 <= 0.05


def test_no_difference_at_all_says_as_little_as_the_weights_are_worth() -> None:
    weights = [10.0] * 5 + [0.1] * 295
    low, high = paired_mean_interval([0.0] * 300, weights=weights) or (0, 0)
    few = paired_mean_interval([0.0] * math.ceil(effective_cases(weights))) or (0, 0)

    assert low <= few[0] < few[1] <= high
    assert paired_mean_interval([0.3], weights=[2.0]) is None


def test_cost_per_success_has_as_many_degrees_of_freedom_as_the_weights_are_worth() -> None:
    weights = [10.0] * 5 + [0.1] * 295
    costs, successes = [0.01, 0.03] * 150, [1, 1, 0] * 100
    low, high = ratio_interval(costs, successes, weights=weights) or (0, 0)
    own = np.array(weights)
    many = ratio_interval(costs * own, successes * own) or (0, 0)

    assert low < many[0] < many[1] < high
    assert ratio_interval(costs, successes, weights=[0.3] * 300) == pytest.approx(
        ratio_interval(costs, successes)
    )
