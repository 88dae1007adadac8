"""Honest judges are accused as seldom as is said, biased ones are found, and the naive tests fail at one or the other.

Each repetition is 300 cases of two candidates; people rate 30 replies of each verdict of each candidate, drawn at random, as
`judge calibrate` has them drawn. With 600 repetitions a rate of 1 % has a standard error of 0.4 points.
"""

from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.judging.calibrating.findings import ALPHA, FAVOUR_ALPHA
from passmuster.decide.judging.calibrating.leanings import family_leaning, length_leaning
from passmuster.decide.judging.calibrating.rows import Beside, JudgedReply, Unit, beside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

UNIT = Unit(bounds=(0.0, 1.0), binary=True)
CASES, EACH, REPETITIONS = 300, 30, 600


def rated(rng: np.random.Generator, *, favour: float = 0.0, by_length: float = 0.0) -> Beside:
    """Return what is rated of two candidates: `a` is better, and its good replies are longer."""
    rows: list[JudgedReply] = []
    for name, share in (("a", 0.8), ("b", 0.6)):
        human = rng.random(CASES) < share
        length = np.exp(rng.normal(5 + 0.3 * human, 1))
        odds = np.where(human, np.log(9.0), np.log(0.25)) + by_length * (np.log2(length) - 7.2)
        passes = rng.random(CASES) < 1 / (1 + np.exp(-odds))
        passes |= (name == "a") & (rng.random(CASES) < favour)
        chosen = np.zeros(CASES, dtype=bool)
        for verdict in (True, False):
            chosen[rng.permutation(np.flatnonzero(passes == verdict))[:EACH]] = True
        rows += [
            JudgedReply(
                candidate=name,
                case=str(case),
                group=str(case),
                value=float(passes[case]),
                human=float(human[case]) if chosen[case] else None,
                drawn=bool(chosen[case]),
                length=int(length[case]) + 1,
                akin=name == "a",
                stratum=str(passes[case]),
            )
            for case in range(CASES)
        ]
    return beside(rows)


def accused(**bias: float) -> tuple[float, float]:
    """Return how often a judge with this bias is said to like length, and to favour `a`."""
    rng = np.random.default_rng(20)
    found = [rated(rng, **bias) for _ in range(REPETITIONS)]
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
    rng = np.random.default_rng(21)
    blind = []
    for _ in range(100):
        found = rated(rng)
        same = replace(found, human=np.zeros(len(found)))
        leaning = family_leaning(same, UNIT)
        blind.append(leaning is not None and leaning.p < FAVOUR_ALPHA)
    assert np.mean(blind) > 0.3
