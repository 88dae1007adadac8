"""What people said of a candidate's replies, cell by cell beside the judge's scores."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedCells(Record):
    """The ratings of one metric: `value` is NaN where nobody rated the reply.

    `stands` is how many replies it stands for where a draw chose it, by how many those drawn do on average; 0 elsewhere. Both have a row a case and a column a repeat. `raters` are all who rated, `newest` is the time of the last rating
    in seconds since the epoch.
    """

    value: NDArray[np.float64]
    stands: NDArray[np.float64]
    raters: frozenset[str] = frozenset()
    newest: float | None = None


class RatingsEntered:
    """The ratings of one metric in the making."""

    def __init__(self, cells: int) -> None:
        self._value = array("d", [float("nan")]) * cells
        self._stands = array("d", bytes(8 * cells))
        self._raters: set[str] = set()
        self._newest: float | None = None

    def enter(
        self, cell: int, value: float, raters: Iterable[str], *, stands: float, newest: float | None
    ) -> None:
        """Enter what people said of the reply of a cell."""
        self._value[cell] = value
        self._stands[cell] = stands
        self._raters.update(raters)
        if newest is not None:
            self._newest = newest if self._newest is None else max(self._newest, newest)

    def cells(self, shape: tuple[int, int]) -> RatedCells:
        """Return what was entered, by case and repeat."""
        return RatedCells(
            value=np.frombuffer(self._value, dtype=np.float64).reshape(shape),
            stands=np.frombuffer(self._stands, dtype=np.float64).reshape(shape),
            raters=frozenset(self._raters),
            newest=self._newest,
        )
