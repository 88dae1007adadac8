"""The test of a bar on a judge's figure: by what people said, never by the judge alone."""

from dataclasses import replace

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.judging.corrected import LEAST_RATINGS, JudgedRows, judged_rows
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counted, counting
from passmuster.records.judged import JudgeReport
from passmuster.records.task import Bar
from passmuster.stats.clusters import student_tail
from passmuster.stats.judged.corrected import corrected_of_sums, form_of, judged_columns, words
from passmuster.stats.judged.form import Form, why_not
from passmuster.stats.power import cases_for_gap

_FATES = 3
"""Columns beside those of the estimate: trials that failed, replies that could not be judged, judged ones."""


def judged_test(bar: Bar, measured: Measured, judge: JudgeReport) -> BarTest | None:
    """Return the test of a bar on what a judge says; None where the judge is to be taken at its word.

    The figure is the one that people's ratings correct. A trial without a reply counts as the worst value, a reply that the judge
    could not be read on against either side, as everywhere. Without enough ratings the bar is undecided.
    """
    rows = judged_rows(measured, bar.metric)
    found = judged_figure(bar, measured, judge, rows)
    if found is None or isinstance(found, BarTest):
        return found
    columns, test = found.columns, found
    value, error, degrees = test.figure(columns.sum(axis=0), unknown=None)
    del degrees
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=test.p_values,
        value=float(value),
        method=f"t test, {test.words}",
        more=lambda level: _more(float(value) - limit_of(bar), float(error), rows, level),
        ratings=lambda level: _ratings(float(value), limit_of(bar), float(error), rows, level),
        note=_note(measured, bar.metric, rows),
    )


def judged_figure(
    bar: Bar, measured: Measured, judge: JudgeReport, rows: JudgedRows
) -> "JudgedFigure | BarTest | None":
    """Return the corrected figure of a candidate as a function of sums, or the test that says why there is none.

    None where the judge is to be taken at its word.
    """
    if rows.labels < LEAST_RATINGS:
        return None if judge.trust == "at_its_word" else _uncalibrated(bar, measured, rows)
    prepared = form_of(
        rows.judged,
        rows.human,
        bounds=rows.bounds,
        drawn=rows.drawn,
        stands=rows.stands,
        weights=rows.weights,
        groups=rows.groups,
        strata=rows.strata,
    )
    if prepared is None:
        reason = why_not(rows.judged, rows.human, bounds=rows.bounds, drawn=rows.drawn)
        return not_testable(bar, _raw(measured, bar.metric), reason or "not corrected", measured.cases)
    own = judged_columns(prepared)
    columns = _by_case(measured, bar.metric, rows, own)
    return JudgedFigure(bar, rows, (columns, prepared.form, own.shape[1]), words(prepared))


class JudgedFigure:
    """What a bar on a judge is about, as a function of sums of its `columns`: the corrected figure and its error.

    `worst` and `best` are the values that count as such for the bar; `words` say how it was corrected.
    """

    def __init__(self, bar: Bar, rows: JudgedRows, prepared: tuple[FloatArray, Form, int], how: str) -> None:
        self.columns, self.form, self.width = prepared
        self.words = how
        self.limit = limit_of(bar)
        self.sign = 1.0 if bar.at_least is not None else -1.0
        low, high = rows.bounds
        self.worst, self.best = (low, high) if self.sign > 0 else (high, low)

    def p_values(self, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the p-values of "does not meet" and of "meets"."""
        found = []
        for sign, unknown in ((self.sign, self.worst), (-self.sign, self.best)):
            value, error, degrees = self.figure(sums, unknown=unknown)
            found.append(student_tail(sign * (value - self.limit), error, degrees))
        return found[0], found[1]

    def figure(self, sums: FloatArray, *, unknown: float | None) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the value, its error and the degrees of freedom; what could not be judged counts as `unknown`."""
        value, error, degrees = corrected_of_sums(sums[..., : self.width], self.form)
        failed, unjudged, judged = (sums[..., self.width + place] for place in range(_FATES))
        unjudged = np.zeros_like(unjudged) if unknown is None else unjudged
        total = np.maximum(failed + unjudged + judged, 1e-300)
        share = judged / total
        outside = (failed * self.worst + unjudged * (unknown or 0.0)) / total
        mean = share * value + outside
        other = np.where(share < 1, outside / np.maximum(1 - share, 1e-300), value)
        apart = share * (1 - share) * (value - other) ** 2 / total
        return mean, np.sqrt((share * error) ** 2 + apart), degrees


def _by_case(measured: Measured, metric: str, rows: JudgedRows, own: FloatArray) -> FloatArray:
    """Return a row a case: the columns of the estimate, and how many of its trials failed, were not read, were judged."""
    repeats = measured.layout.repeats
    table = np.zeros((measured.cases, own.shape[1] + _FATES))
    np.add.at(table[:, : own.shape[1]], rows.cells // repeats, own)
    weights = np.ones(measured.cases) if measured.weights is None else measured.weights
    failed, unjudged = measured.failed_on(metric), measured.unscored_cells(metric)
    judged = ~np.isnan(measured.scores_by_cell(metric))
    for place, cells in enumerate((failed, unjudged, judged)):
        table[:, own.shape[1] + place] = weights * cells.sum(axis=1) / repeats
    return table


def _uncalibrated(bar: Bar, measured: Measured, rows: JudgedRows) -> BarTest:
    missing = LEAST_RATINGS - rows.labels
    note = f"the judge is not calibrated: {counted(missing, 'more reply', 'more replies')} to be rated"
    test = not_testable(bar, _raw(measured, bar.metric), note, measured.cases)
    return replace(test, ratings=lambda _level: missing)


def _raw(measured: Measured, metric: str) -> float | None:
    values = measured.scores(metric)
    known = ~np.isnan(values)
    weights = None if measured.weights is None else measured.weights[known]
    return float(np.average(values[known], weights=weights)) if known.any() else None


def _more(gap: float, error: float, rows: JudgedRows, level: float) -> int | None:
    """Return how many more cases, rated in the same share, would settle the test."""
    n = len(rows.judged)
    needed = cases_for_gap(gap, error * n**0.5, level)
    return None if needed is None else max(1, int(np.ceil(needed - n)))


def _ratings(value: float, limit: float, error: float, rows: JudgedRows, level: float) -> int | None:
    """Return how many more ratings of the same replies would settle the test; None where not even all of them would.

    The variance is what ratings leave open, which falls with their number, and what the cases themselves do.
    """
    low, high = rows.bounds
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    of_cases = (high - low) ** 2 * share * (1 - share) / len(rows.judged)
    precision = cases_for_gap(value - limit, 1.0, level)
    if precision is None or 1 / precision <= of_cases:
        return None
    of_ratings = max(0.0, error**2 - of_cases) * rows.labels
    needed = int(np.ceil(of_ratings / (1 / precision - of_cases)))
    return None if needed > len(rows.judged) else max(1, needed - rows.labels)


def _note(measured: Measured, metric: str, rows: JudgedRows) -> str:
    failed = int(measured.failed_on(metric).sum())
    parts = [f"corrected by {counted(rows.labels, 'rated reply', 'rated replies')}"]
    parts += [counting(failed, "failed trial", "as the worst value")] if failed else []
    unjudged = int(measured.unscored_cells(metric).sum())
    parts += [counting(unjudged, "unread verdict", "against either side")] if unjudged else []
    return "; ".join(parts)
