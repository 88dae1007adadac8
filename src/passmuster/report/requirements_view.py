"""What candidates declare against what the task requires, as a table."""

from passmuster.records.comparison import Comparison
from passmuster.records.requirement import RequirementCheck
from passmuster.report.escape import label
from passmuster.report.rows import Column, ordered, sentence
from passmuster.report.views import Cell, Grid, columns_of, line, words

_STATES = {"meets": "meets", "misses": "misses", "undeclared": "undecided"}
"""The word that picks shape and colour."""


def requirements(comparison: Comparison) -> Grid | None:
    """Return what became of each requirement for each candidate; None where the task has none."""
    lines = tuple(
        line(comparison, row, _cells(check)) for row in ordered(comparison) for check in row.requirements
    )
    heads = ("candidate", "requirement", "status", "declared", "read")
    return Grid(heads=tuple((head, False) for head in heads), lines=lines) if lines else None


def _cells(check: RequirementCheck) -> tuple[Cell, ...]:
    return (
        words(label(check.requirement, 80)),
        words(check.status, state=_STATES[check.status]),
        words(sentence(check.note or "")),
        words(read(check.source, check.date)),
    )


def read(source: str | None, date: str | None) -> str:
    """Return where and when something was read.

    Example:
        >>> read("contract", "2026-09-14"), read(None, None)
        ('contract, 2026-09-14', 'source not stated')
    """
    said = ", ".join(label(each, 200) for each in (source, date) if each)
    return said or "source not stated"


def requirement_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the same as columns of text; empty where there is nothing."""
    return columns_of(requirements(comparison), "requirement")
