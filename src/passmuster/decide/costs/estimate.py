"""Estimates of what a task and a success cost, from one cost and one success per case."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.pricing.cells import Reading
from passmuster.records.costs import CostBasis
from passmuster.records.score import Estimate
from passmuster.stats.clusters import RatioSums, sums_of, weighted_ratio_columns, whole_degrees
from passmuster.stats.intervals import LEVEL
from passmuster.stats.ratio import ratio_interval
from passmuster.stats.student import student_quantile

_NOTES = {"lower_bound": "lower bound", "estimated": "estimated tokens"}
_FEWEST = 2 - 1e-6  # of units; weights that are equal may be worth a rounding less


@dataclass(frozen=True, slots=True, kw_only=True)
class Costed:
    """One cost and one number of successes per case, in three readings of replies that nobody could judge.

    `steady` is the cost without events: what only some tasks have, such as a review or an unnoticed wrong answer.
    `most` is the most that events can add to a task.
    """

    expected: FloatArray
    best: FloatArray
    worst: FloatArray
    steady: FloatArray
    successes: FloatArray
    most: float

    @property
    def known(self) -> BoolArray:
        """Return the cases that count."""
        return ~np.isnan(self.expected) & ~np.isnan(self.successes)

    @property
    def ends(self) -> tuple[FloatArray, ...]:
        """Return the best and the worst reading, or the one that there is."""
        return (self.best,) if self.best is self.worst else (self.best, self.worst)

    @property
    def bounded(self) -> BoolArray:
        """Return the cases whose cost lies between two readings at least."""
        return ~np.isnan(self.worst) & ~np.isnan(self.successes)


def costed(measured: Measured, successes: FloatArray | None = None, *, marginal: bool = False) -> Costed:
    """Return what each case costs; `marginal` leaves machines out, no `successes` is the cost per task."""
    cells = measured.cost
    whole: Callable[[Reading], FloatArray] = cells.marginal if marginal else cells.total

    def of(table: FloatArray) -> FloatArray:
        return measured.per_case(np.where(measured.asked, table, np.nan))

    expected = of(whole("expected"))
    split = cells.silent is not None and bool(np.isnan(cells.silent[measured.asked]).any())
    return Costed(
        expected=expected,
        best=of(whole("best")) if split else expected,
        worst=of(whole("worst")) if split else expected,
        steady=of(whole("best") - cells.events("best")) if cells.prices.event else expected,
        successes=np.ones(measured.cases) if successes is None else successes,
        most=cells.prices.event,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is drawn, a case or a group, of average size: its cost without events, its successes, and the most of its events."""

    steady: float
    success: float
    events: float


def unit_of(sums: RatioSums, given: Costed, some: BoolArray, weights: FloatArray | None) -> Unit:
    """Return the average unit of the cases as they are."""
    own = np.ones(int(some.sum())) if weights is None else weights[some]
    units = max(float(sums.units), 1.0)
    return Unit(
        steady=float((given.steady[some] * own).sum()) / units,
        success=float(sums.bottom) / units,
        events=given.most * float(own.sum()) / units,
    )


def with_pseudo_events(sums: RatioSums, unit: Unit) -> RatioSums:
    """Add two units of average size, one without any event and one with all of them in each of its cases.

    An event that was not seen yet has a price all the same: without them 30 tasks with no wrong answer among them would
    show that none will ever be. It is what two pseudo-scores are to a mean near its end (Agresti and Coull 1998).
    """
    cheap, dear, success = unit.steady, unit.steady + unit.events, unit.success
    return RatioSums(
        units=sums.units + 2,
        top=sums.top + cheap + dear,
        bottom=sums.bottom + 2 * success,
        top_top=sums.top_top + cheap**2 + dear**2,
        top_bottom=sums.top_bottom + (cheap + dear) * success,
        bottom_bottom=sums.bottom_bottom + 2 * success**2,
    )


def cost_estimate(given: Costed, measured: Measured, basis: CostBasis) -> Estimate:
    """Estimate total cost over total successes.

    The interval is log-delta; where events have a price it is t with two pseudo-events, no lower than the costs
    without events are, and no higher than with all of them. Replies that nobody could judge widen it to the worst and the best reading.
    """
    known = given.known
    n = int(known.sum())
    missing = measured.receivable - n
    if n == 0 or basis == "unknown" or given.successes[known].sum() == 0:
        reason = "no success" if n and basis != "unknown" else "unknown"
        return Estimate(value=None, n=n, n_missing=missing, method="ratio", note=reason)
    ends = [_ends(given, reading, measured) for reading in given.ends]
    first, last = ends[0], ends[-1]
    low, high = (None, None) if first is None or last is None else (first[0], last[1])
    own = np.ones(n) if measured.weights is None else measured.weights[known]
    return Estimate(
        value=float((given.expected[known] * own).sum() / (given.successes[known] * own).sum()),
        low=low,
        high=high,
        n=n,
        n_missing=missing,
        method="t with two pseudo-events" if given.most else "log-delta ratio",
        note=_NOTES.get(basis),
    )


def _ends(given: Costed, costs: FloatArray, measured: Measured) -> tuple[float, float] | None:
    known = given.known
    groups = None if measured.groups is None else measured.groups[known]
    weights = None if measured.weights is None else measured.weights[known]
    right = given.successes[known]
    if not given.most:
        return ratio_interval(costs[known], right, groups, weights=weights)
    floor = ratio_interval(given.steady[known], right, groups, weights=weights)
    plain = sums_of(weighted_ratio_columns(costs[known], right, weights, groups).sum(axis=0))
    if floor is None or plain.units < _FEWEST:
        return None
    unit = unit_of(plain, given, known, measured.weights)
    sums = with_pseudo_events(plain, unit)
    half = student_quantile((1 + LEVEL) / 2, whole_degrees(sums)) * float(sums.standard_error())
    middle = float(sums.value())
    dearest = floor[1] + unit.events / unit.success if unit.success > 0 else np.inf
    return max(floor[0], middle - half), min(dearest, middle + half)


def component_estimate(cells: FloatArray, measured: Measured, most: float = 0.0) -> Estimate:
    """Estimate the mean per task of one component; `most` is the most of an event that some tasks have only."""
    costs = measured.per_case(np.where(measured.asked, cells, np.nan))
    steady = np.where(np.isnan(costs), np.nan, 0.0)
    given = Costed(
        expected=costs,
        best=costs,
        worst=costs,
        steady=steady,
        successes=np.ones(measured.cases),
        most=most,
    )
    return cost_estimate(given, measured, "reported")


def readings(low: Estimate, middle: Estimate, high: Estimate) -> Estimate:
    """Return an estimate between its best and its worst reading."""
    return replace(middle, low=low.low, high=high.high)
