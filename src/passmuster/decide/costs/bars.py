"""The tests of bars on costs: per task, per success and per month."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.costs.estimate import Costed, costed, unit_of, with_pseudo_events
from passmuster.decide.costs.machines import infrastructure_report
from passmuster.decide.costs.monthly import machines_for, upkeep_of
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counting
from passmuster.decide.success import success_rule
from passmuster.records.costs import HOURS_A_MONTH
from passmuster.records.task import Bar, Task
from passmuster.stats.clusters import RatioSums, ratio_columns, student_tail, sums_of, weighted_ratio_columns
from passmuster.stats.power import cases_for_gap
from passmuster.stats.ratio import ratio_p_above, ratio_p_below

COSTS = ("cost_per_task", "cost_per_success", "cost_per_month")


def cost_test(bar: Bar, measured: Measured, task: Task) -> BarTest:
    """Make the test that a cost is at most (or at least) so much.

    Per month, the fixed costs (machines and upkeep) are taken off the limit, and the rest must do for the volume. A
    reply that nobody could judge counts against either side where a wrong one has a price.
    """
    cases = measured.cases
    volume, fixed = 1.0, (0.0, 0.0, 0.0)
    if bar.metric == "cost_per_month":
        if task.cost.monthly_volume is None:
            return not_testable(bar, None, "no monthly volume is given", cases)
        volume = float(task.cost.monthly_volume)
        found = _fixed(measured, task)
        if found is None:
            return not_testable(bar, None, "the machines' tasks an hour are unknown", cases)
        fixed = found
    successes = measured.successes(success_rule(task)) if bar.metric == "cost_per_success" else None
    given = costed(measured, successes, marginal=bar.metric == "cost_per_month")
    if measured.basis == "unknown" or not given.bounded.any():
        return not_testable(bar, None, "the cost is unknown", cases)
    made = _test(
        bar, measured, given, ((limit_of(bar) - fixed[0]) / volume, (limit_of(bar) - fixed[2]) / volume)
    )
    value = None if made.value is None else made.value * volume + fixed[1]
    return replace(made, value=value, note=_note(measured, given))


def _fixed(measured: Measured, task: Task) -> tuple[float, float, float] | None:
    """Return the least, the observed and the most fixed costs of a month: by the machines that a fast and a slow rate take."""
    upkeep, volume = upkeep_of(measured.candidate.upkeep), task.cost.monthly_volume
    machine = infrastructure_report(measured, task.cost.peak, volume)
    if machine is None or volume is None:
        return upkeep, upkeep, upkeep
    rate = machine.tasks_per_hour
    ends = (rate.high or rate.value, rate.value, rate.low or rate.value)
    counts = [machines_for(machine, volume, each) for each in ends]
    month = [upkeep + count * machine.hourly * HOURS_A_MONTH for count in counts if count is not None]
    return (month[0], month[1], month[2]) if len(month) == len(counts) else None


def _note(measured: Measured, given: Costed) -> str | None:
    if measured.basis == "lower_bound":
        return "only a lower bound of the cost is known"
    unjudged = int((given.worst > given.best).sum())
    return counting(unjudged, "unjudged case", "against either side") if unjudged else None


def _test(bar: Bar, measured: Measured, given: Costed, limits: tuple[float, float]) -> BarTest:
    """Test the worst reading against the lower limit to pass, and the best against the upper one to miss."""
    known = given.bounded
    right = np.where(known, given.successes, 0.0)
    tables = [
        weighted_ratio_columns(np.where(known, costs, 0.0), right, measured.weights, measured.groups, known)
        for costs in given.ends
    ]
    widen = _widened(given, measured, sums_of(tables[0].sum(axis=0)))
    lower_bound = measured.basis == "lower_bound"
    linear = bool(given.most)

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        parts = [widen(sums_of(part)) for part in np.split(sums, len(tables), axis=-1)]
        best, worst = parts[0], parts[-1]
        if linear:
            below, above = _tail(limits[1], worst, 1.0), _tail(limits[0], best, -1.0)
        else:
            below, above = ratio_p_below(limits[1], worst), ratio_p_above(limits[0], best)
        above = above if limits[0] > 0 else np.where(best.bottom > 0, 0.0, above)
        return (np.ones_like(below) if lower_bound else below), above

    own = known & ~np.isnan(given.expected)
    weights = np.ones(own.size) if measured.weights is None else measured.weights
    _, cost, succeeded = ratio_columns(
        np.where(own, given.expected, 0.0) * weights, np.where(own, given.successes, 0.0) * weights
    ).sum(axis=0)[:3]
    return BarTest(
        bar=bar,
        columns=np.hstack(tables),
        p_values=p_values,
        value=float(cost / succeeded) if succeeded else None,
        method="t test with two pseudo-events" if linear else "t test of the log ratio",
        more=_more(
            [sums_of(table.sum(axis=0)) for table in tables], limits, float(known.sum()), log=not linear
        ),
    )


def _tail(limit: float, sums: RatioSums, sign: float) -> FloatArray:
    error = sums.standard_error()
    return student_tail(
        np.where(np.isfinite(error), sign * (limit - sums.value()), 0.0), error, sums.units - 1
    )


def _widened(given: Costed, measured: Measured, sums: RatioSums) -> Callable[[RatioSums], RatioSums]:
    """Return how sums get two pseudo-events, of the size that the cases as they are have."""
    if not given.most:
        return lambda each: each
    unit = unit_of(sums, given, given.bounded & ~np.isnan(given.steady), measured.weights)
    return lambda each: with_pseudo_events(each, unit)


def _more(
    sums: Sequence[RatioSums], limits: tuple[float, float], n: float, *, log: bool
) -> Callable[[float], int | None]:
    """Return how many more cases settle the test, as the mean lies now: by the worst reading below, by the best above."""
    best, worst = float(sums[0].value()), float(sums[-1].value())

    def more(level: float) -> int | None:
        found, limit = (sums[-1], limits[1]) if worst < limits[1] else (sums[0], limits[0])
        ratio, error = float(found.value()), float(found.standard_error())
        if not (np.isfinite(error) and ratio > 0 and limit > 0) or (limits[1] <= worst and best <= limits[0]):
            return None
        gap, spread = (np.log(limit / ratio), error / ratio) if log else (limit - ratio, error)
        needed = cases_for_gap(float(gap), spread * n**0.5, level)
        return None if needed is None else max(1, int(np.ceil(needed - n)))

    return more
