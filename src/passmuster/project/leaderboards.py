"""The leaderboards of a project, or of none: files of public tables, read as its file says."""

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from passmuster.adapters.ingest.leaderboards.directions import Stated
from passmuster.adapters.ingest.leaderboards.table import TableWish, read_leaderboard
from passmuster.decide.screening.cautions import leaderboard_cautions
from passmuster.decide.screening.names import matches
from passmuster.errors import ConfigurationError, UsageError
from passmuster.project.checks import Files
from passmuster.project.load import Project
from passmuster.project.validate import closest
from passmuster.records.comparison import Comparison
from passmuster.records.leaderboard import PublicTable
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions(Record):
    """How tables are read, beside what the project file says: which end of a column is better, rows, column of names."""

    columns: Mapping[str, Stated] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None


def read_tables(
    project: Project | None,
    tables: Sequence[str | Path] = (),
    reading: TableOptions | None = None,
    by: str | None = None,
) -> tuple[PublicTable, ...]:
    """Return the tables that are named, else those of the project file.

    Raises:
        UsageError: where there is none.
        ConfigurationError: for one that cannot be read, and a stated column that none has.
    """
    reading = reading or TableOptions()
    stated: Mapping[str, Stated] = {} if project is None else project.settings.leaderboards.columns
    options = TableWish(
        columns={**stated, **reading.columns},
        model=reading.model,
        where=reading.where,
        lead=None if by is None else by.rpartition(":")[2],
    )
    paths = [Path(path) for path in tables] or ([] if project is None else _paths(project))
    if not paths:
        raise UsageError(
            "there is no leaderboard to read",
            hint="Name files of tables: passmuster screen TABLE.csv; or list them in the project file: leaderboards: [TABLE.csv]",
        )
    read = _apart([read_leaderboard(path, options, os.path.relpath(path)) for path in paths])
    if project is not None and not tables:
        _check_columns(project, {column.name for table in read for column in table.columns})
    return read


def _check_columns(project: Project, names: Collection[str]) -> None:
    """Refuse a column that no table has: what is said of it would do nothing. One to be ignored may be of texts."""
    for name, end in project.settings.leaderboards.columns.items():
        if end != "ignore" and name not in names:
            raise ConfigurationError(
                f"leaderboards.columns: no table has a column of numbers {name!r}",
                place=project.document.key(("leaderboards", "columns", name)),
                hint=closest(name, names),
            )


def _paths(project: Project) -> list[Path]:
    files = Files(project.document, project.folder)
    return [
        files.existing(name, ("leaderboards", "tables", place), "the leaderboard")
        for place, name in enumerate(project.settings.leaderboards.tables)
    ]


def _apart(tables: Sequence[PublicTable]) -> tuple[PublicTable, ...]:
    """Return the tables with names of their own: of several files of one name the later ones are numbered."""
    seen: Counter[str] = Counter()
    made = []
    for table in tables:
        seen[table.name] += 1
        number = seen[table.name]
        made.append(table if number == 1 else replace(table, name=f"{table.name} ({number})"))
    return tuple(made)


def stated_names(project: Project) -> Mapping[str, Sequence[str]]:
    """Return what the project file says of who is who in tables.

    Raises:
        ConfigurationError: for a name that is no candidate.
    """
    stated = project.settings.leaderboards.names
    candidates = [candidate.name for candidate in project.candidates]
    for name in stated:
        if name not in candidates:
            raise ConfigurationError(
                f"leaderboards.names: {name!r} is no candidate",
                place=project.document.key(("leaderboards", "names", name)),
                hint=closest(name, candidates),
            )
    return stated


def with_leaderboards(project: Project, comparison: Comparison) -> Comparison:
    """Return the comparison with a warning for each leaderboard of the project that says the opposite of it.

    Raises:
        ConfigurationError: for a table that cannot be read.
    """
    if not project.settings.leaderboards.tables:
        return comparison
    tables = read_tables(project)
    found = matches(project.candidates, tables, stated_names(project))
    warnings = (*comparison.decision.warnings, *leaderboard_cautions(comparison, tables, found))
    return replace(comparison, decision=replace(comparison.decision, warnings=warnings))
