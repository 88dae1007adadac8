"""Rows of files that people and machines write in lines, good ones and bad ones: no line is lost in silence."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from pydantic_core import from_json

from passmuster.adapters.files.rows import delimiter_of
from passmuster.adapters.ingest.tabular_lines import LONGEST, Line, decoded
from passmuster.errors import CorpusError, Place
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

LONGEST_ROW = 1_000
"""Lines of one CSV row: where a quote is never closed, what follows it is read anew from the next line."""

_TOO_LONG = f"longer than {LONGEST >> 20} MiB"
_HALF = re.compile(rb"\\u[dD][89aAbBcCdDeEfF]")
_SHOWN = 1_000


class Good(NamedTuple):
    """A value, and where it stands: the number of its line, or a place in words."""

    where: int | str
    value: Json


class Bad(NamedTuple):
    """What could not be read: where it stands, why, and the beginning of it."""

    where: int | str
    reason: str
    text: str = ""


Item: TypeAlias = Good | Bad


def json_rows(lines: Iterable[Line]) -> Iterator[Item]:
    r"""Yield the value of each line of JSON; empty lines are no rows.

    NaN and infinities, which some programs write, come as floats.

    Example:
        >>> [item.value if isinstance(item, Good) else item.reason for item in json_rows([
        ...     Line(1, b'{"a": 1}\r\n'), Line(2, b'\n'), Line(3, b'[1]')])]
        [{'a': 1}, 'expected an object, found a list']
    """
    for line in lines:
        if not line.whole:
            yield too_long(line)
            continue
        if not line.raw.strip():
            continue
        try:
            value = from_json(line.raw)
        except (ValueError, RecursionError) as error:
            yield Bad(line.number, _why_no_json(line.raw, str(error)), shown(line.raw))
            continue
        if isinstance(value, dict):
            yield Good(line.number, value)
        else:
            yield Bad(line.number, f"expected an object, found {kind_of(value)}", shown(line.raw))


def _why_no_json(raw: bytes, message: str) -> str:
    try:
        decoded(raw)
    except ValueError as error:
        return str(error)
    if "surrogate" in message or ("hex escape" in message and _HALF.search(raw)):
        return "half of a surrogate pair, which is no character"
    return f"not valid JSON: {message.replace(' at line 1 column', ' at column')}"


class CsvRows:
    """The rows of CSV lines as objects of texts; the first one names the columns. Go through it once.

    A row with a broken quote, or with more or fewer cells than the header, is bad; what its broken quote had
    swallowed is read anew from the next line on.

    Args:
        path: The file, for errors.
        lines: Of the file.
        delimiter: Between cells; None finds it in the header.
        longest: Bytes of a row.
    """

    def __init__(
        self, path: Path, lines: Iterable[Line], delimiter: str | None = None, longest: int = LONGEST
    ) -> None:
        self._path = path
        self._lines = iter(lines)
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []
        self._delimiter = delimiter
        self._longest = longest
        self._header: list[str] = []

    def __iter__(self) -> Iterator[Item]:
        """Go through the rows.

        Raises:
            CorpusError: where the header cannot be read.
        """
        # The default limit of 128 KiB a cell is too small for long documents; the module has no other way to raise it.
        csv.field_size_limit(2**31 - 1)
        reader = self._reader()
        while True:
            self._taken = []
            try:
                cells = next(reader, None)
                reason = None if cells is None else self._wrong(cells)
            except (csv.Error, ValueError) as error:
                cells, reason = [], _words(error)
                reader = self._reader()
            if cells is None:
                return
            if reason is not None:
                yield self._bad(reason)
            elif cells and not self._header:
                self._header = _names(cells)
            elif cells:
                yield Good(self._taken[0].number, dict(zip(self._header, cells, strict=True)))

    def _reader(self) -> Iterator[list[str]]:
        if self._delimiter is None:
            first = next(self._lines, None)
            self._again.extend([] if first is None else [first])
            self._delimiter = delimiter_of("" if first is None else first.raw.decode(errors="replace"))
        return csv.reader(self._feed(), strict=True, delimiter=self._delimiter)

    def _feed(self) -> Iterator[str]:
        size = 0
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            if not self._taken:
                size = 0
            self._taken.append(line)
            size += len(line.raw)
            if not line.whole or size > self._longest:
                raise ValueError(_TOO_LONG)
            if len(self._taken) > LONGEST_ROW:
                message = f"a quote that is not closed within {LONGEST_ROW:,} lines"
                raise ValueError(message)
            yield decoded(line.raw)

    def _wrong(self, cells: list[str]) -> str | None:
        if not self._header or not cells or len(cells) == len(self._header):
            return None
        return f"{len(cells)} cells where the header has {len(self._header)}"

    def _bad(self, reason: str) -> Bad:
        first, *others = self._taken
        self._again.extendleft(reversed(others))
        if not self._header:
            raise CorpusError(
                f"the header cannot be read: {reason}",
                place=Place(str(self._path), first.number),
                hint="The first line names the columns, in UTF-8; cells with commas or quotes stand in quotes.",
            )
        return Bad(first.number, reason, shown(first.raw))


def too_long(line: Line) -> Bad:
    """Return that a line is longer than is read."""
    return Bad(line.number, _TOO_LONG, shown(line.raw))


def shown(raw: bytes) -> str:
    """Return the beginning of a line, broken bytes written out."""
    return raw[:_SHOWN].decode(errors="backslashreplace").rstrip("\r\n")


def _names(cells: Sequence[str]) -> list[str]:
    names: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column {position}"
        names.append(name if name not in names else f"{name} ({position})")
    return names


def _words(error: Exception) -> str:
    text = str(error)
    if "unexpected end of data" in text:
        return "a quote that is never closed"
    if "expected after" in text:
        return "a quote in the middle of a cell; inside quotes it is written twice"
    return text
