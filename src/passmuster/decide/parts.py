"""What metrics found of each part of a task, cell by cell: fields, constraints, checks."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.tally import OTHERS
from passmuster.records.score import Score

MOST_PARTS = 200
"""Parts of which an answer may make the names are told apart so far; further ones are counted together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCells:
    """One part: the cells that have it, each once, with its value in [0, 1]."""

    cells: NDArray[np.int64]
    values: NDArray[np.float64]

    def per_case(self, cases: int, repeats: int) -> NDArray[np.float64]:
        """Return the mean over the repeats of each case that have the part; NaN where none has it.

        Example:
            >>> part = PartCells(cells=np.array([0, 1, 5]), values=np.array([1.0, 0.0, 1.0]))
            >>> part.per_case(3, 2).tolist()
            [0.5, nan, 1.0]
        """
        order = np.argsort(self.cells)  # sums then do not depend on the order in which trials came
        rows = self.cells[order] // repeats
        total = np.bincount(rows, weights=self.values[order], minlength=cases)
        count = np.bincount(rows, minlength=cases)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


class Parts:
    """The parts of one metric in the making; only cells that have a part take memory.

    Example:
        >>> parts = Parts()
        >>> parts.enter(3, Score(value=0.5, details={"parts": {"amount": 1, "party": 0}}))
        >>> {name: (part.cells.tolist(), part.values.tolist()) for name, part in parts.entered().items()}
        {'amount': ([3], [1.0]), 'party': ([3], [0.0])}
    """

    def __init__(self) -> None:
        self._parts: dict[str, tuple[array[int], array[float]]] = {}

    def enter(self, cell: int, score: Score) -> None:
        """Enter the parts of one cell; a value that is not known leaves no more than its name."""
        found = score.details.get("parts")
        if not isinstance(found, Mapping):
            return
        others = []
        for name, value in found.items():
            number = float(value)
            if name == OTHERS or (name not in self._parts and len(self._parts) >= MOST_PARTS):
                others.append(number)
            else:
                self._add(name, cell, number)
        known = [number for number in others if isfinite(number)]
        if known:
            self._add(OTHERS, cell, sum(known) / len(known))

    def _add(self, name: str, cell: int, number: float) -> None:
        cells, values = self._parts.setdefault(name, (array("q"), array("d")))
        if isfinite(number):
            cells.append(cell)
            values.append(number)

    def entered(self) -> dict[str, PartCells]:
        """Return what was entered, by name, the parts that are counted together last."""
        return {
            name: PartCells(
                cells=np.frombuffer(cells, dtype=np.int64), values=np.frombuffer(values, dtype=np.float64)
            )
            for name, (cells, values) in sorted(
                self._parts.items(), key=lambda item: (item[0] == OTHERS, item[0])
            )
        }
