"""Rows of `.jsonl`, `.jsonl.gz`, `.csv` and `.csv.gz` files, one at a time, with the place of everything in them."""

import csv
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BufferedIOBase, BytesIO
from itertools import chain, islice
from pathlib import Path
from typing import IO, Literal, NamedTuple, NoReturn, TypeAlias

from passmuster.adapters.files.locate import Step, locate
from passmuster.errors import PassmusterError, Place
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

Format: TypeAlias = Literal["jsonl", "csv"]

SUFFIXES: Mapping[str, Format] = {".jsonl": "jsonl", ".jsonl.gz": "jsonl", ".csv": "csv", ".csv.gz": "csv"}
"""The names that can be read; everything else is refused, so that a slip is not guessed at."""

_CANARY = {"canary"}
"""The only key of a line that marks a file as test data: it is no row."""

DELIMITERS = ",;\t|"
"""What stands between the cells of a line, depending on who wrote the file."""

_LARGEST_CELL = 2**31 - 1
_ONE_OBJECT = "a JSONL file has one JSON object on every line"
_QUOTE = 'put cells that hold commas, quotes or line breaks in "double quotes"'
_BOM = b"\xef\xbb\xbf"


class Row(NamedTuple):
    """One row: its values by column, and where it stands.

    A CSV row holds text only, `""` for an empty cell; a JSONL row holds any JSON. `line` is where it begins,
    `start` the byte of the decompressed file at which that line does. `delimiter` stands between the cells of a CSV row.
    """

    path: str
    line: int
    values: Mapping[str, Json]
    text: str
    format: Format
    start: int = 0
    delimiter: str = ","

    def place(self, *steps: Step, key: bool = False) -> Place:
        """Return where the value at these steps stands (or its key): line and column, both from 1."""
        if not steps:
            return Place(self.path, self.line)
        if self.format == "csv":
            return Place(self.path, self.line, self._csv_column(str(steps[0])))
        return Place(self.path, self.line, locate(self.text, steps, key=key) + 1)

    def _csv_column(self, name: str) -> int | None:
        names = list(self.values)
        return _cell_column(self.text, names.index(name), self.delimiter) if name in names else None


class _Line(NamedTuple):
    number: int
    start: int
    text: str


class RowReader:
    """Reads a file row by row; iterate over it once.

    Args:
        path: A file whose name ends in one of `SUFFIXES`.
        error: What to raise where the file is wrong.
        copy: Is written the content, decompressed.
        sheet: Whether a spreadsheet may have written the file: in many countries it puts semicolons between cells.
    """

    def __init__(
        self,
        path: Path,
        error: type[PassmusterError],
        copy: IO[bytes] | None = None,
        *,
        sheet: bool = False,
    ) -> None:
        self._path = path
        self._name = str(path)
        self._error = error
        self._copy = copy
        self._delimiter = None if sheet else ","
        self._hash = hashlib.sha256()
        self._header: list[str] | None = None
        self.size = 0
        """Bytes read so far, decompressed."""
        self.opened: os.stat_result | None = None
        """The file as it was when it was opened."""
        self.format = self._known_format()

    @property
    def digest(self) -> str:
        """SHA-256 of the content read so far, decompressed: 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Row]:
        return self._jsonl() if self.format == "jsonl" else self._csv(self._lines())

    def _known_format(self) -> Format:
        name = self._path.name.lower()
        for suffix, found in SUFFIXES.items():
            if name.endswith(suffix):
                return found
        raise self._wrong(
            f"cannot tell the format of {self._path.name!r}",
            hint="name the file " + ", ".join(f"*{suffix}" for suffix in SUFFIXES),
        )

    def _wrong(
        self, message: str, line: int | None = None, column: int | None = None, hint: str | None = None
    ) -> PassmusterError:
        return self._error(message, place=Place(str(self._path), line, column), hint=hint)

    def again(self, raw: bytes, line: int, start: int) -> Row:
        """Return the row that begins with these bytes, as it was read before: it stood on `line`, at `start`."""
        if self.format == "jsonl":
            text = self._decoded(raw[: raw.find(b"\n") + 1] or raw, line, start)
            return Row(self._name, line, self._parsed(text, line), text, "jsonl", start)
        lines = enumerate(BytesIO(raw), start=line)
        return next(
            self._csv(_Line(number, start, self._decoded(each, number, start)) for number, each in lines)
        )

    def _lines(self) -> Iterator[_Line]:
        number = 0
        try:
            with self._open() as stream:
                for number, raw in enumerate(stream, start=1):
                    self._hash.update(raw)
                    if self._copy is not None:
                        self._copy.write(raw)
                    start, self.size = self.size, self.size + len(raw)
                    yield _Line(number, start, self._decoded(raw, number, start))
        except FileNotFoundError:
            raise self._wrong(
                "there is no such file", hint="check the path; it is relative to the project file"
            ) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._wrong(f"the compressed file is broken: {error}", number + 1) from None
        except OSError as error:
            raise self._wrong(f"the file cannot be read: {error.strerror or error}") from None

    def _open(self) -> BufferedIOBase:
        if self._path.name.lower().endswith(".gz"):
            return gzip.open(self._path)
        stream = self._path.open("rb")
        self.opened = os.fstat(stream.fileno())
        return stream

    def _decoded(self, raw: bytes, line: int, start: int) -> str:
        if not start:
            raw = raw.removeprefix(_BOM)
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise self._wrong(
                f"not UTF-8: byte {raw[error.start]:#04x}",
                line,
                len(raw[: error.start].decode()) + 1,
                hint="save the file as UTF-8",
            ) from None

    def _jsonl(self) -> Iterator[Row]:
        for number, start, text in self._lines():
            if text.strip():
                values = self._parsed(text, number)
                if values.keys() != _CANARY:
                    yield Row(self._name, number, values, text, "jsonl", start)

    def _parsed(self, text: str, line: int) -> Mapping[str, Json]:
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            raise self._wrong(f"not valid JSON: {error.msg}", line, error.colno, hint=_ONE_OBJECT) from None
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"not valid JSON: {error}", line) from None
        if not isinstance(value, dict):
            raise self._wrong(f"expected an object, found {kind_of(value)}", line, 1, hint=_ONE_OBJECT)
        return value

    def _csv(self, lines: Iterable[_Line]) -> Iterator[Row]:
        # The default limit of 128 KiB a cell is too small for long documents; the module has no other way to raise it.
        csv.field_size_limit(_LARGEST_CELL)
        taken: list[_Line] = []
        lines, mark = self._delimited(lines)
        reader = csv.reader(_feed(lines, taken), strict=True, delimiter=mark)
        try:
            for cells in reader:
                line, start, _ = taken[0]
                text = "".join(part.text for part in taken)
                taken.clear()
                if not cells:
                    continue
                if self._header is None:
                    self._header = self._names(cells, line)
                    continue
                if len(cells) != len(self._header):
                    raise self._wrong(
                        f"{len(cells)} cells where the header has {len(self._header)}", line, hint=_QUOTE
                    )
                values = dict(zip(self._header, cells, strict=True))
                yield Row(self._name, line, values, text, "csv", start, mark)
        except csv.Error as error:
            raise self._wrong(
                f"not valid CSV: {error}", taken[0].number if taken else None, hint=_QUOTE
            ) from None

    def _delimited(self, lines: Iterable[_Line]) -> tuple[Iterable[_Line], str]:
        """Return the lines, and what stands between their cells: the first line says it."""
        if self._delimiter is None:
            rest = iter(lines)
            first = list(islice(rest, 1))
            lines, self._delimiter = chain(first, rest), delimiter_of(first[0].text if first else "")
        return lines, self._delimiter

    def _names(self, cells: Sequence[str], line: int) -> list[str]:
        names = [cell.strip() for cell in cells]
        for position, name in enumerate(names):
            if not name:
                raise self._wrong(f"column {position + 1} of the header has no name", line)
            if name in names[:position]:
                raise self._wrong(f"two columns are called {name!r}", line)
        return names


def _feed(lines: Iterable[_Line], taken: list[_Line]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line.text


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not a JSON number"
    raise ValueError(message)


def _without_twins(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in values if names.count(name) > 1)
        message = f"the key {twin!r} stands twice in one object"
        raise ValueError(message)
    return values


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_without_twins)


def delimiter_of(header: str) -> str:
    """Return what stands between the names of a header: a comma, semicolon, tab or bar.

    Example:
        >>> delimiter_of("id;question, if any;answer"), delimiter_of("question")
        (';', ',')
    """
    return max(DELIMITERS, key=header.count)


def _cell_column(text: str, index: int, delimiter: str) -> int:
    quoted, cell = False, 0
    for offset, character in enumerate(text):
        if cell == index:
            return offset + 1
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            cell += 1
    return 1
