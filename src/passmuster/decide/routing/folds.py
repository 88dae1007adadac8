"""Cases in folds, whole groups together, and the orders in which a route is chosen on some and judged on the next.

A route that is judged on the folds around those it was chosen on by ordinary cross-validation has differences that go
together: a case that spoke for a candidate in one fold speaks for the route in the others, too, and an interval that takes them for
independent is too short (Bengio and Grandvalet 2004). Here a fold is only ever judged with what was chosen on the folds
before it. Where no candidate is better than another the differences are then those of a fair game, whatever was
chosen, and go together in nothing. The folds stand in a circle, so that each comes first once and last once.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from passmuster.decide.routing.ground import IntArray

FOLDS = 10
FIRST = 3
"""Folds that are only chosen on."""

FEWEST_GROUPS = 20
"""Fewer independent cases or groups are not parted: nothing could be said."""


class Step(NamedTuple):
    """One fold that is judged, the order that it is of, and the folds that are chosen on."""

    order: int
    judged: int
    chosen_on: tuple[int, ...]


def steps(folds: int = FOLDS, first: int = FIRST) -> Iterator[Step]:
    """Yield every fold that is judged in every order.

    Example:
        >>> [(step.order, step.chosen_on, step.judged) for step in steps(3, 2)]
        [(0, (0, 1), 2), (1, (1, 2), 0), (2, (2, 0), 1)]
    """
    for order in range(folds):
        circle = [(order + place) % folds for place in range(folds)]
        for place in range(first, folds):
            yield Step(order, circle[place], tuple(circle[:place]))


def folds_of(
    slices: IntArray, groups: IntArray | None, rng: np.random.Generator, folds: int = FOLDS
) -> IntArray:
    """Return the fold of each case: groups whole, each slice spread over all folds.

    Example:
        >>> found = folds_of(np.array([0, 0, 1, 1]), np.array([7, 7, 8, 9]), np.random.default_rng(0), 2)
        >>> bool(found[0] == found[1]), sorted(set(found.tolist()))
        (True, [0, 1])
    """
    names = np.arange(slices.size) if groups is None else groups
    _, first, numbers = np.unique(names, return_index=True, return_inverse=True)
    drawn = rng.permutation(first.size)
    order = drawn[np.argsort(slices[first][drawn], kind="stable")]
    fold = np.empty(first.size, dtype=np.int64)
    fold[order] = np.arange(first.size) % folds
    return fold[numbers]
