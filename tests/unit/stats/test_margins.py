"""Differences against a margin, from sums."""

import numpy as np
import pytest
from scipy import stats

from passmuster.stats.clusters import ratio_sums
from passmuster.stats.margins import cases_to_settle, difference_p, with_pseudo_differences


def test_pseudo_differences_are_two_more_values() -> None:
    values = np.random.default_rng(1).normal(0.0, 0.2, 40)
    sums = with_pseudo_differences(ratio_sums(values, np.ones(40)))
    assert float(sums.value()) == pytest.approx(np.mean([*values, -1, 1]))
    assert float(sums.standard_error()) == pytest.approx(stats.sem([*values, -1, 1]))


@pytest.mark.parametrize("limit", [-0.1, 0.0, 0.05])
def test_the_p_value_from_value_and_error_is_that_of_the_values(limit: float) -> None:
    values = np.random.default_rng(2).normal(0.02, 0.2, 40)
    p = difference_p(np.array(values.mean()), np.array(stats.sem(values)), np.array(40.0), limit)
    oracle = stats.ttest_1samp([*values, -1, 1], limit, alternative="greater").pvalue
    assert float(p) == pytest.approx(oracle, abs=1e-12)


def test_nothing_is_said_of_fewer_than_two_units() -> None:
    p = difference_p(np.array([0.5, np.nan]), np.array([0.0, 0.1]), np.array([1.0, 50.0]), 0.0)
    assert p.tolist() == [1.0, 1.0]


def test_so_many_cases_have_80_percent_power() -> None:
    """A z test whose distance is 1 standard error with 50 cases; 4,000 draws, +-3 standard errors of 0.6 points."""
    p = float(stats.norm.sf(1.0))
    needed = cases_to_settle(50, p)
    assert needed is not None
    drawn = np.random.default_rng(3).normal(np.sqrt(needed / 50), 1.0, 4000)
    assert abs((drawn > stats.norm.isf(0.05)).mean() - 0.8) < 0.02
    assert cases_to_settle(50, 0.5) is None
    assert cases_to_settle(50, 0.4999999) is None
