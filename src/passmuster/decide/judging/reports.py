"""What a report says of a judge: what it says alone, and what people make of it, with their number, method and date."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict

import numpy as np

from passmuster.decide.judging.corrected import LEAST_RATINGS, JudgedRows, corrected_estimate, judged_rows
from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_estimate
from passmuster.records.judged import JudgedReport, JudgeReport, Trust
from passmuster.records.score import Estimate
from passmuster.stats.judged.rates import correlation, sensitivity, specificity
from passmuster.stats.judged.worth import worth

NOT_CORRECTED = "not corrected: too few ratings"


class _Skill(TypedDict):
    sensitivity: Estimate | None
    specificity: Estimate | None
    correlation: Estimate | None
    worth: float | None


def judged_report(measured: Measured, judge: JudgeReport) -> JudgedReport:
    """Return what a judge says of a candidate, and what people's ratings make of it."""
    metric = judge.metric
    rows = judged_rows(measured, metric)
    found = corrected_estimate(measured, metric)
    cells = measured.columns.rated.get(metric)
    uncorrected: Trust = "at_its_word" if judge.trust == "at_its_word" else "uncalibrated"
    return JudgedReport(
        raw=metric_estimate(measured, metric),
        corrected=found,
        trust=uncorrected if found is None else "calibrated",
        judge=judge.version,
        labels=rows.labels,
        drawn=rows.labels if rows.drawn else 0,
        raters=0 if cells is None else len(cells.raters),
        method=NOT_CORRECTED if found is None else found.method,
        date=None if cells is None else _day(cells.newest),
        **_skill(measured, metric, rows),
    )


def with_ratings(judge: JudgeReport, measured: Iterable[Measured]) -> JudgeReport:
    """Return a judge's report with what people said of all candidates: how many replies, how many people, until when."""
    found = [
        (item, item.columns.rated[judge.metric]) for item in measured if judge.metric in item.columns.rated
    ]
    counts = [judged_rows(item, judge.metric).labels for item, _ in found]
    times = [cells.newest for _, cells in found if cells.newest is not None]
    whole = bool(counts) and min(counts) >= LEAST_RATINGS
    return replace(
        judge,
        labels=sum(counts),
        raters=len(frozenset().union(*(cells.raters for _, cells in found))),
        date=_day(max(times)) if times else None,
        trust="calibrated" if whole else judge.trust,
    )


def _skill(measured: Measured, metric: str, rows: JudgedRows) -> _Skill:
    """Return how well the judge tells good replies from bad ones."""
    nothing = _Skill(sensitivity=None, specificity=None, correlation=None, worth=None)
    if rows.labels < 2:
        return nothing
    with_people = correlation(rows.judged, rows.human, groups=rows.groups)
    value = with_people.value
    unrated = len(rows.judged) - rows.labels
    extra = None if value is None else worth(value, rows.labels, unrated).extra
    gained = extra if extra is not None and np.isfinite(extra) else None
    if not measured.binary[metric]:
        return _Skill(sensitivity=None, specificity=None, correlation=with_people, worth=gained)
    return _Skill(
        sensitivity=sensitivity(rows.judged, rows.human, drawn_by_verdict=rows.drawn, groups=rows.groups),
        specificity=specificity(rows.judged, rows.human, drawn_by_verdict=rows.drawn, groups=rows.groups),
        correlation=with_people,
        worth=gained,
    )


def _day(time: float | None) -> str | None:
    """Return a time as its day in ISO 8601."""
    if time is None or not np.isfinite(time):
        return None
    try:
        return datetime.fromtimestamp(time, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return None
