"""Rows of `.jsonl`, `.jsonl.gz`, `.csv` and `.csv.gz` files, one at a time, with the place of everything in them."""

import csv
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Literal, NoReturn, TypeAlias

from passmuster.adapters.files.locate import Step, locate
from passmuster.errors import PassmusterError, Place
from passmuster.records.record import Json

Format: TypeAlias = Literal["jsonl", "csv"]

SUFFIXES: Mapping[str, Format] = {".jsonl": "jsonl", ".jsonl.gz": "jsonl", ".csv": "csv", ".csv.gz": "csv"}
"""The names that can be read; everything else is refused, so that a slip is not guessed at."""

_LARGEST_CELL = 2**31 - 1
_ONE_OBJECT = "a JSONL file has one JSON object on every line"
_QUOTE = 'put cells that hold commas, quotes or line breaks in "double quotes"'
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its values by column, and where it stands.

    A CSV row holds text only, `""` for an empty cell; a JSONL row holds any JSON. `line` is where it begins.
    """

    path: str
    line: int
    values: Mapping[str, Json]
    text: str
    format: Format

    def place(self, *steps: Step, key: bool = False) -> Place:
        """Return where the value at these steps stands (or its key): line and column, both from 1."""
        if not steps:
            return Place(self.path, self.line)
        if self.format == "csv":
            return Place(self.path, self.line, self._csv_column(str(steps[0])))
        return Place(self.path, self.line, locate(self.text, steps, key=key) + 1)

    def _csv_column(self, name: str) -> int | None:
        names = list(self.values)
        return _cell_column(self.text, names.index(name)) if name in names else None


class RowReader:
    """Reads a file row by row; iterate over it once.

    Args:
        path: A file whose name ends in one of `SUFFIXES`.
        error: What to raise where the file is wrong.
    """

    def __init__(self, path: Path, error: type[PassmusterError]) -> None:
        self._path = path
        self._error = error
        self._hash = hashlib.sha256()
        self.format = self._known_format()

    @property
    def digest(self) -> str:
        """SHA-256 of the content read so far, decompressed: 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[Row]:
        return self._jsonl() if self.format == "jsonl" else self._csv()

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

    def _lines(self) -> Iterator[tuple[int, str]]:
        number = 0
        try:
            with self._open() as stream:
                for number, raw in enumerate(stream, start=1):
                    self._hash.update(raw)
                    content = raw.removeprefix(_BOM) if number == 1 else raw
                    yield number, self._decoded(content, number)
        except FileNotFoundError:
            raise self._wrong(
                "there is no such file", hint="check the path; it is relative to the project file"
            ) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self._wrong(f"the compressed file is broken: {error}", number + 1) from None
        except OSError as error:
            raise self._wrong(f"the file cannot be read: {error.strerror or error}") from None

    def _open(self) -> BufferedIOBase:
        return gzip.open(self._path) if self._path.name.lower().endswith(".gz") else self._path.open("rb")

    def _decoded(self, raw: bytes, line: int) -> str:
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
        for number, text in self._lines():
            if not text.strip():
                continue
            value = self._parsed(text, number)
            if not isinstance(value, dict):
                raise self._wrong(f"expected an object, found {kind_of(value)}", number, 1, hint=_ONE_OBJECT)
            yield Row(str(self._path), number, value, text, "jsonl")

    def _parsed(self, text: str, line: int) -> Json:
        try:
            return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_without_twins)
        except json.JSONDecodeError as error:
            raise self._wrong(f"not valid JSON: {error.msg}", line, error.colno, hint=_ONE_OBJECT) from None
        except (ValueError, RecursionError) as error:
            raise self._wrong(f"not valid JSON: {error}", line) from None

    def _csv(self) -> Iterator[Row]:
        # The default limit of 128 KiB a cell is too small for long documents; the module has no other way to raise it.
        csv.field_size_limit(_LARGEST_CELL)
        taken: list[tuple[int, str]] = []
        header: list[str] | None = None
        reader = csv.reader(self._feed(taken), strict=True)
        try:
            for cells in reader:
                line, text = taken[0][0], "".join(part for _, part in taken)
                taken.clear()
                if not cells:
                    continue
                if header is None:
                    header = self._header(cells, line)
                    continue
                if len(cells) != len(header):
                    raise self._wrong(
                        f"{len(cells)} cells where the header has {len(header)}", line, hint=_QUOTE
                    )
                yield Row(str(self._path), line, dict(zip(header, cells, strict=True)), text, "csv")
        except csv.Error as error:
            raise self._wrong(
                f"not valid CSV: {error}", taken[0][0] if taken else None, hint=_QUOTE
            ) from None

    def _feed(self, taken: list[tuple[int, str]]) -> Iterator[str]:
        for number, text in self._lines():
            taken.append((number, text))
            yield text

    def _header(self, cells: Sequence[str], line: int) -> list[str]:
        names = [cell.strip() for cell in cells]
        for position, name in enumerate(names):
            if not name:
                raise self._wrong(f"column {position + 1} of the header has no name", line)
            if name in names[:position]:
                raise self._wrong(f"two columns are called {name!r}", line)
        return names


def kind_of(value: Json) -> str:
    """Return what a JSON value is, in words.

    Example:
        >>> kind_of([1]), kind_of(True), kind_of(None)
        ('a list', 'true or false', 'nothing (null)')
    """
    if value is None:
        return "nothing (null)"
    names = {bool: "true or false", str: "text", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")


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


def _cell_column(text: str, index: int) -> int:
    quoted, cell = False, 0
    for offset, character in enumerate(text):
        if cell == index:
            return offset + 1
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            cell += 1
    return 1
