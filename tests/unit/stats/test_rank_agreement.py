"""Rank agreement is what scipy says it is, and its correction holds for all columns at once."""

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.rank_agreement import (
    Coefficient,
    kendall_tau,
    max_corrected,
    normal_scores,
    permutation_p,
    spearman_rho,
)

VALUES = st.lists(st.integers(-3, 3), min_size=2, max_size=12)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@given(VALUES, st.randoms(use_true_random=False))
def test_tau_and_rho_are_those_of_scipy_with_ties_too(values: list[int], random: object) -> None:
    x = np.array(values, dtype=np.float64)
    y = np.random.default_rng(len(values) + sum(values) + 40).integers(-2, 3, len(x)).astype(np.float64)
    tau, rho = kendall_tau(x, y), spearman_rho(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert tau is None
        assert rho is None
    else:
        assert tau == pytest.approx(scipy.stats.kendalltau(x, y).statistic, abs=1e-12)
        assert rho == pytest.approx(scipy.stats.spearmanr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 5, 6, 9, 17, 40, 90])
def test_without_ties_the_p_value_of_tau_is_scipys_exact_one_to_1e_12(n: int) -> None:
    draws = np.random.default_rng(n)
    for _ in range(10):
        x, noise = draws.permutation(n).astype(np.float64), draws.permutation(n) * 1.0
        y = x * draws.choice([0.0, 0.3, -0.8]) + noise + draws.random(n) * 1e-6
        found = permutation_p(x, y, rng())
        assert found is not None
        assert found.exact
        exact = scipy.stats.kendalltau(x, y, method="exact").pvalue
        assert found.p == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("coefficient", ["tau", "rho"])
@pytest.mark.parametrize("n", [4, 6, 7])
def test_with_ties_the_p_value_is_that_of_all_permutations(n: int, coefficient: Coefficient) -> None:
    of = {"tau": scipy.stats.kendalltau, "rho": scipy.stats.spearmanr}[coefficient]
    draws = np.random.default_rng(n)
    x = draws.integers(0, 3, n).astype(np.float64)
    y = draws.integers(0, 4, n).astype(np.float64)
    x[0], y[0], x[1], y[1] = 0, 0, 2, 3
    found = permutation_p(x, y, rng(), coefficient)
    exact = scipy.stats.permutation_test(
        (x,), lambda a: of(a, y).statistic, permutation_type="pairings", n_resamples=np.inf
    )
    assert found is not None
    assert found.exact
    assert found.p == pytest.approx(exact.pvalue, abs=1e-12)


def test_of_five_models_even_the_same_order_is_one_in_sixty() -> None:
    found = permutation_p(np.arange(5.0), np.arange(5.0), rng())
    assert found is not None
    assert found.p == pytest.approx(1 / 60)


def test_many_models_with_ties_have_a_drawn_p_value_near_the_exact_one_and_never_0() -> None:
    x = np.arange(12.0)
    y = np.array([0.0, 0, 1, 3, 2, 4, 5, 7, 6, 8, 9, 9])
    found = permutation_p(x, y, rng())
    assert found is not None
    assert not found.exact
    assert 0 < found.p <= 2 / 10_001 * 3


def test_a_column_that_is_all_the_same_has_no_p_value() -> None:
    assert permutation_p(np.ones(6), np.arange(6.0), rng()) is None


def test_the_planted_column_is_found_among_twenty_of_noise_and_noise_is_not() -> None:
    draws = np.random.default_rng(3)
    y = np.arange(12.0)
    table = np.column_stack([y, *(draws.permutation(12).astype(float) for _ in range(20))])
    table[3, 5] = np.nan
    p = max_corrected(table, y, rng())
    assert p[0] < 0.001
    assert (p[1:] > 0.05).all()


def test_of_twenty_columns_of_noise_some_is_taken_for_a_predictor_in_five_percent_and_uncorrected_in_most() -> (
    None
):
    # 200 repetitions: a true rate of 5 % shows more than 9 % in fewer than 1 of 100 such tests
    draws = np.random.default_rng(11)
    alarms = naive = 0
    for _ in range(200):
        y = draws.random(10)
        table = draws.random((10, 20))
        alarms += bool((max_corrected(table, y, draws, 400) <= 0.05).any())
        naive += any(
            scipy.stats.kendalltau(column, y, alternative="greater").pvalue <= 0.05 for column in table.T
        )
    assert alarms / 200 <= 0.09
    assert naive / 200 > 0.4


def test_a_column_without_a_tau_has_no_corrected_p_value() -> None:
    p = max_corrected(np.column_stack([np.ones(8), np.arange(8.0)]), np.arange(8.0), rng())
    assert np.isnan(p[0])
    assert p[1] < 0.01


def test_normal_scores_depend_on_order_alone() -> None:
    values = np.array([3.0, 900.0, -2.0, 3.0])
    assert normal_scores(values).tolist() == normal_scores(np.array([1.0, 2.0, 0.0, 1.0])).tolist()
    assert normal_scores(values)[0] == normal_scores(values)[3]
