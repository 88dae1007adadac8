"""Which column of a file feeds which field of a case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TypeAlias

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.rows import Format, Row
from passmuster.errors import CorpusError, Place
from passmuster.records.case import Case
from passmuster.records.record import Json

ColumnMap: TypeAlias = Mapping[str, str | Sequence[str]]
"""Our field -> their column; several columns for `input` become named fields."""

CASE_FIELDS = tuple(field.name for field in fields(Case))
_KNOWN = frozenset(CASE_FIELDS)
_NOTHING: Mapping[Format, tuple[Json, ...]] = {"jsonl": (None,), "csv": (None, "")}
"""Values that say nothing, by the form of the file."""

LINE = "line"
"""`id: line` numbers the cases by the line that they stand on."""


class Columns:
    """Picks the fields of a case out of a row.

    Without a map every column must be a field of a case. With a map the other columns are ignored, and a
    field that the map leaves out is still read from the column of its own name, unless that column was mapped
    to another field.
    """

    def __init__(self, mapping: ColumnMap | None, path: str) -> None:
        self._path = path
        self._strict = not mapping
        self._map = dict(mapping or {})
        self._seen: set[str] = set()
        for field, columns in self._map.items():
            self._check(field, columns)
        taken = {column for columns in self._map.values() for column in _names(columns)}
        self._map |= {field: field for field in CASE_FIELDS if field not in self._map and field not in taken}
        self._first = {field: next(iter(_names(columns))) for field, columns in self._map.items()}

    def _check(self, field: str, columns: str | Sequence[str]) -> None:
        place = Place(self._path)
        if field not in CASE_FIELDS:
            hint = did_you_mean(field, CASE_FIELDS)
            raise CorpusError(f"columns: a case has no field {field!r}", place=place, hint=hint)
        if not isinstance(columns, str) and (field != "input" or not columns):
            raise CorpusError(
                f"columns: {field!r} takes one column, not {list(columns)!r}",
                place=place,
                hint="only `input` takes a list; its columns become named fields",
            )

    def pick(self, row: Row) -> dict[str, Json]:
        """Return the fields that this row has; those that are empty or null are left out.

        Raises:
            CorpusError: for a column that is no field, where there is no map.
        """
        if self._strict:
            _refuse_unknown(row)
            picked = row.values
        else:
            self._seen.update(row.values)
            picked = {field: self._value(row, columns) for field, columns in self._map.items()}
        nothing = _NOTHING[row.format]
        return {field: value for field, value in picked.items() if value not in nothing}

    def column(self, field: str) -> str:
        """Return the name of the (first) column that feeds a field, to point at it."""
        return self._first.get(field, field)

    def _value(self, row: Row, columns: str | Sequence[str]) -> Json:
        if not isinstance(columns, str):
            present = {name: row.values.get(name) for name in columns}
            return {name: value for name, value in present.items() if not is_missing(row, value)} or None
        if columns == LINE and LINE not in row.values:
            return str(row.line)
        return row.values.get(columns)

    def check_all_seen(self) -> None:
        """Raise where the map names a column that no row had.

        Raises:
            CorpusError: with the columns that there are.
        """
        if self._strict:
            return
        for field, columns in self._map.items():
            for column in _names(columns):
                if column not in self._seen and column not in {field, LINE}:
                    raise CorpusError(
                        f"columns: {field!r} is to be read from {column!r}, which no row has",
                        place=Place(self._path),
                        hint=did_you_mean(column, sorted(self._seen)),
                    )


def is_missing(row: Row, value: Json) -> bool:
    """Return whether a value says nothing: null, or an empty CSV cell."""
    return value in _NOTHING[row.format]


def _names(columns: str | Sequence[str]) -> Iterable[str]:
    return [columns] if isinstance(columns, str) else columns


def _refuse_unknown(row: Row) -> None:
    if not row.values.keys() <= _KNOWN:
        name = next(name for name in row.values if name not in _KNOWN)
        raise CorpusError(
            f"a case has no field {name!r}",
            place=row.place(name, key=True),
            hint=f"{did_you_mean(name, CASE_FIELDS)} (To use a file as it is, map its columns.)",
        )
