"""Two versions on the same cases: margins of quality, latency and cost against the incumbent."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri, stdtr

from passmuster.decide.measured import Measured
from passmuster.decide.promises.choosing import LEVEL, TASK
from passmuster.decide.promises.drawing import (
    METRIC,
    Draw,
    blanks,
    discordant,
    with_costs,
    with_scores,
    with_seconds,
)
from passmuster.decide.promises.promise import Count, Promise
from passmuster.decide.relative.bars import relative_test
from passmuster.records.task import Bar
from passmuster.stats.arrays import FloatArray

Put: TypeAlias = Callable[[Measured, FloatArray], Measured]
Naive: TypeAlias = Callable[[FloatArray, FloatArray], bool]


def versus(metric: str, *, at_least: float | None = None, at_most: float | None = None) -> Bar:
    """Return a bar against the incumbent."""
    return Bar(metric=metric, at_least=at_least, at_most=at_most, versus="incumbent")


def p_of(bar: Bar, new: Measured, old: Measured) -> float:
    """Return the p-value of "the new one does not meet the bar"."""
    return relative_test(bar, new, old, TASK).observed()[0]


def shares(
    bar: Bar, pair: tuple[Measured, Measured], draw: Draw, put: Put, naive: Naive
) -> Callable[[np.random.Generator, int], Count]:
    """Return the simulation of a bar: a run errs in which it is shown to be met, and where the naive rule says so."""

    def simulate(rng: np.random.Generator, runs: int) -> Count:
        passed = fooled = 0
        for _ in range(runs):
            new, old = draw(rng)
            passed += p_of(bar, put(pair[0], new), put(pair[1], old)) <= LEVEL
            fooled += naive(new, old)
        return Count(runs=runs, errors=passed, naive=fooled)

    return simulate


def at_least(margin: float) -> Naive:
    """Return the rule that looks at the plain difference."""
    return lambda new, old: bool(new.mean() - old.mean() >= -margin)


def worse_by_the_margin(
    rng: np.random.Generator, runs: int, design: tuple[int, float, float] = (200, 0.1, 0.03)
) -> Count:
    """Draw pass/fail pairs worse by just the margin; `design` is cases, discordance and margin."""
    n, discordance, margin = design
    bar = versus(METRIC, at_least=-margin)
    draw = discordant(n, -margin, discordance)
    return shares(bar, blanks(n), draw, with_scores, at_least(margin))(rng, runs)


def worse_in_groups(rng: np.random.Generator, runs: int) -> Count:
    """Draw 60 groups of 5 cases that turn out alike, worse by just the margin of 5 points."""
    groups = np.repeat(np.arange(60), 5)
    small, plain = discordant(60, -0.05, 0.15), blanks(300)
    bar = versus(METRIC, at_least=-0.05)

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        new, old = small(rng)
        return new[groups], old[groups]

    def naive(new: FloatArray, old: FloatArray) -> bool:
        return p_of(bar, with_scores(plain[0], new), with_scores(plain[1], old)) <= LEVEL

    return shares(bar, blanks(300, groups=groups.tolist()), draw, with_scores, naive)(rng, runs)


def rare_losses(rng: np.random.Generator, runs: int) -> Count:
    """Draw 100 graded cases of which 5% lose everything, margin 5 points; the shortcut is the plain paired t."""

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        old = rng.beta(8, 2, 100)
        new, lost = old.copy(), rng.random(100) < 0.05
        new[lost], old[lost] = 0.0, 1.0
        return new, old

    def naive(new: FloatArray, old: FloatArray) -> bool:
        gaps = new - old
        error = gaps.std(ddof=1) / np.sqrt(gaps.size)
        return bool(error == 0 or float(stdtr(gaps.size - 1, -(gaps.mean() + 0.05) / error)) <= LEVEL)

    bar = versus(METRIC, at_least=-0.05)
    return shares(bar, blanks(100, binary=False), draw, with_scores, naive)(rng, runs)


def slower(rng: np.random.Generator, runs: int, spread: float = 1.2) -> Count:
    """Draw 500 latencies whose p95 is 1.2 times the incumbent's, just the limit, whatever their form."""
    scale = 1.2 * np.exp(ndtri(0.95) * (0.5 - spread))

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        common, own = rng.normal(size=500), rng.normal(size=500)
        return scale * np.exp(spread * (0.7 * common + 0.714 * own)), np.exp(0.5 * common)

    def naive(new: FloatArray, old: FloatArray) -> bool:
        return bool(np.quantile(new, 0.95) <= 1.2 * np.quantile(old, 0.95))

    return shares(versus("latency_p95", at_most=1.2), blanks(500), draw, with_seconds, naive)(rng, runs)


def dearer(rng: np.random.Generator, runs: int) -> Count:
    """Draw 150 costs 1.1 times the incumbent's, just the limit, that go up and down together."""

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        old = rng.lognormal(-6.0, 0.8, 150)
        return 1.1 * old * rng.lognormal(-0.02, 0.2, 150), old

    def naive(new: FloatArray, old: FloatArray) -> bool:
        return bool(new.sum() <= 1.1 * old.sum())

    return shares(versus("cost_per_task", at_most=1.1), blanks(150), draw, with_costs, naive)(rng, runs)


PROMISES = (
    Promise(
        name="margin",
        says="A change that is worse by just the margin is hardly ever passed as no worse.",
        counts="runs in which it passes",
        naive="the plain difference is compared with the margin",
        used=("compare", "gate"),
        limit=0.055,
        repetitions=2500,
        simulate=worse_by_the_margin,
    ),
    Promise(
        name="margin-groups",
        says="Cases of one group count together when a change is held against the incumbent.",
        counts="runs in which a change passes that is worse by just the margin, in 60 groups of 5",
        naive="every case counts as independent",
        used=("compare", "gate"),
        limit=0.06,
        repetitions=1200,
        simulate=worse_in_groups,
    ),
    Promise(
        name="margin-scores",
        says="Losses that are rare and large are not overlooked in graded scores.",
        counts="runs in which a change passes that loses 5% of the cases altogether",
        naive="the plain paired t test",
        used=("compare", "gate"),
        limit=LEVEL,
        repetitions=2500,
        fewest=800,
        simulate=rare_losses,
    ),
    Promise(
        name="latency-ratio",
        says="A change that is slower by just the limit is hardly ever passed, whatever the form of its latencies.",
        counts="runs in which a change passes whose p95 is just 1.2 times the old one",
        naive="the p95s of the samples are compared",
        used=("compare", "gate"),
        limit=LEVEL,
        repetitions=1000,
        simulate=slower,
    ),
    Promise(
        name="cost-ratio",
        says="A change that is dearer by just the limit seldom passes, though costs of pairs are skewed.",
        counts="runs in which a change passes that costs just 1.1 times as much",
        naive="the sums are compared",
        used=("compare", "gate"),
        limit=0.07,
        repetitions=2500,
        simulate=dearer,
    ),
)
