"""The test of one bar for one candidate, as a function of sums over cases.

Because every p-value needs nothing but sums, the same test runs on the cases as they are and on thousands of
resamples of them: a resample is a matrix product.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import bar_text
from passmuster.records.task import Bar, Success, Task
from passmuster.stats.clusters import ratio_columns, student_tail, sums_of, with_pseudo_scores
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less, effective_sample
from passmuster.stats.power import cases_to_fail, cases_to_fail_mean, cases_to_pass, cases_to_pass_mean
from passmuster.stats.quantiles import quantile
from passmuster.stats.ratio import ratio_p_above, ratio_p_below

PValues: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Sums, shape (..., columns) -> one-sided p-values of "does not meet" and of "meets", shape (...)."""

QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
FIRST_TOKEN_QUANTILES = {"first_token_p50": 0.5, "first_token_p95": 0.95}
COSTS = ("cost_per_task", "cost_per_success", "cost_per_month")


@dataclass(frozen=True, slots=True, kw_only=True)
class BarTest:
    """A bar made ready for one candidate.

    `columns` has one row per case and what is summed in its columns; where several tests share them, `places`
    says which are this one's, and `known` what `observed` said of its own. `more` says how many cases in all would
    settle the test at a level, None where no number would. A test that is not `testable` (a stated figure, an
    unknown cost) meets no bar; it misses one only where the user's own statement does (`stated_miss`).
    """

    bar: Bar
    columns: FloatArray
    p_values: PValues
    value: float | None
    method: str
    more: Callable[[float], int | None]
    note: str | None = None
    testable: bool = True
    stated_miss: bool = False
    places: tuple[int, ...] | None = None
    known: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """The bar in words, such as `exact_match >= 0.70`."""
        return bar_text(self.bar)

    def observed(self) -> tuple[float, float]:
        """Return both p-values on the cases as they are."""
        if self.known is not None:
            return self.known
        p, p_misses = self.p_values(self.columns.sum(axis=0))
        return float(p), float(p_misses)


class Pool:
    """Columns of several tests, each of them once.

    Most tests count the same cases, so that one table is smaller, and a resample is one product.
    """

    def __init__(self) -> None:
        self._kept: list[FloatArray] = []

    def add(self, table: FloatArray) -> tuple[int, ...]:
        """Take in the columns of a table; return where they stand."""
        return tuple(self._place(column) for column in table.T)

    def _place(self, column: FloatArray) -> int:
        for place, other in enumerate(self._kept):
            if np.array_equal(other, column):
                return place
        self._kept.append(column.copy())  # not a view, which would hold the whole table
        return len(self._kept) - 1

    def table(self) -> FloatArray:
        """Return all columns side by side, and let go of them, one after another."""
        rows = self._kept[0].size if self._kept else 0
        table = np.empty((len(self._kept), rows))
        for place in range(len(table)):
            table[place] = self._kept[place]
            self._kept[place] = np.empty(0)
        self._kept = []
        return table.T


def share_columns(
    tests: Iterable[BarTest], others: FloatArray
) -> tuple[tuple[BarTest, ...], tuple[int, ...]]:
    """Return the tests with one table of columns among them, in which none stands twice, and where `others` stand."""
    pool = Pool()
    lean = [_lean(test, pool) for test in tests]
    places = pool.add(others)
    table = pool.table()
    return tuple(replace(test, columns=table) for test in lean), places


def _lean(test: BarTest, pool: Pool) -> BarTest:
    return replace(test, columns=np.empty((0, 0)), places=pool.add(test.columns), known=test.observed())


def bar_test(bar: Bar, measured: Measured, task: Task) -> BarTest:
    """Make the test of `bar` for one candidate.

    Raises:
        KeyError: for a metric that the task does not have; the project file is checked before.
    """
    if bar.metric in QUANTILES:
        return _quantile_test(bar, measured, QUANTILES[bar.metric], first_token=False)
    if bar.metric in FIRST_TOKEN_QUANTILES:
        return _quantile_test(bar, measured, FIRST_TOKEN_QUANTILES[bar.metric], first_token=True)
    if bar.metric == "failure_rate":
        failed = measured.failed
        return _share_test(bar, measured, (1 - failed, 1 - failed), 1 - _limit(bar), _mean(failed))
    if bar.metric in COSTS:
        return _cost_test(bar, measured, task)
    return _score_test(bar, measured)


def success_rule(task: Task) -> Success:
    """Return when a trial counts as a success: as the task says, else its first metric at 1."""
    return task.success or Success(metric=task.metrics[0].name)


def not_testable(bar: Bar, value: float | None, note: str, cases: int) -> BarTest:
    """Return a test that can only be undecided, with the reason why."""
    ones = np.ones
    return BarTest(
        bar=bar,
        columns=np.zeros((cases, 1)),
        p_values=lambda sums: (ones(sums.shape[:-1]), ones(sums.shape[:-1])),
        value=value,
        method="none",
        more=lambda _level: None,
        note=note,
        testable=False,
    )


def stated_test(bar: Bar, value: float, cases: int) -> BarTest:
    """Return the test of a figure that is only stated: no evidence for a bar, but an admission against it."""
    miss = value < _limit(bar) if bar.at_least is not None else value > _limit(bar)
    note = "missed by the stated figure" if miss else "a stated figure is no evidence"
    return replace(not_testable(bar, value, note, cases), method="stated", stated_miss=miss)


def _limit(bar: Bar) -> float:
    limit = bar.at_least if bar.at_least is not None else bar.at_most
    if limit is None:
        message = f"a bar on {bar.metric} has no limit"
        raise ValueError(message)
    return limit


def _score_test(bar: Bar, measured: Measured) -> BarTest:
    at_least = bar.at_least is not None
    bad, good = (0.0, 1.0) if at_least else (1.0, 0.0)
    worst = measured.tested(bar.metric, failed=bad, unknown=bad)
    best = measured.tested(bar.metric, failed=bad, unknown=good)
    if np.isnan(worst).all():
        return not_testable(bar, None, "no scores", len(worst))
    note = _failure_note(measured, bar.metric)
    limit = _limit(bar)
    if not at_least:
        worst, best, limit = 1 - worst, 1 - best, 1 - limit
    value = _mean(worst if at_least else 1 - worst)
    if measured.binary[bar.metric]:
        return replace(_share_test(bar, measured, (worst, best), limit, value), note=note)
    return replace(_mean_test(bar, measured, (worst, best), limit, value), note=note)


def _failure_note(measured: Measured, metric: str) -> str | None:
    failed = sum(measured.account.kinds.values())
    unscored = measured.unscored(metric)
    parts = []
    if failed:
        parts.append(f"{failed} failed trials count as not met")
    if unscored:
        parts.append(f"{unscored} unscored trials count against either side")
    return "; ".join(parts) or None


def _quantile_test(bar: Bar, measured: Measured, q: float, *, first_token: bool) -> BarTest:
    seconds = measured.first_tokens() if first_token else measured.latencies()
    known = seconds[~np.isnan(seconds)]
    if known.size == 0:
        return not_testable(bar, None, "no times recorded", len(seconds))
    within = 1 - measured.over(_limit(bar), first_token=first_token)
    test = _share_test(bar, measured, (within, within), q, quantile(known, q))
    failed = sum(measured.account.kinds.values())
    note = f"{failed} failed trials count as too slow" if failed else None
    return replace(test, method=f"exact binomial test of the share within {_limit(bar):.3g} s", note=note)


def _share_test(
    bar: Bar, measured: Measured, shares: tuple[FloatArray, FloatArray], limit: float, value: float | None
) -> BarTest:
    """Test that the share of good cases is at least `limit`, with the worst and the best reading of it."""
    worst, best = shares
    factor = _effective_share(measured, worst)
    columns = np.empty((len(worst), 3))
    for place, reading in enumerate((~np.isnan(worst), np.nan_to_num(worst), np.nan_to_num(best))):
        columns[:, place] = reading

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        n, low, high = (sums[..., index] * factor for index in range(3))
        return binomial_p_greater(low, n, limit), binomial_p_less(high, n, limit)

    n = float(columns[:, 0].sum())
    rate = float(columns[:, 1].sum() / n)
    best_rate = float(columns[:, 2].sum() / n)

    def more(level: float) -> int | None:
        if rate > limit:
            total = cases_to_pass(rate, limit, level)
        elif best_rate < limit:
            total = cases_to_fail(best_rate, limit, level)
        else:
            return None
        return None if total is None else max(1, int(np.ceil(total / factor - n)))

    method = "exact binomial test" if factor == 1 else "exact binomial test on the effective sample"
    return BarTest(bar=bar, columns=columns, p_values=p_values, value=value, method=method, more=more)


def _mean_test(
    bar: Bar, measured: Measured, scores: tuple[FloatArray, FloatArray], limit: float, value: float | None
) -> BarTest:
    """Test that a mean score is at least `limit`, with the worst and the best reading of unknown scores."""
    worst, best = scores
    known = ~np.isnan(worst)
    sizes = known.astype(float)
    columns = np.hstack(
        [ratio_columns(np.nan_to_num(reading), sizes, measured.groups, known) for reading in (worst, best)]
    )

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = (with_pseudo_scores(sums_of(part)) for part in np.split(sums, 2, axis=-1))
        return (
            student_tail(low.value() - limit, low.standard_error(), low.units - 1),
            student_tail(limit - high.value(), high.standard_error(), high.units - 1),
        )

    n = float(known.sum())
    mean = float(worst[known].mean())
    error = float(sums_of(columns.sum(axis=0)[:6]).standard_error())
    deviation = error * n**0.5 if np.isfinite(error) else 0.5

    def more(level: float) -> int | None:
        search = cases_to_pass_mean if mean > limit else cases_to_fail_mean
        total = None if mean == limit else search(mean, deviation, limit, level)
        return None if total is None else max(1, int(np.ceil(total - n)))

    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=value,
        method="t test with two pseudo-scores",
        more=more,
    )


def _cost_test(bar: Bar, measured: Measured, task: Task) -> BarTest:
    costs = measured.costs()
    if bar.metric == "cost_per_success":
        rule = success_rule(task)
        successes = measured.successes(rule.metric, rule.at_least)
    else:
        successes = np.ones(len(costs))
    known = ~np.isnan(costs) & ~np.isnan(successes)
    limit, scale = _limit(bar), 1.0
    if bar.metric == "cost_per_month":
        if task.cost.monthly_volume is None:
            return not_testable(bar, None, "no monthly volume is given", len(costs))
        scale = float(task.cost.monthly_volume)
        limit = limit / scale
    if measured.basis == "unknown" or not known.any():
        return not_testable(bar, None, "the cost is unknown", len(costs))
    cost, success = np.where(known, costs, 0.0), np.where(known, successes, 0.0)
    columns = ratio_columns(cost, success, measured.groups, known)
    lower_bound = measured.basis == "lower_bound"

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        ratio = sums_of(sums)
        below, above = ratio_p_below(limit, ratio), ratio_p_above(limit, ratio)
        return (np.ones_like(below) if lower_bound else below), above

    value = float(cost.sum() / success.sum()) if success.sum() else None
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=None if value is None else value * scale,
        method="t test of the log ratio",
        more=lambda _level: None,
        note="only a lower bound of the cost is known" if lower_bound else None,
    )


def _effective_share(measured: Measured, values: FloatArray) -> float:
    """Return n_eff / n where cases are grouped, else 1."""
    if measured.groups is None:
        return 1.0
    known = ~np.isnan(values)
    return min(1.0, effective_sample(values[known], measured.groups[known]).size / float(known.sum()))


def _mean(values: FloatArray) -> float | None:
    return None if np.isnan(values).all() else float(np.nanmean(values))
