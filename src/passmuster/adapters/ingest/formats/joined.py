"""Rows of several files of one export, joined by a name in a temporary file."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple, Self

from passmuster.adapters.files.holdout import refuse_holdout
from passmuster.adapters.files.rows import SUFFIXES, RowReader
from passmuster.adapters.ingest.formats.documents import json_values
from passmuster.adapters.ingest.tabular import Bad, Item, json_rows
from passmuster.adapters.ingest.tabular_lines import Lines
from passmuster.errors import CorpusError, Place
from passmuster.records.record import Json

_MOST = 1000
"""Rows that are given back for one name."""


class Row(NamedTuple):
    """An object of a file, and where it stands."""

    where: str
    value: dict[str, Json]


class Joined:
    """Rows by kind and name, in a file that is gone afterwards; use it in a `with` block."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="passmuster-")
        self._base = sqlite3.connect(Path(self._folder.name) / "rows", isolation_level=None)
        self._base.execute("PRAGMA journal_mode=OFF")
        self._base.execute("PRAGMA synchronous=OFF")
        self._base.execute("BEGIN")
        self._base.execute("CREATE TABLE held (kind TEXT, name TEXT, row TEXT)")
        self._sorted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the file away."""
        self._base.close()
        self._folder.cleanup()

    def put(self, kind: str, name: str, row: dict[str, Json]) -> None:
        """Keep a row.

        Raises:
            CorpusError: where the disk is full.
        """
        try:
            self._base.execute("INSERT INTO held VALUES (?, ?, ?)", (kind, name, json.dumps(row)))
        except sqlite3.Error as error:
            message = f"the rows cannot be joined: {error}"
            raise CorpusError(message, place=Place(self._folder.name)) from None

    def get(self, kind: str, name: str) -> list[dict[str, Json]]:
        """Return the rows that were kept under a name, as they came; at most 1,000."""
        if not self._sorted:
            self._base.execute("CREATE INDEX names ON held (kind, name)")
            self._sorted = True
        found = self._base.execute(
            "SELECT row FROM held WHERE kind = ? AND name = ? ORDER BY rowid LIMIT ?", (kind, name, _MOST)
        )
        return [json.loads(row) for (row,) in found]


def rows_below(folder: Path, parts: Sequence[str]) -> Iterator[Row | Bad]:
    """Yield the rows of all files in some of a folder's folders, each with `file:line`, and the lines that are none.

    Args:
        folder: Where the export lies; a file is read alone.
        parts: Names of folders, at any depth; only the first that holds files is read.

    Raises:
        CorpusError: where a file is wrong.
    """
    for part in parts:
        found = [path for path in files_below(folder) if part in path.relative_to(folder).parts[:-1]]
        for path in found:
            yield from rows_of(path)
        if found:
            return


def files_below(folder: Path) -> list[Path]:
    """Return the files below a folder that hold rows, by name."""
    endings = (*SUFFIXES, ".json", ".json.gz")
    return sorted(
        path for path in folder.rglob("*") if path.name.lower().endswith(endings) and path.is_file()
    )


def rows_of(path: Path) -> Iterator[Row | Bad]:
    """Yield the objects of a file, each with where it stands, and the lines that are none.

    Raises:
        CorpusError: where the file as a whole is wrong.
        SealError: for a holdout.
    """
    refuse_holdout(path)
    name = path.name.lower()
    if name.endswith((".json", ".json.gz")):
        found = (
            Row(f"{path.name}{where}", value) for where, value in json_values(path) if isinstance(value, dict)
        )
        yield from found
    elif name.endswith((".jsonl", ".jsonl.gz")):
        with Lines(path) as lines:
            yield from (_placed(item, path.name) for item in json_rows(lines))
    else:
        yield from (Row(f"{path.name}:{row.line}", dict(row.values)) for row in RowReader(path, CorpusError))


def _placed(item: Item, name: str) -> Row | Bad:
    place = f"{name}:{item.where}"
    if isinstance(item, Bad):
        return item._replace(where=place)
    return Row(place, item.value if isinstance(item.value, dict) else {})
