"""Whether replies keep one form, as a table and in a sentence."""

from passmuster.records.comparison import Comparison
from passmuster.records.consistency import ConsistencyReport
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name, ordered
from passmuster.report.views import Cell, Grid, columns_of, estimate, line, plain, words

NAMED = 1
"""Candidates that a sentence is given to; the others stand in the table."""

FORM_LENGTH = 60
_OVER = (("repeats", "repeats"), ("prompts", "prompts"), ("paraphrases", "paraphrases"))


def consistency(comparison: Comparison) -> Grid | None:
    """Return how each candidate kept its form, only with the columns that there are; None without any."""
    known = {each.candidate: each for each in comparison.consistency if each.replies}
    over = _over(comparison)
    if not known or not over:
        return None
    heads = (
        ("candidate", False),
        *((f"same form over {title}", True) for _, title in over),
        ("forms", True),
        ("commonest form", False),
        ("of replies", True),
    )
    lines = tuple(
        line(comparison, row, _cells(known[row.name], [key for key, _ in over]))
        for row in ordered(comparison)
        if row.name in known
    )
    return Grid(heads=heads, lines=lines)


def _over(comparison: Comparison) -> list[tuple[str, str]]:
    return [
        (key, title)
        for key, title in _OVER
        if any(getattr(each, key) is not None for each in comparison.consistency)
    ]


def _cells(found: ConsistencyReport, over: list[str]) -> list[Cell]:
    common = next(iter(found.forms.items()), None)
    return [
        *(estimate(getattr(found, key)) for key in over),
        plain(f"{len(found.forms):,}" + ("+" if "(others)" in found.forms else "")),
        words(figures.MISSING if common is None else label(common[0], FORM_LENGTH)),
        plain(None if common is None else figures.percent(common[1] / found.replies)),
    ]


def consistency_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the same as columns of text; empty where there is nothing."""
    return columns_of(consistency(comparison), "form")


def consistency_note(comparison: Comparison) -> str | None:
    """Return in a sentence how the first candidate kept its form; None where nothing could be compared."""
    known = {each.candidate: each for each in comparison.consistency}
    over = _over(comparison)
    said = []
    for row in ordered(comparison):
        found = known.get(row.name)
        parts = [
            f"{figures.interval(figure)} over {title}"
            for key, title in over
            if found is not None and (figure := getattr(found, key)) is not None
        ]
        if parts:
            said.append(f"{name(row)} {', '.join(parts)}")
    return f"pairs of replies in the same form: {'; '.join(said[:NAMED])}." if said else None
