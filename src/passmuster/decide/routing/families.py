"""Which routes are looked at: single candidates, the best of each slice, and cascades."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from passmuster.decide.routing.chains import MORE_STAGES, TWO_STAGES, Arms, Chain, arms_of, cascades, singles
from passmuster.decide.routing.choosing import Family
from passmuster.decide.routing.ground import Ground

BEST, CHEAPEST = "best single", "cheapest single"
"""The routes that the others are held against."""

ANY_CASCADE = "cheap first"
"""The cascade that is itself chosen from all pairs."""

MOST_CELLS = 20_000_000
"""Chains times cases that are looked at; of more pairs than fit, those with the cheapest first candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The chains and what is chosen from them; `left_out` counts pairs that were too many."""

    arms: Arms
    families: tuple[Family, ...]
    left_out: int = 0


def look(ground: Ground, wanted: Sequence[Sequence[str]], slice_by: str | None) -> Looked:
    """Return the routes of a ground.

    Args:
        ground: The cases.
        wanted: Cascades by the names of their candidates; none: one that is chosen from all pairs whose first has a
            signal and costs less.
        slice_by: What the slices are of; None: there are none.
    """
    chains: list[Chain] = list(singles(ground))
    families = [Family(name=BEST, kind="single")]
    every = tuple(range(len(chains)))
    if ground.priced and len(every) > 1:
        families.append(Family(name=CHEAPEST, kind="single", aim="cost", arms=every))
    if slice_by is not None and len(every) > 1:
        families += _by_slice(slice_by, priced=ground.priced)
    pairs, left_out = ((), 0) if wanted else _pairs(ground)
    for names in wanted:
        families.append(_cascade(" -> ".join(names), ground, [names], chains))
    if pairs:
        families.append(_cascade(ANY_CASCADE, ground, pairs, chains))
    return Looked(arms=arms_of(ground, chains), families=tuple(families), left_out=left_out)


def _by_slice(slice_by: str, *, priced: bool) -> list[Family]:
    of = "slice" if slice_by == "named" else slice_by
    found = [
        Family(name=f"best of each {of}", kind="slices"),
        Family(name=f"clear best of each {of}", kind="slices", shown=True),
    ]
    return [*found, Family(name=f"cheapest of each {of}", kind="slices", aim="cost")] if priced else found


def _cascade(name: str, ground: Ground, wanted: Sequence[Sequence[str]], chains: list[Chain]) -> Family:
    first = len(chains)
    for names in wanted:
        chains += cascades(ground, names)
    return Family(name=name, kind="cascade", aim="cost", arms=tuple(range(first, len(chains))))


def _pairs(ground: Ground) -> tuple[Sequence[tuple[str, str]], int]:
    """Return the pairs whose first has a signal and is cheaper, the cheapest first; and how many were too many."""
    if not ground.priced:
        return (), 0
    prices = dict(zip(ground.names, np.average(ground.cost, axis=1, weights=ground.weights), strict=True))
    found = [
        (cheap, strong)
        for cheap, strong in permutations(ground.names, 2)
        if _tells(ground, cheap) and prices[cheap] < prices[strong]
    ]
    found.sort(key=lambda pair: (prices[pair[0]], prices[pair[1]]))
    most = max(1, MOST_CELLS // max(1, ground.cases * TWO_STAGES))
    return tuple(found[:most]), max(0, len(found) - most)


def _tells(ground: Ground, name: str) -> bool:
    """Return whether a candidate's signal tells any two cases apart."""
    values = ground.sure.get(name)
    known = np.array([]) if values is None else values[~np.isnan(values)]
    return bool(known.size) and float(known.min()) < float(known.max())


def too_many(ground: Ground, names: Sequence[str]) -> bool:
    """Return whether a cascade has more thresholds together than can be looked at."""
    steps = TWO_STAGES if len(names) == 2 else MORE_STAGES
    return float(steps) ** (len(names) - 1) * ground.cases > MOST_CELLS
