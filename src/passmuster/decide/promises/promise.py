"""What a promise is, and what the count of a simulation says of it."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from passmuster.records.promises import PromiseResult, PromiseState
from passmuster.records.score import Estimate
from passmuster.stats.intervals import binomial_p_greater, clopper_pearson

CHANCE = 0.001
"""How seldom a method whose true rate is just the limit is called broken; and a blunt check sharp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often passmuster's method erred in a number of runs, and how often the shortcut did in the same ones.

    `figures` are what else the runs showed, for the tests that look closer.
    """

    runs: int
    errors: int
    naive: int
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """The share of runs with an error."""
        return self.errors / self.runs

    @property
    def naive_rate(self) -> float:
        """The share of runs in which the shortcut erred."""
        return self.naive / self.runs


Simulation: TypeAlias = Callable[[np.random.Generator, int], Count]
"""Draws so many runs and counts the errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Something that passmuster's statistics promise: errors in at most a share of `limit` of the runs.

    Args:
        name: To type after `--only`.
        says: The promise in a sentence, for people who know no statistics.
        counts: What an error is: "runs in which ...".
        naive: The usual shortcut that breaks the promise, in words.
        used: The verbs that rely on it.
        limit: The largest share of runs with an error.
        repetitions: The usual number of runs, such that all promises together take less than a minute.
        simulate: Draws runs and counts errors.
        fewest: The runs that it takes to show the shortcut to be wrong in all but one of 1,000 seeds: `--quick` makes no
            fewer.
    """

    name: str
    says: str
    counts: str
    naive: str
    used: tuple[str, ...]
    limit: float
    repetitions: int
    simulate: Simulation
    fewest: int = 20


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the generator of a promise, the same whichever others are checked beside it.

    Example:
        >>> generator(1, "a").random() == generator(1, "a").random()
        True
        >>> generator(1, "a").random() == generator(1, "b").random()
        False
    """
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def kept(promise: Promise, seed: int, repetitions: int | None = None) -> PromiseResult:
    """Simulate a promise and say whether it is kept.

    It is broken where so many errors come with a chance below .001 at a rate of just the limit (exact binomial
    test); the check is blunt where the shortcut is not shown to exceed the limit in the same way: a check that
    lets the shortcut pass proves nothing.

    Args:
        promise: The promise.
        seed: Of the draws; each promise has a stream of its own.
        repetitions: How many runs; None: the usual number.

    Example:
        >>> coin = Promise(name="coin", says="Errs in a tenth.", counts="runs", naive="guess", used=(), limit=0.1,
        ...     repetitions=500, simulate=lambda rng, runs: Count(runs=runs, errors=int((rng.random(runs) < 0.05).sum()),
        ...     naive=int((rng.random(runs) < 0.5).sum())))
        >>> kept(coin, 1).state, kept(coin, 1, repetitions=2).state
        ('holds', 'blunt')
    """
    found = promise.simulate(generator(seed, promise.name), repetitions or promise.repetitions)
    state = state_of(found, promise.limit)
    return PromiseResult(
        name=promise.name,
        says=promise.says,
        counts=promise.counts,
        naive=promise.naive,
        used=promise.used,
        repetitions=found.runs,
        limit=promise.limit,
        tolerated=tolerated(found.runs, promise.limit),
        error=float(np.sqrt(promise.limit * (1 - promise.limit) / found.runs)),
        observed=share_of(found.errors, found.runs),
        shortcut=share_of(found.naive, found.runs),
        state=state,
        sentence=_sentence(state, found, promise.limit),
    )


def state_of(found: Count, limit: float) -> PromiseState:
    """Return what a count says of a promise."""
    if exceeds(found.errors, found.runs, limit):
        return "broken"
    return "holds" if exceeds(found.naive, found.runs, limit) else "blunt"


def exceeds(errors: int, runs: int, limit: float) -> bool:
    """Return whether so many errors are shown to be more than the limit allows."""
    return float(binomial_p_greater(float(errors), float(runs), limit)) <= CHANCE


def tolerated(runs: int, limit: float) -> float:
    """Return the largest rate of so many runs that is not yet shown to exceed the limit.

    Example:
        >>> tolerated(2000, 0.05)
        0.0655
    """
    errors = round(limit * runs)
    while errors < runs and not exceeds(errors + 1, runs, limit):
        errors += 1
    return errors / runs


def share_of(errors: int, runs: int) -> Estimate:
    """Return a share of runs with its exact 95% interval."""
    low, high = clopper_pearson(float(errors), float(runs))
    return Estimate(value=errors / runs, low=float(low), high=float(high), n=runs, method="Clopper-Pearson")


def _sentence(state: PromiseState, found: Count, limit: float) -> str:
    told = f"{found.rate:.1%} of {found.runs:,} runs, at most {limit:.1%} promised"
    beside = f"the shortcut errs in {found.naive_rate:.1%}"
    if state == "broken":
        return f"Broken: {told}; {beside}."
    if state == "blunt":
        return f"Not proved: {told}, but {beside}, which so few runs do not show to be too many."
    chance = ", which chance allows," if found.rate > limit else ""
    return f"Holds: {told}{chance}; {beside}."
