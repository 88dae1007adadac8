"""Figures that are stated become the shares that bars test."""

import math

import numpy as np
import pytest
import scipy

from passmuster.decide.planning.stated import SPREAD, Reading, Stated, StatedForecast, reading_of
from passmuster.records.task import Bar
from passmuster.stats.intervals import binomial_p_greater

SHARES = frozenset({"accuracy"})
FAST = Bar(metric="latency_p95", at_most=1.5)


def test_a_bar_on_quality_is_its_share_and_one_from_above_its_opposite() -> None:
    assert reading_of(Bar(metric="accuracy", at_least=0.7), {"accuracy": 0.74}, SHARES) == Reading(
        share=0.74, limit=0.7, quality=True
    )
    assert reading_of(Bar(metric="accuracy", at_most=0.25), {"accuracy": 0.2}, SHARES) == Reading(
        share=0.8, limit=0.75, quality=True
    )
    assert reading_of(Bar(metric="failure_rate", at_most=0.05), {"failure_rate": 0.01}, SHARES) == Reading(
        share=0.99, limit=0.95
    )


def test_what_nothing_is_stated_of_is_taken_to_be_met() -> None:
    reading = reading_of(FAST, {"accuracy": 0.7}, SHARES)
    assert (reading.share, reading.known) == (None, None)
    found = StatedForecast(candidates=(Stated(name="a", readings=(reading,)),)).draw(
        100, 5, np.random.default_rng(1)
    )
    assert (found.p == 0).all()
    assert (found.misses == 1).all()


@pytest.mark.parametrize(
    "bar",
    [
        Bar(metric="accuracy", at_least=0.7, slice="edge"),
        Bar(metric="accuracy", at_least=-0.02, versus="incumbent"),
        Bar(metric="accuracy", at_least=0.6, each="stratum"),
    ],
)
def test_a_bar_on_a_slice_or_against_the_incumbent_is_taken_to_be_met(bar: Bar) -> None:
    assert reading_of(bar, {"accuracy": 0.1}, SHARES).share is None


def test_a_single_quantile_stands_for_times_of_the_usual_spread() -> None:
    share = reading_of(FAST, {"latency_p95": 1.1}, SHARES).share
    expected = scipy.special.ndtr(scipy.special.ndtri(0.95) + math.log(1.5 / 1.1) / SPREAD)
    assert share == pytest.approx(expected)


def test_between_two_stated_quantiles_log_seconds_lie_on_a_line() -> None:
    """Of lognormal times with p50 0.8 s and p95 1.2 s the share within 1.5 s is known in closed form."""
    sigma = math.log(1.2 / 0.8) / scipy.special.ndtri(0.95)
    expected = scipy.special.ndtr(math.log(1.5 / 0.8) / sigma)
    stated = {"latency_p50": 0.8, "latency_p95": 1.2}
    assert reading_of(FAST, stated, SHARES).share == pytest.approx(expected)


def test_three_quantiles_hold_where_they_are_stated() -> None:
    stated = {"latency_p50": 0.5, "latency_p95": 1.5, "latency_p99": 9.0}
    assert reading_of(FAST, stated, SHARES).share == pytest.approx(0.95)
    assert reading_of(Bar(metric="latency_p50", at_most=0.5), stated, SHARES).share == pytest.approx(0.5)
    assert 0.95 < (reading_of(Bar(metric="latency_p95", at_most=3.0), stated, SHARES).share or 0) < 0.99


def test_equal_quantiles_are_a_step() -> None:
    stated = {"latency_p50": 1.0, "latency_p95": 1.0}
    assert reading_of(FAST, stated, SHARES).share == pytest.approx(1.0)
    assert reading_of(Bar(metric="latency_p95", at_most=0.9), stated, SHARES).share == pytest.approx(0.0)


def test_a_trial_that_fails_meets_no_deadline() -> None:
    share = reading_of(FAST, {"latency_p95": 1.5, "failure_rate": 0.10}, SHARES).share
    assert share == pytest.approx(0.9 * 0.95)


def test_costs_hold_as_they_are_stated() -> None:
    bar = Bar(metric="cost_per_month", at_most=1000.0)
    assert reading_of(bar, {"cost_per_task": 0.004}, SHARES, 200_000).known is True
    assert reading_of(bar, {"cost_per_task": 0.006}, SHARES, 200_000).known is False
    assert reading_of(bar, {"cost_per_task": 0.006}, SHARES, None).known is None


def test_counts_are_binomial_and_those_of_two_candidates_rise_together() -> None:
    """20,000 runs: means to 5 standard errors, the correlation to 0.03."""
    limit, n = 0.7, 200
    reading = Reading(share=0.75, limit=limit, quality=True)
    both = (Stated(name="a", readings=(reading,)), Stated(name="b", readings=(reading,)))
    found = StatedForecast(candidates=both, agreement=0.6).draw(n, 20_000, np.random.default_rng(4))
    table = np.empty(n + 1)
    table[:] = binomial_p_greater(np.arange(n + 1.0), n, limit)
    counts = n - np.searchsorted(table[::-1], found.p)
    assert counts.mean(axis=0) == pytest.approx([150, 150], abs=5 * (n * 0.75 * 0.25 / 20_000) ** 0.5)
    assert counts.var(axis=0) == pytest.approx([37.5, 37.5], rel=0.05)
    assert np.atleast_2d(np.corrcoef(counts.T))[0, 1] == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_all_or_nothing_is_drawn(share: float) -> None:
    reading = Reading(share=share, limit=0.7, quality=True)
    found = StatedForecast(candidates=(Stated(name="a", readings=(reading,)),)).draw(
        50, 10, np.random.default_rng(1)
    )
    assert ((found.p < 0.05) == bool(share)).all()
