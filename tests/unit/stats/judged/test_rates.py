import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from passmuster.records.score import Estimate
from passmuster.stats.intervals import wilson
from passmuster.stats.judged.rates import correlation, sensitivity, specificity

NAN = math.nan


def test_the_rates_are_shares_of_what_people_said() -> None:
    judged, human = [1, 1, 1, 0, 0, 1, 1], [1, 1, 0, 0, 1, NAN, NAN]
    found, other = sensitivity(judged, human), specificity(judged, human)
    assert found.value == pytest.approx(2 / 3)
    assert (found.n, found.n_missing) == (3, 2)
    assert (found.low, found.high) == pytest.approx(wilson(2.0, 3.0))
    assert (other.value, other.n) == (0.5, 2)


def test_ratings_drawn_by_verdict_are_weighed_back() -> None:
    """Half of the ratings are of the tenth that the judge failed: as they are, it would seem to miss half of all passes."""
    judged = np.repeat([1.0, 0.0], [900, 100])
    human = np.concatenate([[1] * 45 + [0] * 5 + [NAN] * 850, [1] * 40 + [0] * 10 + [NAN] * 50])
    found = sensitivity(judged, human, drawn_by_verdict=True)
    assert found.value == pytest.approx(0.9 * 0.9 / (0.9 * 0.9 + 0.1 * 0.8))
    assert sensitivity(judged, human).value == pytest.approx(45 / 85)
    other = specificity(judged, human, drawn_by_verdict=True)
    assert other.value == pytest.approx(0.1 * 0.2 / (0.1 * 0.2 + 0.9 * 0.1))


@pytest.mark.parametrize("side", [sensitivity, specificity])
def test_the_weighed_interval_covers_as_often_as_it_says(side: object) -> None:
    """1,000 repetitions: 95% +- 2 is within three standard errors."""
    rng, held = np.random.default_rng(9), 0
    truth = (
        0.9 * 0.85 / (0.9 * 0.85 + 0.1 * 0.3) if side is sensitivity else 0.1 * 0.7 / (0.1 * 0.7 + 0.9 * 0.15)
    )
    judged = np.repeat([1.0, 0.0], [900, 100])
    for _ in range(1000):
        human = np.full(1000, NAN)
        human[:60], human[900:940] = rng.random(60) < 0.85, rng.random(40) < 0.3
        rate = sensitivity if side is sensitivity else specificity
        found = rate(judged, human, drawn_by_verdict=True)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
    assert 0.93 <= held / 1000 <= 0.98


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_judge_that_always_says_the_same_has_one_rate_of_all_and_one_of_none(value: float) -> None:
    judged, human = np.full(100, value), np.where(np.arange(100) < 50, np.arange(100) % 2, NAN)
    for by_verdict in (False, True):
        found = sensitivity(judged, human, drawn_by_verdict=by_verdict)
        assert found.value == value
        assert found.low is not None
        assert found.high is not None
        assert found.high - found.low < 0.2


def test_where_people_passed_nothing_there_is_no_sensitivity() -> None:
    found = sensitivity([1, 0], [0, 0])
    assert (found.value, found.note) == (None, "people passed none of the rated replies")
    assert specificity([1, 0], [1, 1]).note == "people failed none of the rated replies"


def test_the_correlation_is_pearsons() -> None:
    rng = np.random.default_rng(2)
    human = rng.normal(size=300)
    judged = 0.6 * human + 0.8 * rng.normal(size=300)
    found = correlation(judged, human)
    expected = stats.pearsonr(judged, human)
    assert found.value == pytest.approx(expected.statistic)
    interval = expected.confidence_interval()
    assert [found.low, found.high] == pytest.approx([interval.low, interval.high], abs=0.03)


def test_the_interval_of_a_correlation_of_skewed_scores_covers() -> None:
    """Of exponential scores the normal error is far too small; 1,000 repetitions, 93% or more."""
    rng, held, naive = np.random.default_rng(4), 0, 0
    for _ in range(1000):
        common, own, other = rng.exponential(size=(3, 200))
        x, y = common + own, common + other
        found = correlation(x, y)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.5 <= found.high
        plain = stats.pearsonr(x, y).confidence_interval()
        naive += plain.low <= 0.5 <= plain.high
    assert held / 1000 >= 0.92
    assert naive / 1000 < 0.90


def test_copies_of_replies_are_no_new_replies() -> None:
    rng = np.random.default_rng(3)
    human = rng.normal(size=80)
    judged = human + rng.normal(size=80)
    four = np.repeat(np.arange(80), 4)
    plain, grouped = correlation(judged, human), correlation(judged[four], human[four], groups=four)
    assert [grouped.low, grouped.high] == pytest.approx([plain.low, plain.high], abs=1e-9)


def test_what_has_no_correlation_says_so() -> None:
    assert correlation([1, 2, 3], [1, 2, 3]).note == "fewer than four rated replies"
    assert correlation([1, 1, 1, 1], [1, 2, 3, 4]).note == "one of the two always says the same"
    assert correlation([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).low is None


@pytest.mark.parametrize("drawn", [True, False])
@pytest.mark.parametrize("side", [sensitivity, specificity])
def test_replies_of_one_group_are_no_evidence_of_their_own(
    side: Callable[..., Estimate], *, drawn: bool
) -> None:
    rng = np.random.default_rng(12)
    human = (rng.random(120) < 0.6).astype(np.float64)
    judged = np.where(rng.random(120) < 0.8, human, 1 - human)
    once = side(judged, human, drawn_by_verdict=drawn)
    groups = np.tile(np.arange(120), 5)
    often = side(np.tile(judged, 5), np.tile(human, 5), drawn_by_verdict=drawn, groups=groups)
    believed = side(np.tile(judged, 5), np.tile(human, 5), drawn_by_verdict=drawn)
    wide, claimed = ((each.high or 0) - (each.low or 0) for each in (often, believed))
    assert wide == pytest.approx((once.high or 0) - (once.low or 0), rel=0.15)
    assert claimed < 0.6 * wide
