"""The figures of one route: as a candidate of its own, and beside the best single candidate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.costs.report import cost_report
from passmuster.decide.estimates import failure_report, latency_report
from passmuster.decide.measured import Measured
from passmuster.decide.rates import mean_estimate
from passmuster.decide.routing.chains import ANY, Arms, Chain
from passmuster.decide.routing.choosing import Chosen, Family
from passmuster.decide.routing.families import BEST, CHEAPEST
from passmuster.decide.routing.ground import Ground, IntArray, Judged, Laid
from passmuster.decide.routing.held_out import (
    NOT_JUDGED,
    HeldOut,
    cost_gain,
    difference,
    gain,
    p_cheaper,
    ratio_of,
)
from passmuster.decide.routing.routed import Cells, cells_of, routed
from passmuster.records.comparison import Check
from passmuster.records.routing import Ratio, RouteReport, RouteRule, RouteStage
from passmuster.records.score import Difference
from passmuster.records.task import CostModel

Checks = Callable[[Measured], Sequence[Check]]
"""Tests the bars of the task on a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """What the figures of all routes are taken from; `signals` names the signal of each candidate that has one."""

    laid: Laid
    arms: Arms
    held: HeldOut
    judged: Judged
    cost: CostModel
    margin: float
    signals: Mapping[str, str]
    incumbent: str | None

    @property
    def ground(self) -> Ground:
        """The cases."""
        return self.laid.ground


def route_report(yard: Yard, family: Family, checks: Checks) -> RouteReport:
    """Return the figures of what a family chooses, on the cases that it was not chosen on."""
    ground, arms = yard.ground, yard.arms
    chosen, rival = yard.held.arms[family.name], yard.held.arms[BEST]
    cells = cells_of(ground, arms, chosen, yard.laid.places, yard.laid.measured[0].cases)
    item = routed(family.name, yard.laid.measured, cells)
    more = gain(ground, arms.good, chosen, rival)
    spared = cost_gain(ground, arms, chosen, rival)
    seen = _seen_gain(yard, family)
    last = _last(yard, family)
    latency, costs = latency_report(item), cost_report(item, yard.judged.success, yard.cost)
    sure = _cost_is_told(yard, family.name, BEST)
    return RouteReport(
        name=family.name,
        kind=family.kind,
        aim=family.aim,
        rules=rules_of(yard, family),
        quality=mean_estimate(item.per_case(_judged(yard, item)), item, item.cases - ground.cases),
        cost_per_task=costs.per_task,
        cost_per_success=costs.per_success,
        latency_p50=latency.p50,
        latency_p95=latency.p95,
        failure_rate=failure_report(item, ()).rate,
        asked=_asked(ground, cells),
        gain=difference(more, ground.cases),
        p=more.above(0.0),
        p_margin=more.above(-yard.margin),
        cost_ratio=ratio_of(spared),
        p_cheaper=p_cheaper(ground, arms, chosen, rival) if sure else None,
        seen_gain=seen,
        optimism=seen - more.value,
        changed=float(np.mean((chosen != rival)[chosen != NOT_JUDGED])),
        versus_incumbent=_versus(yard, chosen, yard.incumbent),
        last=last,
        versus_last=_versus(yard, chosen, last),
        cost_versus_last=_cost_versus(yard, chosen, last),
        checks=tuple(checks(item)),
    )


def p_beside_cheapest(yard: Yard, name: str) -> float | None:
    """Return the p-value of "neither cheaper nor better than the cheapest single candidate that is about as good".

    None where costs are unknown. Two ways to be better: the smaller p-value of both, doubled (Bonferroni).
    """
    rival = yard.held.arms.get(CHEAPEST)
    if rival is None:
        return None
    mine = yard.held.arms[name]
    told = _cost_is_told(yard, name, CHEAPEST)
    cheaper = p_cheaper(yard.ground, yard.arms, mine, rival) if told else None
    better = gain(yard.ground, yard.arms.good, mine, rival).above(0.0)
    return None if cheaper is None else min(1.0, 2 * min(better, cheaper))


def _cost_is_told(yard: Yard, name: str, rival: str) -> bool:
    """Return whether a route can be called cheaper than its rival: never where it asks more of those who are dearer than known."""
    bounds = [row for row, item in enumerate(yard.laid.measured) if item.basis == "lower_bound"]
    if not bounds:
        return True
    asked, beside = (
        cells_of(
            yard.ground, yard.arms, yard.held.arms[each], np.arange(yard.ground.cases), yard.ground.cases
        )
        for each in (name, rival)
    )
    return not bool((asked.asked[bounds] & ~beside.asked[bounds]).any())


def incumbent_cells(yard: Yard) -> Cells | None:
    """Return the cells of the incumbent as a route that asks it always; None where it is not among the candidates."""
    ground = yard.ground
    if yard.incumbent not in ground.names:
        return None
    row = ground.names.index(yard.incumbent)
    chosen = np.full((ground.cases, yard.held.orders), row, dtype=np.int64)
    return cells_of(ground, yard.arms, chosen, yard.laid.places, yard.laid.measured[0].cases)


def _judged(yard: Yard, item: Measured) -> np.ndarray:
    found = yard.judged.of(item)
    return np.where(item.asked, found, np.nan)


def _asked(ground: Ground, cells: Cells) -> dict[str, float]:
    """Return the share of judged cases that each candidate is asked, the most often asked first."""
    judged = cells.final >= 0
    worth = np.zeros(cells.final.shape[0])
    worth[judged.any(axis=1)] = ground.worth
    whole = float((judged * worth[:, None]).sum())
    shares = {
        name: float((asked * worth[:, None]).sum()) / whole
        for name, asked in zip(ground.names, cells.asked, strict=True)
    }
    return {name: share for name, share in sorted(shares.items(), key=lambda each: -each[1]) if share > 0}


def _seen_gain(yard: Yard, family: Family) -> float:
    """Return what the route that all cases choose gains on these same cases."""
    ground, good = yard.ground, yard.arms.good
    every = np.arange(ground.cases)
    mine, rival = (yard.held.whole[name].at(ground.slices) for name in (family.name, BEST))
    return float(np.average(good[mine, every] - good[rival, every], weights=ground.weights))


def _last(yard: Yard, family: Family) -> str | None:
    """Return the strong candidate of a cascade, where all its chains end with the same one."""
    ends = {yard.arms.chains[arm][-1].row for arm in family.arms} if family.kind == "cascade" else set()
    return yard.ground.names[ends.pop()] if len(ends) == 1 else None


def _always(yard: Yard, chosen: IntArray, name: str) -> IntArray:
    """Return a candidate as a route that asks it wherever another route was judged."""
    return np.where(chosen == NOT_JUDGED, NOT_JUDGED, yard.ground.names.index(name))


def _versus(yard: Yard, chosen: IntArray, name: str | None) -> Difference | None:
    if name is None or name not in yard.ground.names:
        return None
    found = gain(yard.ground, yard.arms.good, chosen, _always(yard, chosen, name))
    return difference(found, yard.ground.cases)


def _cost_versus(yard: Yard, chosen: IntArray, name: str | None) -> Ratio:
    if name is None:
        return Ratio(value=None)
    return ratio_of(cost_gain(yard.ground, yard.arms, chosen, _always(yard, chosen, name)))


def rules_of(yard: Yard, family: Family) -> tuple[RouteRule, ...]:
    """Return the route that all cases together choose, in words: one rule for each slice that has its own, then the rest."""
    ground, chosen = yard.ground, yard.held.whole[family.name]
    own = _own_slices(chosen)
    rules = [
        RouteRule(
            slice=ground.slice_names[number],
            stages=_stages(yard, yard.arms.chains[chosen.of_slice[number]]),
            cases=int((ground.slices == number).sum()),
        )
        for number in own
    ]
    rest = ~np.isin(ground.slices, own)
    return (
        *rules,
        RouteRule(slice=None, stages=_stages(yard, yard.arms.chains[chosen.default]), cases=int(rest.sum())),
    )


def _own_slices(chosen: Chosen) -> list[int]:
    return [number for number, arm in enumerate(chosen.of_slice.tolist()) if arm != chosen.default]


def _stages(yard: Yard, chain: Chain) -> tuple[RouteStage, ...]:
    names = yard.ground.names
    return tuple(
        RouteStage(candidate=names[row])
        if least == ANY
        else RouteStage(candidate=names[row], signal=yard.signals.get(names[row]), least=least)
        for row, least in chain
    )
