"""Against statsmodels and scipy as oracles, and coverage by exact enumeration."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import proportion_confint

from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import (
    binomial_p_greater,
    binomial_p_less,
    clopper_pearson,
    cluster_mean_interval,
    cluster_mean_p_greater,
    cluster_mean_p_less,
    effective_sample,
    korn_graubard,
    korn_graubard_p_greater,
    korn_graubard_p_less,
    mean_interval,
    mean_p_greater,
    mean_p_less,
    wilson,
)

SIZES = (1, 2, 7, 20, 59, 100, 300, 1000, 5000)
RATES = np.arange(0.5, 0.9901, 0.0025)


def grid() -> list[tuple[int, int]]:
    return [(k, n) for n in SIZES for k in sorted({0, 1, n // 3, n // 2, n - 1, n})]


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_wilson_equals_statsmodels(level: float) -> None:
    for k, n in grid():
        assert wilson(k, n, level) == pytest.approx(
            proportion_confint(k, n, alpha=1 - level, method="wilson"), abs=1e-12
        )


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_clopper_pearson_equals_statsmodels(level: float) -> None:
    for k, n in grid():
        assert clopper_pearson(k, n, level) == pytest.approx(
            proportion_confint(k, n, alpha=1 - level, method="beta"), abs=1e-12
        )


def smallest_coverage(
    n: int, interval: Callable[[FloatArray, float], tuple[FloatArray, FloatArray]]
) -> float:
    counts = np.arange(n + 1.0)
    low, high = interval(counts, float(n))
    chance = stats.binom.pmf(counts[None, :], n, RATES[:, None])
    held = (low[None, :] <= RATES[:, None]) & (RATES[:, None] <= high[None, :])
    return float((chance * held).sum(axis=1).min())


@pytest.mark.parametrize("n", [50, 100, 300])
def test_wilson_covers_at_least_91_percent_and_wald_does_not(n: int) -> None:
    def wald(k: FloatArray, size: float) -> tuple[FloatArray, FloatArray]:
        rate = k / size
        half = 1.959964 * np.sqrt(rate * (1 - rate) / size)
        return rate - half, rate + half

    assert smallest_coverage(n, wilson) >= 0.91
    assert smallest_coverage(n, wald) < 0.85


@pytest.mark.parametrize("n", [50, 100, 300])
def test_clopper_pearson_covers_at_least_95_percent(n: int) -> None:
    assert smallest_coverage(n, clopper_pearson) >= 0.95


def test_binomial_tails_equal_scipy() -> None:
    for k, n in grid():
        for rate in (0.05, 0.5, 0.72, 0.99):
            assert binomial_p_greater(k, n, rate) == pytest.approx(stats.binom.sf(k - 1, n, rate), abs=1e-12)
            assert binomial_p_less(k, n, rate) == pytest.approx(stats.binom.cdf(k, n, rate), abs=1e-12)


def test_arrays_give_what_numbers_give() -> None:
    counts = np.array([0.0, 3.0, 10.0])
    assert binomial_p_greater(counts, 10, 0.4).tolist() == [
        binomial_p_greater(k, 10, 0.4) for k in (0, 3, 10)
    ]
    assert binomial_p_less(counts, 10, 0.4).tolist() == [binomial_p_less(k, 10, 0.4) for k in (0, 3, 10)]
    assert [bound.tolist() for bound in wilson(counts, 10)] == [
        [wilson(k, 10)[side] for k in (0, 3, 10)] for side in (0, 1)
    ]
    totals = np.array([5.0, 8.0])
    assert mean_p_greater(totals, totals, 10, 0.4).tolist() == [
        mean_p_greater(t, t, 10, 0.4) for t in (5.0, 8.0)
    ]


def test_no_data_says_nothing() -> None:
    assert wilson(0, 0) == clopper_pearson(0, 0) == (0.0, 1.0)
    assert binomial_p_greater(0, 0, 0.5) == binomial_p_less(0, 0, 0.5) == 1.0
    assert mean_interval(0.0, 0.0, 0) == (0.0, 1.0)
    assert mean_interval(3.0, 9.0, 1, bounded=False) == (-np.inf, np.inf)
    assert mean_p_less(3.0, 9.0, 1, 4.0, bounded=False) == 1.0
    assert korn_graubard([], []) == (0.0, 1.0)
    assert cluster_mean_interval([], []) == (0.0, 1.0)
    assert cluster_mean_interval([1.0], ["a"], bounded=False) == (-np.inf, np.inf)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson(k, n)


def test_mean_interval_is_t_with_the_scores_0_and_1_added() -> None:
    scores = np.random.default_rng(3).uniform(0.6, 1, 40)
    padded = np.append(scores, [0.0, 1.0])
    expected = stats.t.interval(0.9, 41, padded.mean(), stats.sem(padded))
    total, squares = float(scores.sum()), float((scores**2).sum())
    assert mean_interval(total, squares, 40, 0.9) == pytest.approx(expected, abs=1e-12)
    greater = stats.ttest_1samp(padded, 0.7, alternative="greater").pvalue
    assert mean_p_greater(total, squares, 40, 0.7) == pytest.approx(greater, abs=1e-12)
    assert mean_p_less(total, squares, 40, 0.7) == pytest.approx(1 - greater, abs=1e-12)


def test_an_unbounded_mean_is_plain_t() -> None:
    costs = np.random.default_rng(4).exponential(3, 30)
    total, squares = float(costs.sum()), float((costs**2).sum())
    expected = stats.t.interval(0.95, 29, costs.mean(), stats.sem(costs))
    assert mean_interval(total, squares, 30, bounded=False) == pytest.approx(expected, abs=1e-12)


def test_equal_costs_have_no_spread() -> None:
    low, high = mean_interval(0.1 * 30, 0.01 * 30, 30, bounded=False)
    assert low == high == pytest.approx(0.1)
    assert mean_p_less(0.1 * 30, 0.01 * 30, 30, 0.2, bounded=False) == 0.0
    assert mean_p_greater(0.1 * 30, 0.01 * 30, 30, 0.2, bounded=False) == 1.0


def test_scores_of_1_throughout_do_not_make_it_certain() -> None:
    low, high = mean_interval(30.0, 30.0, 30)
    assert low < 0.95
    assert high == 1.0
    assert mean_p_greater(30.0, 30.0, 30, 0.99) > 0.05


def clustered() -> tuple[FloatArray, list[int]]:
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 9, 25)
    clusters = np.repeat(np.arange(25), sizes)
    return rng.uniform(0, 0.4, clusters.size) + rng.uniform(0, 0.6, 25)[clusters], clusters.tolist()


def test_the_cluster_interval_equals_statsmodels_cr1() -> None:
    values, clusters = clustered()
    fit = OLS(values, np.ones_like(values)).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(clusters), "use_correction": False}
    )
    error = float(fit.bse[0]) * np.sqrt(25 / 24)
    half = stats.t.ppf(0.975, 24) * error
    mean = values.mean()
    assert cluster_mean_interval(values, clusters, bounded=False) == pytest.approx(
        (mean - half, mean + half), abs=1e-12
    )
    p = stats.t.sf((mean - 0.4) / error, 24)
    assert cluster_mean_p_greater(values, clusters, 0.4, bounded=False) == pytest.approx(p, abs=1e-12)
    assert cluster_mean_p_less(values, clusters, 0.4, bounded=False) == pytest.approx(1 - p, abs=1e-12)


def test_clusters_of_one_case_give_the_plain_interval() -> None:
    values, _ = clustered()
    plain = mean_interval(float(values.sum()), float((values**2).sum()), values.size)
    assert cluster_mean_interval(values, range(values.size)) == pytest.approx(plain, abs=1e-12)


def test_clusters_of_ones_do_not_make_it_certain() -> None:
    assert cluster_mean_interval([1.0] * 60, list(range(20)) * 3)[0] < 0.95
    assert cluster_mean_p_greater([1.0] * 60, list(range(20)) * 3, 0.99) > 0.05


def test_the_effective_sample_of_independent_cases_is_all_of_them() -> None:
    found = effective_sample([1, 0, 1, 1], "abcd")
    assert (found.icc, found.deff, found.factor, found.size) == (0.0, 1.0, 1.0, 4.0)


def test_copies_of_a_case_count_once() -> None:
    found = effective_sample([1, 0, 1, 1, 0, 1] * 3, list(range(6)) * 3)
    assert found.icc == 1.0
    assert found.n / found.deff == pytest.approx(6)
    assert found.factor == pytest.approx((stats.t.ppf(0.975, 17) / stats.t.ppf(0.975, 5)) ** 2)


def test_the_correlation_is_that_of_one_way_anova() -> None:
    values = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 0], dtype=float)
    groups = [values[i : i + 3] for i in (0, 3, 6, 9)]
    f = stats.f_oneway(*groups).statistic
    expected = (f - 1) / (f + 2)
    assert effective_sample(values, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]).icc == pytest.approx(expected)


def test_equal_values_hide_the_correlation_so_the_worst_is_taken() -> None:
    found = effective_sample([1.0] * 12, list(range(4)) * 3)
    assert found.icc == 1.0
    assert found.n / found.deff == pytest.approx(4)


def test_one_cluster_says_nothing() -> None:
    assert effective_sample([1, 0, 1], "aaa").size == 0.0
    assert korn_graubard([1, 0, 1], "aaa") == (0.0, 1.0)
    assert korn_graubard_p_greater([1, 1, 1], "aaa", 0.1) == 1.0


def test_korn_graubard_is_clopper_pearson_on_the_effective_sample() -> None:
    values, clusters = [1.0, 1.0, 0.0, 1.0, 0.0, 0.0] * 5, list(range(15)) * 2
    size = effective_sample(values, clusters).size
    assert 0 < size < 30
    assert korn_graubard(values, clusters) == clopper_pearson(size / 2, size)
    p = korn_graubard_p_greater(values, clusters, 0.3)
    assert p == pytest.approx(stats.beta.cdf(0.3, size / 2, size / 2 + 1), abs=1e-12)
    assert korn_graubard_p_less(values, clusters, 0.7) == pytest.approx(p, abs=1e-12)


def test_korn_graubard_of_singletons_is_clopper_pearson() -> None:
    values = [1.0] * 40 + [0.0] * 10
    assert korn_graubard(values, range(50)) == pytest.approx(clopper_pearson(40, 50), abs=1e-12)
