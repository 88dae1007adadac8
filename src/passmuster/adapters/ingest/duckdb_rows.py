"""Rows of Parquet files, and of files in object stores and on the web, through DuckDB."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from passmuster.adapters.ingest.formats.fields import decoded
from passmuster.adapters.ingest.tabular import Bad, Good, Item
from passmuster.adapters.ingest.tabular_lines import LONGEST, Line
from passmuster.adapters.ingest.tabular_values import json_value
from passmuster.errors import CorpusError, MissingExtraError, Place

PORTION = 2_000
"""Rows that are fetched at once."""

SCHEMES = (
    "s3://",
    "gs://",
    "gcs://",
    "r2://",
    "az://",
    "azure://",
    "abfss://",
    "http://",
    "https://",
    "hf://",
)
"""How addresses begin that DuckDB reads."""

_LINES = """
    SELECT line FROM read_csv(
        ?, columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '',
        comment = '', max_line_size = ?, strict_mode = false, store_rejects = true
    )
"""
"""One text a line: a sign that JSON and CSV never hold ends the cells."""
_CREDENTIALS = {
    "KEY_ID": "AWS_ACCESS_KEY_ID",
    "SECRET": "AWS_SECRET_ACCESS_KEY",
    "SESSION_TOKEN": "AWS_SESSION_TOKEN",
    "REGION": "AWS_REGION",
    "ENDPOINT": "AWS_ENDPOINT_URL",
}
"""What DuckDB calls a credential -> the variable that holds it."""
_ZONED = "TIMESTAMP WITH TIME ZONE"
_AZURE = ("az://", "azure://", "abfss://")
_GLOB = re.compile(r"[*?\[]")
_SECRET_PARTS = re.compile(r"(?<=://)[^/@\s]*@|\?[^\s'\"]*")


class ParquetRows:
    """The rows of Parquet files, one file after another; go through it once.

    Args:
        places: Paths or addresses, globs among them.
    """

    def __init__(self, places: Sequence[str]) -> None:
        self._connection = connected(places)
        self._places = places
        self.files = self._found()
        """The files that the globs hold."""
        self.done = 0
        """Rows read so far."""
        self.total: int | None = None
        """Rows that the files say they hold, once reading has begun."""

    def __iter__(self) -> Iterator[Item]:
        """Go through the rows.

        Raises:
            CorpusError: where a file is broken, or is no Parquet.
        """
        self.total = sum(map(self._count, self.files))
        for file in self.files:
            columns = self._columns(file)
            chosen = ", ".join(_selected(name, kind) for name, kind in columns.items())
            cursor = self._run(f"SELECT {chosen} FROM read_parquet(?)", literal(file))  # noqa: S608  # names in quotes
            names = list(columns)
            written = [name for name, kind in columns.items() if _ZONED in kind and kind != _ZONED]
            number = 0
            while rows := self._fetched(cursor, file, number):
                for row in rows:
                    number += 1
                    self.done += 1
                    where = number if len(self.files) == 1 else f"{shown_address(file)}:{number}"
                    values = dict(zip(names, map(json_value, row), strict=True))
                    yield Good(where, {**values, **{name: decoded(values[name]) for name in written}})

    def _columns(self, file: str) -> dict[str, str]:
        """Return the columns of a file with their types."""
        found = self._run("DESCRIBE SELECT * FROM read_parquet(?)", literal(file)).fetchall()
        return {str(name): str(kind) for name, kind, *_ in found}

    def _count(self, file: str) -> int:
        found = self._run("SELECT sum(num_rows) FROM parquet_file_metadata(?)", literal(file)).fetchone()
        return int(found[0]) if found and found[0] is not None else 0

    def _found(self) -> list[str]:
        files: list[str] = []
        for place in self._places:
            here = [str(row[0]) for row in self._run("SELECT file FROM glob(?) ORDER BY 1", place).fetchall()]
            files += here if here or "*" in place else [place]
        if not files:
            raise CorpusError(f"no file is called {', '.join(map(shown_address, self._places))}")
        return files

    def need(self, columns: Sequence[str]) -> None:
        """Say which columns every file must have; `a.b` is field b of column a.

        Raises:
            CorpusError: where a file lacks one.
        """
        for file in self.files:
            names = self._columns(file)
            missing = [name for name in columns if not {name, name.partition(".")[0]} & names.keys()]
            if missing:
                raise CorpusError(
                    f"this file has other columns: there is no {missing[0]!r}",
                    place=Place(shown_address(file)),
                    hint=f"It has: {', '.join(names)}. Nothing was imported; import it by itself, with --columns.",
                )

    def _fetched(self, cursor: Any, file: str, number: int) -> list[tuple[object, ...]]:
        import duckdb

        try:
            found: list[tuple[object, ...]] = cursor.fetchmany(PORTION)
        except duckdb.Error as error:
            raise failed(error, file, f"after {number:,} rows: ") from None
        return found

    def _run(self, query: str, place: str) -> Any:
        import duckdb

        try:
            # A cursor of its own: a query on the connection would end the one whose rows are being fetched.
            return self._connection.cursor().execute(query, [place])
        except duckdb.Error as error:
            raise failed(error, place) from None


class RemoteLines:
    """The lines of a file in an object store or on the web, packed or not; go through it once.

    Args:
        place: The address.
    """

    def __init__(self, place: str) -> None:
        self._connection = connected([place])
        self._place = place
        self.rejected: list[Bad] = []
        """Lines that are no text, known once all were read."""

    def __iter__(self) -> Iterator[Line]:
        """Go through the lines.

        Raises:
            CorpusError: where the file cannot be read.
        """
        import duckdb

        try:
            cursor = self._connection.execute(_LINES, [self._place, LONGEST])
            number = 0
            while rows := cursor.fetchmany(PORTION):
                for (text,) in rows:
                    number += 1
                    yield Line(number, (text or "").encode() + b"\n")
            found = self._connection.execute(
                "SELECT line, csv_line, error_message FROM reject_errors"
            ).fetchall()
        except duckdb.Error as error:
            raise failed(error, self._place) from None
        self.rejected = [Bad(line, str(message), str(text or "")[:1000]) for line, text, message in found]
        self._connection.close()


def connected(places: Sequence[str]) -> Any:
    """Return a connection that can read these places: one thread, so that rows keep their order.

    Raises:
        MissingExtraError: where DuckDB is not installed.
        CorpusError: where DuckDB lacks what it needs for an address.
    """
    try:
        import duckdb
    except ModuleNotFoundError:
        raise MissingExtraError(
            "Parquet and object stores need DuckDB", hint="pip install 'passmuster[duckdb]'"
        ) from None
    connection = duckdb.connect(":memory:", config={"threads": 1})
    for extension in _extensions(places):
        try:
            connection.execute(f"INSTALL {extension}; LOAD {extension}")
        except duckdb.Error as error:
            raise CorpusError(
                f"DuckDB needs its extension {extension} for this address, and cannot get it: {_line(error)}",
                hint="Once, where there is a network: "
                f"python -c \"import duckdb; duckdb.sql('INSTALL {extension}')\". Or copy the file here first.",
            ) from None
    if any(place.startswith(("s3://", "gs://", "gcs://", "r2://")) for place in places):
        _use_credentials(connection)
    return connection


def failed(error: Exception, place: str, after: str = "") -> CorpusError:
    """Return what to raise for an error of DuckDB: its first line, without what is secret in addresses."""
    return CorpusError(
        f"{after}{_line(error)}", place=Place(shown_address(place)), hint="Nothing was imported."
    )


def shown_address(place: str) -> str:
    """Return an address without a password or a signature in it.

    Example:
        >>> shown_address("https://ann:secret@host/a.parquet?X-Amz-Signature=abc")
        'https://***@host/a.parquet?***'
    """
    if "://" not in place:
        return place
    return _SECRET_PARTS.sub(lambda found: "?***" if found[0].startswith("?") else "***@", place)


def literal(place: str) -> str:
    """Return the name of a file here as a glob that names it alone; an address as it is.

    Example:
        >>> literal("a[1].parquet"), literal("s3://logs/*.parquet")
        ('a[[]1].parquet', 's3://logs/*.parquet')
    """
    return place if "://" in place else _GLOB.sub(r"[\g<0>]", place)


def _line(error: Exception) -> str:
    said = str(error).strip().partition("\n")[0]
    for name in _CREDENTIALS.values():
        said = said.replace(os.environ.get(name) or "\0", "***")
    return re.sub(r"\w+://\S+", lambda found: shown_address(found[0]), said)[:500]


def _use_credentials(connection: Any) -> None:
    """Give DuckDB the keys of the environment, as other tools for S3 find them; else it uses secrets of its own."""
    found = {key: value for key, name in _CREDENTIALS.items() if (value := os.environ.get(name))}
    if "KEY_ID" not in found:
        return
    endpoint = found.pop("ENDPOINT", "")
    if endpoint:
        scheme, _, host = endpoint.rpartition("://")
        found |= {"ENDPOINT": host, "URL_STYLE": "path", "USE_SSL": "false" if scheme == "http" else "true"}
    said = ", ".join(f"{key} {_quoted(value)}" for key, value in found.items())
    connection.execute(f"CREATE SECRET (TYPE s3, {said})")


def _selected(name: str, kind: str) -> str:
    """Return how a column is selected: Python gets no times with zones from DuckDB unless pytz is installed."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind == _ZONED:
        return f"make_timestamp(epoch_us({quoted}))"
    return f"to_json({quoted})" if _ZONED in kind else quoted


def _quoted(value: str) -> str:
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


def _extensions(places: Sequence[str]) -> list[str]:
    needed: Mapping[str, bool] = {
        "azure": any(place.startswith(_AZURE) for place in places),
        "httpfs": any(place.startswith(SCHEMES) and not place.startswith(_AZURE) for place in places),
    }
    return [name for name, is_needed in needed.items() if is_needed]
