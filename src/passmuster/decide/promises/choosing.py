"""Choices among several candidates: the cheapest that meets every bar, and openings of a sealed holdout."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.bars import bar_test
from passmuster.decide.promises.drawing import METRIC, blank, share, total, with_scores
from passmuster.decide.promises.promise import Count, Promise
from passmuster.decide.slices import restricted
from passmuster.records.task import Bar, MetricSpec, Task
from passmuster.stats.families import holm_matrix
from passmuster.stats.intervals import binomial_p_greater

LEVEL = 0.05
TASK = Task(name="t", metrics=(MetricSpec(name=METRIC, kind="exact_match"),), incumbent="old")


def just_below_the_bar(rng: np.random.Generator, runs: int) -> Count:
    """Draw five candidates at 84.9%, bar 85%, 1,000 cases: an error is a run in which anybody passes."""
    right = rng.binomial(1000, 0.849, size=(runs, 5)).astype(float)
    passed = holm_matrix(binomial_p_greater(right, 1000, 0.85)) <= LEVEL
    return Count(runs=runs, errors=total(passed.any(axis=1)), naive=total((right / 1000 >= 0.85).any(axis=1)))


def late_replies(rng: np.random.Generator, runs: int) -> Count:
    """Draw five that are good but for 5.1% late replies (limit 5%): an error is a run in which anybody passes.

    The shortcut passes whoever meets most of the bars. In `figures` is what a correction over bars would give.
    """
    tests = [
        binomial_p_greater(rng.binomial(1000, rate, size=(runs, 5)).astype(float), 1000, bar)
        for rate, bar in ((0.92, 0.85), (0.949, 0.95), (0.999, 0.98))
    ]
    every = holm_matrix(np.max(tests, axis=0)) <= LEVEL
    most = holm_matrix(np.median(tests, axis=0)) <= LEVEL
    corrected = holm_matrix(np.max(tests, axis=0) * len(tests)) <= LEVEL
    return Count(
        runs=runs,
        errors=total(every.any(axis=1)),
        naive=total(most.any(axis=1)),
        figures={"corrected": share(corrected.any(axis=1))},
    )


def floors(rng: np.random.Generator, runs: int, right: Sequence[float] = (0.8, 1, 1, 1, 1)) -> Count:
    """Draw one on five slices of 100 cases with a floor of 80% each: an error is a pass, the shortcut the average."""
    measured, slices = blank("a", 500), np.repeat(np.arange(5), 100)
    bar, passed, fooled = Bar(metric=METRIC, at_least=0.8), 0, 0
    for _ in range(runs):
        found = with_scores(measured, (rng.random(500) < np.repeat(right, 100)).astype(np.float64))
        worst = max(bar_test(bar, restricted(found, slices == one), TASK).observed()[0] for one in range(5))
        passed += worst <= LEVEL
        fooled += bar_test(bar, found, TASK).observed()[0] <= LEVEL
    return Count(runs=runs, errors=passed, naive=fooled)


def openings(rng: np.random.Generator, runs: int) -> Count:
    """Draw five versions of one candidate, each at the bar of 85%, and open a holdout of 400 cases for each in turn.

    Versions share much of what makes a case hard. An error is a run in which any opening passes; the shortcut takes
    the whole alpha at each.
    """
    hard = np.sqrt(0.3) * rng.standard_normal((runs, 400, 1))
    own = np.sqrt(0.7) * rng.standard_normal((runs, 400, 5))
    right = (hard + own < 1.0364333894937898).sum(axis=1).astype(float)  # the 85% quantile of a normal
    p = binomial_p_greater(right, 400, 0.85)
    return Count(
        runs=runs,
        errors=total((p <= LEVEL / 5).any(axis=1)),
        naive=total((p <= LEVEL).any(axis=1)),
    )


PROMISES = (
    Promise(
        name="cheapest",
        says="Of five candidates that all just miss the bar, hardly ever does one pass.",
        counts="runs in which any of the five passes",
        naive="whoever scores at or above the bar passes",
        used=("compare", "decide"),
        limit=LEVEL,
        repetitions=4000,
        simulate=just_below_the_bar,
    ),
    Promise(
        name="every-bar",
        says="Who meets all bars but one does not pass, without any correction over the bars.",
        counts="runs in which one of five with too many late replies passes",
        naive="whoever is shown to meet most of the bars passes",
        used=("compare", "decide"),
        limit=LEVEL,
        repetitions=4000,
        simulate=late_replies,
    ),
    Promise(
        name="slice-floors",
        says="A candidate that is at the floor on one slice does not pass because the average is good.",
        counts="runs in which a candidate passes that is just at the floor on one slice of five",
        naive="the average over all slices is tested",
        used=("compare", "decide"),
        limit=LEVEL,
        repetitions=1200,
        simulate=floors,
    ),
    Promise(
        name="openings",
        says="Five openings of a sealed holdout together pass a version that only just reaches the bar no more often than one may.",
        counts="runs in which any of five versions at the bar passes",
        naive="each opening is judged at the whole error rate",
        used=("corpus open",),
        limit=LEVEL,
        repetitions=1000,
        fewest=400,
        simulate=openings,
    ),
)
