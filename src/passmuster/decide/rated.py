"""What people said of a candidate's replies, cell by cell beside the judge's scores."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedCells(Record):
    """The ratings of one metric: `value` is NaN where nobody rated the reply, `drawn` says where a draw chose it.

    Both have a row a case and a column a repeat. `raters` are all who rated, `newest` is the time of the last rating
    in seconds since the epoch.
    """

    value: NDArray[np.float64]
    drawn: NDArray[np.bool_]
    raters: frozenset[str] = frozenset()
    newest: float | None = None


class RatingsEntered:
    """The ratings of one metric in the making."""

    def __init__(self, cells: int) -> None:
        self._value = array("d", [float("nan")]) * cells
        self._drawn = array("b", bytes(cells))
        self._raters: set[str] = set()
        self._newest: float | None = None

    def enter(
        self, cell: int, value: float, raters: Iterable[str], *, drawn: bool, newest: float | None
    ) -> None:
        """Enter what people said of the reply of a cell."""
        self._value[cell] = value
        self._drawn[cell] = drawn
        self._raters.update(raters)
        if newest is not None:
            self._newest = newest if self._newest is None else max(self._newest, newest)

    def cells(self, shape: tuple[int, int]) -> RatedCells:
        """Return what was entered, by case and repeat."""
        return RatedCells(
            value=np.frombuffer(self._value, dtype=np.float64).reshape(shape),
            drawn=np.frombuffer(self._drawn, dtype=np.bool_).reshape(shape),
            raters=frozenset(self._raters),
            newest=self._newest,
        )
