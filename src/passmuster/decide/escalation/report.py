"""The report on escalation: every signal on the same cases, which are better, and what may go out unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from passmuster.decide.escalation.answers import Answers
from passmuster.decide.escalation.effect import effect_of, nobody_asked
from passmuster.decide.escalation.one_signal import Asked, known_of, signal_report
from passmuster.decide.escalation.pricing import Escalating, cost_of_other, price_of_person
from passmuster.decide.escalation.signals import FloatArray
from passmuster.decide.escalation.words import best_of, conclusion, leading_of, with_sentences
from passmuster.records.escalation import (
    EscalationPolicy,
    EscalationReport,
    Signal,
    SignalDifference,
    SignalReport,
)
from passmuster.records.score import Difference, Estimate
from passmuster.records.task import Task
from passmuster.stats.auroc import auroc, auroc_difference
from passmuster.stats.selective import risk_of

SCHEMA_VERSION = 1

PAIRED = "DeLong's test, paired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the report is made of: a candidate's answers, and what each signal says of them.

    `others` are those that signals compare with, and the one that gets the unsure replies; `absent` says of
    signals that were looked for why there is none. `judged` are the metrics that ask a judge, with what that costs for a
    reply in US dollars, None where it is unknown.
    """

    task: Task
    success: str
    candidate: str
    repeats: int
    answers: Answers
    values: Mapping[str, FloatArray]
    signals: Sequence[Signal]
    others: Mapping[str, Answers] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    judged: Mapping[str, float | None] = field(default_factory=dict)


def escalation_report(
    evidence: Evidence, policy: EscalationPolicy, *, generated: str, corpus: str
) -> EscalationReport:
    """Return the report: the signals share `policy.delta` among them (Bonferroni), so that any may be chosen.

    Args:
        evidence: The candidate's answers, and what each signal says.
        policy: What must hold, and who gets the other replies.
        generated: When (ISO 8601).
        corpus: The version of the cases.
    """
    answers = evidence.answers
    to = Escalating(
        price=price_of_person(policy, evidence.task.cost.review) if policy.to is None else None,
        other=None if policy.to is None else evidence.others.get(policy.to),
    )
    signals = _signals(evidence, policy, to)
    best, leading = best_of(signals), leading_of(signals)
    asked = answers.replied | answers.failed
    report = EscalationReport(
        schema_version=SCHEMA_VERSION,
        task=evidence.task.name,
        generated=generated,
        corpus=corpus,
        candidate=evidence.candidate,
        success=evidence.success,
        target=policy.target,
        delta=policy.delta,
        family=max(1, len(signals)),
        to=policy.to,
        to_kind="person" if policy.to is None else "candidate",
        price=to.price,
        cases=int(asked.sum()),
        failed=int((answers.failed & answers.labelled).sum()),
        unlabelled=int((asked & ~answers.labelled).sum()),
        unscored=int(answers.unscored.sum()),
        error_rate=_error_rate(answers),
        cost_per_task=answers.mean(answers.cost, answers.labelled),
        signals=signals,
        differences=differences(evidence, None if leading is None else leading.name),
        leading=None if leading is None else leading.name,
        best=None if best is None else best.name,
        sentence="",
        remarks=(*_effect(evidence, policy, best), *_remarks(evidence, policy, to)),
        absent=evidence.absent,
    )
    return replace(report, sentence=conclusion(report, best))


def _signals(evidence: Evidence, policy: EscalationPolicy, to: Escalating) -> tuple[SignalReport, ...]:
    """Return what there is to say of each signal, each at its share of the chance of an error."""
    level = policy.delta / max(1, len(evidence.signals))
    asked = Asked(answers=evidence.answers, target=policy.target, level=level, to=to)
    found = [
        signal_report(
            signal,
            evidence.values[signal.name],
            replace(
                asked,
                extra=_extra(evidence, signal, evidence.answers),
                to=replace(to, answered=signal.kind == "agreement" and signal.of == policy.to),
            ),
        )
        for signal in evidence.signals
    ]
    return with_sentences(found, policy.target)


def _extra(evidence: Evidence, signal: Signal, answers: Answers) -> float | None:
    """Return what a signal costs on each task: further repeats, another's answer, a judge's, or nothing."""
    if signal.kind == "self_consistency":
        own = answers.mean(answers.cost, answers.labelled)
        return None if own is None else own * (evidence.repeats - 1)
    if signal.kind == "agreement":
        return cost_of_other(answers, evidence.others.get(signal.of or ""), answers.labelled)
    return evidence.judged.get(signal.of or "", 0.0) if signal.kind == "metric" else 0.0


def _error_rate(answers: Answers) -> Estimate:
    """Return the share of replies that are wrong; those without a reply never go out."""
    known = answers.labelled & answers.replied
    risk = risk_of(answers.wrong[known], answers.weights_of(known), answers.groups_of(known))
    low, high = risk.interval()
    missing = int((answers.replied & ~answers.labelled).sum())
    if not risk.n:
        return Estimate(value=None, n_missing=missing)
    return Estimate(
        value=risk.rate, low=low, high=high, n=risk.n, n_missing=missing, method="Clopper-Pearson"
    )


def differences(evidence: Evidence, leading: str | None) -> tuple[SignalDifference, ...]:
    """Return how much better the leading signal is than each other, on the cases that have both; all pairs without one."""
    answers, names = evidence.answers, [signal.name for signal in evidence.signals]
    if leading is None:
        pairs = list(combinations(names, 2))
    else:
        pairs = [(leading, name) for name in names if name != leading]
    found = (_difference(answers, evidence.values, pair) for pair in pairs)
    return tuple(each for each in found if each is not None)


def _difference(
    answers: Answers, values: Mapping[str, FloatArray], pair: tuple[str, str]
) -> SignalDifference | None:
    first, second = (values[name] for name in pair)
    both = known_of(answers, first) & known_of(answers, second)
    if not both.any():
        return None
    right, weights, groups = 1.0 - answers.wrong[both], answers.weights_of(both), answers.groups_of(both)
    one = auroc(first[both], right, weights, groups)
    other = auroc(second[both], right, weights, groups)
    if one is None or other is None:
        return None
    gap = auroc_difference(one, other)
    return SignalDifference(
        first=pair[0],
        second=pair[1],
        difference=Difference(
            value=gap.value, low=gap.low, high=gap.high, p=gap.p, n=int(both.sum()), method=PAIRED
        ),
    )


def _effect(evidence: Evidence, policy: EscalationPolicy, best: SignalReport | None) -> list[str]:
    """Return what the recommended threshold changes, and what is missing to say it."""
    other = None if policy.to is None else evidence.others.get(policy.to)
    unknown = nobody_asked(other, policy)
    if unknown is not None:
        return [unknown]
    if best is None or best.certified is None:
        return []
    values = evidence.values[best.name]
    accepted = known_of(evidence.answers, values) & (values >= best.certified.threshold)
    if not (evidence.answers.labelled & ~accepted).any():
        return []  # nothing is escalated
    return [effect_of(evidence.answers, other, accepted, policy)]


def _remarks(evidence: Evidence, policy: EscalationPolicy, to: Escalating) -> tuple[str, ...]:
    answers = evidence.answers
    found = []
    family = len(evidence.signals)
    if family > 1:
        found.append(
            f"the {family} signals share the chance of an error, so that any of them may be chosen; name fewer "
            "under escalation.signals before you look, and each gets more of it"
        )
    if evidence.success in evidence.judged:
        found.append(
            f"a judge says what is right ({evidence.success}): the guarantee is of what it says, not of what people would"
        )
    if evidence.repeats > 1:
        found.append(
            "the first reply of each case is the one that goes out; further repeats only tell how steady it is"
        )
    if policy.to is None and to.price is None:
        found.append(
            "what a person's look costs is not known, so no cost is shown: "
            "escalation: {minutes: 3, hourly: 40 USD}"
        )
    if answers.groups is not None or answers.weights is not None:
        found.append("the exact test is on the effective number of cases: groups and weights count")
    if answers.unscored.any():
        found.append(f"{int(answers.unscored.sum()):,} replies could not be scored and count as wrong")
    if int(np.sum(answers.failed)):
        found.append("a task without a reply is always escalated")
    found.append(
        "the guarantee is for tasks like these cases; it ends where the traffic, the model or the prompt changes"
    )
    return tuple(found)
