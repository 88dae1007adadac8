"""Build, fine-tune or buy: costs a month over volume, and from where one candidate is cheaper than another."""

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

from passmuster.decide.costs.tariffs import Crossing, Normals, Tariff, crossing, tariff_of
from passmuster.decide.measured import FloatArray
from passmuster.decide.phrases import dollars
from passmuster.decide.seed import SEED
from passmuster.records.break_even import BreakEven, BreakEvenReport, TariffReport
from passmuster.records.comparison import CandidateReport
from passmuster.records.costs import CostReport

DRAWS = 1000
VOLUMES = 81
_USUAL = (1_000.0, 10_000_000.0)
_LEAST_SHARE = 0.5
"""Of the draws, for an interval of the volume to be shown: with fewer, most of them have no such volume."""


def break_even(
    costs: Mapping[str, CostReport],
    volume: float | None = None,
    left_out: Mapping[str, str] | None = None,
    normals: Mapping[str, FloatArray] | None = None,
) -> BreakEvenReport | None:
    """Compare what candidates cost a month at any volume.

    None where fewer than two have known costs, or none pays anything before its first task: then the one with the
    cheaper task is cheaper at every volume. Each candidate's costs are drawn from its own intervals; `normals` say
    which draws of two of them belong together, because both were asked the same cases.

    Args:
        costs: By candidate.
        volume: Tasks a month, where the project says so.
        left_out: Other candidates, each with why it is not compared.
        normals: Of each candidate, one for each draw; without any, candidates are drawn independently.
    """
    seen = {name: tariff for name, report in costs.items() if (tariff := tariff_of(report)) is not None}
    if len(seen) < 2 or not any(tariff.fixed_at_first > 0 for tariff in seen.values()):
        return None
    rng = np.random.default_rng(SEED)
    given = {name: (normals or {}).get(name, rng.standard_normal(DRAWS)) for name in seen}
    drawn = {
        name: tariff
        for name, task in given.items()
        if (tariff := tariff_of(costs[name], Normals(task=task, rate=rng.standard_normal(len(task)))))
    }
    points = _points(seen, drawn)
    volumes = _grid(points, volume)
    at = np.array(volumes)
    probable = _cheapest(drawn, at)
    unknown = {name: "its cost is not known" for name in costs if name not in seen}
    return BreakEvenReport(
        tariffs=tuple(_tariff(name, seen[name], drawn[name]) for name in seen),
        volume=volume,
        volumes=volumes,
        costs={name: tuple(tariff.at(at)[0].tolist()) for name, tariff in seen.items()},
        cheapest={name: tuple(probable[index].tolist()) for index, name in enumerate(seen)},
        points=points,
        draws=len(next(iter(given.values()))),
        left_out={**(left_out or {}), **unknown},
        sentence=_sentence(seen, drawn, points, volume),
    )


def standing_for_volume(reports: Sequence[CandidateReport]) -> tuple[dict[str, CostReport], dict[str, str]]:
    """Return the costs of those to compare, and why the others are left out.

    Those are who passes, and who pays something before the first task and fails no bar: it may be worth settling
    what is open of it. The process of today stays in whatever its verdict is. Where nobody passes, or fewer than two
    would be left, so does everybody who fails no bar, or everybody.
    """
    able = [row for row in reports if _compared(row)]
    if len(able) < 2 or not any(row.verdict.status == "pass" for row in reports):
        able = [row for row in reports if row.verdict.status != "fail" or row.kind == "manual"]
    if len(able) < 2:
        able = list(reports)
    names = {row.name for row in able}
    why = {"fail": "it fails a bar", "undecided": "it does not pass yet"}
    return (
        {row.name: row.cost for row in able},
        {row.name: why.get(row.verdict.status, "") for row in reports if row.name not in names},
    )


def _compared(row: CandidateReport) -> bool:
    waits = row.verdict.status == "undecided" and _pays_first(row.cost)
    return row.kind == "manual" or row.verdict.status == "pass" or waits


def _pays_first(cost: CostReport) -> bool:
    return cost.upkeep > 0 or cost.infrastructure is not None


def _tariff(name: str, seen: Tariff, drawn: Tariff) -> TariffReport:
    sure = bool(np.ptp(drawn.per_task) == 0)
    low, high = (None, None) if sure else np.quantile(drawn.per_task, (0.025, 0.975)).tolist()
    return TariffReport(
        name=name,
        per_task=float(seen.per_task[0]),
        low=low,
        high=high,
        fixed=seen.fixed,
        machine=seen.machine,
        tasks=None if seen.tasks is None else float(seen.tasks[0]),
        least=seen.least,
    )


def _points(seen: Mapping[str, Tariff], drawn: Mapping[str, Tariff]) -> tuple[BreakEven, ...]:
    """Return a point for each pair of which one pays more before its first task than the other."""
    pairs = [
        (name, than)
        for name, than in permutations(seen, 2)
        if seen[name].fixed_at_first > seen[than].fixed_at_first
    ]
    points = [_point(name, than, seen, drawn) for name, than in pairs]
    return tuple(sorted(points, key=lambda point: np.inf if point.volume is None else point.volume))


def _point(name: str, than: str, seen: Mapping[str, Tariff], drawn: Mapping[str, Tariff]) -> BreakEven:
    found = crossing(seen[name], seen[than])
    volume = _known(found.volume[0])
    some = crossing(drawn[name], drawn[than], _pieces_for(found, seen[name], seen[than]))
    there = some.volume[~np.isnan(some.volume)]
    share = len(there) / len(some.volume)
    low, high = (None, None)
    if volume is not None and share > _LEAST_SHARE and np.ptp(there) > 0:
        low, high = np.quantile(there, (0.025, 0.975)).tolist()
    settled = _known(found.settled[0])
    return BreakEven(
        name=name,
        than=than,
        volume=volume,
        low=low,
        high=high,
        share=share,
        settled=settled,
        jump=volume is not None and bool(found.jump[0]),
        sentence=_told(name, than, volume, settled, (low, high), share),
    )


def _pieces_for(found: Crossing, *tariffs: Tariff) -> int:
    """Return how many steps the draws need: those up to ten times the volume that was found, within reason."""
    steps = [float(each.tasks[0]) for each in tariffs if each.tasks is not None]
    if not steps:
        return 1
    volume = found.volume[0]
    reach = 100.0 if np.isnan(volume) else 10 * volume / min(steps)
    return int(min(max(reach, 50.0), 1000.0))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _told(
    name: str,
    than: str,
    volume: float | None,
    settled: float | None,
    ends: tuple[float | None, float | None],
    share: float,
) -> str:
    if volume is None:
        chance = "" if share == 0 else f" (in {share:.0%} of draws from the intervals it does)"
        return f"{name} is cheaper than {than} at no volume{chance}."
    low, high = ends
    between = "" if low is None or high is None else f" (95%: {tasks(low)} to {tasks(high)})"
    said = f"{name} becomes cheaper than {than} at {tasks(volume)} tasks a month{between}"
    if settled is None:
        return f"{said}, and not for good."
    if settled > volume * (1 + 1e-9):
        return f"{said}, and is at every volume from {tasks(settled)} on: machines come whole."
    return f"{said}."


def tasks(volume: float) -> str:
    """Write a volume with three significant digits.

    Example:
        >>> tasks(1234.5), tasks(1_234_567), tasks(12)
        ('1,230', '1,230,000', '12')
    """
    return f"{float(f'{volume:.3g}'):,.0f}"


def _grid(points: Sequence[BreakEven], volume: float | None) -> tuple[float, ...]:
    """Return volumes in even steps of the logarithm, a factor of ten around all that is of interest."""
    anchors = [point.volume for point in points if point.volume] + ([volume] if volume else [])
    low, high = (min(anchors) / 10, max(anchors) * 10) if anchors else _USUAL
    return tuple(np.geomspace(max(low, 1.0), max(high, 10.0), VOLUMES).tolist())


def _cheapest(drawn: Mapping[str, Tariff], volumes: FloatArray) -> FloatArray:
    """Return in which share of draws each candidate (rows) is the cheapest at each volume; who are equal share it."""
    made = np.stack([tariff.at(volumes) for tariff in drawn.values()])
    least = made == made.min(axis=0)
    return np.asarray((least / least.sum(axis=0)).mean(axis=1))


def _sentence(
    seen: Mapping[str, Tariff], drawn: Mapping[str, Tariff], points: Sequence[BreakEven], volume: float | None
) -> str:
    known = [point for point in points if point.volume]
    none = "None that pays before its first task is cheaper than the others at any volume."
    if volume is None:
        return known[0].sentence if known else none
    at = np.array([float(volume)])
    month = {name: float(tariff.at(at)[0, 0]) for name, tariff in seen.items()}
    best = min(month, key=lambda name: (month[name], name))
    chance = _cheapest(drawn, at)[list(seen).index(best), 0]
    near = [point for point in known if best in (point.name, point.than)] or known
    tail = min(near, key=lambda point: abs(np.log((point.volume or 1.0) / volume))).sentence if near else none
    return (
        f"At {volume:,.0f} tasks a month {best} costs least, {dollars(month[best])}"
        f" (it does in {chance:.0%} of draws from the measured intervals). {tail}"
    )
