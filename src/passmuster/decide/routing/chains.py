"""Chains of candidates that are asked one after another, and what each would have given on every case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.routing.ground import Ground, IntArray

ANY = float("-inf")
"""The least of a signal at which every reply stands, one of which the signal says nothing included."""

TWO_STAGES, MORE_STAGES = 20, 10
"""Into how many equal shares of cases the thresholds part them: of one signal, of each of several."""


class Stage(NamedTuple):
    """A candidate (its row) whose reply stands where its signal is at least so much; the last one's always does."""

    row: int
    least: float = ANY


Chain: TypeAlias = tuple[Stage, ...]
"""Who is asked, one after another; after a failed trial comes the next one, if there is one."""


class Walk(NamedTuple):
    """Whose reply stands on each case (its row), and who was asked (candidate x case)."""

    final: IntArray
    asked: BoolArray


def walk(ground: Ground, chain: Chain) -> Walk:
    """Return what a chain does on every case.

    Example:
        >>> ground = Ground(names=("small", "large"), quality=np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]),
        ...     cost=np.ones((2, 3)), failed=np.array([[False, False, True], [False] * 3]), slices=np.zeros(3, dtype=np.int64),
        ...     sure={"small": np.array([0.9, 0.2, np.nan])})
        >>> walk(ground, (Stage(0, 0.5), Stage(1))).final.tolist()
        [0, 1, 1]
    """
    asked = np.zeros(ground.quality.shape, dtype=np.bool_)
    final = np.full(ground.cases, chain[-1].row, dtype=np.int64)
    going = np.ones(ground.cases, dtype=np.bool_)
    for place, (row, least) in enumerate(chain):
        name = ground.names[row]
        asked[row] |= going
        if place == len(chain) - 1:
            break
        stands = ~ground.failed[row]
        if least != ANY:
            for other in ground.beside.get(name, ()):
                asked[ground.names.index(other)] |= going
            stands = stands & (np.nan_to_num(ground.sure[name], nan=ANY) >= least)
        final[going & stands] = row
        going = going & ~stands
    return Walk(final, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """Chains with what each gave on every case (chain x case): how good, and how dear.

    `dear` are US dollars where all costs are known, else calls.
    """

    chains: tuple[Chain, ...]
    good: FloatArray
    dear: FloatArray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.chains)


def arms_of(ground: Ground, chains: Sequence[Chain]) -> Arms:
    """Return what these chains gave on every case."""
    shape = (len(chains), ground.cases)
    good, dear = np.empty(shape), np.empty(shape)
    every = np.arange(ground.cases)
    for place, chain in enumerate(chains):
        found = walk(ground, chain)
        good[place] = ground.quality[found.final, every]
        dear[place] = spent(ground, found)
    return Arms(chains=tuple(chains), good=good, dear=dear)


def spent(ground: Ground, found: Walk) -> FloatArray:
    """Return what each case cost: US dollars where all are known, else how many calls it took."""
    prices = ground.cost if ground.priced else np.ones_like(ground.cost)
    return np.asarray(np.where(found.asked, prices, 0.0).sum(axis=0))


def singles(ground: Ground) -> tuple[Chain, ...]:
    """Return each candidate by itself."""
    return tuple((Stage(row),) for row in range(len(ground.names)))


def cascades(ground: Ground, names: Sequence[str]) -> tuple[Chain, ...]:
    """Return the chains of these candidates at every threshold that parts the cases.

    Thresholds are values of the signal that part off equal shares of the cases: they are known before any reply is judged.
    A candidate without a signal hands on where it failed, and only there.
    """
    rows = [ground.names.index(name) for name in names]
    steps = TWO_STAGES if len(rows) == 2 else MORE_STAGES
    limits = [thresholds(ground, name, steps) for name in names[:-1]]
    return tuple(
        (*(Stage(row, least) for row, least in zip(rows[:-1], chosen, strict=True)), Stage(rows[-1]))
        for chosen in product(*limits)
    )


def thresholds(ground: Ground, name: str, steps: int) -> list[float]:
    """Return the values of a candidate's signal that part off about k / steps of the cases, the smallest first.

    Example:
        >>> ground = Ground(names=("a",), quality=np.ones((1, 4)), cost=np.ones((1, 4)), failed=np.zeros((1, 4), dtype=np.bool_),
        ...     slices=np.zeros(4, dtype=np.int64), sure={"a": np.array([0.1, 0.2, 0.3, 0.4])})
        >>> thresholds(ground, "a", 4)
        [-inf, 0.2, 0.3, 0.4]
    """
    values = ground.sure.get(name)
    known = np.array([]) if values is None else np.sort(values[~np.isnan(values)])
    return [ANY, *_parted(known, steps)]


def _parted(known: FloatArray, steps: int) -> Iterator[float]:
    if not known.size:
        return
    places = np.minimum(np.ceil(np.arange(1, steps) / steps * known.size).astype(np.int64), known.size - 1)
    yield from (float(each) for each in np.unique(known[places]) if each > known[0])
