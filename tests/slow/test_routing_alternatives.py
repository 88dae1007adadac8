"""The interval of routes beside the usual alternatives: one honest split, corrected cross-validation, the ordinary one.

Run with `-s` to see the measured figures.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import scipy

from passmuster.decide.measured import FloatArray
from passmuster.decide.promises.routing import BY_SLICE, Study, ground_of, study
from passmuster.decide.routing.families import BEST
from passmuster.decide.routing.folds import folds_of
from passmuster.decide.routing.ground import IntArray
from passmuster.decide.routing.held_out import NOT_JUDGED, gain

pytestmark = pytest.mark.slow

RUNS = 200
FOLDS = 10


class Told(NamedTuple):
    """An interval of the gain, the one-sided p-value that there is none, and the arms that were judged."""

    low: float
    high: float
    p: float
    arms: Mapping[str, IntArray]


class Row(NamedTuple):
    """Candidates, slices, cases, groups of cases (0: none), and how much better each candidate is in each slice."""

    candidates: int
    slices: int
    cases: int
    groups: int
    better: Callable[[np.random.Generator, tuple[int, int]], FloatArray]


def equal(_: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return np.zeros(shape)


def one_better(_: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    better = np.zeros(shape)
    better[0] = 0.1
    return better


def specialists(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return 0.3 * rng.normal(size=shape)


ROWS = {
    "equal, 4 slices, 400 cases": Row(6, 4, 400, 0, equal),
    "equal, 14 slices, 400 cases": Row(6, 14, 400, 0, equal),
    "equal, 4 slices, 400 cases in 100 groups": Row(6, 4, 400, 100, equal),
    "one better, 4 slices, 2,000 cases": Row(4, 4, 2000, 0, one_better),
    "specialists, 4 slices, 1,000 cases": Row(4, 4, 1000, 0, specialists),
    "specialists, 14 slices, 400 cases": Row(4, 14, 400, 0, specialists),
}


def drawn(rng: np.random.Generator, row: Row, seed: int) -> tuple[Study, FloatArray]:
    """Return the routes of drawn replies, and the true quality of each candidate in each slice.

    Cases of a group share half of what a candidate finds hard in them.
    """
    slices = np.sort(np.arange(row.cases) % row.slices)
    better = row.better(rng, (row.candidates, row.slices))
    hard, own = rng.normal(size=row.cases), rng.normal(size=(row.candidates, row.cases))
    groups = rng.integers(row.groups, size=row.cases) if row.groups else None
    if groups is not None:
        own = (own + rng.normal(size=(row.candidates, row.groups))[:, groups]) / np.sqrt(2)
    quality = ((hard + own) / np.sqrt(2) < 0.524 + better[:, slices]).astype(np.float64)
    ground = replace(ground_of(quality, slices), groups=groups)
    return study(ground, seed=seed), scipy.special.ndtr(0.524 + better)


def here(found: Study, _: int) -> Told:
    own = found.gain(BY_SLICE)
    return Told(*own.interval(), own.above(0.0), found.held.arms)


def _arms(found: Study, fold: IntArray, judged: range) -> dict[str, IntArray]:
    """Return what each case gets that is judged with what all other folds chose."""
    arms = {name: np.full((found.ground.cases, 1), NOT_JUDGED) for name in (BY_SLICE, BEST)}
    for number in judged:
        cases = np.flatnonzero(fold == number)
        for name, own in arms.items():
            chosen = found.chooser.choose(found.families[name], fold != number)
            own[cases, 0] = chosen.at(found.ground.slices[cases])
    return arms


def _told(found: Study, arms: Mapping[str, IntArray]) -> Told:
    own = gain(found.ground, found.arms.good, arms[BY_SLICE], arms[BEST])
    return Told(*own.interval(), own.above(0.0), arms)


def one_split(found: Study, seed: int) -> Told:
    fold = folds_of(found.ground.slices, found.ground.groups, np.random.default_rng(seed), 2)
    return _told(found, _arms(found, fold, range(1)))


def ordinary(found: Study, seed: int) -> Told:
    fold = folds_of(found.ground.slices, found.ground.groups, np.random.default_rng(seed), FOLDS)
    return _told(found, _arms(found, fold, range(FOLDS)))


def corrected(found: Study, seed: int) -> Told:
    """Nadeau and Bengio (2003): the variance over folds times 1 / folds + judged / chosen on."""
    fold = folds_of(found.ground.slices, found.ground.groups, np.random.default_rng(seed), FOLDS)
    arms, every = _arms(found, fold, range(FOLDS)), np.arange(found.ground.cases)
    gaps = found.arms.good[arms[BY_SLICE][:, 0], every] - found.arms.good[arms[BEST][:, 0], every]
    means = np.array([gaps[fold == number].mean() for number in range(FOLDS)])
    error = float(np.sqrt(means.var(ddof=1) * (1 / FOLDS + 1 / (FOLDS - 1))))
    half = float(scipy.special.stdtrit(FOLDS - 1, 0.975)) * error
    mean = float(means.mean())
    p = float(scipy.special.stdtr(FOLDS - 1, -mean / error)) if error > 0 else 1.0
    return Told(mean - half, mean + half, p, arms)


WAYS = {"here": here, "one split": one_split, "corrected": corrected, "ordinary": ordinary}


def _true(told: Told, true: FloatArray, slices: IntArray) -> float:
    mine, best = told.arms[BY_SLICE], told.arms[BEST]
    cases, orders = np.nonzero(mine != NOT_JUDGED)
    gaps = true[mine[cases, orders], slices[cases]] - true[best[cases, orders], slices[cases]]
    return float(gaps.mean())


@pytest.mark.parametrize("name", ROWS)
def test_the_interval_covers_the_gain_of_what_was_judged_where_the_ordinary_one_does_not(name: str) -> None:
    row = ROWS[name]
    covered, claimed = Counter[str](), Counter[str]()
    for seed in range(RUNS):
        found, true = drawn(np.random.default_rng([seed, row.slices, row.cases]), row, seed)
        for way, judge in WAYS.items():
            told = judge(found, seed + 999)
            covered[way] += told.low <= _true(told, true, found.ground.slices) <= told.high
            claimed[way] += told.p <= 0.05
    print(  # noqa: T201 - docs/route.md says that -s shows them
        name, {way: (round(covered[way] / RUNS, 3), round(claimed[way] / RUNS, 3)) for way in WAYS}
    )
    assert covered["here"] >= 182  # of 200 at 95 %: fewer come out once in 100
    assert covered["here"] >= covered["ordinary"]
    assert claimed["here"] <= 18 or row.better is specialists  # of 200 at 5 %: more come out once in 200
    assert claimed["here"] >= claimed["one split"] or row.better is not specialists
