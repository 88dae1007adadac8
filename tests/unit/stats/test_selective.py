"""Thresholds with a guarantee: the chance to certify what does not hold, exactly where it can be enumerated."""

import math

import numpy as np
import pytest
from scipy import stats

from passmuster.stats.selective import (
    coverage_thresholds,
    fixed_sequence,
    labels_to_certify,
    risk_areas,
    risk_of,
)


def test_the_p_value_is_the_exact_binomial_tail() -> None:
    found = risk_of([1] * 3 + [0] * 57)
    assert found.p_above(0.1) == pytest.approx(stats.binom.cdf(3, 60, 0.1), rel=1e-12)
    assert risk_of([]).p_above(0.1) == 1.0


@pytest.mark.parametrize("n", [22, 60, 150])
@pytest.mark.parametrize("target", [0.05, 0.1])
def test_one_threshold_at_its_limit_is_certified_in_at_most_delta(n: int, target: float) -> None:
    """All outcomes of n cases whose risk is just the target, by their exact chances."""
    chance = sum(
        stats.binom.pmf(errors, n, target)
        for errors in range(n + 1)
        if risk_of([1] * errors + [0] * (n - errors)).p_above(target) <= 0.1
    )
    assert chance <= 0.1
    naive = sum(stats.binom.pmf(errors, n, target) for errors in range(n + 1) if errors / n <= target)
    assert naive > 0.5


def test_a_sequence_of_two_thresholds_keeps_delta_exactly() -> None:
    """Nested sets of 30 and 60 cases, the stricter one at the target and both above it: every outcome enumerated."""
    target, delta = 0.1, 0.1
    false = 0.0
    for first in range(31):
        for rest in range(31):
            chance = stats.binom.pmf(first, 30, target) * stats.binom.pmf(rest, 30, 0.3)
            p_values = [stats.binom.cdf(first, 30, target), stats.binom.cdf(first + rest, 60, target)]
            false += chance * (fixed_sequence(p_values, delta) > 0)
    assert false <= delta


def test_so_many_labels_without_an_error_are_the_least_that_certify() -> None:
    for target, least in ((0.1, 22), (0.05, 45)):
        assert math.ceil(math.log(0.1) / math.log(1 - target)) == least
        assert risk_of([0] * least).p_above(target) <= 0.1
        assert risk_of([0] * (least - 1)).p_above(target) > 0.1
        assert labels_to_certify(risk_of([0] * 10), 50, target, 0.1) == 5 * least


def test_so_many_labels_certify_with_the_stated_power() -> None:
    seen = risk_of([1] * 2 + [0] * 38)
    needed = labels_to_certify(seen, 200, 0.1, 0.1)
    assert needed is not None
    accepted = needed // 5
    rng = np.random.default_rng(0)
    certified = np.mean(stats.binom.cdf(rng.binomial(accepted, 0.05, 4000), accepted, 0.1) <= 0.1)
    assert 0.75 < certified < 0.9
    assert labels_to_certify(risk_of([1] * 5 + [0] * 35), 200, 0.1, 0.1) is None


def test_cases_of_equal_value_are_accepted_together() -> None:
    assert coverage_thresholds([1.0] * 60 + [0.0] * 40) == (1.0, 0.0)
    assert len(coverage_thresholds(np.arange(100.0))) == 9
    assert coverage_thresholds([]) == ()


def test_the_grid_is_of_weight_where_cases_weigh_differently() -> None:
    assert coverage_thresholds([5, 4, 3, 2, 1], [6, 1, 1, 1, 1], [0.5, 0.7, 1.0]) == (5.0, 4.0, 1.0)


def test_clusters_and_weights_take_from_what_is_certified() -> None:
    """Forty answers that are each there three times are forty answers."""
    errors = np.repeat([0.0] * 40, 3)
    alone = risk_of(np.zeros(40)).p_above(0.05)
    assert risk_of(errors).p_above(0.05) < 0.01
    assert risk_of(errors, clusters=np.repeat(np.arange(40), 3)).p_above(0.05) >= alone - 1e-9
    heavy = np.array([20.0] * 5 + [1.0] * 115)
    assert risk_of(errors, heavy).p_above(0.05) > 0.2


def test_the_areas_are_the_plain_sums() -> None:
    rng = np.random.default_rng(1)
    values, errors = rng.permutation(300).astype(float), (rng.random(300) < 0.3).astype(float)
    found = risk_areas(values, errors)
    assert found is not None
    order = np.argsort(-values)
    risks = np.cumsum(errors[order]) / np.arange(1, 301)
    assert found.aurc == pytest.approx(risks.mean())
    right = 1 - errors
    wins = (values[right == 1][:, None] > values[right == 0][None, :]).mean()
    share = errors.mean()
    assert found.augrc == pytest.approx((1 - wins) * share * (1 - share) + share**2 / 2)
    assert found.aurc_best < found.aurc
    assert found.augrc_best == pytest.approx(share**2 / 2)


def test_equal_values_stand_for_their_mean_in_any_order() -> None:
    values, errors = [1.0] * 10, [1.0] * 3 + [0.0] * 7
    found, other = risk_areas(values, errors), risk_areas(values, errors[::-1])
    assert found is not None
    assert other is not None
    assert found.aurc == pytest.approx(other.aurc) == pytest.approx(0.3)
    assert risk_areas([], []) is None
