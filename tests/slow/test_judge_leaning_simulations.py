"""Honest judges are accused as seldom as is said, biased ones are found, and the naive tests fail at one or the other.

Each repetition is 300 cases of two candidates; people rate 30 replies of each verdict of each candidate, drawn at random, as
`judge calibrate` has them drawn. With 600 repetitions a rate of 1 % has a standard error of 0.4 points.
"""

import numpy as np
import pytest

from passmuster.decide.judging.calibrating.findings import ALPHA, FAVOUR_ALPHA
from passmuster.decide.judging.calibrating.leanings import family_leaning, length_leaning
from passmuster.decide.promises.judged import UNIT, honest_judges, judged_beside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

REPETITIONS = 600


def accused(**bias: float) -> tuple[float, float]:
    """Return how often a judge with this bias is said to like length, and to favour `a`."""
    rng = np.random.default_rng(20)
    found = [judged_beside(rng, **bias) for _ in range(REPETITIONS)]
    length = [length_leaning(each, UNIT) for each in found]
    family = [family_leaning(each, UNIT) for each in found]
    return (
        float(np.mean([each is not None and each.p < ALPHA for each in length])),
        float(np.mean([each is not None and each.p < FAVOUR_ALPHA for each in family])),
    )


def test_an_honest_judge_is_accused_about_once_in_a_hundred() -> None:
    length, family = accused()
    assert length <= 0.02
    assert family <= 0.02


def test_a_judge_that_favours_or_likes_length_is_found_far_more_often() -> None:
    length, _ = accused(by_length=0.6)
    _, family = accused(favour=0.8)
    assert length > 0.5
    assert family > 0.5


def test_without_what_people_say_an_honest_judge_is_accused_again_and_again() -> None:
    found = honest_judges(np.random.default_rng(21), 100)
    assert found.rate <= 0.05
    assert found.naive_rate > 0.3
