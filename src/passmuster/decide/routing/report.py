"""The report on routes: every route on cases that it was not chosen on, and whether any is worth it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from passmuster.decide.bar_making import BarMaker
from passmuster.decide.cautions import of_costs
from passmuster.decide.classes import class_columns, resampled_averages
from passmuster.decide.costs.report import cost_report
from passmuster.decide.estimates import latency_report
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.phrases import counted, listed
from passmuster.decide.requirements import excluded, requirement_checks
from passmuster.decide.routing.choosing import FEWEST_OF_ALL, Chooser, Family
from passmuster.decide.routing.curve import curve_of, mean_of
from passmuster.decide.routing.families import BEST, CHEAPEST, Looked, look
from passmuster.decide.routing.figures import Yard, incumbent_cells, p_beside_cheapest, route_report
from passmuster.decide.routing.folds import FEWEST_GROUPS, FOLDS
from passmuster.decide.routing.ground import Ground, Judged, Laid, lay
from passmuster.decide.routing.held_out import held_out
from passmuster.decide.routing.routed import routed
from passmuster.decide.routing.slices import Sliced
from passmuster.decide.routing.words import recommended, sentence_of, status_of, summary
from passmuster.decide.seed import SEED
from passmuster.decide.slices import restricted
from passmuster.decide.verdicts import Contender, judge
from passmuster.errors import NotAvailableError
from passmuster.records.case import Case
from passmuster.records.comparison import Check
from passmuster.records.corpus import CorpusVersion
from passmuster.records.judged import JudgeReport
from passmuster.records.routing import RouteCurve, RoutedCandidate, RouteReport, RoutingReport, SliceReport
from passmuster.records.task import Task
from passmuster.stats.families import holm

MOST_CURVES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What routes are made of.

    `sure` is what the signal of a candidate (by name) says of each case, `signals` what it is called, `beside` who is
    asked only to tell it. `cascades` are those wanted; none: one that is chosen from all pairs.
    """

    task: Task
    corpus: CorpusVersion
    cases: Sequence[Case]
    measured: Sequence[Measured]
    judged: Judged
    slice_by: str | None
    slices: Sliced
    generated: str
    margin: float
    sure: Mapping[str, FloatArray] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cascades: tuple[tuple[str, ...], ...] = ()
    judges: Mapping[str, JudgeReport] = field(default_factory=dict)


def routing_report(basis: Basis) -> RoutingReport:
    """Return every route with its figures, and which is recommended.

    Raises:
        NotAvailableError: where fewer than two candidates can be compared, or too few independent cases are known of all.
    """
    allowed, notes = _allowed(basis)
    laid = lay(allowed, basis.judged, basis.slices, basis.sure, basis.beside)
    notes += [f"{name} is left out: {why}." for name, why in laid.left_out.items()]
    _enough(laid.ground)
    wanted = [names for names in basis.cascades if set(names) <= set(laid.ground.names)]
    notes += [
        f"The cascade {' -> '.join(names)} is left out with a candidate of it."
        for names in basis.cascades
        if names not in wanted
    ]
    found = look(laid.ground, wanted, basis.slice_by if len(basis.slices[1]) > 1 else None)
    yard = _yard(basis, laid, found)
    rows = _rows(basis, yard, found.families)
    routes = [row for row in rows.values() if row.kind != "single"]
    chosen = recommended(routes)
    return RoutingReport(
        task=basis.task.name,
        generated=basis.generated,
        corpus=basis.corpus.version,
        cases=laid.ground.cases,
        left_out=len(basis.cases) - laid.ground.cases,
        quality=basis.judged.name,
        slice_by=basis.slice_by,
        margin=basis.margin,
        alpha=basis.task.alpha,
        folds=FOLDS,
        orders=yard.held.orders,
        seed=SEED,
        candidates=_candidates(basis, yard),
        slices=_slices(laid.ground),
        best=rows[BEST],
        cheapest=rows.get(CHEAPEST),
        routes=tuple(routes),
        curves=_curves(yard, routes, basis.cascades),
        recommended=None if chosen is None else chosen.name,
        sentence=summary(chosen, routes, rows[BEST]),
        notes=(*notes, *_notes(basis, yard, found)),
    )


def _yard(basis: Basis, laid: Laid, found: Looked) -> Yard:
    """Choose every route on the folds before each fold."""
    chooser = Chooser(laid.ground, found.arms, basis.margin)
    held = held_out(laid.ground, chooser, found.families)
    return Yard(
        laid=laid,
        arms=found.arms,
        held=held,
        judged=basis.judged,
        cost=basis.task.cost,
        margin=basis.margin,
        signals=basis.signals,
        incumbent=basis.task.incumbent,
    )


def _allowed(basis: Basis) -> tuple[list[Measured], list[str]]:
    """Return the candidates that a route may ask, and why others are left out."""
    kept, notes = [], []
    for item in basis.measured:
        name, kind = item.candidate.name, item.candidate.kind
        if kind == "manual":
            notes.append(
                f"{name} is left out: a route is not made of people; `passmuster escalate` hands on to them."
            )
        elif excluded(requirement_checks(item.candidate, basis.task.requires, basis.generated)):
            notes.append(f"{name} is left out: it misses a requirement.")
        else:
            kept.append(item)
    return kept, notes


def _enough(ground: Ground) -> None:
    if len(ground.names) < 2:
        raise NotAvailableError(
            "a route needs two candidates that were asked the same cases", hint="Next: passmuster run"
        )
    units = ground.cases if ground.groups is None else np.unique(ground.groups).size
    if units < FEWEST_GROUPS:
        what = "cases" if ground.groups is None else "groups of cases"
        raise NotAvailableError(
            f"{units} {what} are known of all candidates, and a route is chosen and judged on {FEWEST_GROUPS} at least",
            hint="Next: passmuster run",
        )


def _rows(basis: Basis, yard: Yard, families: Sequence[Family]) -> dict[str, RouteReport]:
    bars = _Bars(basis, yard)
    rows = {family.name: route_report(yard, family, bars.checks) for family in families}
    routes = [row for row in rows.values() if row.kind != "single"]
    # Two claims of every route: that it is better, and that it is cheaper and about as good.
    adjusted = holm([*(row.p for row in routes), *(_p_saves(yard, row) for row in routes)])
    for place, row in enumerate(routes):
        better, saves = adjusted[place], adjusted[len(routes) + place]
        status = status_of(row, better, saves, basis.task.alpha)
        told = replace(row, p=better, status=status)
        rows[row.name] = replace(told, sentence=sentence_of(told, rows[BEST], basis.margin))
    return rows


def _p_saves(yard: Yard, row: RouteReport) -> float | None:
    beside = p_beside_cheapest(yard, row.name)
    if row.p_margin is None or row.p_cheaper is None or beside is None:
        return None
    return max(row.p_margin, row.p_cheaper, beside)


class _Bars:
    """The bars of the task, for routes; those that are held against the incumbent know it as a route of its own."""

    def __init__(self, basis: Basis, yard: Yard) -> None:
        cells = incumbent_cells(yard)
        name = basis.task.incumbent or ""
        known = {} if cells is None else {name: routed(name, yard.laid.measured, cells)}
        self._maker = BarMaker(basis.task, basis.corpus, known, basis.cases)
        self._basis = basis

    def checks(self, item: Measured) -> tuple[Check, ...]:
        """Return the checks of a route by itself."""
        tests = tuple(self._maker.tests(item, self._basis.generated, self._basis.judges, _drawn))
        return judge([Contender(measured=item, tests=tests)], self._basis.task.alpha)[0].checks


def _drawn(item: Measured, metric: str) -> tuple[FloatArray, FloatArray]:
    columns = class_columns(item, item.layout.classes[metric])
    return columns, resampled_averages([columns], item.groups)[0]["macro_f1"]


def _candidates(basis: Basis, yard: Yard) -> tuple[RoutedCandidate, ...]:
    ground = yard.ground
    return tuple(
        RoutedCandidate(
            name=item.candidate.name,
            quality=mean_of(ground, ground.quality[row]),
            cost_per_task=cost_report(item, basis.judged.success, basis.task.cost).per_task,
            latency_p95=latency_report(item).p95,
            signal=basis.signals.get(item.candidate.name),
        )
        for row, item in enumerate(_on_common(yard))
    )


def _on_common(yard: Yard) -> list[Measured]:
    """Return the candidates on the cases that are known of all."""
    measured = yard.laid.measured
    members = np.zeros(measured[0].cases, dtype=np.bool_)
    members[yard.laid.places] = True
    return [restricted(item, members) for item in measured]


def _slices(ground: Ground) -> tuple[SliceReport, ...]:
    made = []
    for number, name in enumerate(ground.slice_names):
        own = np.flatnonzero(ground.slices == number)
        part = replace(
            ground,
            quality=ground.quality[:, own],
            groups=None if ground.groups is None else ground.groups[own],
            weights=None if ground.weights is None else ground.weights[own],
        )
        quality = {each: mean_of(part, part.quality[row]) for row, each in enumerate(ground.names)}
        made.append(SliceReport(name=name, cases=own.size, quality=quality))
    return tuple(made)


def _curves(
    yard: Yard, routes: Sequence[RouteReport], wanted: tuple[tuple[str, ...], ...]
) -> tuple[RouteCurve, ...]:
    """Return the curve of each cascade of two that is named, or of the one that was chosen."""
    found = list(wanted) or [
        tuple(stage.candidate for stage in row.rules[-1].stages) for row in routes if row.kind == "cascade"
    ]
    return tuple(
        curve_of(yard.ground, names, yard.signals[names[0]])
        for names in found[:MOST_CURVES]
        if len(names) == 2 and names[0] in yard.ground.sure and names[1] in yard.ground.names
    )


def _notes(basis: Basis, yard: Yard, found: Looked) -> list[str]:
    ground, notes = yard.ground, []
    if len(basis.cases) > ground.cases:
        notes.append(
            f"{counted(len(basis.cases) - ground.cases, 'case')} left out: not known of every candidate."
        )
    if basis.task.repeats > 1:
        notes.append("Only the first repeat of each case counts: a signal is about one reply.")
    notes += of_costs({item.candidate.name: item.basis for item in yard.laid.measured})
    if not ground.priced:
        notes.append(
            "The cost of some candidate is unknown: cascades are chosen by their calls, nothing by its cost."
        )
    if found.left_out:
        notes.append(
            f"{counted(found.left_out, 'pair')} of candidates left out: too many thresholds to look at."
        )
    if basis.judged.metric in basis.judges:
        notes.append(f"{basis.judged.metric} is what the judge says, not corrected by what people said.")
    thin = _thin(ground)
    if thin:
        notes.append(f"Fewer than {FEWEST_OF_ALL} cases, so what all others get: {listed(thin)}.")
    return notes


def _thin(ground: Ground) -> list[str]:
    counts = np.bincount(ground.slices[ground.slices >= 0], minlength=len(ground.slice_names))
    return [name for name, count in zip(ground.slice_names, counts, strict=True) if count < FEWEST_OF_ALL]
