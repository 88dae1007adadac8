"""Judges: what they say alone and what people make of it, as a table, a sentence, and a mark in the matrix."""

from passmuster.records.comparison import CandidateReport, Comparison
from passmuster.records.judged import UNCALIBRATED, JudgedReport, JudgeReport
from passmuster.report import figures
from passmuster.report.escape import label
from passmuster.report.rows import Column, name, ordered, sentence
from passmuster.report.views import Cell, Grid, columns_of, estimate, line, plain, words

NAMED = 3
"""Candidates that a sentence is given to; the others stand in the table."""

_TRUST = {
    "calibrated": "corrected",
    "uncalibrated": "not calibrated",
    "at_its_word": "taken at its word",
}


def has_unchecked(comparison: Comparison) -> bool:
    """Return whether any figure of the matrix is a judge's that nobody has checked."""
    return any(
        figure.note == UNCALIBRATED for row in comparison.candidates for figure in row.metrics.values()
    )


def judged(comparison: Comparison) -> Grid | None:
    """Return a row for each candidate and judge; None where nobody is judged.

    The corrected figure comes first, the judge's own after it.
    """
    rows = [(row, row.judged[judge.metric]) for judge, row in _pairs(comparison)]
    if not rows:
        return None
    skills = _skills([found for _, found in rows])
    heads = (
        ("candidate", False),
        ("metric", False),
        ("corrected by people", True),
        ("the judge alone", True),
        ("rated replies", True),
        ("people", True),
        *((title, True) for _, title in skills),
        ("worth in ratings", True),
        ("newest rating", False),
        ("judge", False),
        ("method", False),
    )
    lines = tuple(
        line(comparison, row, _cells(judge, row.judged[judge.metric], [key for key, _ in skills]))
        for judge, row in _pairs(comparison)
    )
    return Grid(heads=heads, lines=lines)


def judged_columns(comparison: Comparison) -> tuple[Column, ...]:
    """Return the same as columns of text; empty where nobody is judged."""
    return columns_of(judged(comparison), "judged")


def judge_notes(comparison: Comparison) -> tuple[str, ...]:
    """Return a sentence for each judge: who it is, what people said of it, and what it costs."""
    return tuple(_note(comparison, judge) for judge in comparison.judges)


def judge_note(comparison: Comparison) -> str | None:
    """Return the sentences in one, None without a judge."""
    return " ".join(judge_notes(comparison)) or None


def _note(comparison: Comparison, judge: JudgeReport) -> str:
    who = ", ".join(
        label(asked) if asked == model else f"{label(asked)} ({label(model)})"
        for asked, model in zip(judge.asks, judge.models, strict=True)
    )
    rows = [row.judged[judge.metric] for row in comparison.candidates if judge.metric in row.judged]
    some = judge.trust == "uncalibrated" and any(each.corrected is not None for each in rows)
    trust = "in part corrected" if some else _TRUST[judge.trust]
    parts = [f"{label(judge.metric)} is judged by {who}, version {judge.version}: {trust}"]
    if judge.labels:
        people = "1 person" if judge.raters == 1 else f"{judge.raters} people"
        until = "" if judge.date is None else f", the newest on {judge.date}"
        parts.append(
            f" with {figures.count(judge.labels, 'rated reply', 'rated replies')} by {people}{until}"
        )
    elif judge.trust == "uncalibrated":
        parts.append(" - nobody has rated these replies yet (passmuster judge calibrate)")
    if judge.calls:
        paid = "" if judge.spend is None else f" for {figures.money(judge.spend)}"
        # Several metrics may ask the same scorer: what it answered is no metric's own.
        asked = (
            "; in this project it has answered"
            if len(judge.asks) == 1
            else "; in this project they have answered"
        )
        parts.append(f"{asked} {figures.count(judge.calls, 'question')}{paid}")
    said = [
        _moved(row, row.judged[judge.metric]) for row in ordered(comparison) if judge.metric in row.judged
    ]
    moved = [each for each in said if each][:NAMED]
    told = f" Alone it says {'; '.join(moved)}." if moved else ""
    return sentence("".join(parts) + "." + told + "".join(f" {remark}" for remark in judge.remarks))


def _moved(row: CandidateReport, found: JudgedReport) -> str | None:
    if found.corrected is None or found.raw.value is None:
        return None
    return f"{figures.number(found.raw.value)} for {name(row)} instead of {figures.number(found.corrected.value)}"


def _pairs(comparison: Comparison) -> list[tuple[JudgeReport, CandidateReport]]:
    return [
        (judge, row)
        for judge in comparison.judges
        for row in ordered(comparison)
        if judge.metric in row.judged
    ]


def _skills(found: list[JudgedReport]) -> list[tuple[str, str]]:
    every = (("sensitivity", "sensitivity"), ("specificity", "specificity"), ("correlation", "correlation"))
    return [(key, title) for key, title in every if any(getattr(each, key) is not None for each in found)]


def _cells(judge: JudgeReport, found: JudgedReport, skills: list[str]) -> list[Cell]:
    return [
        words(label(judge.metric)),
        estimate(found.corrected)
        if found.corrected is not None
        else Cell(text=figures.MISSING, why="people rated too few of its replies"),
        estimate(found.raw),
        plain(f"{found.labels:,}" + ("" if found.drawn or not found.labels else ", not drawn at random")),
        plain(f"{found.raters:,}"),
        *(estimate(getattr(found, key)) for key in skills),
        plain(None if found.worth is None else f"{found.worth:+,.0f}"),
        words(found.date or figures.MISSING),
        words(found.judge),
        words(label(found.method, 80)),
    ]
