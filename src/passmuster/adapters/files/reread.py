"""The items of a file, read again whenever they are asked for: a million of them fit in memory by where they stand."""

import os
from array import array
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, Generic, TypeVar, overload

from passmuster.adapters.files.rows import Row, RowReader
from passmuster.errors import PassmusterError, Place

T_co = TypeVar("T_co", covariant=True)

HELD_ITEMS = 20_000
HELD_BYTES = 1 << 24
"""The largest file whose items are held, in items and in bytes of content."""

_BLOCK = 1 << 18
_IN_MEMORY = 1 << 20
"""Bytes of an unpacked file that are kept in memory before it goes to a temporary one."""


class Reread(Sequence[T_co], Generic[T_co]):
    """What the rows of a file hold. Go through `reading` once, to its end; then it is a sequence.

    A small file's items are held. Of a larger one only the places of its rows are (12 bytes each), and an
    item is read and decoded each time; a compressed file is unpacked beside, into a temporary file. Several
    threads may read.

    Args:
        path: A file that `RowReader` reads.
        error: What to raise where the file is wrong, or has changed since it was first read.
        decode: Returns the item of a row.
    """

    def __init__(self, path: Path, error: type[PassmusterError], decode: Callable[[Row], T_co]) -> None:
        packed = path.name.lower().endswith(".gz")
        self._unpacked = SpooledTemporaryFile(_IN_MEMORY) if packed else None  # noqa: SIM115  # it lives as long as this
        self._reader = RowReader(path, error, self._unpacked)
        self._path = path
        self._error = error
        self._decode = decode
        self._starts = array("Q")
        self._lines = array("I")
        self._held: list[T_co] | None = []
        self._stream: IO[bytes] | None = self._unpacked
        self._lock = Lock()

    @property
    def held(self) -> Sequence[T_co] | None:
        """The items, where the file is small; None where it is not."""
        return self._held

    @property
    def digest(self) -> str:
        """SHA-256 of the content, decompressed: 64 hexadecimal digits."""
        return self._reader.digest

    def reading(self) -> Generator[tuple[Row, T_co], None, None]:
        """Yield each row with its item, in the order of the file; close it where that may end early.

        Where it does not come to its end, the file is let go of.
        """
        try:
            for row in self._reader:
                item = self._decode(row)
                self._starts.append(row.start)
                self._lines.append(row.line)
                if self._held is not None:
                    self._held.append(item)
                    if len(self._held) > HELD_ITEMS or row.start > HELD_BYTES:
                        self._held = None
                yield row, item
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file; it is opened again where it is needed."""
        stream, self._stream = self._stream, self._unpacked
        if stream is not None and stream is not self._unpacked:
            stream.close()

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, position: int) -> T_co: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[T_co]: ...
    def __getitem__(self, position: int | slice) -> T_co | Sequence[T_co]:
        if self._held is not None:
            return self._held[position]
        places = range(len(self))[position]
        if isinstance(places, int):
            return self._decode(next(self.rows(places, places + 1)))
        return [self[place] for place in places]

    def __iter__(self) -> Iterator[T_co]:
        return iter(self._held) if self._held is not None else map(self._decode, self.rows())

    def rows(self, first: int = 0, last: int | None = None) -> Iterator[Row]:
        """Yield the rows from position `first` to before `last`, read anew.

        Raises:
            PassmusterError: the one that was given, where the file has changed.
        """
        last = len(self) if last is None else last
        while first < last:
            begin = self._starts[first]
            stop = max(first + 1, bisect_right(self._starts, begin + _BLOCK, first, last) - 1)
            block = self._block(begin, self._end(stop - 1) - begin)
            for position in range(first, stop):
                start = self._starts[position]
                raw = block[start - begin : self._end(position) - begin]
                yield self._reader.again(raw, self._lines[position], start)
            first = stop

    def _end(self, position: int) -> int:
        return self._starts[position + 1] if position + 1 < len(self) else self._reader.size

    def _block(self, begin: int, size: int) -> bytes:
        with self._lock:
            stream = self._open()
            place = stream.tell()
            stream.seek(begin)
            block = stream.read(size)
            if self._unpacked is not None:
                stream.seek(place)  # it may still be written
        return block

    def _open(self) -> IO[bytes]:
        if self._unpacked is not None:
            return self._unpacked
        try:
            if self._stream is None:
                self._stream = self._path.open("rb")
            now = os.fstat(self._stream.fileno())
        except OSError as error:
            raise self._changed(f"the file cannot be read again: {error.strerror or error}") from None
        then = self._reader.opened
        if then is not None and _state(now) != _state(then):
            raise self._changed("the file has changed since it was first read")
        return self._stream

    def __del__(self) -> None:
        stream = getattr(self, "_stream", None)  # a name that cannot be read never came to it
        if stream is not None:
            stream.close()

    def _changed(self, message: str) -> PassmusterError:
        hint = "leave it as it is while it is in use; start again with the file as it is now"
        return self._error(message, place=Place(str(self._path)), hint=hint)


def _state(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
