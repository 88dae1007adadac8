"""What metrics that count found, cell by cell: right, answered, and in the reference."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.records.score import Score, ScoreOutcome

MOST_KINDS = 200
"""Kinds of which an answer makes the names are told apart so far; further ones are counted together."""

OTHERS = "(others)"

Triple: TypeAlias = tuple[float, float, float]
"""What is right, what was answered, what the reference holds."""


def counts_of(outcome: ScoreOutcome | None) -> Mapping[str, Triple] | None:
    """Return the counts that a score holds by kind; None where there is no score.

    Example:
        >>> counts_of(Score(value=1.0, details={"counts": {"date": [1, 1, 2]}}))
        {'date': (1.0, 1.0, 2.0)}
    """
    if not isinstance(outcome, Score):
        return None
    found = outcome.details.get("counts")
    if not isinstance(found, Mapping):
        return {}
    return {str(kind): (float(each[0]), float(each[1]), float(each[2])) for kind, each in found.items()}


def differing_of(outcome: ScoreOutcome | None) -> Mapping[str, float] | None:
    """Return how many values of each kind are there on both sides and differ; None where a score does not say.

    Example:
        >>> differing_of(Score(value=0.0, details={"counts": {"date": [0, 1, 1]}, "differing": {"date": 1}}))
        {'date': 1.0}
    """
    found = outcome.details.get("differing") if isinstance(outcome, Score) else None
    if not isinstance(found, Mapping):
        return None
    return {str(kind): float(number) for kind, number in found.items()}


class Tally:
    """The counts of one metric in the making, cell by cell: NaN where there are none, and sparse by kind."""

    def __init__(self, cells: int) -> None:
        self._sums = np.full((cells, 3), np.nan)
        self._kinds: dict[str, tuple[array[int], array[float]]] = {}
        self._differing: dict[str, float] | None = None

    def enter(self, cell: int, counts: Mapping[str, Triple]) -> None:
        """Enter the counts of one cell."""
        row = [0.0, 0.0, 0.0]
        for kind, triple in counts.items():
            row = [one + other for one, other in zip(row, triple, strict=True)]
            if kind not in self._kinds and len(self._kinds) >= MOST_KINDS:
                kind = OTHERS  # noqa: PLW2901 - the rest of the loop is about the kind that it counts for
            cells, values = self._kinds.setdefault(kind, (array("q"), array("d")))
            cells.append(cell)
            values.extend(triple)
        self._sums[cell] = row

    def tell_apart(self, differing: Mapping[str, float]) -> None:
        """Add up what differs, by kind."""
        sums = self._differing = self._differing or {}
        for kind, number in differing.items():
            known = kind if kind in self._kinds else OTHERS
            sums[known] = sums.get(known, 0.0) + number

    def counted(self, repeats: int) -> "Counted":
        """Return what was entered."""
        return Counted(
            sums=self._sums.reshape(-1, repeats, 3),
            kinds={
                kind: (
                    np.frombuffer(cells, dtype=np.int64),
                    np.frombuffer(values, dtype=np.float64).reshape(-1, 3),
                )
                for kind, (cells, values) in self._kinds.items()
            },
            differing=self._differing,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Counts over the cells: `sums` (cases, repeats, 3), and by kind the cells that have any with their counts.

    `differing` adds up by kind what is there on both sides and differs; None where the metric does not say.
    """

    sums: NDArray[np.float64]
    kinds: Mapping[str, tuple[NDArray[np.int64], NDArray[np.float64]]]
    differing: Mapping[str, float] | None = None
