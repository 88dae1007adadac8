"""Machines of one's own: what a task takes of their time, at the rate that is stated or that the run had."""

import numpy as np

from passmuster.decide.cost import infrastructure
from passmuster.decide.measured import FloatArray, Measured, Taken
from passmuster.records.costs import HOURS_A_MONTH, InfrastructureReport
from passmuster.records.score import Estimate
from passmuster.stats.ratio import ratio_interval

_SECONDS_AN_HOUR = 3600.0


def machine_cells(measured: Measured) -> FloatArray | float:
    """Return the US dollars of machine time of each cell; NaN where neither a rate is stated nor one was measured.

    At a measured rate a trial pays for its own seconds, shared with the calls that were open beside it:
    hourly x machines x seconds / (3600 x calls in flight x utilisation), which is hourly x machines over what they did in
    an hour (Little 1961). A trial of which no time is known pays what the others pay in the mean.
    """
    machine = measured.candidate.infrastructure
    stated = infrastructure(measured.candidate)
    if machine is None or stated is not None:
        return stated or 0.0
    in_flight = _in_flight(measured)
    seconds = busy_seconds(measured)
    known = seconds[~np.isnan(seconds)]
    if in_flight is None or not known.size:
        return float("nan")
    full = np.where(np.isnan(seconds), known.mean(), seconds)
    hourly = machine.hourly * machine.machines
    return np.asarray(hourly * full / (_SECONDS_AN_HOUR * in_flight * machine.utilisation), dtype=np.float64)


def busy_seconds(measured: Measured) -> FloatArray:
    """Return the seconds of each trial, waits between its attempts included, of one source; NaN where unknown."""
    columns = measured.columns
    timed = measured.from_source(measured.source) & measured.asked
    return np.where(timed, columns.seconds, np.nan)


def infrastructure_report(
    measured: Measured, peak: float | None = None, volume: int | None = None
) -> InfrastructureReport | None:
    """Describe the machines; None where the candidate has none.

    Args:
        measured: The candidate's trials.
        peak: Tasks of the busiest hour at that volume; None: 1 / utilisation times the mean.
        volume: Tasks a month.
    """
    machine = measured.candidate.infrastructure
    if machine is None:
        return None
    stated = machine.tasks_per_hour
    in_flight = None if stated is not None else _in_flight(measured)
    rate = (
        Estimate(value=stated, method="stated", note="stated")
        if stated is not None
        else _rate(measured, in_flight)
    )
    factor = 1 / machine.utilisation
    if peak is not None and volume:
        factor = peak * HOURS_A_MONTH / volume
    return InfrastructureReport(
        hourly=machine.hourly,
        tasks_per_hour=rate,
        measured=stated is None and rate.value is not None,
        utilisation=machine.utilisation,
        machines=machine.machines,
        in_flight=in_flight,
        peak_factor=factor,
    )


def _rate(measured: Measured, in_flight: float | None) -> Estimate:
    """Estimate the tasks that one machine does in an hour: calls in flight over the mean seconds of a task."""
    seconds = measured.per_case(busy_seconds(measured))
    known = ~np.isnan(seconds)
    n = int(known.sum())
    missing = measured.receivable - n
    total = float(seconds[known].sum())
    if in_flight is None or not total:
        note = "neither stated nor measured"
        return Estimate(value=None, n=n, n_missing=missing, method="none", note=note)
    machine = measured.candidate.infrastructure
    per_hour = _SECONDS_AN_HOUR * in_flight / (1 if machine is None else machine.machines)
    groups = None if measured.groups is None else measured.groups[known]
    weights = None if measured.weights is None else measured.weights[known]
    ends = ratio_interval(seconds[known], np.ones(n), groups, weights=weights)
    own = np.ones(n) if weights is None else weights
    mean = float((seconds[known] * own).sum() / own.sum())
    return Estimate(
        value=per_hour / mean,
        low=None if ends is None else per_hour / ends[1],
        high=None if ends is None else per_hour / ends[0],
        n=n,
        n_missing=missing,
        method="calls in flight over seconds a task, log-delta",
        note="measured",
    )


def _in_flight(measured: Measured) -> float | None:
    taken = measured.account.taken.get(measured.source, Taken())
    return taken.in_flight / taken.loaded if taken.loaded else None
