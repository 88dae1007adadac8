"""`passmuster screen`: whom a leaderboard leaves in, and which leaderboard would have told. Calls no model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.decide.screening.agreement import agreement_report
from passmuster.decide.screening.filtering import FilterWish, filter_report
from passmuster.decide.screening.limits import ModelFacts
from passmuster.decide.screening.names import match_notes, matches, settled
from passmuster.decide.screening.own import OwnScores, own_scores
from passmuster.decide.seed import SEED
from passmuster.errors import UsageError
from passmuster.records.leaderboard import ModelMatch, PublicTable
from passmuster.records.record import Record
from passmuster.records.screening import SCHEMA_VERSION, ScreenReport
from passmuster.records.trial import Trial
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Laying, Question

ABOVE = 80.0
"""Public scores, in percent, from which models count as the top of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenWish(Record):
    """What is asked of leaderboards.

    `by` names the column that filters, as `COLUMN` or `TABLE:COLUMN`; default: the leading one of the first table. `above`
    is the public score from which models count as the top, `names` what the user says of who is who.
    """

    filter: FilterWish = field(default_factory=FilterWish)
    by: str | None = None
    above: float | None = ABOVE
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)


def screen(
    wish: ScreenWish,
    tables: Sequence[PublicTable],
    question: Question | None,
    trials: Iterable[Trial],
    facts: Callable[[str, str | None], ModelFacts],
    *,
    generated: str,
) -> ScreenReport:
    """Filter the models of public tables, and hold the tables against the own scores.

    Args:
        wish: What is asked.
        tables: The public tables, at least one.
        question: The own task with its candidates, where there is one.
        trials: Its stored trials.
        facts: From a model's name, and the candidate that it is, to what is known of it besides.
        generated: When, in words for the report (ISO 8601).

    Raises:
        UsageError: for a column that no table has, or of which nobody knows which end is better.
    """
    place = _picked(tables, wish.by)
    found = matches(() if question is None else question.candidates, tables, wish.names)
    own = None if question is None else _own(question, trials)
    scored = own is not None and len(own.names) > 0
    filtered = None
    if place is not None:
        table, column = place
        who = settled(found, table.name)
        candidate_of = {model: name for name, model in who.items()}
        filtered = filter_report(
            table,
            column,
            wish.filter,
            own if scored else None,
            who,
            lambda model: facts(model, candidate_of.get(model)),
        )
    return ScreenReport(
        schema_version=SCHEMA_VERSION,
        generated=generated,
        task=None if question is None else question.task.name,
        seed=SEED,
        tables=tuple(tables),
        matches=found,
        filter=filtered,
        agreement=agreement_report(own, tables, found, wish.above) if own is not None and scored else None,
        notes=(*match_notes(found), *_strangers(question, found, scored=scored)),
    )


def _strangers(question: Question | None, found: Sequence[ModelMatch], *, scored: bool) -> tuple[str, ...]:
    """Return what is said where nothing can be held against the own task."""
    if question is None:
        return ()
    if not scored:
        return (
            "no candidate has a score yet: after passmuster run the tables are held against your own scores",
        )
    known = {match.candidate for match in found if match.model is not None}
    unknown = dict.fromkeys(match.candidate for match in found if match.candidate not in known)
    return (f"in no table: {', '.join(unknown)}",) if unknown else ()


def _own(question: Question, trials: Iterable[Trial]) -> OwnScores:
    laying = Laying(question, Cells(question.corpus.cases, question.task.repeats))
    for trial in trials:
        laying.enter(trial)
    part = laying.parts()[0]
    asked = [item for item in part.measured if item.account.asked]
    return own_scores(question.task, asked, part.cases, question.metrics[0].direction)


def _picked(tables: Sequence[PublicTable], by: str | None) -> tuple[PublicTable, str] | None:
    """Return the table and the column that filter; None where no column has a better end and none was asked for."""
    if by is None:
        return next(((table, table.lead) for table in tables if table.lead is not None), None)
    named, _, column = by.rpartition(":")
    held = [(table, name) for table in tables for name in (by, column) if table.column(name) is not None]
    held = [(table, name) for table, name in held if name == by or not named or table.name == named]
    if not held:
        every = ", ".join(
            f"{table.name}:{each.name}" for table in tables for each in table.columns if each.direction
        )
        raise UsageError(f"no table has the column {by!r}", hint=f"There are: {every or 'none'}")
    table, name = held[0]
    found = table.column(name)
    if found is None or found.direction is None:
        raise UsageError(
            f"nobody knows which end of {name!r} is better",
            hint="Say it: --higher COLUMN or --lower COLUMN, or leaderboards.columns in the project file.",
        )
    return table, name
