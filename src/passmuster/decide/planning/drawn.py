"""Simulated runs: what the tests of every candidate came to in each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The p-values of some candidates in simulated runs, one row a run and one column a candidate.

    `p` is the largest p-value of "does not meet" over a candidate's bars, `misses` the smallest of "meets". `prices`
    are US dollars a success, infinite where unknown. `in_family` says who could pass at all.
    """

    names: tuple[str, ...]
    p: FloatArray
    misses: FloatArray
    prices: FloatArray
    in_family: BoolArray
    cases: int

    @property
    def repetitions(self) -> int:
        """How many runs were simulated."""
        return int(self.p.shape[0])


class Forecast(Protocol):
    """What is known of some candidates before a run, from which their results can be drawn."""

    @property
    def names(self) -> tuple[str, ...]:
        """Whose results."""

    def draw(self, cases: int, repetitions: int, rng: np.random.Generator) -> Drawn:
        """Simulate so many runs over so many cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Candidates of which nothing is known: they are taken to neither pass nor fail.

    They count in the correction, but for those that are `out` of it: of which figures are only stated, or a
    requirement is missed. `missed` says who fails for certain.
    """

    names: tuple[str, ...]
    out: frozenset[str] = frozenset()
    missed: frozenset[str] = frozenset()

    def draw(self, cases: int, repetitions: int, rng: np.random.Generator) -> Drawn:
        """Return no evidence for anything but what is certain."""
        del rng
        ones = np.ones((repetitions, len(self.names)))
        fails = np.array([name in self.missed for name in self.names], dtype=np.bool_)
        return Drawn(
            names=self.names,
            p=ones,
            misses=np.where(fails, 0.0, ones),
            prices=np.full_like(ones, np.inf),
            in_family=np.array([name not in self.out for name in self.names], dtype=np.bool_),
            cases=cases,
        )


REPETITIONS = 4000


def draw_runs(
    forecasts: Sequence[Forecast], cases: int, *, seed: int, repetitions: int = REPETITIONS
) -> Drawn:
    """Simulate runs of all these candidates together.

    Args:
        forecasts: What is known of whom; no candidate is in two of them.
        cases: How many cases the run has in all, those already asked included.
        seed: The same seed gives the same runs.
        repetitions: How many runs are simulated.

    Example:
        >>> drawn = draw_runs([Unknown(names=("a",)), Unknown(names=("b",))], 100, seed=1, repetitions=5)
        >>> drawn.names, drawn.p.shape
        (('a', 'b'), (5, 2))
    """
    rng = np.random.default_rng(seed)
    parts = [forecast.draw(cases, repetitions, rng) for forecast in forecasts if forecast.names]
    if not parts:
        parts = [Unknown(names=()).draw(cases, repetitions, rng)]
    return Drawn(
        names=tuple(name for part in parts for name in part.names),
        p=np.hstack([part.p for part in parts]),
        misses=np.hstack([part.misses for part in parts]),
        prices=np.hstack([part.prices for part in parts]),
        in_family=np.concatenate([part.in_family for part in parts]),
        cases=cases,
    )
