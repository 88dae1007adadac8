"""A leaderboard from a file: one row for each model, columns of numbers with the end that is better, and the table's own intervals."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from passmuster.adapters.ingest.leaderboards.cells import (
    decimal_commas,
    is_nothing,
    name_of,
    number_of,
    with_point,
)
from passmuster.adapters.ingest.leaderboards.directions import (
    Stated,
    counts_cases,
    direction_of,
    lead_of,
    words_of,
    zero_is_nothing,
)
from passmuster.adapters.ingest.leaderboards.intervals import Interval, intervals_of
from passmuster.adapters.ingest.leaderboards.rows import rows_of
from passmuster.errors import ConfigurationError, Place
from passmuster.records.leaderboard import PublicColumn, PublicFigure, PublicRow, PublicTable
from passmuster.records.record import Json, Record

MODEL_COLUMNS = (
    "model",
    "model_name",
    "model name",
    "models",
    "name",
    "candidate",
    "system",
    "llm",
    "key",
    "id",
)
"""Columns that hold the name of the model, whatever their upper and lower case; the first that there is counts."""

MOSTLY = 0.8
"""Share of a column's cells that must be numbers for it to be one of numbers."""

_SHOWN = 3
_PAIRS = frozenset({"ci", "interval", "range"})
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWish(Record):
    """How a table is read, where its own names do not tell it.

    Args:
        columns: Which end of a column is better, or that it is to be left out.
        model: The column with the models' names.
        where: Only rows whose columns have these texts; tables without the column keep all.
        lead: The column that ranks.
    """

    columns: Mapping[str, Stated] = field(default_factory=dict)
    model: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    lead: str | None = None


def read_leaderboard(path: Path, wish: TableWish | None = None, shown: str | None = None) -> PublicTable:
    """Return the table of a file: CSV, JSONL, JSON or YAML.

    Of a model that stands in several rows the best in the leading column is kept, and told.

    Args:
        path: The file.
        wish: How to read it.
        shown: What to call the path in reports.

    Raises:
        ConfigurationError: where it cannot be read, no column holds names, none holds numbers, or no row is left.
    """
    wish = wish or TableWish()
    rows = rows_of(path)
    names = list(dict.fromkeys(name for row in rows for name in row))
    model = _model_column(names, rows, wish, path)
    reading = _Reading(rows, names, model, wish)
    if not reading.models:
        raise ConfigurationError(
            "no row of the table is left",
            place=Place(str(path)),
            hint=f"No row has a name in {model!r} and what --where asks for.",
        )
    if not reading.numeric:
        raise ConfigurationError(
            "no column of the table holds numbers",
            place=Place(str(path)),
            hint=f"It has: {', '.join(names[:20])}.",
        )
    return reading.table(path, shown or str(path))


def _model_column(
    names: Sequence[str], rows: Sequence[Mapping[str, Json]], wish: TableWish, path: Path
) -> str:
    if wish.model is not None:
        if wish.model in names:
            return wish.model
        raise ConfigurationError(
            f"the table has no column {wish.model!r}",
            place=Place(str(path)),
            hint=f"It has: {', '.join(names[:20])}.",
        )
    by_name = {name.casefold().strip(): name for name in reversed(names)}
    for wanted in MODEL_COLUMNS:
        if wanted in by_name:
            return by_name[wanted]
    for name in names:
        cells = [row.get(name) for row in rows]
        texts = [cell for cell in cells if isinstance(cell, str) and number_of(cell) is None]
        if len(texts) == len(rows) and len(set(texts)) > len(rows) / 2:
            return name
    raise ConfigurationError(
        "no column of the table holds the models' names",
        place=Place(str(path)),
        hint=f"Name it: --model-column NAME. The table has: {', '.join(names[:20])}.",
    )


class _Reading:
    """The columns of a table, told apart."""

    def __init__(
        self, rows: Sequence[Mapping[str, Json]], every: Sequence[str], model: str, wish: TableWish
    ) -> None:
        self._wish = wish
        self._notes: list[str] = []
        self._all = len(rows)
        names = [name for name in every if name != model]
        self._rows = self._pointed(self._filtered(rows, every), names)
        self._named_as = [name_of(row.get(model)) for row in self._rows]
        self.numeric = [name for name in names if self._is_numeric(name)]
        self._texts = [name for name in names if name not in self.numeric]
        self._cases = next((name for name in self.numeric if counts_cases(name)), None)
        self._intervals = intervals_of(self._rows, self.numeric, self._texts)
        used = {part for interval in self._intervals.values() for part in interval.columns}
        self._plain = [name for name in self.numeric if name not in used and not counts_cases(name)]
        directions = {name: direction_of(name, wish.columns) for name in self._plain}
        self._directions = directions
        self._lead = wish.lead if wish.lead in directions else lead_of(directions)
        self._unrecorded: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()

    def _filtered(
        self, rows: Sequence[Mapping[str, Json]], names: Sequence[str]
    ) -> Sequence[Mapping[str, Json]]:
        wanted = {name: value for name, value in self._wish.where.items() if name in names}
        self._notes += [
            f"there is no column {name}, of which --where asks: all rows are kept"
            for name in self._wish.where
            if name not in wanted
        ]
        kept = [
            row for row in rows if all(str(row.get(name)).strip() == value for name, value in wanted.items())
        ]
        if wanted:
            said = ", ".join(f"{name}={value}" for name, value in wanted.items())
            self._notes.append(f"{len(kept)} of {len(rows)} rows are {said}")
        return kept

    def _pointed(
        self, rows: Sequence[Mapping[str, Json]], names: Sequence[str]
    ) -> Sequence[Mapping[str, Json]]:
        """Return the rows with points in numbers; pairs such as `80,84` in a column of intervals are none."""
        plain = {name for name in names if not _PAIRS.intersection(words_of(name))}
        if not decimal_commas(row.get(name) for row in rows for name in plain):
            return rows
        self._notes.append("commas are read as decimal points: 82,6 is 82.6")
        return [
            {name: with_point(cell) if name in plain else cell for name, cell in row.items()} for row in rows
        ]

    @property
    def models(self) -> int:
        """How many rows have a model."""
        return sum(name is not None for name in self._named_as)

    def _is_numeric(self, name: str) -> bool:
        cells = [cell for row in self._rows if not is_nothing(cell := row.get(name))]
        numbers = sum(number_of(cell) is not None for cell in cells)
        return numbers > 0 and numbers >= MOSTLY * len(cells)

    def table(self, path: Path, shown: str) -> PublicTable:
        read = [(name, self._row(row)) for name, row in zip(self._named_as, self._rows, strict=True)]
        named = [(name, row) for name, row in read if name is not None]
        if len(named) < len(read):
            self._notes.append(f"{len(read) - len(named)} rows have no model and are left out")
        rows = self._one_each(named)
        self._tell_cells()
        columns = tuple(self._column(name, rows) for name in self._plain)
        return PublicTable(
            name=_stem(path.name),
            path=shown,
            columns=columns,
            rows=tuple(rows),
            lead=self._lead,
            rows_read=self._all,
            notes=tuple(self._notes),
        )

    def _row(self, row: Mapping[str, Json]) -> PublicRow:
        figures = {}
        for name in self._plain:
            figure = self._figure(name, row)
            if figure is not None:
                figures[name] = figure
        cases = number_of(row.get(self._cases)) if self._cases is not None else None
        texts = {name: text[:_LONGEST_TEXT] for name in self._texts if (text := name_of(row.get(name)))}
        return PublicRow(
            model="",
            figures=figures,
            texts=texts,
            cases=None if cases is None or not 0 < cases.value < 1e9 else int(cases.value),
        )

    def _figure(self, name: str, row: Mapping[str, Json]) -> PublicFigure | None:
        number = number_of(row.get(name))
        if number is None:
            self._unread[name] += not is_nothing(row.get(name))
            return None
        if number.value == 0 and zero_is_nothing(name):
            self._unrecorded[name] += 1
            return None
        interval: Interval | None = self._intervals.get(name)
        ends = number.ends or (None if interval is None else interval.of(row))
        if ends is None:
            return PublicFigure(value=number.value)
        low, high = ends.around(number.value)
        holds = low <= number.value <= high
        return PublicFigure(value=number.value, low=low if holds else None, high=high if holds else None)

    def _one_each(self, named: Sequence[tuple[str, PublicRow]]) -> list[PublicRow]:
        """Return one row for each model, the best in the leading column of several."""
        by_model: dict[str, list[PublicRow]] = {}
        for name, row in named:
            by_model.setdefault(name, []).append(row)
        twice = {name: len(rows) for name, rows in by_model.items() if len(rows) > 1}
        if twice:
            some = ", ".join(f"{name} ({number})" for name, number in list(twice.items())[:_SHOWN])
            more = f" and {len(twice) - _SHOWN} more" if len(twice) > _SHOWN else ""
            self._notes.append(
                f"{len(twice)} models stand in several rows, {some}{more}: the best in {self._lead} is taken;"
                " --where COLUMN=TEXT picks others"
            )
        return [self._named(name, max(rows, key=self._rank)) for name, rows in by_model.items()]

    def _named(self, name: str, row: PublicRow) -> PublicRow:
        return PublicRow(model=name, figures=row.figures, texts=row.texts, cases=row.cases)

    def _rank(self, row: PublicRow) -> float:
        figure = row.figures.get(self._lead or "")
        if figure is None:
            return float("-inf")
        return -figure.value if self._directions.get(self._lead or "") == "lower" else figure.value

    def _tell_cells(self) -> None:
        for name, number in self._unrecorded.items():
            self._notes.append(f"{name} is 0 in {number} rows: not recorded, and taken as missing")
        for name, number in self._unread.items():
            if number:
                self._notes.append(f"{number} cells of {name} are no numbers, and taken as missing")
        unknown = [
            name for name in self._plain if self._directions[name] is None and name not in self._wish.columns
        ]
        if unknown:
            self._notes.append(f"which end is better is not known of: {', '.join(unknown)}")

    def _column(self, name: str, rows: Sequence[PublicRow]) -> PublicColumn:
        values = [row.figures[name].value for row in rows if name in row.figures]
        within = bool(values) and min(values) >= 0 and max(values) <= 100
        return PublicColumn(
            name=name,
            direction=self._directions[name],
            n=len(values),
            unrecorded=self._unrecorded[name],
            share=within and self._directions[name] == "higher",
        )


def _stem(name: str) -> str:
    for ending in (".gz", ".csv", ".jsonl", ".json", ".yaml", ".yml", ".summary"):
        name = name.removesuffix(ending)
    return name
