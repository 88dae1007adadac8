"""Which slice each case is in, where every case is in one at most: what a route can tell cases apart by."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from passmuster.decide.routing.ground import IntArray
from passmuster.decide.slice_rule import SliceRule
from passmuster.records.case import Case
from passmuster.records.routing_policy import SliceBy

WAYS: tuple[SliceBy, ...] = ("stratum", "category", "tag", "named")

MOST = 100
"""Slices, the largest first; the cases of the others keep what all others get."""

Sliced: TypeAlias = tuple[IntArray, tuple[str, ...]]
"""The number of each case's slice, -1 for none, and the names of the slices."""


def slices_by(cases: Sequence[Case], by: SliceBy, named: Mapping[str, str]) -> Sliced:
    """Return the slice of each case.

    Of several tags the first one counts, of several slices that the project names the first one that holds the case.

    Example:
        >>> found = slices_by([Case(id="1", input="", stratum="a"), Case(id="2", input="")], "stratum", {})
        >>> found[0].tolist(), found[1]
        ([0, -1], ('a',))
    """
    told = _teller(by, named)
    names = [told(case) for case in cases]
    counts: dict[str, int] = {}
    for name in names:
        if name is not None:
            counts[name] = counts.get(name, 0) + 1
    kept = sorted(sorted(counts), key=lambda name: -counts[name])[:MOST]
    number = {name: place for place, name in enumerate(sorted(kept))}
    found = np.array([-1 if name is None else number.get(name, -1) for name in names], dtype=np.int64)
    return found, tuple(sorted(kept))


def _teller(by: SliceBy, named: Mapping[str, str]) -> Callable[[Case], str | None]:
    if by == "stratum":
        return lambda case: case.stratum
    if by == "category":
        return lambda case: case.category
    if by == "tag":
        return lambda case: case.tags[0] if case.tags else None
    rules = [(name, SliceRule(rule, "slices")) for name, rule in named.items()]
    return lambda case: next((name for name, rule in rules if rule.holds(case)), None)


def usual_slices(cases: Sequence[Case], named: Mapping[str, str]) -> tuple[SliceBy | None, Sliced]:
    """Return the first way that parts the cases in two slices at least, and the slices; None where none does."""
    for by in WAYS:
        found = slices_by(cases, by, named)
        if len(found[1]) > 1:
            return by, found
    return None, (np.full(len(cases), -1, dtype=np.int64), ())
