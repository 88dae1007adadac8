"""The cases that a run served, left in the store until they are asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from passmuster.adapters.store.columns import from_column
from passmuster.adapters.store.connection import guarded, reading
from passmuster.adapters.store.statements import SELECT_RUN_CASES

RunCase = tuple[str, str, int]


class StoredCases(Sequence[RunCase]):
    """What `Run.cases` is when the run comes out of a store: each pass over it reads the file anew.

    A run may have a million cases, and most who list runs want to know no more than how many. It outlives the
    store that it came from, and equals every sequence of the same cases.

    Raises:
        StoreError: when it is read, where the file cannot be.
    """

    __slots__ = ("_number", "_path", "_size")

    def __init__(self, path: Path, number: int, size: int) -> None:
        self._path = path
        self._number = number
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[RunCase]:
        return self._from(0)

    @overload
    def __getitem__(self, index: int) -> RunCase: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[RunCase, ...]: ...

    def __getitem__(self, index: int | slice) -> RunCase | tuple[RunCase, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        position = range(self._size)[index]
        return next(self._from(position))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as for a list

    def __repr__(self) -> str:
        return f"<{self._size} cases of run {self._number} in {self._path}>"

    def _from(self, position: int) -> Iterator[RunCase]:
        with guarded(self._path), reading(self._path) as connection:
            for name, digest, first in connection.execute(SELECT_RUN_CASES, (self._number, position)):
                yield from_column(name), digest, first
