"""Leaderboards of a project, or of none: read, and put to use."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.ingest.leaderboards.directions import Stated
from passmuster.adapters.ingest.leaderboards.table import TableWish, read_leaderboard
from passmuster.adapters.prices.genai import GenaiPrices
from passmuster.decide.screening.filtering import FilterWish
from passmuster.decide.screening.limits import ModelFacts
from passmuster.errors import ConfigurationError, UsageError
from passmuster.ports import PriceBook
from passmuster.project.api import generated
from passmuster.project.checks import Files
from passmuster.project.load import Project
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.leaderboard import PublicTable
from passmuster.records.record import Record
from passmuster.records.screening import ScreenReport
from passmuster.records.trial import Trial
from passmuster.workflows.laying import Question
from passmuster.workflows.screen import ABOVE, ScreenWish
from passmuster.workflows.screen import screen as screened

ANY_COMPANY = "litellm"
"""The provider whose price is found by the model's name alone: a leaderboard does not say whom it asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions(Record):
    """How tables are read, beside what the project file says: which end of a column is better, rows, column of names."""

    columns: Mapping[str, Stated] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None


def screen(
    project: Project | None,
    tables: Sequence[str | Path] = (),
    *,
    wish: FilterWish | None = None,
    by: str | None = None,
    above: float | None = ABOVE,
    reading: TableOptions | None = None,
) -> ScreenReport:
    """Filter the models of leaderboards, and hold these against the own scores where there are any. No model is called.

    Args:
        project: The project, None for the tables alone.
        tables: Files of tables; default: those of the project.
        wish: Whom to keep; default: the first ten.
        by: The column that filters, `COLUMN` or `TABLE:COLUMN`; default: the leading one of the first table.
        above: The public score from which models count as the top of a table.
        reading: How the tables are read.

    Raises:
        UsageError: where there is no table, or no such column.
        ConfigurationError: for a table that cannot be read, or a name in `leaderboards` that is no candidate.
    """
    read = read_tables(project, tables, reading or TableOptions(), by)
    prices: PriceBook = GenaiPrices(MonotonicClock()) if project is None else project.prices
    chosen = wish or FilterWish()
    if project is not None:
        limits = replace(chosen.limits, requires=project.task.requires, today=generated(project)[:10])
        chosen = replace(chosen, limits=limits)
    names = {} if project is None else _names(project)
    return screened(
        ScreenWish(filter=chosen, by=by, above=above, names=names),
        read,
        None if project is None else _question(project),
        () if project is None else _trials(project),
        _facts(project, prices),
        generated=_now() if project is None else generated(project),
    )


def read_tables(
    project: Project | None,
    tables: Sequence[str | Path] = (),
    reading: TableOptions | None = None,
    by: str | None = None,
) -> tuple[PublicTable, ...]:
    """Return the tables that are named, else those of the project file.

    Raises:
        UsageError: where there is none.
        ConfigurationError: for one that cannot be read.
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
    return _apart([read_leaderboard(path, options, os.path.relpath(path)) for path in paths])


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


def _names(project: Project) -> Mapping[str, Sequence[str]]:
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


def _question(project: Project) -> Question:
    return Question(
        task=project.task,
        metrics=project.metrics(),
        corpus=project.corpus(),
        candidates=project.candidates,
    )


def _trials(project: Project) -> Iterator[Trial]:
    if not project.store_path.is_file():
        return
    digests = [candidate_digest(candidate) for candidate in project.candidates]
    with project.store() as store:
        yield from store.trials(digests)


def _now() -> str:
    return datetime.fromtimestamp(MonotonicClock().now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _facts(project: Project | None, prices: PriceBook) -> Callable[[str, str | None], ModelFacts]:
    """Return what is known of a model: from the candidate that it is, else from price cards."""
    candidates = {} if project is None else {each.name: each for each in project.candidates}

    def facts(model: str, name: str | None) -> ModelFacts:
        own = None if name is None else candidates.get(name)
        price: Price | None = None if own is None else own.price
        if price is None:
            listed = model.rpartition("/")[2].partition("@")[0]
            price = prices.find(Candidate(name=listed, provider=ANY_COMPANY, model=listed))
        return ModelFacts(
            candidate=name,
            input_price=None if price is None else price.input,
            output_price=None if price is None else price.output,
            context=None if price is None else price.context_window,
            attributes={} if own is None else own.attributes,
        )

    return facts
