"""What metrics found part by part and kind by kind, as the HTML report shows it."""

from dataclasses import dataclass
from math import inf

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.counts import CountReport
from passmuster.records.record import Record
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import name, ordered
from passmuster.report.views import Cell, Grid, estimate, line

PARTS_LIMIT = 12
KINDS_LIMIT = 40
HEADS = ("in references", "answered", "right")
FIGURES = ("precision", "recall", "F1")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsView(Record):
    """The parts of one metric: a row for each candidate; where not all fit, those with the lowest means."""

    metric: str
    grid: Grid
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsView(Record):
    """What one candidate's answers hold of each kind, under one metric; `heads` name the cells of a row."""

    name: str
    metric: str
    summary: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    left_out: int


def parts(comparison: Comparison) -> tuple[PartsView, ...]:
    """Return one table for each metric that scores parts: fields, constraints, checks."""
    made = []
    for metric in comparison.metrics:
        rows = [row for row in ordered(comparison) if row.parts.get(metric.name)]
        keys = list(dict.fromkeys(key for row in rows for key in row.parts[metric.name]))
        if not rows:
            continue
        shown = _lowest(rows, metric.name, keys)
        heads = (("candidate", False), *((label(key), True) for key in shown))
        cells = [(row, [estimate(row.parts[metric.name].get(key)) for key in shown]) for row in rows]
        lines = tuple(line(comparison, row, each) for row, each in cells)
        grid = Grid(heads=heads, lines=lines)
        made.append(PartsView(metric=label(metric.name), grid=grid, left_out=len(keys) - len(shown)))
    return tuple(made)


def _lowest(rows: list[CandidateReport], metric: str, keys: list[str]) -> list[str]:
    if len(keys) <= PARTS_LIMIT:
        return keys

    def worst(key: str) -> float:
        found = (row.parts[metric].get(key) for row in rows)
        return min((each.value for each in found if each is not None and each.value is not None), default=inf)

    chosen = set(sorted(keys, key=worst)[:PARTS_LIMIT])
    return [key for key in keys if key in chosen]


def counts(comparison: Comparison) -> tuple[CountsView, ...]:
    """Return one table for each candidate and each metric that counts."""
    return tuple(
        _counts(row, metric.name, row.counts[metric.name])
        for metric in comparison.metrics
        for row in ordered(comparison)
        if row.counts.get(metric.name)
    )


def _counts(row: CandidateReport, metric: str, found: tuple[CountReport, ...]) -> CountsView:
    apart = all(each.wrong is not None for each in found)
    wrong = sum(each.wrong or 0.0 for each in found)
    invented = _number(sum(each.answered - each.right for each in found) - wrong)
    missed = _number(sum(each.reference - each.right for each in found) - wrong)
    lost = f"{_number(wrong)} wrong, {missed} missed, {invented} invented"
    fates = ("wrong", "missed", "invented") if apart else ("missed", "wrong or invented")
    score = figures.interval(row.metrics.get(metric))
    return CountsView(
        name=name(row),
        metric=label(metric),
        summary=f"F1 {score}; {lost if apart else f'{missed} missed, {invented} wrong or invented'}",
        heads=(*HEADS, *fates, *FIGURES),
        rows=tuple((label(each.kind, 48), _cells(each, apart=apart)) for each in found[:KINDS_LIMIT]),
        left_out=max(0, len(found) - KINDS_LIMIT),
    )


def _cells(each: CountReport, *, apart: bool) -> tuple[Cell, ...]:
    wrong = each.wrong or 0.0
    numbers = (
        each.reference,
        each.answered,
        each.right,
        *((wrong,) if apart else ()),
        each.reference - each.right - wrong,
        each.answered - each.right - wrong,
    )
    return (
        *(Cell(text=_number(number)) for number in numbers),
        *(estimate(figure) for figure in (each.precision, each.recall, each.f1)),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
