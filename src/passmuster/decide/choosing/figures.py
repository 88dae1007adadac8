"""The figures that candidates are chosen by, as they were observed and as other cases of the same kind would give them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import scipy

from passmuster.decide.bars import FIRST_TOKEN_QUANTILES, QUANTILES
from passmuster.decide.costs.bars import COSTS
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.outcomes import RATES, turn_rates
from passmuster.decide.seed import SEED
from passmuster.metrics.metric import Metric
from passmuster.records.comparison import CandidateReport
from passmuster.records.score import Direction, Estimate
from passmuster.records.task import Success
from passmuster.stats.resample import resample_weights

RESAMPLES = 1000
BLOCK_CELLS = 500_000
MOST_CASES = 5_000
"""With more cases the noise is small, and is drawn from the intervals instead of from the cases."""

MARGINAL = "marginal cost"
"""What one more task costs without machines, by the name of a figure."""

UNSURE_COSTS = ("unknown", "lower_bound")
_Z95 = 1.959963984540054

Statistic: TypeAlias = Callable[[FloatArray], FloatArray]
"""From resamples, a row each with how often each case was drawn, to the figure of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A candidate with what is known of it: its trials, and its row of the matrix."""

    measured: Measured
    report: CandidateReport

    @property
    def name(self) -> str:
        """The candidate's name."""
        return self.report.name


class Figures:
    """Figures of candidates by the name of a metric or of what every task has, such as `latency_p95`.

    Args:
        standings: The candidates.
        metrics: The task's metrics.
        success: When a trial is a success.
        drawn: Metrics whose figure is no mean over the cases (macro F1, counts, judged): their noise is drawn from their intervals.
        cut: Candidates that were not asked everything: their figures so far are none to choose by.
    """

    def __init__(
        self,
        standings: Sequence[Standing],
        metrics: Sequence[Metric],
        success: Success,
        drawn: frozenset[str],
        cut: frozenset[str] = frozenset(),
    ) -> None:
        self.standings = tuple(standings)
        self.success = success
        self.cut = cut
        self._metrics = tuple(metrics)
        self._directions: dict[str, Direction] = {metric.name: metric.direction for metric in metrics}
        self._drawn = drawn
        self._kept: dict[str, FloatArray] = {}

    def without(self, cut: frozenset[str]) -> "Figures":
        """Return the same figures, with those of some candidates unknown."""
        return Figures(self.standings, self._metrics, self.success, self._drawn, cut)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the candidates, in their order."""
        return tuple(each.name for each in self.standings)

    def direction(self, metric: str) -> Direction:
        """Return whether more or less of it is better; of what every task has, less is."""
        return self._directions.get(metric, "lower")

    def observed(self, metric: str) -> FloatArray:
        """Return the figure of each candidate; NaN where it is unknown, or only a lower bound."""
        found = [self._estimate(each, metric) for each in self.standings]
        return np.array([np.nan if each is None or each.value is None else each.value for each in found])

    def draws(self, metric: str) -> FloatArray:
        """Return the figure of each candidate (columns) in each resample of the cases (rows); the same cases for all."""
        if metric not in self._kept:
            self._kept[metric] = self.at(metric, self._weights)
        return self._kept[metric]

    def normals(self, metric: str) -> dict[str, FloatArray]:
        """Return the resamples of a figure by candidate as standard normals, by their ranks: who moves with whom.

        One whose figure is the same in all resamples moves with nobody.
        """
        found: dict[str, FloatArray] = {}
        for name, draws in zip(self.names, self.draws(metric).T, strict=True):
            apart = np.random.default_rng([SEED, *name.encode()]).standard_normal(len(draws))
            if np.isnan(draws).any() or np.ptp(draws) == 0:
                found[name] = apart
            else:
                ranks = np.lexsort((apart, draws)).argsort()
                found[name] = np.asarray(scipy.special.ndtri((ranks + 0.5) / len(draws)))
        return found

    @cached_property
    def _weights(self) -> Sequence[FloatArray]:
        """The resamples, in blocks; none where there are too many cases."""
        first = self.standings[0].measured
        rng = np.random.default_rng(SEED)
        if first.cases > MOST_CASES:
            return ()
        return [
            np.asarray(block, dtype=np.float64)
            for block in resample_weights(first.cases, RESAMPLES, rng, first.groups, BLOCK_CELLS)
        ]

    def at(self, metric: str, blocks: Sequence[FloatArray]) -> FloatArray:
        """Return the figure of each candidate (columns) in given resamples (rows, in blocks)."""
        made = [self._column(each, metric, blocks) for each in self.standings]
        return np.column_stack(made)

    def _estimate(self, each: Standing, metric: str) -> Estimate | None:
        return None if each.name in self.cut else estimate_of(each.report, metric)

    def _column(self, each: Standing, metric: str, blocks: Sequence[FloatArray]) -> FloatArray:
        found = self._estimate(each, metric)
        rows = sum(len(block) for block in blocks) or RESAMPLES
        if found is None or found.value is None:
            return np.full(rows, np.nan)
        drawn = metric in self._drawn or not blocks or each.measured.cases > MOST_CASES
        statistic = None if drawn else self._statistic(each.measured, metric)
        if statistic is None:
            return from_interval(found, rows, (metric, each.name))
        found_again = np.concatenate([statistic(block) for block in blocks])
        # A resample without any success or time says nothing: there the figure stays as it was observed.
        return np.where(np.isfinite(found_again), found_again, found.value)

    def _statistic(self, item: Measured, metric: str) -> Statistic | None:
        if not item.asked.any():
            return None
        if metric in QUANTILES:
            return _quantile(item.latencies(), item, QUANTILES[metric])
        if metric in FIRST_TOKEN_QUANTILES:
            return _quantile(item.first_tokens(), item, FIRST_TOKEN_QUANTILES[metric])
        if metric == "cost_per_success":
            return _ratio(item.costs(), item.successes(self.success), item)
        values = _per_case(item, metric)
        return None if values is None else _mean(values, item)


def _per_case(item: Measured, metric: str) -> FloatArray | None:
    """Return the values whose mean a figure is; None where it is no mean."""
    if metric == "cost_per_task":
        return item.costs()
    if metric == MARGINAL:
        return item.per_case(np.where(item.asked, item.cost.marginal(), np.nan))
    if metric == "failure_rate":
        return item.failed
    if metric in RATES:
        return turn_rates(item, metric)[1]
    return item.scores(metric) if metric in item.columns.scores else None


def estimate_of(report: CandidateReport, metric: str) -> Estimate | None:
    """Return a candidate's figure by the name of a metric or of what every task has; None where it has none.

    A cost of which only a lower bound is known is none.
    """
    if metric in (*COSTS, MARGINAL):
        return None if report.cost.basis in UNSURE_COSTS else _cost(report, metric)
    times = report.latency
    outcomes = report.outcomes
    known: Mapping[str, Estimate | None] = {
        "latency_p50": times.p50,
        "latency_p95": times.p95,
        "latency_p99": times.p99,
        "first_token_p50": times.first_token_p50,
        "first_token_p95": times.first_token_p95,
        "failure_rate": report.failures.rate,
        "silent_failure_rate": None if outcomes is None else outcomes.silent,
        "loud_failure_rate": None if outcomes is None else outcomes.loud,
        "refusal_rate": None if outcomes is None else outcomes.refusals,
    }
    return known[metric] if metric in known else report.metrics.get(metric)


def _cost(report: CandidateReport, metric: str) -> Estimate | None:
    cost = report.cost
    return {
        "cost_per_task": cost.per_task,
        "cost_per_success": cost.per_success,
        "cost_per_month": cost.per_month,
        MARGINAL: cost.marginal or cost.per_task,
    }[metric]


def from_interval(figure: Estimate, rows: int, salt: tuple[str, ...]) -> FloatArray:
    """Draw a figure from its 95% interval, above zero on the log scale; one without an interval is as it stands."""
    value, low, high = figure.value or 0.0, figure.low, figure.high
    if low is None or high is None or high <= low:
        return np.full(rows, value)
    seed = [SEED, *(byte for text in salt for byte in text.encode())]
    normal = np.random.default_rng(seed).standard_normal(rows)
    if low > 0:
        return np.asarray(value * np.exp(normal * np.log(high / low) / (2 * _Z95)))
    return np.asarray(value + normal * (high - low) / (2 * _Z95))


def _mean(values: FloatArray, item: Measured) -> Statistic:
    return _ratio(values, np.where(np.isnan(values), np.nan, 1.0), item)


def _ratio(top: FloatArray, bottom: FloatArray, item: Measured) -> Statistic:
    known = ~np.isnan(top) & ~np.isnan(bottom)
    own = np.ones(len(top)) if item.weights is None else item.weights
    columns = np.column_stack([np.where(known, top, 0.0) * own, np.where(known, bottom, 0.0) * own])

    def statistic(weights: FloatArray) -> FloatArray:
        sums = weights @ columns
        safe = np.where(sums[:, 1] > 0, sums[:, 1], np.nan)
        return np.asarray(sums[:, 0] / safe)

    return statistic


def _quantile(seconds: FloatArray, item: Measured, q: float) -> Statistic:
    """Return the order statistic of rank floor(q n) + 1: the first at which more than q of the weight lies."""
    known = np.flatnonzero(~np.isnan(seconds))
    order = known[np.argsort(seconds[known], kind="stable")]
    times = seconds[order]
    own = np.ones(len(order)) if item.weights is None else item.weights[order]

    def statistic(weights: FloatArray) -> FloatArray:
        reached = np.cumsum(weights[:, order] * own, axis=1)
        total = reached[:, -1:]
        place = (reached > q * total * (1 + 1e-12)).argmax(axis=1)
        return np.where(total[:, 0] > 0, times[place], np.nan)

    return statistic
