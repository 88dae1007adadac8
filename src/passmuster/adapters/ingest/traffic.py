"""Imported traffic: one packed file of records an import, written whole or not at all, and read as a stream."""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from passmuster.errors import CorpusError, Place
from passmuster.records.case import Conversation, Input, ToolCall
from passmuster.records.digest import canonical, plain
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage

ENDING = ".jsonl.gz"
"""How the name of a file of traffic ends."""

DRAFT = ".part"
"""What is added to a name while the file is being written."""

_LEVEL = 3
"""How hard a file is packed: the highest level takes five times the time for a fifth less of the space."""

_BLOCK = 1 << 18
_FIELDS = frozenset(field.name for field in fields(TrafficRecord))
_HELD = {"input", "tool_calls", "usage", "tags", "reference", "columns"}
"""Fields that may hold more than text and numbers."""
_READY = frozenset({str, int, bool, dict})
_SLOTS = tuple(
    (
        field.name,
        field.default_factory() if field.default_factory is not MISSING else field.default,
        field.name not in _HELD,
    )
    for field in fields(TrafficRecord)
)


def traffic_files(folder: Path) -> list[Path]:
    """Return the files of traffic in a folder, by name; none where there is no such folder.

    Example:
        >>> traffic_files(Path("nowhere"))
        []
    """
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.name.endswith(ENDING) and path.is_file())


def read_traffic_file(path: Path) -> Iterator[TrafficRecord]:
    """Yield the records of a file that `write_traffic_file` wrote, one at a time.

    Raises:
        CorpusError: with file and line, where it cannot be read, was cut off, or holds something else.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "monday.jsonl.gz"
        ...     count = write_traffic_file(path, [TrafficRecord(id="1", input="hello")])
        ...     count, [record.input for record in read_traffic_file(path)]
        (1, ['hello'])
    """
    number = 0
    try:
        for number, line in enumerate(packed_lines(path), start=1):
            yield _record(line, path, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CorpusError(
            f"the file of traffic is broken: {error}",
            place=Place(str(path), number + 1),
            hint="Import it anew: passmuster corpus import",
        ) from None
    except OSError as error:
        raise CorpusError(
            f"the traffic cannot be read: {error.strerror or error}", place=Place(str(path))
        ) from None


def packed_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a packed file, with their ends."""
    with gzip.open(path) as stream:
        yield from stream


def write_traffic_file(path: Path, records: Iterable[TrafficRecord]) -> int:
    """Write records to a packed file that appears whole or not at all, and return how many there were.

    Args:
        path: A name that ends in `.jsonl.gz`; its folder is made where it does not exist.
        records: Are taken one at a time.

    Raises:
        CorpusError: where the file cannot be written, and for a record that it could not give back.
    """
    with TrafficWriter(path) as writer:
        for record in records:
            try:
                writer.write(traffic_line(record))
            except ValueError as error:
                raise CorpusError(f"record {record.id!r}: {error}", place=Place(str(path))) from None
        writer.keep()
        return writer.count


def traffic_line(record: TrafficRecord) -> bytes:
    """Return a record as a line of a file of traffic, without its end.

    Raises:
        ValueError: for what no JSON in UTF-8 can hold: NaN, infinities, halves of surrogate pairs; and for a
            named field called `messages`, which marks a conversation.
    """
    if type(record.input) is dict and "messages" in record.input:
        message = "a named field cannot be called 'messages'; that word marks a conversation"
        raise ValueError(message)
    try:
        line = to_json(_members(record))
        if b"NaN" in line or b"Infinity" in line:  # perhaps a text says so, perhaps a number is it
            canonical(record)
    except UnicodeEncodeError:
        message = "half of a surrogate pair, which is no character"
        raise ValueError(message) from None
    except PydanticSerializationError as error:
        surrogate = "surrogate" in str(error)
        message = "half of a surrogate pair, which is no character" if surrogate else str(error)
        raise ValueError(message) from None
    except RecursionError:
        message = "it is nested too deeply"
        raise ValueError(message) from None
    return line


def _members(record: TrafficRecord) -> dict[str, Json]:
    """Return what is known of a record, as `plain` does, in a fifth of the time: most of it is text and numbers."""
    found = {}
    for name, default, simple in _SLOTS:
        value = getattr(record, name)
        if value is not default and value != default:
            found[name] = value if simple or type(value) in _READY else plain(value)
    return found


class TrafficWriter:
    """Writes lines to a packed file that takes its name only when it is kept; use it in a `with` block.

    Args:
        path: The file; its folder is made where it does not exist.
        draft: What is added to its name until it is kept.
    """

    def __init__(self, path: Path, draft: str = DRAFT) -> None:
        self._path = path
        self.draft = path.with_name(path.name + draft)
        """Where the lines are until they are kept."""
        self._stream: BufferedWriter | None = None
        self._waiting: list[bytes] = []
        self._size = 0
        self.count = 0
        """Lines so far."""

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.draft.open("ab")
            _lock(self._stream, self._path)
            self._stream.truncate(0)
        except OSError as error:
            raise self._refused(error) from None
        self._packed = gzip.GzipFile(
            filename="", fileobj=self._stream, mode="wb", compresslevel=_LEVEL, mtime=0
        )
        return self

    def write(self, line: bytes) -> None:
        """Add a line, given without its end.

        Raises:
            CorpusError: where the disk is full, or the file cannot be written for another reason.
        """
        self._waiting.append(line)
        self._size += len(line)
        self.count += 1
        if self._size >= _BLOCK:
            self._flush()

    def finish(self) -> None:
        """Bring everything to the disk, under the name of the draft; nothing can be added then.

        Raises:
            CorpusError: where that fails.
        """
        if self._stream is None or self._stream.closed:
            return
        self._flush()
        try:
            self._packed.close()
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
        except OSError as error:
            raise self._refused(error) from None

    def keep(self) -> None:
        """Finish the file and give it its name, in place of one that has it.

        Raises:
            CorpusError: where that fails; the other is untouched then.
        """
        self.finish()
        try:
            self.draft.replace(self._path)
        except OSError as error:
            raise self._refused(error) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take away what was not kept."""
        if self._stream is not None and not self._stream.closed:
            self._stream.raw.close()
        self.draft.unlink(missing_ok=True)

    def _flush(self) -> None:
        if not self._waiting:
            return
        block = b"\n".join([*self._waiting, b""])
        self._waiting, self._size = [], 0
        try:
            self._packed.write(block)
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> CorpusError:
        return CorpusError(
            f"the file cannot be written: {error.strerror or error}",
            place=Place(str(self._path)),
            hint="Nothing was imported; what was there before is untouched. Make room, or name another folder.",
        )


def _lock(stream: BufferedWriter, path: Path) -> None:
    """Refuse a second writer of the same file; the system lets go of the lock when the process ends."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise CorpusError(
            "another import of this name is going on",
            place=Place(str(path)),
            hint="Wait for it, or give --name.",
        ) from None


def _record(line: bytes, path: Path, number: int) -> TrafficRecord:
    try:
        values: Any = from_json(line)
        if not (isinstance(values, dict) and values.keys() <= _FIELDS and isinstance(values.get("id"), str)):
            raise _foreign(path, number)
        values["input"] = _input(values.get("input"))
        if "tool_calls" in values:
            values["tool_calls"] = tuple(ToolCall(**call) for call in values["tool_calls"])
        if "usage" in values:
            values["usage"] = Usage(**values["usage"])
        if "tags" in values:
            values["tags"] = tuple(values["tags"])
        return TrafficRecord(**values)
    except (ValueError, TypeError, ValidationError):
        raise _foreign(path, number) from None


def _input(value: object) -> Input:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping):
        message = "no input"
        raise TypeError(message)
    return _conversation().validate_python(value, strict=False) if "messages" in value else value


def _foreign(path: Path, number: int) -> CorpusError:
    return CorpusError(
        "this line is no record of traffic",
        place=Place(str(path), number),
        hint="Files in the traffic folder are written by `passmuster corpus import`; import this one.",
    )


@cache
def _conversation() -> TypeAdapter[Conversation]:
    return TypeAdapter(Conversation)
