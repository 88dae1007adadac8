"""The detector of a fallen share, against its promise and against a test a day."""

from collections.abc import Callable
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import binomial_p_less
from passmuster.stats.sequential.detector import Detector

BASE, CASES, YEAR = 0.9, 50, 365.0


def first_alarms(alarms: Callable[[FloatArray], FloatArray], counts: FloatArray) -> FloatArray:
    """Return the day of the first alarm of each row, one after the last where there is none."""
    raised = alarms(counts)
    return np.asarray(np.where(raised.any(axis=1), raised.argmax(axis=1) + 1.0, counts.shape[1] + 1.0))


def by_detector(counts: FloatArray) -> FloatArray:
    detector, raised = Detector.new(days=YEAR, shape=(len(counts),)), []
    for day in range(counts.shape[1]):
        detector = detector.after_share(counts[:, day], CASES, base=BASE)
        raised.append(detector.alarm)
    return np.stack(raised, axis=1)


def by_daily_test(counts: FloatArray) -> FloatArray:
    return np.asarray(binomial_p_less(counts, float(CASES), BASE) <= 0.05)


def drawn(rate: float, runs: int, days: int, seed: int) -> FloatArray:
    return np.random.default_rng(seed).binomial(CASES, rate, size=(runs, days)).astype(float)


def test_a_false_alarm_comes_once_a_year_at_most_and_a_test_a_day_fails_the_same_test() -> None:
    counts = drawn(BASE, runs=600, days=1500, seed=11)  # a run without an alarm counts as 1,501 days
    waits = first_alarms(by_detector, counts)
    error = waits.std() / len(waits) ** 0.5
    assert waits.mean() - 3 * error >= YEAR
    assert first_alarms(by_daily_test, counts).mean() < YEAR / 5


def test_within_a_month_an_alarm_has_a_chance_of_a_month_in_a_year_at_most() -> None:
    counts = drawn(BASE, runs=2000, days=30, seed=12)
    assert (first_alarms(by_detector, counts) <= 30).mean() <= 30 / YEAR
    assert (first_alarms(by_daily_test, counts) <= 30).mean() > 0.3


@pytest.mark.parametrize(("rate", "most"), [(0.85, 12.0), (0.80, 4.5)])
def test_a_fallen_share_is_found_within_days(rate: float, most: float) -> None:
    assert first_alarms(by_detector, drawn(rate, runs=1000, days=200, seed=13)).mean() <= most


def test_a_share_that_rose_raises_no_alarm() -> None:
    assert (first_alarms(by_detector, drawn(0.95, runs=300, days=400, seed=14)) > 400).mean() >= 0.99


def test_paired_differences_are_watched_without_a_share_of_a_baseline() -> None:
    rng = np.random.default_rng(15)

    def waits(worse: float, better: float, days: int) -> FloatArray:
        detector, raised = Detector.new(days=YEAR, shape=(400,)), []
        for _ in range(days):
            signs = rng.uniform(size=(400, CASES))
            detector = detector.after_differences(
                np.where(signs < worse, -1.0, np.where(signs > 1 - better, 1.0, 0.0))
            )
            raised.append(detector.alarm)
        found = np.stack(raised, axis=1)
        return np.where(found.any(axis=1), found.argmax(axis=1) + 1.0, days + 1.0)

    assert (waits(0.05, 0.05, 30) <= 30).mean() <= 30 / YEAR
    assert waits(0.10, 0.02, 60).mean() <= 10


def test_one_look_is_an_e_value() -> None:
    counts = np.arange(CASES + 1.0)
    found = Detector.new(days=YEAR, shape=(CASES + 1,)).after_share(counts, CASES, base=BASE)
    chances = np.array([_binomial(int(k)) for k in counts])
    assert float((chances * found.evidence).sum()) == pytest.approx(1.0)


def _binomial(k: int) -> float:
    return comb(CASES, k) * BASE**k * (1 - BASE) ** (CASES - k)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30))
def test_days_without_cases_and_any_counts_leave_it_finite(days: list[tuple[int, int]]) -> None:
    detector = Detector.new(days=10)
    for successes, failures in days:
        detector = detector.after_share(successes, successes + failures, base=0.5)
    assert np.isfinite(detector.evidence)
    assert detector.looks == len(days)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one a day"):
        Detector.new(days=0.5)
    with pytest.raises(ValueError, match="cannot be held"):
        Detector.new(days=10).after_share(1, 2, base=1.0)
    with pytest.raises(ValueError, match="more successes"):
        Detector.new(days=10).after_share(3, 2, base=0.5)
    with pytest.raises(ValueError, match="more than 1"):
        Detector.new(days=10).after_differences([2.0])
