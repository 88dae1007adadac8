"""What candidates cost a month as lines with steps, and the volumes at which one becomes cheaper than another."""

import math
from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.records.costs import HOURS_A_MONTH, CostReport
from passmuster.records.score import Estimate

PIECES = 20_000
"""Steps that are looked at one by one; beyond so many machines a step is nothing."""

_Z95 = 1.959963984540054
_ROUNDING = 1e-9  # a load of 3.0000000001 machines is one of 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """US dollars a month: `fixed`, `per_task` for each, and `machine` for each machine, of which one takes `tasks` tasks.

    The two that are measured are columns with a row for each draw, or one row as they were observed. `tasks` is
    None without machines; at least `least` run.
    """

    fixed: float
    per_task: FloatArray
    machine: float = 0.0
    tasks: FloatArray | None = None
    least: int = 0

    def at(self, volumes: FloatArray) -> FloatArray:
        """Return the cost of each draw (rows) at each volume (columns)."""
        made = self.fixed + self.per_task[:, None] * volumes[None, :]
        if self.tasks is None:
            return np.asarray(made)
        return np.asarray(made + self.machine * self.machines(volumes[None, :]))

    def machines(self, volumes: FloatArray) -> FloatArray:
        """Return how many machines run at volumes that have a row for each draw, or one."""
        if self.tasks is None:
            return np.zeros_like(volumes)
        return np.maximum(self.least, np.ceil(volumes / self.tasks[:, None] - _ROUNDING))

    @property
    def fixed_at_first(self) -> float:
        """What is paid before the first task."""
        return self.fixed + self.machine * self.least

    @property
    def slope(self) -> FloatArray:
        """What one more task costs in the long run, its share of a machine included."""
        return self.per_task if self.tasks is None else np.asarray(self.per_task + self.machine / self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Normals:
    """Standard normals, one for each draw: of the cost of a task, and of the rate of a machine."""

    task: FloatArray
    rate: FloatArray


AS_SEEN = Normals(task=np.zeros(1), rate=np.zeros(1))
"""One draw in the middle: the tariff as it was observed."""


def tariff_of(report: CostReport, normals: Normals = AS_SEEN) -> Tariff | None:
    """Return the tariff of a candidate as it was observed, or draws of it from the measured intervals.

    The cost of a task and a measured rate of the machines are drawn on the log scale with the spread of their 95%
    intervals, as they are where one reaches down to 0; what has no interval is taken as it is stated. None where a part is unknown, or only a lower bound.

    Args:
        report: What the candidate costs.
        normals: One for each draw.
    """
    found = report.marginal if report.marginal is not None else report.per_task
    if found.value is None or report.basis in ("unknown", "lower_bound"):
        return None
    per_task = _drawn(found, normals.task)
    machine = report.infrastructure
    if machine is None:
        return Tariff(fixed=report.upkeep, per_task=per_task)
    if not machine.tasks_per_hour.value:
        return None
    return Tariff(
        fixed=report.upkeep,
        per_task=per_task,
        machine=machine.hourly * HOURS_A_MONTH,
        tasks=_drawn(machine.tasks_per_hour, normals.rate) * HOURS_A_MONTH / machine.peak_factor,
        least=machine.machines,
    )


def _drawn(figure: Estimate, normals: FloatArray) -> FloatArray:
    value, low, high = figure.value or 0.0, figure.low, figure.high
    if low is None or high is None or not low < high:
        return np.full(len(normals), value)
    if value <= 0 or low <= 0:  # no event was seen, or none need be: there is no logarithm
        spread = np.where(normals > 0, high - value, value - low) / _Z95
        return np.asarray(np.maximum(value + normals * spread, 0.0))
    return np.asarray(value * np.exp(normals * math.log(high / low) / (2 * _Z95)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where the first of two tariffs becomes cheaper than the second, a row for each draw; NaN where it never does.

    `jump` is where their costs are not equal there, because a machine of the second is added. `settled` is the volume
    from which it stays cheaper.
    """

    volume: FloatArray
    jump: BoolArray
    settled: FloatArray


def crossing(first: Tariff, second: Tariff, pieces: int = PIECES) -> Crossing:
    """Return the volumes at which the first becomes cheaper than the second, solved piece by piece.

    Between two steps both are straight lines, so each root is exact to rounding. Steps beyond the first `pieces` of
    either are not looked at: there the lines without steps decide.

    Example:
        >>> api = Tariff(fixed=0.0, per_task=np.array([0.01]))
        >>> tuned = Tariff(fixed=5000.0, per_task=np.array([0.005]))
        >>> float(crossing(tuned, api).volume[0])
        1000000.0
    """
    slope = (first.per_task - second.per_task)[:, None]
    low, high = _pieces(first, second, pieces)
    middle = np.where(np.isinf(high), low + 1.0, (low + high) / 2)
    machines = first.machine * first.machines(middle) - second.machine * second.machines(middle)
    offset = first.fixed - second.fixed + machines
    left = offset + slope * low
    with np.errstate(invalid="ignore", divide="ignore"):
        right = np.where(slope == 0, offset, offset + slope * high)
        root = -offset / slope
    before = np.concatenate([np.zeros((len(left), 1), dtype=np.bool_), right[:, :-1] < 0], axis=1)
    inside = ((left > 0) | ((left == 0) & ~before)) & (right < 0)
    jump = ~before & (left < 0)
    events = np.where(jump, low, np.where(inside, root, np.nan))
    return Crossing(
        volume=_first(events),
        jump=_picked(events, jump),
        settled=np.where((right[:, -1] < 0) & (first.slope <= second.slope), _last(events), np.nan),
    )


def _pieces(first: Tariff, second: Tariff, pieces: int) -> tuple[FloatArray, FloatArray]:
    """Return where the pieces begin and end on which both are straight lines: a row for each draw."""
    steps = [
        each.tasks[:, None] * np.arange(max(each.least, 1), max(each.least, 1) + pieces)[None, :]
        for each in (first, second)
        if each.tasks is not None
    ]
    rows = len(first.per_task)
    if not steps:
        return np.zeros((rows, 1)), np.full((rows, 1), np.inf)
    # Where the one with smaller machines is not looked at any more, the pieces of the other are no straight lines.
    last = np.min([each[:, -1:] for each in steps], axis=0)
    ends = np.minimum(np.sort(np.concatenate(steps, axis=1), axis=1), last)
    return np.concatenate([np.zeros((rows, 1)), ends[:, :-1]], axis=1), ends


def _first(events: FloatArray) -> FloatArray:
    there = ~np.isnan(events)
    found = np.take_along_axis(events, there.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(there.any(axis=1), found, np.nan)


def _last(events: FloatArray) -> FloatArray:
    return _first(events[:, ::-1])


def _picked(events: FloatArray, jump: BoolArray) -> BoolArray:
    place = (~np.isnan(events)).argmax(axis=1)[:, None]
    return np.asarray(np.take_along_axis(jump, place, axis=1)[:, 0])
