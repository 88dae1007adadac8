"""Weights, the Pareto front and what would change the decision, as tables, columns of text and sentences."""

from collections.abc import Iterable
from dataclasses import dataclass

from passmuster.records.choice import DimensionReport, FrontPlace, Weighed
from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.record import Record
from passmuster.records.score import Estimate
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name, sentence, short
from passmuster.report.views import Cell, Grid, columns_of, estimate, line, plain, words


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView(Record):
    """What the page says beside the decision."""

    turning: tuple[str, ...]
    weighing: Grid | None
    note: str | None
    scales: tuple[str, ...]
    front: Grid | None


TOLD = 2
"""Turning points that a terminal names; the others stand in the report."""


def choice(comparison: Comparison) -> ChoiceView | None:
    """Return what the page says beside the decision; None where there is nothing to say."""
    made = ChoiceView(
        turning=turning(comparison),
        weighing=weighing(comparison),
        note=weighing_note(comparison),
        scales=scales(comparison),
        front=front(comparison),
    )
    return made if made.turning or made.weighing or made.front else None


def weighing(comparison: Comparison) -> Grid | None:
    """Return the candidates by weight, those that pass first; None without weights."""
    made = comparison.choice
    if made is None or made.weighing is None:
        return None
    found = made.weighing
    rows = _rows(comparison)
    heads = ("place", "by weight", "best in resamples", "of all weights", "by more than noise")
    dimensions = tuple(_head(each) for each in found.dimensions)
    lines = tuple(
        line(comparison, rows[each.name], _weighed_cells(each, found.dimensions))
        for each in found.ranking
        if each.name in rows
    )
    return Grid(heads=(("candidate", False), *((head, True) for head in (*heads, *dimensions))), lines=lines)


def _rows(comparison: Comparison) -> dict[str, CandidateReport]:
    return {row.name: row for row in comparison.candidates}


def _head(dimension: DimensionReport) -> str:
    return f"{short(dimension.metric)} ({figures.percent(dimension.weight)})"


def _weighed_cells(row: Weighed, dimensions: Iterable[DimensionReport]) -> Iterable[Cell]:
    yield plain(None if row.place is None else str(row.place))
    yield estimate(Estimate(value=row.value, low=row.low, high=row.high))
    for share in (row.first, row.share, row.clear):
        yield plain(None if share is None else figures.percent(share))
    for each in dimensions:
        part = row.parts.get(each.metric)
        yield plain(None if part is None else figures.number(part))


def scales(comparison: Comparison) -> tuple[str, ...]:
    """Return of each figure what counts as 1 and what as 0."""
    made = comparison.choice
    if made is None or made.weighing is None:
        return ()
    return tuple(
        f"{label(each.metric)}: {figures.measure(each.metric, each.best)} counts as 1,"
        f" {figures.measure(each.metric, each.worst)} as 0"
        f"{'' if each.stated else ' (the best and the worst that were seen, where nothing is stated)'}"
        for each in made.weighing.dimensions
    )


def front(comparison: Comparison) -> Grid | None:
    """Return who stands on the Pareto front, and in how many resamples; None where no cost is known."""
    made = comparison.choice
    if made is None or not made.front:
        return None
    rows = _rows(comparison)
    heads = (("candidate", False), ("on the front", False), ("in resamples", True), ("beaten by", False))
    lines = tuple(
        line(comparison, rows[each.name], _front_cells(each)) for each in made.front if each.name in rows
    )
    return Grid(heads=heads, lines=lines)


def _front_cells(place: FrontPlace) -> Iterable[Cell]:
    yield words("yes" if place.on else "no")
    yield plain(figures.percent(place.share))
    yield words(", ".join(name(each) for each in place.beaten_by) or figures.MISSING)


def turning(comparison: Comparison) -> tuple[str, ...]:
    """Return what would change the decision, a sentence each."""
    made = comparison.choice
    return () if made is None else tuple(sentence(point.sentence) for point in made.turning)


def weighing_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the candidates by weight as columns of text; empty without weights."""
    return columns_of(weighing(comparison), "weight")


def front_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the Pareto front as columns of text; empty where no cost is known."""
    return columns_of(front(comparison), "front")


def weighing_note(comparison: Comparison) -> str | None:
    """Return in a sentence who is the best by weight; None without weights."""
    made = comparison.choice
    return None if made is None or made.weighing is None else sentence(made.weighing.sentence)


def turning_note(comparison: Comparison) -> str | None:
    """Return the first of what would change the decision; None where nothing is known to."""
    told = turning(comparison)
    if not told:
        return None
    more = len(told) - TOLD
    rest = f" ({figures.count(more, 'more turning point')} in the report)" if more > 0 else ""
    return " ".join(told[:TOLD]) + rest
