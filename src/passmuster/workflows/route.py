"""`passmuster route`: from stored trials to routes. Calls no model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.escalation.signals import OF_ONE_REPLY, Readings, signal_values
from passmuster.decide.measured import FloatArray
from passmuster.decide.routing.ground import Judged
from passmuster.decide.routing.report import Basis, routing_report
from passmuster.decide.routing.slices import Sliced, slices_by, usual_slices
from passmuster.decide.success import success_rule
from passmuster.metrics.metric import UNIT, LabelMetric, Metric
from passmuster.records.candidate import candidate_digest
from passmuster.records.case import Case
from passmuster.records.escalation import Signal, SignalKind
from passmuster.records.routing import RoutingReport
from passmuster.records.routing_policy import RoutingPolicy, SliceBy
from passmuster.records.score import ScoreOutcome
from passmuster.records.task import Task
from passmuster.records.trial import Reply, Trial
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Laying, Part, Question

SCORED_KINDS: frozenset[SignalKind] = frozenset({"agreement", "answer_logprob"})
"""Signals that need to know which answer a metric reads."""

SUCCESS = "success"
"""What quality is called where it is the share of trials that succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """What signals say of the cases, by candidate: the values, the signal's name, and who is asked only to tell it."""

    values: Mapping[str, FloatArray]
    names: Mapping[str, str]
    beside: Mapping[str, tuple[str, ...]]


def route(
    question: Question, trials: Iterable[Trial], policy: RoutingPolicy, *, generated: str
) -> RoutingReport:
    """Return every route with its figures, from the stored trials of its candidates.

    Args:
        question: The task, its metrics, the corpus and the candidates.
        trials: Stored trials, one of each key; those of other cases or candidates are passed over.
        policy: Which routes are looked at.
        generated: When, in words for the report (ISO 8601).

    Raises:
        NotAvailableError: where too little is known of two candidates.
    """
    signals = signals_of(policy, question.task)
    part, readings = _laid(question, trials, signals)
    sure = _sure(signals, readings, part.population.positions)
    slice_by, slices = _slices(policy, part.cases, question.task)
    return routing_report(
        Basis(
            task=question.task,
            corpus=question.corpus,
            cases=part.cases,
            measured=part.measured,
            judged=judged_by(question, policy.metric),
            slice_by=slice_by,
            slices=slices,
            generated=generated,
            margin=policy.margin,
            sure=sure.values,
            signals=sure.names,
            beside=sure.beside,
            cascades=policy.cascades,
            judges={judge.metric: judge for judge in question.judges},
        )
    )


def signals_of(policy: RoutingPolicy, task: Task) -> tuple[Signal, ...]:
    """Return the signals that are looked for, the first that a candidate has counts."""
    if policy.signal is None:
        return tuple(Signal(name=kind, kind=kind) for kind in OF_ONE_REPLY)
    own = next((each for each in task.escalation.signals if each.name == policy.signal), None)
    if own is not None:
        return (own,)
    kind: SignalKind = policy.signal  # type: ignore[assignment]  # checked where the project file is read
    return (Signal(name=kind, kind=kind, reverse=kind == "length"),)


def judged_by(question: Question, name: str | None) -> Judged:
    """Return what a good answer is: a metric that is a share in every case, else how many trials succeed."""
    rule = success_rule(question.task)
    wanted = (
        question.metrics[0] if name is None else next(each for each in question.metrics if each.name == name)
    )
    if _is_share(wanted):
        return Judged(name=wanted.name, metric=wanted.name, success=rule)
    return Judged(name=SUCCESS, metric=None, success=rule)


def _is_share(metric: Metric) -> bool:
    """Return whether the mean over cases of a metric is its figure, between 0 and 1, and more of it is better."""
    one_by_one = not isinstance(metric, LabelMetric) and metric.summary != "counts"
    return one_by_one and metric.direction == "higher" and metric.bounds == UNIT


def _laid(
    question: Question, trials: Iterable[Trial], signals: Sequence[Signal]
) -> tuple[Part, dict[str, Readings]]:
    cases, repeats = question.corpus.cases, question.task.repeats
    cells = Cells(cases, repeats)
    laying = Laying(question, cells)
    metric = success_rule(question.task).metric
    readings = {
        candidate.name: Readings(signals, metric, cases=len(cases), repeats=repeats)
        for candidate in question.candidates
    }
    names: dict[str, list[str]] = {}
    for candidate in question.candidates:
        names.setdefault(candidate_digest(candidate), []).append(candidate.name)
    scorer = next((each for each in question.metrics if each.name == metric), None)
    scored = any(signal.kind in SCORED_KINDS for signal in signals)
    for trial in trials:
        place = laying.enter(trial)
        if place is None:
            continue
        scores = _scores(scorer if scored else None, cases[place // repeats], trial)
        for name in names[trial.key.candidate]:
            readings[name].enter(place, trial.outcome, scores)
    return laying.parts()[0], readings


def _scores(scorer: Metric | None, case: Case, trial: Trial) -> dict[str, ScoreOutcome]:
    if scorer is None or not isinstance(trial.outcome, Reply):
        return {}
    return {scorer.name: scorer.score(case, trial.outcome)}


def _sure(signals: Sequence[Signal], readings: Mapping[str, Readings], positions: Sequence[int]) -> Sure:
    values: dict[str, FloatArray] = {}
    names: dict[str, str] = {}
    beside: dict[str, tuple[str, ...]] = {}
    places = np.asarray(positions, dtype=np.int64)
    for name, own in readings.items():
        for signal in signals:
            found = signal_values(signal, own, readings)[places]
            if name != signal.of and not np.isnan(found).all():
                values[name], names[name] = found, _told(signal)
                beside[name] = (signal.of,) if signal.kind == "agreement" and signal.of else ()
                break
    return Sure(values=values, names=names, beside=beside)


def _told(signal: Signal) -> str:
    """Return what the values of a signal are called; of one of which less is surer they have a minus in front."""
    return f"minus {signal.name}" if signal.reverse else signal.name


def _slices(policy: RoutingPolicy, cases: Sequence[Case], task: Task) -> tuple[SliceBy | None, Sliced]:
    if policy.slices is None:
        return usual_slices(cases, task.slices)
    return policy.slices, slices_by(cases, policy.slices, task.slices)
