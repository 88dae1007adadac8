"""Machines of one's own: what a task takes of their time, at the rate that is stated or that the run had."""

import numpy as np

from passmuster.decide.costs.monthly import machines_for, upkeep_of
from passmuster.decide.measured import FloatArray, Measured, Taken
from passmuster.decide.pricing.trial import infrastructure
from passmuster.records.candidate import Candidate, Infrastructure
from passmuster.records.costs import HOURS_A_MONTH, InfrastructureReport
from passmuster.records.score import Estimate
from passmuster.records.task import CostModel
from passmuster.stats.ratio import ratio_interval

_SECONDS_AN_HOUR = 3600.0


def machine_cells(measured: Measured) -> FloatArray | float:
    """Return the US dollars of machine time of each cell; NaN where neither a rate is stated nor one was measured.

    At a measured rate a trial pays for its own seconds, shared with the calls that were open beside it:
    hourly x machines x seconds / (3600 x calls in flight x utilisation), which is hourly x machines over what they did in
    an hour (Little 1961). A trial of which no time is known pays what the others pay in the mean. Where a volume a month is
    stated all tasks share the machines that run for it, idle hours included.
    """
    machine = measured.candidate.infrastructure
    if machine is not None and measured.cost.prices.volume:
        return _share_at(measured, measured.cost.prices.volume, measured.cost.prices.peak)
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


def _share_at(measured: Measured, volume: int, peak: float | None) -> float:
    """Return a task's share of the machines that a volume a month takes; NaN where their rate is unknown."""
    report = infrastructure_report(measured, peak, volume)
    count = None if report is None else machines_for(report, volume)
    if report is None or count is None:
        return float("nan")
    return count * report.hourly * HOURS_A_MONTH / volume


def upkeep_share(candidate: Candidate, volume: int | None) -> float:
    """Return a task's share of what is paid whatever the volume is; 0 where no volume is stated."""
    return upkeep_of(candidate.upkeep) / volume if volume else 0.0


def fixed_share(candidate: Candidate, model: CostModel) -> float | None:
    """Return what a task carries of machines and upkeep before any was asked; None where the machines' rate is not stated.

    Example:
        >>> own = Candidate(name="own", provider="openai", infrastructure=Infrastructure(hourly=2.0, tasks_per_hour=1000))
        >>> fixed_share(own, CostModel(monthly_volume=14_600)), fixed_share(own, CostModel())
        (0.1, 0.002)
    """
    machine, volume = candidate.infrastructure, model.monthly_volume
    upkeep = upkeep_share(candidate, volume)
    if machine is None or not volume:
        share = infrastructure(candidate)
        return None if share is None else share + upkeep
    stated = InfrastructureReport(
        hourly=machine.hourly,
        tasks_per_hour=Estimate(value=machine.tasks_per_hour),
        measured=False,
        machines=machine.machines,
        peak_factor=_peak_factor(machine, model.peak, volume),
    )
    count = machines_for(stated, volume)
    return None if count is None else count * machine.hourly * HOURS_A_MONTH / volume + upkeep


def _peak_factor(machine: Infrastructure, peak: float | None, volume: int | None) -> float:
    return 1 / machine.utilisation if peak is None or not volume else peak * HOURS_A_MONTH / volume


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
    return InfrastructureReport(
        hourly=machine.hourly,
        tasks_per_hour=rate,
        measured=stated is None and rate.value is not None,
        utilisation=machine.utilisation,
        machines=machine.machines,
        in_flight=in_flight,
        peak_factor=_peak_factor(machine, peak, volume),
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
