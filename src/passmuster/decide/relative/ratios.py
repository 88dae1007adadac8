"""Costs against the incumbent's by their ratio, and F1 of sums by the difference."""

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.costs.estimate import Costed, costed
from passmuster.decide.counted import tested_ratio
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.relative.pairs import Pair, more_cases
from passmuster.decide.relative.shares import NO_PAIRS
from passmuster.decide.success import success_rule
from passmuster.records.task import Bar, Task
from passmuster.stats.clusters import student_tail
from passmuster.stats.margins import difference_p
from passmuster.stats.two_ratios import TwoRatios, two_ratio_columns

BY_THE_MONTH = (
    "a month's cost is not held against the incumbent's, because part of it does not grow with the cases:"
    " take cost_per_task, or a limit in US dollars"
)


def cost_ratio_test(bar: Bar, pair: Pair, task: Task) -> BarTest:
    """Test that a cost is at most (or at least) so many times the incumbent's, by t on the log of the paired ratio."""
    cases = pair.candidate.cases
    if bar.metric == "cost_per_month":
        return not_testable(bar, None, BY_THE_MONTH, cases)
    bases = (pair.candidate.basis, pair.incumbent.basis)
    if "unknown" in bases:
        whose = "cost" if bases[0] == "unknown" else "incumbent's cost"
        return not_testable(bar, None, f"the {whose} is unknown", cases)
    mine, theirs = (_costed(bar, item, task) for item in (pair.candidate, pair.incumbent))
    if not (mine.bounded & theirs.bounded).any():
        return not_testable(bar, None, NO_PAIRS, cases)
    test = _CostRatio(bar, pair, (mine, theirs), (bases[0] == "lower_bound", bases[1] == "lower_bound"))
    if test.value is None:
        return not_testable(bar, None, "the incumbent costs nothing, or never succeeds", cases)
    observed = test.p_values(test.columns.sum(axis=0))
    found = float(observed[0]), float(observed[1])
    bound = any(test.bounds)
    return BarTest(
        bar=bar,
        columns=test.columns,
        p_values=test.p_values,
        value=test.value if np.isfinite(test.value) else None,
        method="t test of the log of the paired ratio",
        more=lambda level: None if bound else more_cases(test.cases, found, level),
        note="only a lower bound of a cost is known" if bound else None,
    )


class _CostRatio:
    """The ratio of two costs as a function of sums of its `columns`; `bounds` say whose cost is a lower bound only."""

    def __init__(self, bar: Bar, pair: Pair, both: tuple[Costed, Costed], bounds: tuple[bool, bool]) -> None:
        mine, theirs = both
        known = mine.bounded & theirs.bounded
        readings = ((mine.expected, theirs.expected), (mine.worst, theirs.best), (mine.best, theirs.worst))
        seen, *tables = (
            two_ratio_columns(
                (one, mine.successes), (other, theirs.successes), used, pair.groups, pair.weights
            )
            for one, other in readings
            for used in [known & ~np.isnan(one) & ~np.isnan(other)]
        )
        self.bar, self.bounds = bar, bounds
        self.columns = np.hstack(tables)
        self.cases = float(known.sum())
        self._events = _pseudo_events(both, seen, known, pair)
        total = TwoRatios(seen.sum(axis=0))
        first, second = (float(each) for each in total.values())
        measurable = float(total.total(2)) > 0 and float(total.total(3)) > 0
        self.value = first / second if measurable else None

    def p_values(self, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the p-values of "does not meet" and of "meets"; of what is at least so much it is shown that it is more."""
        limit = limit_of(self.bar)
        dear, cheap = (TwoRatios(part + self._events) for part in np.split(sums, 2, axis=-1))
        below, above = _tail(dear, limit, 1.0), _tail(cheap, limit, -1.0)
        below = np.ones_like(below) if self.bounds[0] else below
        above = np.ones_like(above) if self.bounds[1] else above
        return (below, above) if self.bar.at_most is not None else (above, below)


def _costed(bar: Bar, measured: Measured, task: Task) -> Costed:
    return costed(
        measured, measured.successes(success_rule(task)) if bar.metric == "cost_per_success" else None
    )


def _tail(found: TwoRatios, limit: float, way: float) -> FloatArray:
    """Return the p-value of "the ratio is not below the limit", or for a `way` of -1 "not above"."""
    log, error = found.log_quotient()
    distance = np.where(np.isfinite(log), np.log(limit) - np.nan_to_num(log), 0.0)
    tail = student_tail(way * distance, error, found.units - 1)
    free = (found.total(0) <= 0) & (found.total(1) > 0) & (found.total(2) > 0)
    return np.where(free, 0.0 if way > 0 else 1.0, tail)


def _pseudo_events(
    both: tuple[Costed, Costed], table: FloatArray, known: np.ndarray, pair: Pair
) -> FloatArray:
    """Return the sums of two more units, where events such as an unnoticed wrong answer have a price.

    In one of them only the candidate has an event, in the other only the incumbent: an event that was not seen has a
    price all the same.
    """
    if not any(each.most for each in both):
        return np.zeros(table.shape[1])
    weights = np.ones(int(known.sum())) if pair.weights is None else pair.weights[known]
    size = float(weights.sum()) / max(float(table[:, 0].sum()), 1.0)
    steady = [float(np.average(np.nan_to_num(each.steady[known]), weights=weights)) for each in both]
    success = [float(np.average(each.successes[known], weights=weights)) for each in both]
    mine = np.array([steady[0] + both[0].most, steady[0]]) * size
    theirs = np.array([steady[1], steady[1] + both[1].most]) * size
    right = [np.full(2, each * size) for each in success]
    return np.asarray(two_ratio_columns((mine, right[0]), (theirs, right[1]), [1, 1]).sum(axis=0))


def counted_difference_test(bar: Bar, pair: Pair) -> BarTest:
    """Test the difference of two F1 over the sums of the same cases, by the delta method with two pseudo-differences."""
    limit, at_least = limit_of(bar), bar.at_least is not None
    sign = 1.0 if at_least else -1.0
    tables, known = [], np.zeros(pair.candidate.cases, dtype=np.bool_)
    for lean in (not at_least, at_least):
        mine = tested_ratio(pair.candidate, bar.metric, good=lean)
        theirs = tested_ratio(pair.incumbent, bar.metric, good=not lean)
        known = (
            ~np.isnan(mine[1])
            & ~np.isnan(theirs[1])
            & (np.nan_to_num(mine[1]) + np.nan_to_num(theirs[1]) > 0)
        )
        tables.append(two_ratio_columns(mine, theirs, known, pair.groups, pair.weights))
    if not known.any():
        return not_testable(bar, None, NO_PAIRS, pair.candidate.cases)
    columns = np.hstack(tables)

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        found = []
        for way, part in zip((sign, -sign), np.split(sums, 2, axis=-1), strict=True):
            some = TwoRatios(part)
            value, error = some.difference()
            found.append(difference_p(way * value, error, some.units, way * limit))
        return found[0], found[1]

    value = float(TwoRatios(tables[0].sum(axis=0)).difference()[0])
    observed = p_values(columns.sum(axis=0))
    both = float(observed[0]), float(observed[1])
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=value if np.isfinite(value) else None,
        method="t test of the difference of two F1 (ratios of sums), paired, with two pseudo-differences",
        more=lambda level: more_cases(float(known.sum()), both, level),
    )
