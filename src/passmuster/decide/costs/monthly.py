"""What a candidate costs a month, at any volume: what grows with it, machines by the step, and upkeep."""

import math
from dataclasses import replace

from passmuster.records.candidate import Upkeep
from passmuster.records.costs import HOURS_A_MONTH, CostReport, InfrastructureReport
from passmuster.records.score import Estimate

_ROUNDING = 1e-9  # a load of 3.0000000001 machines is one of 3


def monthly(report: CostReport, volume: float) -> float | None:
    """Return US dollars a month at `volume` tasks; None where any part is unknown.

    That is volume x marginal cost + machines x hours x price of an hour + upkeep. Machines come whole.

    Example:
        >>> tenth = Estimate(value=0.001)
        >>> card = CostReport(basis="reported", per_task=tenth, per_success=tenth, per_month=None, components={},
        ...     input_tokens=None, output_tokens=None, tokens_estimated=False, reviewed=None, marginal=tenth, upkeep=50.0)
        >>> monthly(card, 1_000_000)
        1050.0
    """
    found = report.marginal if report.marginal is not None else report.per_task
    fixed = fixed_costs(report, volume)
    if found.value is None or fixed is None:
        return None
    return found.value * volume + fixed


def fixed_costs(report: CostReport, volume: float) -> float | None:
    """Return US dollars a month for machines and upkeep at this volume; None where the rate of a machine is unknown."""
    machine = report.infrastructure
    if machine is None:
        return report.upkeep
    count = machines_for(machine, volume)
    return None if count is None else count * machine.hourly * HOURS_A_MONTH + report.upkeep


def machines_for(machine: InfrastructureReport, volume: float, rate: float | None = None) -> int | None:
    """Return how many machines a volume a month takes: ceil(load at the peak / tasks an hour of one), and no fewer than run anyway.

    `rate` takes the place of the report's tasks an hour.

    Example:
        >>> server = InfrastructureReport(hourly=2.0, tasks_per_hour=Estimate(value=1000.0), measured=False)
        >>> [machines_for(server, volume) for volume in (1, 730_000, 730_001)]
        [1, 1, 2]
    """
    per_hour = machine.tasks_per_hour.value if rate is None else rate
    if not per_hour:
        return None
    load = volume / HOURS_A_MONTH * machine.peak_factor / per_hour
    return max(machine.machines, math.ceil(load - _ROUNDING))


def month_estimate(report: CostReport, volume: int) -> Estimate:
    """Estimate US dollars a month: the interval of the marginal cost times the volume, and of the machines needed."""
    found = report.marginal if report.marginal is not None else report.per_task
    value, fixed = monthly(report, volume), fixed_costs(report, volume)
    if value is None or fixed is None:
        return replace(found, value=None, low=None, high=None, note=found.note or "unknown")
    fewest, most = _fixed_ends(report, volume, fixed)
    low = None if found.low is None else found.low * volume + fewest
    high = None if found.high is None else found.high * volume + most
    return replace(found, value=value, low=low, high=high)


def _fixed_ends(report: CostReport, volume: float, fixed: float) -> tuple[float, float]:
    machine = report.infrastructure
    if machine is None or machine.tasks_per_hour.low is None or machine.tasks_per_hour.high is None:
        return fixed, fixed
    ends = [
        machines_for(machine, volume, rate)
        for rate in (machine.tasks_per_hour.high, machine.tasks_per_hour.low)
    ]
    fewest, most = (
        fixed if count is None else count * machine.hourly * HOURS_A_MONTH + report.upkeep for count in ends
    )
    return fewest, most


def upkeep_of(upkeep: Upkeep | None) -> float:
    """Return US dollars a month that come whatever the volume is: monthly + once / months + hours x price of an hour.

    Example:
        >>> upkeep_of(Upkeep(monthly=100, once=2400, months=12, hours=4, hourly=75))
        600.0
    """
    if upkeep is None:
        return 0.0
    return upkeep.monthly + upkeep.once / upkeep.months + upkeep.hours * upkeep.hourly
