"""Two ratios of totals over the same cases."""

import numpy as np
import pytest
from scipy import stats

from passmuster.stats.arrays import FloatArray
from passmuster.stats.ratio import paired_ratio_interval
from passmuster.stats.two_ratios import TwoRatios, two_ratio_columns

Given = tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


def _given(n: int = 60) -> Given:
    rng = np.random.default_rng(8)
    base = rng.lognormal(0, 0.7, n)
    right = (rng.random(n) < 0.7).astype(float)
    return (base * rng.uniform(0.7, 1.2, n), right), (base, (rng.random(n) < 0.8).astype(float))


@pytest.mark.parametrize("clusters", [None, np.arange(60) // 3])
def test_the_log_of_the_quotient_has_the_error_of_the_paired_interval(clusters: np.ndarray | None) -> None:
    first, second = _given()
    log, error = TwoRatios(two_ratio_columns(first, second, np.ones(60), clusters).sum(axis=0)).log_quotient()
    ends = paired_ratio_interval(first, second, clusters)
    assert ends is not None
    half = stats.t.ppf(0.975, (60 if clusters is None else 20) - 1) * float(error)
    assert (np.exp(float(log) - half), np.exp(float(log) + half)) == pytest.approx(ends, rel=1e-12)


def test_the_difference_of_two_means_has_the_error_of_the_paired_t() -> None:
    (a, _), (b, _) = _given()
    value, error = TwoRatios(
        two_ratio_columns((a, np.ones(60)), (b, np.ones(60)), np.ones(60)).sum(axis=0)
    ).difference()
    assert (float(value), float(error)) == pytest.approx((np.mean(a - b), stats.sem(a - b)), rel=1e-12)


def test_cases_that_do_not_count_change_nothing() -> None:
    first, second = _given()
    used = np.arange(60) < 40
    some = two_ratio_columns(first, second, used).sum(axis=0)
    alone = two_ratio_columns(
        (first[0][:40], first[1][:40]), (second[0][:40], second[1][:40]), np.ones(40)
    ).sum(axis=0)
    assert some == pytest.approx(alone)
    gaps = tuple(np.where(used, each, np.nan) for each in first)
    assert two_ratio_columns((gaps[0], gaps[1]), second, used).sum(axis=0) == pytest.approx(alone)


def test_equal_weights_are_no_weights() -> None:
    first, second = _given()
    plain, weighted = (
        TwoRatios(two_ratio_columns(first, second, np.ones(60), None, weights).sum(axis=0)).log_quotient()
        for weights in (None, np.full(60, 3.0))
    )
    assert [float(each) for each in plain] == pytest.approx([float(each) for each in weighted])


def test_a_heavy_case_counts_for_what_it_stands_for() -> None:
    first, second = _given(20)
    weights = np.array([3.0] + [1.0] * 19)
    weighted = TwoRatios(two_ratio_columns(first, second, np.ones(20), None, weights).sum(axis=0))
    taken = np.repeat(np.arange(20), weights.astype(int))
    repeated = TwoRatios(
        two_ratio_columns(
            (first[0][taken], first[1][taken]), (second[0][taken], second[1][taken]), np.ones(22)
        ).sum(axis=0)
    )
    assert [float(each) for each in weighted.values()] == pytest.approx(
        [float(each) for each in repeated.values()]
    )
    assert float(weighted.units) == pytest.approx(22**2 / 28)


def test_what_never_happened_has_no_ratio() -> None:
    never = TwoRatios(two_ratio_columns(([1.0, 2.0], [0, 0]), ([1.0, 1.0], [1, 1]), [1, 1]).sum(axis=0))
    assert np.isnan(never.log_quotient()[0])
    assert np.isinf(never.log_quotient()[1])
    assert np.isnan(never.difference()[0])
