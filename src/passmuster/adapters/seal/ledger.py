"""The ledger as a file: one canonical JSON object a line, only ever appended."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.seal.exclusive import PATIENCE, check_in_place, exclusive
from passmuster.errors import Place, SealError
from passmuster.records.digest import canonical
from passmuster.records.seal import Entry

LONGEST_LINE = 2**20
"""Bytes of a line at most."""

LARGEST = 2**28
"""Bytes of a ledger at most."""

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_DIGEST = re.compile(r"[0-9a-f]{64}")


def read_entries(stream: IO[bytes], name: str) -> Iterator[Entry]:
    """Yield the entries of a ledger, each from the one text that it can have.

    Args:
        stream: The file; it is read from where it stands.
        name: Its path, for errors.

    Raises:
        SealError: at the first line that is no entry, or another text for one, with its number.
    """
    size = 0
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        size += len(line)
        if len(line) > LONGEST_LINE or size > LARGEST:
            raise SealError("the ledger is larger than any of ours", place=Place(name, number))
        yield _read(line, name, number)


def _read(line: bytes, name: str, number: int) -> Entry:
    place = Place(name, number)
    if not line.endswith(b"\n"):
        raise SealError(
            "the line is cut off",
            place=place,
            hint="A crash leaves this, and so does whoever hides an opening: bring the ledger back from git, with "
            "its last line whole. Take the line out only where you saw the crash.",
        )
    # Git on Windows may end lines with two characters; all else must be the very bytes.
    text = line[:-1].removesuffix(b"\r")
    try:
        entry = _ENTRY.validate_json(text)
    except (ValidationError, RecursionError):
        raise SealError("the line is no entry of a ledger", place=place) from None
    digests = (entry.prev, entry.seal, entry.hash, *_known(entry))
    if not all(map(_DIGEST.fullmatch, digests)) or _written(entry) != text:
        raise SealError("the line was altered: it is not as an entry is written", place=place)
    return entry


def _known(entry: Entry) -> Iterator[str]:
    fields = (entry.rule, entry.plan, entry.opening, entry.result, entry.proof)
    return (value for value in fields if value is not None)


def _written(entry: Entry) -> bytes:
    try:
        return canonical(entry)
    except (ValueError, TypeError):
        return b""


class HeldLedger:
    """A ledger that nobody else can read to write while it is held.

    Args:
        stream: The open file.
        name: Its path.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream = stream
        self._name = name

    def entries(self) -> Iterator[Entry]:
        """Yield all entries.

        Raises:
            SealError: at the first line that is no entry.
        """
        self._stream.seek(0)
        return read_entries(self._stream, self._name)

    def append(self, entry: Entry) -> None:
        """Add an entry; it is on the disk when this returns.

        Raises:
            SealError: where it cannot be written; the ledger is as it was then.
        """
        end = self._stream.seek(0, os.SEEK_END)
        try:
            try:
                self._stream.write(canonical(entry) + b"\n")
                self._stream.flush()
                os.fsync(self._stream.fileno())
            except OSError:
                self._stream.truncate(end)
                raise
        except OSError as error:
            raise SealError(
                f"the ledger cannot be written: {error.strerror or error}",
                place=Place(self._name),
                hint="Nothing was opened. Make room, or check the permissions.",
            ) from None
        check_in_place(self._stream, self._name)


@contextmanager
def held(path: Path, patience: float = PATIENCE) -> Iterator[HeldLedger]:
    """Hold a ledger alone, to read and to write it; wait `patience` seconds for another process.

    Raises:
        SealError: where there is none, it cannot be opened, or another process does not let go of it.
    """
    stream = _opened(path, "r+b")
    with stream, exclusive(stream, str(path), patience):
        yield HeldLedger(stream, str(path))


@contextmanager
def reading(path: Path) -> Iterator[Iterator[Entry]]:
    """Open a ledger to read its entries.

    Raises:
        SealError: where there is none, or it cannot be opened.
    """
    with _opened(path, "rb") as stream:
        yield read_entries(stream, str(path))


def _opened(path: Path, mode: str) -> IO[bytes]:
    place = Place(str(path))
    try:
        if not path.is_file():
            problem = "the ledger is no ordinary file" if path.exists() else "there is no ledger"
            hint = "It is part of the seal: bring it back from git. Without it nothing opens."
            raise SealError(problem, place=place, hint=hint)
        return path.open(mode)
    except OSError as error:
        raise SealError(f"the ledger cannot be opened: {error.strerror or error}", place=place) from None
