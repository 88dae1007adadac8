"""F1, precision and recall of metrics that count: what was right, what was answered, what the references hold.

The figures are those of the sums over all cases, so a case with ten entities counts for ten; the intervals are those of
a ratio of two sums over cases (delta method), whole groups where cases are grouped, weighted back to traffic.
"""

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.measured import FAILED, REPLIED, UNSCORED, FloatArray, Measured
from passmuster.decide.phrases import counting
from passmuster.records.counts import CountReport
from passmuster.records.score import Difference, Estimate
from passmuster.records.task import Bar
from passmuster.stats.clusters import (
    RatioSums,
    student_tail,
    sums_of,
    weighted_ratio_columns,
    whole_degrees,
    with_pseudo_scores,
)
from passmuster.stats.intervals import LEVEL
from passmuster.stats.paired import paired_mean_interval, paired_mean_p
from passmuster.stats.power import cases_to_fail_mean, cases_to_pass_mean
from passmuster.stats.student import student_quantile


def counted_estimate(measured: Measured, metric: str, level: float = LEVEL) -> Estimate:
    """Estimate F1 of the sums over the trials with a reply."""
    sums = _per_case(_replied(measured, metric))
    found = _ratio(measured, 2 * sums[:, 0], sums[:, 1] + sums[:, 2], "F1", level)
    scored = int((~np.isnan(sums[:, 0])).sum())
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=scored,
        n_missing=measured.receivable - scored,
        method=found.method,
        note=found.note,
    )


def count_reports(measured: Measured, metric: str) -> tuple[CountReport, ...]:
    """Return precision, recall and F1 of each kind, those with the most in the references first."""
    counted = measured.columns.counts[metric]
    replied = (measured.columns.state == REPLIED).reshape(-1)
    made = []
    for kind, (cells, values) in counted.kinds.items():
        kept = replied[cells]
        table = np.full((measured.cases * measured.layout.repeats, 3), np.nan)
        np.add.at(table, cells[kept], np.nan_to_num(table[cells[kept]]))
        table[cells[kept]] = 0.0
        np.add.at(table, cells[kept], values[kept])
        sums = _per_case(table.reshape(-1, measured.layout.repeats, 3))
        right, answered, actual = (sums[:, place] for place in range(3))
        total = np.nansum(table, axis=0)
        made.append(
            CountReport(
                kind=kind,
                right=float(total[0]),
                answered=float(total[1]),
                reference=float(total[2]),
                precision=_ratio(measured, right, answered, "precision"),
                recall=_ratio(measured, right, actual, "recall"),
                f1=_ratio(measured, 2 * right, answered + actual, "F1"),
                wrong=None if counted.differing is None else counted.differing.get(kind, 0.0),
            )
        )
    return tuple(sorted(made, key=lambda report: (-report.reference, report.kind)))


def counted_difference(first: Measured, second: Measured, metric: str) -> Difference:
    """Estimate how much better the F1 of `first` is than that of `second` on the cases where both replied."""
    a, b = (_per_case(_replied(item, metric)) for item in (first, second))
    known = ~np.isnan(a[:, 0]) & ~np.isnan(b[:, 0])
    n = int(known.sum())
    missing = first.cases - n
    some = [_top_bottom(each[known]) for each in (a, b)]
    weights = None if first.weights is None else first.weights[known]
    own = np.ones(n) if weights is None else weights
    if n == 0 or any((bottom * own).sum() == 0 for _, bottom in some):
        return Difference(value=None, n=n, n_missing=missing, method="no common cases")
    groups = None if first.groups is None else first.groups[known]
    ratios = [float((top * own).sum() / (bottom * own).sum()) for top, bottom in some]
    parts = [
        (top - ratio * bottom) / np.average(bottom, weights=weights)
        for (top, bottom), ratio in zip(some, ratios, strict=True)
    ]
    gap = ratios[0] - ratios[1]
    shares = parts[0] - parts[1] + gap
    interval = paired_mean_interval(shares, clusters=groups, weights=weights)
    low, high = interval or (None, None)
    return Difference(
        value=gap,
        low=low,
        high=high,
        p=paired_mean_p(shares, clusters=groups, weights=weights),
        n=n,
        n_missing=missing,
        method="difference of two F1, delta method" + ("" if groups is None else ", clustered by group"),
    )


def counted_test(bar: Bar, measured: Measured) -> BarTest:
    """Test that F1 is at least (or at most) the limit; a failed trial counts as an empty answer."""
    limit, at_least = limit_of(bar), bar.at_least is not None
    worst, best = (_tested(measured, bar.metric, good=good) for good in (not at_least, at_least))
    if np.isnan(worst[:, 0]).all():
        return not_testable(bar, None, "no scores", len(worst))
    readings = [_columns(measured, *_top_bottom(each)) for each in (worst, best)]
    total = sums_of(readings[0].sum(axis=0))
    value, error = float(total.value()), float(with_pseudo_scores(total).standard_error())
    n = float((~np.isnan(worst[:, 0])).sum())
    deviation = error * n**0.5 if np.isfinite(error) else 0.5
    sign = 1.0 if at_least else -1.0

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = (with_pseudo_scores(sums_of(part)) for part in np.split(sums, 2, axis=-1))
        return (
            student_tail(sign * (low.value() - limit), low.standard_error(), low.units - 1),
            student_tail(sign * (limit - high.value()), high.standard_error(), high.units - 1),
        )

    def more(level: float) -> int | None:
        inside = value > limit if at_least else value < limit
        mean, goal = (value, limit) if at_least else (1 - value, 1 - limit)
        needed = (
            None
            if value == limit
            else (cases_to_pass_mean if inside else cases_to_fail_mean)(mean, deviation, goal, level)
        )
        return None if needed is None else max(1, int(np.ceil(needed - n)))

    return BarTest(
        bar=bar,
        columns=np.hstack(readings),
        p_values=p_values,
        value=value if np.isfinite(value) else None,
        method="t test of F1 (ratio of sums) with two pseudo-scores",
        more=more,
        note=_note(measured, bar.metric),
    )


def _note(measured: Measured, metric: str) -> str | None:
    failed = int(measured.failed_on(metric).sum())
    unscored = measured.unscored(metric)
    parts = [counting(failed, "failed trial", "as empty answers")] if failed else []
    parts += [counting(unscored, "unscored trial", "against either side")] if unscored else []
    return "; ".join(parts) or None


def _replied(measured: Measured, metric: str) -> FloatArray:
    sums = measured.columns.counts[metric].sums
    return np.where((measured.columns.state == REPLIED)[:, :, None], sums, np.nan)


def _tested(measured: Measured, metric: str, *, good: bool) -> FloatArray:
    """Return the counts of each case where an unscored reply is read as all right, or as all wrong."""
    sums = measured.columns.counts[metric].sums
    state, code = measured.columns.state, measured.columns.scores[metric].code
    known = np.where(np.isin(state, (REPLIED, FAILED))[:, :, None], sums, np.nan)
    usual = np.nanmean(known[..., 2]) if not np.isnan(known[..., 2]).all() else 1.0
    guess = np.array([usual if good else 0.0, usual, usual])
    unknown = (state == REPLIED) & (code == UNSCORED)
    return _per_case(np.where(unknown[:, :, None], guess, known))


def _per_case(cells: FloatArray) -> FloatArray:
    """Return the mean counts of each case over its repeats, shape (cases, 3); NaN where there are none."""
    known = ~np.isnan(cells[..., 0])
    count = known.sum(axis=1)
    total = np.where(known[:, :, None], cells, 0.0).sum(axis=1)
    return np.where((count > 0)[:, None], total / np.maximum(count, 1)[:, None], np.nan)


def tested_ratio(measured: Measured, metric: str, *, good: bool) -> tuple[FloatArray, FloatArray]:
    """Return what F1 divides in each case, top and bottom; an unscored reply is read as all right, or as all wrong."""
    return _top_bottom(_tested(measured, metric, good=good))


def _top_bottom(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    return 2 * sums[:, 0], sums[:, 1] + sums[:, 2]


def _columns(measured: Measured, top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Return the ratio's columns; cases without anything to count are no units."""
    used = np.nan_to_num(bottom) > 0
    tops, bottoms = np.where(used, top, 0.0), np.where(used, bottom, 0.0)
    return weighted_ratio_columns(tops, bottoms, measured.weights, measured.groups, used)


def _ratio(
    measured: Measured, top: FloatArray, bottom: FloatArray, name: str, level: float = LEVEL
) -> Estimate:
    """Estimate a share of two sums; t with two pseudo-scores of average size, as for a mean."""
    used = int((np.nan_to_num(bottom) > 0).sum())
    if not used:
        return Estimate(value=None, n=0, method="no data", note="nothing to count")
    sums: RatioSums = sums_of(_columns(measured, top, bottom).sum(axis=0))
    value, padded = float(sums.value()), with_pseudo_scores(sums)
    half = student_quantile((1 + level) / 2, whole_degrees(padded)) * float(padded.standard_error())
    centre = float(padded.value())
    method = f"{name} of the sums, delta method with two pseudo-scores"
    return Estimate(
        value=value,
        low=min(value, max(0.0, centre - half)),
        high=max(value, min(1.0, centre + half)),
        n=used,
        method=method + ("" if measured.groups is None else ", clustered by group"),
    )
