import math

import numpy as np
import pytest
from scipy import stats

from passmuster.stats.clusters import ratio_columns, sums_of
from passmuster.stats.ratio import (
    paired_ratio_interval,
    ratio_interval,
    ratio_p_above,
    ratio_p_below,
    ratio_sums,
)
from passmuster.stats.resample import resample_weights

COSTS = np.array([0.012, 0.010, 0.020, 0.008, 0.015, 0.011])
SUCCESSES = np.array([1.0, 0.0, 1.0, 1.0, 1.0, 0.0])


def test_cost_per_success_is_all_costs_over_all_successes() -> None:
    assert float(ratio_sums(COSTS, SUCCESSES).value()) == pytest.approx(0.076 / 4)


def test_the_interval_is_log_delta() -> None:
    ratio = 0.076 / 4
    error = np.std(COSTS - ratio * SUCCESSES, ddof=1) / (math.sqrt(6) * SUCCESSES.mean())
    spread = math.exp(stats.t.ppf(0.975, 5) * error / ratio)
    assert ratio_interval(COSTS, SUCCESSES) == pytest.approx((ratio / spread, ratio * spread), rel=1e-12)


def test_the_test_turns_where_the_interval_ends() -> None:
    interval = ratio_interval(COSTS, SUCCESSES, level=0.9)
    assert interval is not None
    sums = ratio_sums(COSTS, SUCCESSES)
    assert float(ratio_p_below(interval[1], sums)) == pytest.approx(0.05)
    assert float(ratio_p_above(interval[0], sums)) == pytest.approx(0.05)


def test_copies_as_clusters_do_not_narrow_the_interval() -> None:
    clusters = list(range(6)) * 4
    copied = ratio_interval(np.tile(COSTS, 4), np.tile(SUCCESSES, 4), clusters)
    assert copied == pytest.approx(ratio_interval(COSTS, SUCCESSES), rel=1e-12)


def test_without_success_there_is_no_ratio_and_no_bar_is_met() -> None:
    assert ratio_interval(COSTS, np.zeros(6)) is None
    sums = ratio_sums(COSTS, np.zeros(6))
    assert float(ratio_p_below(1e9, sums)) == float(ratio_p_above(1e-9, sums)) == 1.0


def test_one_case_says_nothing() -> None:
    assert ratio_interval([0.1], [1]) is None
    assert float(ratio_p_below(1.0, ratio_sums([0.1], [1]))) == 1.0


def test_what_costs_nothing_meets_every_positive_limit() -> None:
    assert ratio_interval(np.zeros(6), SUCCESSES) == (0.0, 0.0)
    sums = ratio_sums(np.zeros(6), SUCCESSES)
    assert float(ratio_p_below(0.001, sums)) == 0.0
    assert float(ratio_p_above(0.001, sums)) == 1.0
    assert float(ratio_p_below(0.0, sums)) == 1.0


def test_equal_cost_and_full_success_is_exact() -> None:
    assert ratio_interval([0.1] * 30, [1.0] * 30) == pytest.approx((0.1, 0.1))
    sums = ratio_sums([0.1] * 30, [1.0] * 30)
    assert float(ratio_p_below(0.2, sums)) == 0.0
    assert float(ratio_p_below(0.05, sums)) == 1.0


def test_all_resamples_are_tested_at_once() -> None:
    rng = np.random.default_rng(1)
    (weights,) = resample_weights(6, 200, rng)
    found = ratio_p_below(0.03, sums_of(weights @ ratio_columns(COSTS, SUCCESSES)))
    assert found.shape == (200,)
    for row in (0, 77, 199):
        cases = np.repeat(np.arange(6), weights[row])
        expected = ratio_p_below(0.03, ratio_sums(COSTS[cases], SUCCESSES[cases]))
        assert found[row] == pytest.approx(float(expected))


def test_two_candidates_that_share_the_dear_cases_are_told_apart_by_pairing() -> None:
    shared = np.random.default_rng(3).lognormal(0, 1, 80)
    ones = np.ones(80)
    paired = paired_ratio_interval((shared * 1.1, ones), (shared, ones))
    assert paired == pytest.approx((1.1, 1.1))
    first, second = ratio_interval(shared * 1.1, ones), ratio_interval(shared, ones)
    assert first is not None
    assert second is not None
    assert first[0] < second[1]


def test_a_paired_ratio_against_a_free_and_certain_rival_is_the_plain_interval() -> None:
    certain = (np.ones(6), np.ones(6))
    assert paired_ratio_interval((COSTS, SUCCESSES), certain) == pytest.approx(
        ratio_interval(COSTS, SUCCESSES), rel=1e-9
    )


def test_a_paired_ratio_needs_cost_success_and_two_units() -> None:
    good = (COSTS, SUCCESSES)
    assert paired_ratio_interval(good, (COSTS, np.zeros(6))) is None
    assert paired_ratio_interval((np.zeros(6), SUCCESSES), good) is None
    assert paired_ratio_interval(good, good, clusters="aaaaaa") is None
    assert paired_ratio_interval(good, good) == (1.0, 1.0)
