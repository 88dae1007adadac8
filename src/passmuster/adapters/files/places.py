"""Which rows of a file belong to a key, in 12 bytes a row."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence

_SHELVES = 256


class Places:
    """The rows of each key, in their order. Keys are told apart by their hash: who looks one up checks the row.

    Example:
        >>> places = Places()
        >>> for row, key in enumerate(["a", "b", "a"]):
        ...     places.add(key, row)
        >>> places.count("a"), places.nth("a", 1), places.count("c")
        (2, 2, 0)
    """

    def __init__(self) -> None:
        self._marks = [array("q") for _ in range(_SHELVES)]
        self._rows = [array("I") for _ in range(_SHELVES)]
        self._sorted = [True] * _SHELVES

    def add(self, key: Hashable, row: int) -> None:
        """Take in a row of a key; rows come in their order."""
        mark = hash(key)
        shelf = mark % _SHELVES
        self._marks[shelf].append(mark)
        self._rows[shelf].append(row)
        self._sorted[shelf] = False

    def count(self, key: Hashable) -> int:
        """Return how many rows a key has."""
        first, last, _ = self._span(key)
        return last - first

    def nth(self, key: Hashable, number: int) -> int:
        """Return row `number` (from 0, below `count`) of a key."""
        first, _, rows = self._span(key)
        return rows[first + number]

    def _span(self, key: Hashable) -> tuple[int, int, Sequence[int]]:
        mark = hash(key)
        shelf = mark % _SHELVES
        if not self._sorted[shelf]:
            self._sort(shelf)
        marks = self._marks[shelf]
        return bisect_left(marks, mark), bisect_right(marks, mark), self._rows[shelf]

    def _sort(self, shelf: int) -> None:
        marks, rows = self._marks[shelf], self._rows[shelf]
        order = sorted(range(len(marks)), key=marks.__getitem__)
        self._marks[shelf] = array("q", map(marks.__getitem__, order))
        self._rows[shelf] = array("I", map(rows.__getitem__, order))
        self._sorted[shelf] = True
