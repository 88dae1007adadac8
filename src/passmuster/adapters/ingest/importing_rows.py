"""The rows of whatever somebody names: files, globs, Parquet, object stores, databases."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from glob import glob, has_magic
from hashlib import file_digest
from itertools import chain, islice
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from pydantic_core import from_json

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.ingest.duckdb_rows import SCHEMES, ParquetRows, RemoteLines, literal, shown_address
from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.adapters.ingest.formats.format import Format, Value
from passmuster.adapters.ingest.formats.table import values
from passmuster.adapters.ingest.sql import SqlRows
from passmuster.adapters.ingest.tabular import Bad, CsvRows, Good, Item, json_rows
from passmuster.adapters.ingest.tabular_lines import Line, Lines, unreadable
from passmuster.errors import CorpusError, Place, UsageError

VARIABLE = "env:"
"""How a source begins whose address is in an environment variable, where nobody sees a password in it."""

_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*://")
_LINES = (".jsonl", ".ndjson", ".jsonlines")
_CELLS: Mapping[str, str | None] = {".csv": None, ".tsv": "\t"}
_PARQUET = (".parquet", ".pq", ".parq")
_READ = ".jsonl, .ndjson, .json, .csv and .tsv (each also as .gz), .parquet"


class Progress(NamedTuple):
    """How far it is in bytes, and of how many, where that is known."""

    done: int
    total: int | None


class Rows(Protocol):
    """The rows of a source; gone through once."""

    names: tuple[str, ...]
    """Where they lie, without what is secret."""

    def __iter__(self) -> Iterator[Item]:
        """Yield good and bad rows. Raises CorpusError where the source fails."""

    def need(self, columns: Sequence[str]) -> None:
        """Say which columns every file must have; rows of lines say so themselves."""

    def progress(self) -> Progress:
        """Return how far it is."""

    def digests(self) -> Mapping[str, str]:
        """Return the SHA-256 of each file that was read, as it was read."""


def open_rows(sources: Sequence[str], query: str | None, form: Format | None) -> Rows:
    """Open what somebody named.

    Args:
        sources: Paths, globs, addresses of object stores or of one database, `env:NAME` for a variable that holds one.
        query: What to select of a database.
        form: The format where it was said; None recognises it.

    Raises:
        UsageError: for what is none of these, or not all of one sort.
        CorpusError: where there is no such file.
    """
    places = [_from_variable(source) for source in sources]
    addresses = [place for place in places if _ADDRESS.match(place)]
    stored = [place for place in addresses if place.lower().startswith(SCHEMES)]
    if addresses and len(places) > 1 and len(stored) < len(places):
        raise UsageError("a database, or an address beside files, is imported by itself")
    if addresses and not stored:
        return _Database(places[0], query)
    if query is not None:
        raise UsageError(
            "--query is for databases", hint="Give the address of one: postgresql://..., sqlite:///..."
        )
    if stored:
        parquet = [_ending(place) in _PARQUET for place in stored]
        if any(parquet) and not all(parquet):
            raise UsageError("Parquet files are imported apart from others")
        return _Tables(places) if all(parquet) else _Remote(places)
    paths = _found(places)
    parquet = [_is_parquet(path) for path in paths]
    if any(parquet) and not all(parquet):
        raise UsageError("Parquet files are imported apart from others")
    return (
        _Tables([literal(str(path)) for path in paths], files=paths) if all(parquet) else _Files(paths, form)
    )


def _from_variable(source: str) -> str:
    if not source.startswith(VARIABLE):
        return source
    name = source.removeprefix(VARIABLE)
    value = os.environ.get(name)
    if not value:
        raise UsageError(f"the environment variable {name} is not set")
    return value


def _found(places: Sequence[str]) -> list[Path]:
    paths: list[Path] = []
    for place in places:
        if has_magic(place) and not Path(place).exists():
            here = [Path(name) for name in sorted(glob(place, recursive=True)) if Path(name).is_file()]  # noqa: PTH207
            if not here:
                raise CorpusError(f"no file is called {place}")
            paths += here
        else:
            paths.append(Path(place))
    for path in paths:
        refuse_holdout(path)
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UsageError(
                "this is no file, but a pipe or a device",
                place=Place(str(path)),
                hint="A source is looked at before it is read: write it to a file first.",
            )
    return list(dict.fromkeys(paths))


def _ending(name: str) -> str:
    """Return the ending of a name in lower case, without that of a packer."""
    return Path(name.lower().partition("?")[0].removesuffix(".gz")).suffix


def _is_parquet(path: Path) -> bool:
    if path.is_dir():
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(4) == b"PAR1" or _ending(path.name) in _PARQUET
    except OSError as error:
        raise unreadable(path, error) from None


class _Files:
    """Files of lines and of JSON, one after another."""

    def __init__(self, paths: Sequence[Path], form: Format | None) -> None:
        self.names = tuple(str(path) for path in paths)
        self._paths = paths
        self._form = form
        self._sizes = {path: _size(path) for path in paths}
        self._done = 0
        self._digests: dict[str, str] = {}
        self._current: Lines | None = None

    def __iter__(self) -> Iterator[Item]:
        for path in self._paths:
            for item in self._items(path):
                yield item if len(self._paths) == 1 else item._replace(where=f"{path}:{item.where}")
            self._done += self._sizes[path]

    def need(self, columns: Sequence[str]) -> None:
        pass

    def progress(self) -> Progress:
        now = 0 if self._current is None else self._current.done
        return Progress(self._done + now, sum(self._sizes.values()))

    def digests(self) -> Mapping[str, str]:
        return self._digests

    def _items(self, path: Path) -> Iterator[Item]:
        ending = _ending(path.name)
        if path.is_dir():
            return self._documents(path, values(path, self._form))
        if ending in _CELLS:
            return self._lines(path, lambda lines: CsvRows(path, lines, _CELLS[ending]))
        own = None if ending in {".json", *_LINES} else values(path, self._form)
        if own is not None:  # YAML, and archives, which hold no text to look at
            return self._documents(path, own)
        sort = _sort_of_json(path)
        if sort == "lines" or (ending in _LINES and sort is None):
            return self._lines(path, json_rows)
        found = values(path, self._form)
        if found is not None or sort == "document":
            return self._documents(path, found or json_values(path))
        raise UsageError(
            "cannot tell what this file is",
            place=Place(str(path)),
            hint=f"These are read: {_READ}. Rename it, or make one of these of it.",
        )

    def _lines(self, path: Path, rows: Callable[[Iterable[Line]], Iterable[Item]]) -> Iterator[Item]:
        with Lines(path) as lines:
            self._current = lines
            yield from rows(lines)
            self._digests[str(path)] = lines.digest
        self._current = None

    def _documents(self, path: Path, found: Iterator[Value | Bad] | None) -> Iterator[Item]:
        if found is None:
            raise UsageError(
                "this folder is no export that is known",
                place=Place(str(path)),
                hint=f"Name the files in it: '{path}/*.jsonl'",
            )
        before = _state(path)
        for number, item in enumerate(found, start=1):
            yield item if isinstance(item, Bad) else Good(item.where or number, item.value)
        if path.is_file():
            self._digests[str(path)] = digest_of(path)
            if _state(path) != before:
                raise CorpusError(
                    "the file has changed while it was read",
                    place=Place(str(path)),
                    hint="Import a copy of it.",
                )


class _Tables:
    """Parquet files, here or elsewhere."""

    def __init__(self, places: Sequence[str], files: Sequence[Path] = ()) -> None:
        self._rows = ParquetRows(places)
        self._files = files
        self._digests: dict[str, str] = {}
        self.names = tuple(shown_address(file) for file in self._rows.files)

    def __iter__(self) -> Iterator[Item]:
        before = [_state(path) for path in self._files]
        yield from self._rows
        self._digests = {str(path): digest_of(path) for path in self._files}
        for path, state in zip(self._files, before, strict=True):
            if _state(path) != state:
                raise CorpusError(
                    "the file has changed while it was read",
                    place=Place(str(path)),
                    hint="Import a copy of it.",
                )

    def need(self, columns: Sequence[str]) -> None:
        """Say which columns every file must have."""
        self._rows.need(columns)

    def progress(self) -> Progress:
        return Progress(self._rows.done, self._rows.total)

    def digests(self) -> Mapping[str, str]:
        return self._digests


class _Remote:
    """Files of lines in object stores and on the web."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = places
        self._lines = [RemoteLines(place) for place in places]
        self.names = tuple(shown_address(place) for place in places)

    def __iter__(self) -> Iterator[Item]:
        for place, name, lines in zip(self._places, self.names, self._lines, strict=True):
            ending = _ending(place)
            cells = ending in _CELLS
            rows = CsvRows(Path(name), lines, _CELLS[ending]) if cells else json_rows(lines)
            for item in chain(rows, (bad for _ in "1" for bad in lines.rejected)):
                yield item if len(self.names) == 1 else item._replace(where=f"{name}:{item.where}")

    def need(self, columns: Sequence[str]) -> None:
        pass

    def progress(self) -> Progress:
        return Progress(0, None)

    def digests(self) -> Mapping[str, str]:
        return {}


class _Database:
    """The rows of a query."""

    def __init__(self, address: str, query: str | None) -> None:
        self._rows = SqlRows(address, query)
        self.names: tuple[str, ...] = (self._rows.name,)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._rows)

    def need(self, columns: Sequence[str]) -> None:
        pass

    def progress(self) -> Progress:
        return Progress(0, None)

    def digests(self) -> Mapping[str, str]:
        return {}


def _sort_of_json(path: Path) -> Literal["lines", "document"] | None:
    """Return whether a file holds JSON in lines, or one document (a list, or an object of many lines)."""
    with Lines(path) as lines:
        held = list(islice((line.raw.strip() for line in lines if line.raw.strip()), 2))
    if not held or held[0][:1] not in {b"{", b"["}:
        return None
    if held[0][:1] == b"[":
        return "document"
    try:
        from_json(held[0])
    except ValueError:
        # A broken first line among whole ones is a bad row; an object of many lines goes on with something else.
        return "lines" if len(held) > 1 and held[1][:1] == b"{" else "document"
    return "lines"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from None


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file: 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
