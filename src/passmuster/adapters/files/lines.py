"""Files of lines that appear whole or not at all."""

import gzip
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from passmuster.adapters.files.whole import appear
from passmuster.errors import CorpusError, Place


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write lines to a file, packed where it is called `*.gz`, and return how many there were.

    They go to a file beside first, which takes the other's place once it is on the disk: after a crash, a full
    disk or an error while the lines are made, the file is what it was. Equal lines give equal bytes.

    Args:
        path: The file; its folder is made where it does not exist.
        lines: Without their ends.

    Raises:
        CorpusError: where the file cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_lines(Path(folder) / "a" / "b.jsonl", ["1", "2"])
        2
    """
    packed = path.name.lower().endswith(".gz")
    try:
        return appear(path, lambda stream: _write(stream, lines, packed=packed))
    except UnicodeEncodeError as error:
        raise _unsayable(path, error) from None


def _write(stream: IO[bytes], lines: Iterable[str], *, packed: bool) -> int:
    if packed:
        with gzip.GzipFile(filename="", fileobj=stream, mode="wb", mtime=0) as squeezed:
            return _each(squeezed, lines)
    return _each(stream, lines)


def _each(stream: IO[bytes] | gzip.GzipFile, lines: Iterable[str]) -> int:
    count = 0
    for line in lines:
        stream.write(line.encode() + b"\n")
        count += 1
    return count


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines to the end of a file, all of them or, where that fails, none.

    Where its last line has no end, as some editors leave it, it gets one first.

    Raises:
        CorpusError: where the file cannot be written.
    """
    try:
        content = b"".join(line.encode() + b"\n" for line in lines)
    except UnicodeEncodeError as error:
        raise _unsayable(path, error) from None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as stream:
            end = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, end - 1))
            apart = b"" if stream.read(1) in {b"", b"\n"} else b"\n"
            try:
                stream.write(apart + content)
                stream.flush()
                os.fsync(stream.fileno())
            except OSError:
                stream.truncate(end)
                raise
    except OSError as error:
        raise CorpusError(
            f"the file cannot be written: {error.strerror or error}", place=Place(str(path))
        ) from None


def _unsayable(path: Path, error: UnicodeEncodeError) -> CorpusError:
    near = error.object[max(0, error.start - 20) : error.end].encode("utf-8", "backslashreplace").decode()
    return CorpusError(
        f"a text has something in it that is no UTF-8: {near}",
        place=Place(str(path)),
        hint="Nothing was written. Was it typed on a terminal with another encoding?",
    )
