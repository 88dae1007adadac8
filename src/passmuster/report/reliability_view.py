"""How reliably candidates meet a metric, as a table and in a sentence."""

from passmuster.records.comparison import Comparison
from passmuster.records.reliability import ReliabilityReport
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name, ordered
from passmuster.report.views import Cell, Grid, columns_of, estimate, line, plain, words

NAMED = 1
"""Candidates that a sentence is given to; the others stand in the table."""

_OVER = (("repeats", "every repeat"), ("prompts", "every prompt"), ("variants", "every variant of a case"))


def reliability(comparison: Comparison) -> Grid | None:
    """Return how reliably each candidate meets each metric, only with the columns that there are; None without any."""
    over = _over(comparison)
    if not over:
        return None
    lines = tuple(
        line(comparison, row, _cells(found, [key for key, _ in over]))
        for row in ordered(comparison)
        for found in comparison.reliability
        if found.candidate == row.name
    )
    heads = (
        ("candidate", False),
        ("metric", False),
        ("single trials", True),
        *((title, True) for _, title in over),
    )
    return Grid(heads=heads, lines=lines)


def _over(comparison: Comparison) -> list[tuple[str, str]]:
    return [
        (key, title)
        for key, title in _OVER
        if any(getattr(each, key) is not None for each in comparison.reliability)
    ]


def _cells(found: ReliabilityReport, over: list[str]) -> list[Cell]:
    return [
        words(label(found.metric)),
        plain(figures.percent(found.single)),
        *(estimate(getattr(found, key)) for key in over),
    ]


def reliability_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the same as columns of text; empty where there is nothing."""
    return columns_of(reliability(comparison), "reliable")


def reliability_note(comparison: Comparison) -> str | None:
    """Return in a sentence how reliably the first candidate meets the first metric of these; None without any."""
    over = _over(comparison)
    metric = next((each.metric for each in comparison.reliability), None)
    known = {each.candidate: each for each in comparison.reliability if each.metric == metric}
    said = []
    for row in ordered(comparison):
        found = known.get(row.name)
        parts = [
            f"{figures.interval(figure)} in {title}"
            for key, title in over
            if found is not None and (figure := getattr(found, key)) is not None
        ]
        if parts and found is not None:
            said.append(f"{name(row)} {', '.join(parts)} ({figures.percent(found.single)} of single trials)")
    return f"{label(metric or '')} met {'; '.join(said[:NAMED])}." if said else None
