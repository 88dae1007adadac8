"""Leaderboards of a project, or of none: read, and put to use."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from passmuster.adapters.clock import MonotonicClock
from passmuster.adapters.prices.genai import GenaiPrices
from passmuster.decide.screening.filtering import FilterWish
from passmuster.decide.screening.limits import ModelFacts
from passmuster.errors import UsageError
from passmuster.ports import PriceBook
from passmuster.project.api import generated
from passmuster.project.leaderboards import TableOptions, read_tables, stated_names
from passmuster.project.load import Project
from passmuster.project.validate import closest
from passmuster.records.candidate import Candidate, Price, candidate_digest
from passmuster.records.leaderboard import PublicTable
from passmuster.records.screening import ScreenReport
from passmuster.records.trial import Trial
from passmuster.workflows.laying import Question
from passmuster.workflows.screen import ABOVE, ScreenWish
from passmuster.workflows.screen import screen as screened

ANY_COMPANY = "litellm"
"""The provider whose price is found by the model's name alone: a leaderboard does not say whom it asked."""


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
        UsageError: where there is no table, or no table has a column that is named.
        ConfigurationError: for a table that cannot be read, or a name in `leaderboards` that is no candidate.
    """
    read = read_tables(project, tables, reading or TableOptions(), by)
    if wish is not None:
        _known((*wish.limits.at_least, *wish.limits.at_most), read)
    prices: PriceBook = GenaiPrices(MonotonicClock()) if project is None else project.prices
    chosen = wish or FilterWish()
    if project is not None:
        limits = replace(chosen.limits, requires=project.task.requires, today=generated(project)[:10])
        chosen = replace(chosen, limits=limits)
    names = {} if project is None else stated_names(project)
    return screened(
        ScreenWish(filter=chosen, by=by, above=above, names=names),
        read,
        None if project is None else _question(project),
        () if project is None else _trials(project),
        _facts(project, prices),
        generated=_now() if project is None else generated(project),
    )


def _known(named: Sequence[str], tables: Sequence[PublicTable]) -> None:
    """Refuse a limit on a column that no table has: nobody would be dropped for it."""
    columns = list(dict.fromkeys(each.name for table in tables for each in table.columns))
    for name in named:
        if name not in columns:
            raise UsageError(
                f"no table has a column {name!r} of numbers",
                hint=closest(name, columns),
            )


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
