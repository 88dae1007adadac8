"""The rows of a leaderboard's file, whatever form it has: CSV, JSONL, JSON or YAML."""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from passmuster.adapters.files.rows import RowReader
from passmuster.adapters.ingest.formats.yaml_text import yaml_values
from passmuster.errors import ConfigurationError, CorpusError, Place
from passmuster.records.record import Json

MOST_BYTES = 64 << 20
MOST_ROWS = 5_000
MOST_COLUMNS = 500
_WRAPPERS = ("results", "data", "models", "leaderboard", "rows", "entries", "scores")
_FORMS = "*.csv, *.jsonl, *.json, *.yml"


def rows_of(path: Path) -> list[Mapping[str, Json]]:
    """Return the rows of a file, values in values flattened to `outer.inner`.

    Raises:
        ConfigurationError: with the place, where it cannot be read, is of another form, or holds too much.
    """
    found: list[Mapping[str, Json]] = []
    for place, row in enumerate(_rows(path), 1):
        if place > MOST_ROWS:
            raise ConfigurationError(
                f"a table of more than {MOST_ROWS:,} rows is not read", place=Place(str(path))
            )
        flat = dict(_flat(row))
        if len(flat) > MOST_COLUMNS:
            raise ConfigurationError(
                f"row {place} has more than {MOST_COLUMNS} columns", place=Place(str(path))
            )
        found.append(flat)
    if not found:
        raise ConfigurationError("the table has no rows", place=Place(str(path)))
    return found


def _rows(path: Path) -> Iterator[Mapping[str, Json]]:
    name = path.name.lower()
    if name.endswith((".yml", ".yaml")):
        try:
            yield from (_object(value.value, path) for value in yaml_values(path))
        except CorpusError as error:
            raise ConfigurationError(error.message, place=error.place, hint=error.hint) from None
    elif name.endswith((".json", ".json.gz")):
        yield from _json_rows(_json(path), path)
    elif name.endswith((".csv", ".csv.gz", ".jsonl", ".jsonl.gz")):
        yield from (row.values for row in RowReader(path, ConfigurationError, sheet=True))
    else:
        raise ConfigurationError(
            f"cannot tell the format of {path.name!r}",
            place=Place(str(path)),
            hint=f"Name the file {_FORMS}.",
        )


def _json(path: Path) -> Json:
    try:
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigurationError(f"the table cannot be read: {reason}", place=Place(str(path))) from None
    if len(content) > MOST_BYTES:
        raise ConfigurationError(
            f"a table of more than {MOST_BYTES >> 20} MiB is not read", place=Place(str(path))
        )
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"the table is no JSON: {error.msg}", place=Place(str(path), error.lineno, error.colno)
        ) from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"the table is no JSON: {error}", place=Place(str(path))) from None


def _json_rows(value: Json, path: Path) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, dict):
        columns, data = value.get("columns", value.get("headers")), value.get("data", value.get("rows"))
        if isinstance(columns, list) and isinstance(data, list):
            names = [str(name) for name in columns]
            for row in data:
                yield dict(zip(names, row, strict=False)) if isinstance(row, list) else _object(row, path)
            return
        inner = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), list | dict)), None)
        if inner is not None:
            yield from _json_rows(inner, path)
            return
        for key, row in value.items():
            yield {"model": key, **row} if isinstance(row, dict) else {"model": key, "score": row}
        return
    if not isinstance(value, list):
        raise ConfigurationError(
            "the table is no list of models",
            place=Place(str(path)),
            hint='Write a list of objects such as {"model": "gpt-4o", "score": 79.2}.',
        )
    for row in value:
        yield _object(row, path)


def _object(row: Json, path: Path) -> Mapping[str, Json]:
    if not isinstance(row, dict):
        raise ConfigurationError(
            "a row of the table is no object",
            place=Place(str(path)),
            hint='Each row is an object such as {"model": "gpt-4o", "score": 79.2}.',
        )
    return row


def _flat(row: Mapping[str, Json], before: str = "", depth: int = 0) -> Iterator[tuple[str, Json]]:
    for key, value in row.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and depth < 3:
            yield from _flat(value, f"{name}.", depth + 1)
        elif not isinstance(value, list | dict):
            yield name, value
