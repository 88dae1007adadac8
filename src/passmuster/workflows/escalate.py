"""`passmuster escalate`: from stored trials to signals of confidence and a certified threshold. Calls no model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.escalation.answers import answers_of
from passmuster.decide.escalation.choosing import existing, usual_signals
from passmuster.decide.escalation.pricing import cost_of_judging
from passmuster.decide.escalation.report import Evidence, escalation_report
from passmuster.decide.escalation.signals import FloatArray, Readings, signal_values
from passmuster.decide.success import success_rule
from passmuster.records.candidate import candidate_digest
from passmuster.records.escalation import EscalationPolicy, EscalationReport, Signal
from passmuster.records.trial import Trial
from passmuster.workflows.cells import Cells
from passmuster.workflows.laying import Laying, Question, judged_metrics, scores_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The signals that are looked for, and whether somebody named them."""

    signals: tuple[Signal, ...]
    named: bool

    def others(self, policy: EscalationPolicy) -> tuple[str, ...]:
        """Return the other candidates that are needed: those to agree with, and the one that gets unsure replies."""
        names = [signal.of for signal in self.signals if signal.kind == "agreement" and signal.of]
        return tuple(dict.fromkeys([*names, *([policy.to] if policy.to else [])]))


def sought(question: Question, candidate: str, policy: EscalationPolicy) -> Sought:
    """Return the signals to look for: those that the policy names, else all that may exist.

    Args:
        question: The task, its metrics, the corpus and all candidates.
        candidate: Whose replies they are about.
        policy: What the project says of escalation.
    """
    if policy.signals:
        return Sought(signals=policy.signals, named=True)
    own = next(each for each in question.candidates if each.name == candidate)
    right = success_rule(question.task).metric
    judged = [name for name in judged_metrics(question.metrics) if name != right]
    return Sought(
        signals=usual_signals(own, question.candidates, judged, question.task.incumbent), named=False
    )


def escalate(
    question: Question,
    trials: Iterable[Trial],
    wish: tuple[str, EscalationPolicy, Sought],
    *,
    generated: str,
) -> EscalationReport:
    """Judge the signals of a candidate's replies on the stored trials; each trial is gone through once.

    The figures are of the cases that estimate production, as those of `compare` are.

    Args:
        question: The task, its metrics, the corpus, and the candidates that are needed.
        trials: Their stored trials.
        wish: The candidate, what must hold, and the signals to look for.
        generated: When, in words for the report (ISO 8601).
    """
    name, policy, looked_for = wish
    success = success_rule(question.task)
    count, repeats = len(question.corpus.cases), question.task.repeats
    cells = Cells(question.corpus.cases, repeats)
    laying = Laying(question, cells)
    readings = {
        each.name: Readings(
            looked_for.signals if each.name == name else (), success.metric, cases=count, repeats=repeats
        )
        for each in question.candidates
    }
    _enter(question, trials, laying, readings)
    part = laying.main(readings.keys())
    places = np.asarray(part.population.positions, dtype=np.int64)
    values = _values(looked_for.signals, readings, name, places)
    kept, absent = existing(looked_for.signals, values, named=looked_for.named)
    answers = {each.candidate.name: answers_of(each, success) for each in part.measured}
    evidence = Evidence(
        task=question.task,
        success=success.metric,
        candidate=name,
        repeats=repeats,
        answers=answers[name],
        values=values,
        signals=kept,
        others={each: found for each, found in answers.items() if each != name},
        absent=absent | _of_itself(looked_for.signals, name),
        judged=_judging(question),
    )
    return escalation_report(evidence, policy, generated=generated, corpus=question.corpus.version)


def _of_itself(signals: Sequence[Signal], name: str) -> dict[str, str]:
    own = (each for each in signals if each.kind == "agreement" and each.of == name)
    return {each.name: "it would compare the candidate with itself" for each in own}


def _judging(question: Question) -> dict[str, float | None]:
    """Return the metrics that ask a judge, with what that costs for a reply; None where it is unknown."""
    known = {judge.metric: judge for judge in question.judges}
    kinds = {spec.name: spec.kind for spec in question.task.metrics}
    calls = question.task.cost.calls
    return {
        name: None if name not in known else cost_of_judging(known[name], kinds.get(name, ""), calls)
        for name in judged_metrics(question.metrics)
    }


def _enter(
    question: Question, trials: Iterable[Trial], laying: Laying, readings: Mapping[str, Readings]
) -> None:
    named: dict[str, list[str]] = {}
    for each in question.candidates:
        named.setdefault(candidate_digest(each), []).append(each.name)
    for trial in trials:
        place = laying.enter(trial)
        if place is None:
            continue
        case = question.corpus.cases[place // question.task.repeats]
        scores = scores_of(case, trial, question.metrics)
        for name in named[trial.key.candidate]:
            readings[name].enter(place, trial.outcome, scores)


def _values(
    signals: Sequence[Signal], readings: Mapping[str, Readings], name: str, places: np.ndarray
) -> dict[str, FloatArray]:
    others = {each: found for each, found in readings.items() if each != name}
    return {signal.name: signal_values(signal, readings[name], others)[places] for signal in signals}


def with_wishes(
    policy: EscalationPolicy, *, target: float | None, delta: float | None, to: str | None
) -> EscalationPolicy:
    """Return the policy with what a command says otherwise.

    Example:
        >>> with_wishes(EscalationPolicy(), target=0.1, delta=None, to=None).target
        0.1
    """
    said = {"target": target, "delta": delta, "to": to}
    return replace(policy, **{key: value for key, value in said.items() if value is not None})  # type: ignore[arg-type]  # of the field's own type
