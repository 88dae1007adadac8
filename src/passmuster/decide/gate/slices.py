"""The rows of slices: where a change made some kind of cases worse, though it may have made all together no worse."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.gate.compared import Compared, Laid
from passmuster.decide.gate.lines import SAME, margins_of
from passmuster.decide.gate.sides import TANGO, Sides, change_of, sides_of
from passmuster.decide.gate.words import moved, nowhere
from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.phrases import counted
from passmuster.decide.rates import mean_estimate, rate_estimate
from passmuster.decide.readings import readings
from passmuster.decide.slice_rule import SliceRule
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.gate import GateLine, GatePolicy, Level, SliceRole
from passmuster.records.judged import JudgeReport
from passmuster.records.score import Estimate
from passmuster.records.task import Bar
from passmuster.stats.clusters import RatioSums, ratio_columns, student_tail, sums_of, with_effective_units
from passmuster.stats.families import benjamini_hochberg
from passmuster.stats.margins import with_pseudo_differences
from passmuster.stats.paired import mcnemar_mid_p_worse, tango_interval, tango_p_noninferior
from passmuster.stats.pooled import partially_pooled

FEWEST = 10
"""Cases of both versions from which a slice is tested: with fewer hardly any drop could be shown beside others."""

REGRESSION = "regression"
_CATEGORIES = ("edge", "adversarial", REGRESSION)
_NO_MARGIN = (np.nan, np.nan)
NO_SCORES = "a version has no scores on it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some of the cases of one population, by name."""

    name: str
    sides: Sides
    members: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """How much better the new version is, case by case, in shares of the scale; NaN where a case says nothing.

    `best` reads what is not known in favour of the new version (a drop must be shown all the same), `worst` against it (a drop
    must be excluded all the same).
    """

    best: FloatArray
    worst: FloatArray
    margins: tuple[float, float]

    def stated(self, width: float) -> tuple[float, float] | None:
        """Return both margins in the unit of the metric, None where they are not known."""
        low, high = self.margins
        return None if np.isnan(low) else (low * width, high * width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A slice with its row in the making, the p-values of no drop and of both margins, and its squared standard error.

    `moved` counts the cases whose value is now larger, and smaller. `read` says how far it changed with failed trials as
    wrong, where that is another figure.
    """

    line: GateLine
    p: float
    p_investigate: float | None
    p_block: float | None
    variance: float
    moved: tuple[int, int]
    read: str = ""


def slice_lines(compared: Compared, main: Sides) -> tuple[tuple[GateLine, ...], tuple[str, ...]]:
    """Return a row for each slice, and what a reader must know of those that could not be looked at.

    An alarm is a drop that is shown under Benjamini and Hochberg's correction over all slices together, and is looked into. In
    a core slice it is blocked where it is shown at half of that level too, unless a drop of the upper margin is excluded there:
    the other half is what the rows of the whole may err by.
    Slices that are all of the cases are left out, and so are those of fewer than `FEWEST` cases.
    """
    metric, policy = _metric(compared), compared.task.gate
    if metric is None:
        return (), ()
    found = _distinct(named := tuple(slices_of(compared, main)))
    told = _told(metric, found)
    small = [each.name for each in found if int(each.members.sum()) < FEWEST]
    large = [each for each in found if told[each.name] and each.name not in small]
    notes = (
        *_untested(f"with fewer than {FEWEST} cases of both versions", small),
        *_untested(f"of which {metric.name} concerns no case", [name for name in told if not told[name]]),
        *nowhere(policy.edge, {each.name for each in named}),
    )
    gaps = {
        id(sides): _gaps(metric, sides, policy) for sides in {id(s.sides): s.sides for s in large}.values()
    }
    rows = [_row(each, metric, gaps[id(each.sides)]) for each in large]
    tested = _with_intervals([row for row in rows if isinstance(row, Tested)], _width(metric))
    untested = tuple(row for row in rows if isinstance(row, GateLine))
    adjusted = benjamini_hochberg([row.p for row in tested])
    pooled = _pooled(tested)
    judge = compared.judges.get(metric.name)
    rule = _Rule(policy, compared.task.alpha, judge, share=metric.bounds == (0.0, 1.0))
    lines = [
        rule.levelled(row, each, value) for row, each, value in zip(tested, adjusted, pooled, strict=True)
    ]
    return (*lines, *untested), notes


def slices_of(compared: Compared, main: Sides) -> Iterator[Slice]:
    """Yield the slices: by what the policy names, those that the task names, and the cases that are measured apart."""
    policy, cases = compared.task.gate, compared.main.cases
    for kind in policy.slices:
        for value, members in _valued(kind, cases).items():
            yield Slice(name=f"{kind} {value}", sides=main, members=members & main.common)
    apart = {name: (laid, sides_of(laid)) for name, laid in compared.apart.items() if name != REGRESSION}
    for name, (_, sides) in apart.items():
        what = "category" if name in _CATEGORIES else "origin"
        yield Slice(name=f"{what} {name}", sides=sides, members=sides.common)
    for name, expression in compared.task.slices.items():
        rule = SliceRule(expression, "slices")
        yield from _named(name, rule, (compared.main, main), apart)


def _named(
    name: str, rule: SliceRule, main: tuple[Laid, Sides], apart: Mapping[str, tuple[Laid, Sides]]
) -> Iterator[Slice]:
    """Yield a named slice: of the cases that the figures are of, or where none of these is in it, of those measured apart."""
    for laid, sides in (main, *apart.values()):
        inside = np.fromiter((rule.holds(case) for case in laid.cases), dtype=np.bool_, count=len(laid.cases))
        if inside.any():
            yield Slice(name=name, sides=sides, members=inside & sides.common)
            return


def _valued(kind: str, cases: Sequence[Case]) -> dict[str, BoolArray]:
    """Return the cases of each category, stratum or tag; those of one stratum are numbered once, not asked for each."""
    places: dict[str, list[int]] = {}
    for place, case in enumerate(cases):
        for value in _values(kind, case):
            places.setdefault(value, []).append(place)
    found = {}
    for value in sorted(places):
        found[value] = np.zeros(len(cases), dtype=np.bool_)
        found[value][places[value]] = True
    return found


def _values(kind: str, case: Case) -> tuple[str, ...]:
    if kind == "tag":
        return tuple(dict.fromkeys(case.tags))
    value = case.category if kind == "category" else case.stratum
    return () if value is None else (value,)


def _distinct(slices: Sequence[Slice]) -> list[Slice]:
    """Leave out what is the whole of the cases that the figures are of, and what is another slice by another name."""
    found: list[Slice] = []
    seen: set[tuple[int, bytes]] = set()
    for each in slices:
        key = id(each.sides), each.members.tobytes()
        whole = each.name.startswith(("category ", "stratum ", "tag ")) and bool(
            (each.members == each.sides.common).all()
        )
        if key not in seen and not (whole and not _apart(each)):
            seen.add(key)
            found.append(each)
    return found


def _apart(each: Slice) -> bool:
    return each.name.removeprefix("category ") in _CATEGORIES


def _told(metric: Metric, slices: Sequence[Slice]) -> dict[str, bool]:
    """Say of each slice by name whether the metric concerns any of its cases."""
    concerned = {
        id(sides): np.logical_or(*(item.concerned(metric.name) for item in (sides.old, sides.new)))
        for sides in {id(each.sides): each.sides for each in slices}.values()
    }
    return {
        each.name: not each.members.any() or bool((each.members & concerned[id(each.sides)]).any())
        for each in slices
    }


def _untested(what: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return a note on slices that are not tested; nothing where there are none."""
    if not names:
        return ()
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
    return (f"{counted(len(names), 'slice')} {what}: not tested ({shown}).",)


def _metric(compared: Compared) -> Metric | None:
    """Return the metric that slices are looked at by: the first that is a part of the verdict."""
    sanity = {spec.name for spec in compared.task.metrics if spec.role == "sanity"}
    return next((metric for metric in compared.metrics if metric.name not in sanity), None)


def _gaps(metric: Metric, sides: Sides, policy: GatePolicy) -> Gaps:
    higher = metric.direction == "higher"
    bar = Bar(metric=metric.name, at_least=0.0 if higher else None, at_most=None if higher else 0.0)
    new, old = readings(bar, sides.new), readings(bar, sides.old)
    if new is not None and old is not None:
        margins = policy.investigate, policy.block
        return Gaps(best=new.best - old.worst, worst=new.worst - old.best, margins=margins)
    gaps = (sides.new.scores(metric.name) - sides.old.scores(metric.name)) * (1.0 if higher else -1.0)
    mean = _mean(sides.old, metric.name)
    return Gaps(best=gaps, worst=gaps, margins=margins_of(metric, policy, mean) or _NO_MARGIN)


def _mean(item: Measured, metric: str) -> float | None:
    values = item.scores(metric)
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def _row(each: Slice, metric: Metric, gaps: Gaps) -> Tested | GateLine:
    line, changed = _line(each, metric)
    known = each.members & ~np.isnan(gaps.best) & ~np.isnan(gaps.worst)
    n = int(known.sum())
    line = replace(line, margins=gaps.stated(_width(metric)))
    if n < 2:
        return replace(line, reason=NO_SCORES)
    sides, best, worst = each.sides, gaps.best[known], gaps.worst[known]
    sums, low = _sums(best, sides, known), _sums(worst, sides, known)
    alone = sides.new.groups is None and sides.new.weights is None
    whole = bool(np.isin(best, (-1.0, 0.0, 1.0)).all() and np.isin(worst, (-1.0, 0.0, 1.0)).all())
    if alone and whole:
        p = float(mcnemar_mid_p_worse(float((best > 0).sum()), float((best < 0).sum())))
        against = float((worst > 0).sum()), float((worst < 0).sum()), float(n)
        margins = [float(tango_p_noninferior(*against, margin)) for margin in gaps.margins]
    else:
        p = float(student_tail(-sums.value(), sums.standard_error(), sums.units - 1))
        if metric.bounds[1] - metric.bounds[0] == np.inf:
            p = max(p, 0.5**n)  # without a scale, t claims no more than the signs could
        margins = [
            float(student_tail(low.value() + margin, low.standard_error(), low.units - 1))
            for margin in gaps.margins
        ]
    stated = [None if np.isnan(margin) else one for margin, one in zip(gaps.margins, margins, strict=True)]
    variance = float(sums.standard_error()) ** 2 * _width(metric) ** 2
    return Tested(
        line=line,
        p=p,
        p_investigate=stated[0],
        p_block=stated[1],
        variance=variance,
        moved=changed,
        read=_read(line, _average(worst, sides, known), metric),
    )


def _average(values: FloatArray, sides: Sides, known: BoolArray) -> float:
    weights = sides.new.weights
    return float(np.average(values, weights=None if weights is None else weights[known]))


def _read(line: GateLine, tested: float, metric: Metric) -> str:
    """Say by how much it changed where trials that failed or have no score are read against the new version."""
    scaled = tested * _width(metric) * (1 if metric.direction == "higher" else -1)
    if line.change.value is None or abs(scaled - line.change.value) < SAME:
        return ""
    told = f"{scaled * 100:+.1f} points" if metric.bounds == (0.0, 1.0) else f"{scaled:+.3g}"
    return f", {told} with failed trials as wrong"


def _with_intervals(tested: list[Tested], width: float) -> list[Tested]:
    """Put in Tango's intervals, all of them in one go."""
    places = [place for place, row in enumerate(tested) if row.line.change.method == TANGO]
    if not places:
        return tested
    better, worse = (np.array([float(tested[place].moved[way]) for place in places]) for way in (0, 1))
    sizes = np.array([float(tested[place].line.change.n) for place in places])
    found = list(tested)
    for place, low, high in zip(places, *tango_interval(better, worse, sizes), strict=True):
        row = tested[place]
        change = replace(row.line.change, low=float(low) * width, high=float(high) * width)
        found[place] = replace(row, line=replace(row.line, change=change))
    return found


def _sums(gaps: FloatArray, sides: Sides, known: BoolArray) -> RatioSums:
    weights = sides.new.weights
    sizes = np.ones(gaps.size) if weights is None else weights[known]
    groups = None if sides.new.groups is None else sides.new.groups[known]
    found = sums_of(ratio_columns(gaps * sizes, sizes, groups).sum(axis=0))
    return with_pseudo_differences(found if weights is None else with_effective_units(found))


def _width(metric: Metric) -> float:
    width = metric.bounds[1] - metric.bounds[0]
    return float(width) if np.isfinite(width) else 1.0


def _line(each: Slice, metric: Metric) -> tuple[GateLine, tuple[int, int]]:
    """Return the row of a slice in the making, and how many of its values are now larger, and smaller."""
    values = [
        np.where(each.members, item.scores(metric.name), np.nan) for item in (each.sides.old, each.sides.new)
    ]
    old, new = (
        _estimate(own, item, metric, int((each.members & np.isnan(own)).sum()))
        for own, item in zip(values, (each.sides.old, each.sides.new), strict=True)
    )
    line = GateLine(
        name=metric.name,
        kind="quality",
        level="undecided",
        old=old,
        new=new,
        change=change_of(values[1], values[0], each.sides.new, _width(metric), score=False),
        direction=metric.direction,
        slice=each.name,
    )
    gaps = values[1] - values[0]
    return line, (int((gaps > 0).sum()), int((gaps < 0).sum()))


def _estimate(values: FloatArray, item: Measured, metric: Metric, missing: int) -> Estimate:
    if metric.bounds == (0.0, 1.0):
        return rate_estimate(values, item, missing)
    return mean_estimate(values, item, missing, bounds=metric.bounds)


def _pooled(tested: Sequence[Tested]) -> list[float | None]:
    """Return the change of each slice drawn towards that of all: better estimates, by which nothing is alarmed."""
    usable = [row for row in tested if row.line.change.value is not None and 0 < row.variance < np.inf]
    if len(usable) < 2:
        return [None] * len(tested)
    values = partially_pooled(
        [row.line.change.value or 0.0 for row in usable], [row.variance for row in usable]
    ).values
    found = {id(row): float(value) for row, value in zip(usable, values, strict=True)}
    return [found.get(id(row)) for row in tested]


class _Rule:
    """Gives the slices their levels.

    Args:
        policy: Margins, and which slices are edge slices.
        alpha: The level at which a margin is excluded.
        judge: What is known of the judge, where one says the metric.
        share: Whether the metric is a share.
    """

    def __init__(self, policy: GatePolicy, alpha: float, judge: JudgeReport | None, *, share: bool) -> None:
        self.policy = policy
        self.alpha = alpha
        self.distrusted = judge is not None and judge.trust == "uncalibrated"
        self.share = share

    def levelled(self, row: Tested, adjusted: float, pooled: float | None) -> GateLine:
        """Return the row of a slice with its level."""
        role: SliceRole = "edge" if row.line.slice in self.policy.edge else "core"
        line = replace(
            row.line,
            role=role,
            p=row.p,
            adjusted_p=adjusted,
            p_investigate=row.p_investigate,
            p_block=row.p_block,
            pooled=pooled,
        )
        level, told = self._level(line, role)
        figures = f"{moved(line, share=self.share)}{row.read}"
        if line.change.value is None:
            figures = f"{NO_SCORES}; with failed trials as wrong"
        return replace(line, level=level, reason=f"{figures}: {told}" if told else NO_SCORES)

    def _level(self, line: GateLine, role: SliceRole) -> tuple[Level, str]:
        adjusted, level = line.adjusted_p or 0.0, self.policy.false_discovery
        missing = line.old.value is None or line.new.value is None
        if missing and adjusted > level / 2:
            return "undecided", ""
        if adjusted > level:
            return "pass", "no drop is shown among so many slices"
        if _excluded(line.p_investigate, self.alpha):
            return "pass", "a drop is shown, and one of the lower margin is excluded"
        spared = {
            "one of the upper margin is excluded": _excluded(line.p_block, self.alpha),
            "it is an edge slice": role == "edge",
            "not surely enough among so many slices to block by": adjusted > level / 2,
            "by a judge that nobody has calibrated": self.distrusted,
        }
        why = next((reason for reason, holds in spared.items() if holds), None)
        return ("block", "a drop is shown") if why is None else ("investigate", f"a drop is shown; {why}")


def _excluded(p: float | None, alpha: float) -> bool:
    return p is not None and p <= alpha
