"""Runs that stop early: futility, the race, and intervals that may be looked at at any time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.promises.drawing import alike, in_clusters, share, total
from passmuster.decide.promises.promise import Count, Promise
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import RatioSums, ratio_sums
from passmuster.stats.intervals import binomial_p_greater, korn_graubard_p_greater, mean_p_greater
from passmuster.stats.sequential.futility import BoolArray, assured, hopeless, hopeless_mean
from passmuster.stats.sequential.race import Race, confidence_sequence

ALPHA = 0.01
"""The level of one of five candidates."""


def first_pass(passed: BoolArray) -> IntArray:
    """Return the position of the first that passes in each row; -1 where none does."""
    return np.where(passed.any(axis=1), passed.argmax(axis=1), -1).astype(np.int64)


def stops(
    rng: np.random.Generator,
    runs: int,
    design: tuple[float, int, Sequence[float]] = (0.85, 1000, (0.75, 0.80, 0.88, 0.90, 0.92)),
) -> Count:
    """Draw five candidates in the order of their costs: an error is a run in which stops lose the right choice.

    The shortcut stops whoever is below the bar at any look from 60 cases on. `figures` hold the `saved` share of
    the calls, how often the full and the stopped run are `right`, and how often who was stopped `passed` falsely.
    """
    bar, cases, rates = design
    right = int(np.argmax(np.array(rates) >= bar))
    drawn = rng.uniform(size=(runs, len(rates), cases)) < np.array(rates)[:, None]
    counts = drawn.cumsum(axis=2, dtype=np.int32)[:, :, 19::20].astype(float)
    full = binomial_p_greater(counts[:, :, -1], cases, bar) <= ALPHA
    passed, used, open_ = full.copy(), np.full(full.shape, cases), np.ones(full.shape, dtype=bool)
    below = np.zeros(full.shape, dtype=bool)
    for place, n in enumerate(range(20, cases, 20)):
        k = counts[:, :, place]
        fails, passes = hopeless(k, n, cases, bar, ALPHA), assured(k, n, cases, bar, ALPHA)
        now = open_ & (fails | passes)
        passed[now], used[now], open_ = passes[now], n, open_ & ~now
        below |= (k < bar * n) & (n >= 60)
    picked, plain, hasty = first_pass(passed), first_pass(full), first_pass(full & ~below)
    asked = np.arange(len(rates)) <= np.where(picked < 0, len(rates), picked)[:, None]
    return Count(
        runs=runs,
        errors=total((plain == right) & (picked != right)),
        naive=total((plain == right) & (hasty != right)),
        figures={
            "saved": 1 - float((used * asked).sum()) / drawn.size,
            "right": share(plain == right),
            "stopped right": share(picked == right),
            "the same": share(picked == plain),
            "passed falsely": share(passed & ~full),
        },
    )


def _running(scores: FloatArray, n: int) -> RatioSums:
    """Return the sums of the first n scores of each row, as of a mean over cases."""
    part, ones = scores[:, :n], np.full(scores.shape[0], float(n))
    sums = part.sum(axis=1)
    return RatioSums(
        units=ones,
        top=sums,
        bottom=ones,
        top_top=(part**2).sum(axis=1),
        top_bottom=sums,
        bottom_bottom=ones,
    )


def graded_stops(rng: np.random.Generator, runs: int, mean: float = 0.78) -> Count:
    """Draw 500 graded scores at a bar of .75: an error is a pass that the stop loses; the shortcut stops below the bar."""
    scores = rng.beta(mean * 3, (1 - mean) * 3, size=(runs, 500))
    full = mean_p_greater(scores.sum(axis=1), (scores**2).sum(axis=1), 500, 0.75) <= ALPHA
    naive, dead, used = np.zeros(runs, dtype=bool), np.zeros(runs, dtype=bool), np.full(runs, 500)
    for n in range(20, 500, 20):
        sums = _running(scores, n)
        found = hopeless_mean(sums, 500, 0.75, ALPHA) & ~dead
        used[found], dead = n, dead | found
        naive |= (sums.value() < 0.75) & (n >= 60)
    figures = {"full": share(full), "saved": 1 - float(used.mean()) / 500}
    return Count(runs=runs, errors=total(full & dead), naive=total(full & naive), figures=figures)


def grouped_stops(rng: np.random.Generator, runs: int, rate: float = 0.82) -> Count:
    """Draw 100 groups of 5 at a bar of .75: errors as of `graded_stops`."""
    keys = np.repeat(np.arange(100), 5)
    full, kept, naive, used = [], [], [], []
    for _ in range(runs):
        values = in_clusters(rng, [5] * 100, rate, 0.3).reshape(100, 5)
        passes = korn_graubard_p_greater(values.ravel(), keys, 0.75) <= ALPHA
        ends = [
            g
            for g in range(4, 100, 4)
            if hopeless_mean(ratio_sums(values[:g].sum(axis=1), np.full(g, 5.0)), 100, 0.75, ALPHA)
        ]
        wrong = [g for g in range(12, 100, 4) if values[:g].mean() < 0.75]
        full.append(passes)
        kept.append(passes and not ends)
        naive.append(passes and not wrong)
        used.append(min(ends, default=100) / 100)
    return Count(
        runs=runs,
        errors=sum(full) - sum(kept),
        naive=sum(full) - sum(naive),
        figures={"full": share(full), "saved": 1 - share(used)},
    )


@dataclass(frozen=True)
class Ran:
    """What a race cost, who dropped out, and who leads."""

    calls: float
    dropped: tuple[bool, ...]
    leader: int
    ending: str | None


def raced(scores: FloatArray, within: float | None, every: int = 20) -> Ran:
    """Run a race on the scores of candidates (columns), looking after `every` so many cases."""
    race, calls = Race.of(scores.shape[1], within=within), 0
    for start in range(0, scores.shape[0], every):
        block = scores[start : start + every]
        calls += block.shape[0] * int(race.live.sum())
        race = race.after(block)
        if race.ending() is not None:
            break
    return Ran(calls / scores.size, tuple((~race.live).tolist()), race.leader(), race.ending())


def naive_race(scores: FloatArray, every: int = 20) -> Ran:
    """Drop whoever is behind the leader by a z of 1.645 at any look."""
    live, calls, lead = np.ones(scores.shape[1], dtype=bool), 0, 0
    for end in range(every, scores.shape[0] + 1, every):
        calls += every * int(live.sum())
        seen = scores[:end]
        lead = int(np.argmax(np.where(live, seen.sum(axis=0), -1.0)))
        better, worse = ((seen[:, [lead]] > seen).sum(axis=0), (seen[:, [lead]] < seen).sum(axis=0))
        live &= ~((better - worse) / np.sqrt(np.maximum(better + worse, 1)) > 1.645)
        if live.sum() == 1:
            break
    return Ran(calls / scores.size, tuple((~live).tolist()), lead, None)


def equal_race(rng: np.random.Generator, runs: int) -> Count:
    """Race five equal candidates over 1,000 cases: an error is a run that drops the first of them."""
    errors = naive = some = drops = 0
    for _ in range(runs):
        scores = alike(rng, [0.85] * 5, 1000)
        one, other = raced(scores, None), naive_race(scores)
        errors, naive = errors + one.dropped[0], naive + other.dropped[0]
        some, drops = some + any(one.dropped), drops + sum(one.dropped)
    return Count(
        runs=runs,
        errors=errors,
        naive=naive,
        figures={"each dropped": drops / runs / 5, "some dropped": some / runs},
    )


def _until_it_looks_clear(values: FloatArray, bar: float) -> FloatArray:
    """Return the values seen until a plain interval lies beside the bar at some look, or all."""
    n = np.arange(1, values.size + 1)
    means = values.cumsum() / n
    errors = np.sqrt(np.maximum((values**2).cumsum() / n - means**2, 0) / n)
    clear = np.abs(means - bar) > 1.96 * errors
    return values[: next((k for k in range(60, values.size, 20) if clear[k - 1]), values.size)]


def stopped_intervals(rng: np.random.Generator, runs: int, *, graded: bool = False) -> Count:
    """Stop when a plain interval lies beside the true mean: an error is an interval that misses it.

    In `figures`: how far the mean of those is off that were stopped below the truth.
    """
    errors, naive, low_means = 0, 0, []
    for _ in range(runs):
        drawn = rng.beta(4, 1, 600) if graded else (rng.uniform(size=600) < 0.8).astype(float)
        values = _until_it_looks_clear(drawn, 0.8)
        low, high = confidence_sequence(values)
        half = 1.96 * values.std(ddof=1) / np.sqrt(values.size)
        errors += not low <= 0.8 <= high
        naive += bool(abs(values.mean() - 0.8) > half)
        if values.size < 600 and values.mean() < 0.8:
            low_means.append(values.mean())
    off = share(low_means) - 0.8 if low_means else 0.0
    return Count(runs=runs, errors=errors, naive=naive, figures={"off": off})


PROMISES = (
    Promise(
        name="stop-shares",
        says="A run until decided hardly ever loses the right choice that the full run would have made.",
        counts="runs whose full result is right and whose stopped one is not",
        naive="whoever is below the bar at any look is stopped",
        used=("run --until-decided",),
        limit=0.02,
        repetitions=2000,
        simulate=stops,
    ),
    Promise(
        name="stop-scores",
        says="Graded scores that stop early lose hardly any pass.",
        counts="runs that would pass in full and are stopped",
        naive="whoever is below the bar at any look is stopped",
        used=("run --until-decided",),
        limit=0.015,
        repetitions=2000,
        fewest=400,
        simulate=graded_stops,
    ),
    Promise(
        name="stop-groups",
        says="Cases that come in groups that stop early lose hardly any pass.",
        counts="runs that would pass in full and are stopped",
        naive="whoever is below the bar at any look is stopped",
        used=("run --until-decided",),
        limit=0.015,
        repetitions=1000,
        fewest=1000,
        simulate=grouped_stops,
    ),
    Promise(
        name="race",
        says="A candidate that is as good as every other is hardly ever dropped from a race, however often one looks.",
        counts="runs in which the first of five equal candidates is dropped",
        naive="whoever is significantly behind at any look is dropped",
        used=("run --until-decided",),
        limit=0.05,
        repetitions=250,
        simulate=equal_race,
    ),
    Promise(
        name="any-time-interval",
        says="The interval of a run that was stopped holds the truth, whenever and why ever it was stopped.",
        counts="intervals of a run stopped where it looked clear that miss the true rate",
        naive="the plain interval of a full run",
        used=("run --until-decided", "compare"),
        limit=0.05,
        repetitions=1500,
        simulate=stopped_intervals,
    ),
)
