"""What a reader must know before believing a decision."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from passmuster.decide.measured import Measured
from passmuster.decide.phrases import counted, dollars, listed, seconds
from passmuster.decide.requirements import excluded
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.comparison import CandidateReport
from passmuster.records.corpus import CorpusVersion
from passmuster.records.costs import CostBasis
from passmuster.records.run import Run, RunEnd
from passmuster.records.task import Task
from passmuster.stats.clusters import cluster_warning

Runs: TypeAlias = Sequence[tuple[Run, RunEnd | None]]
"""Runs with how they ended, None where no end is known."""


def cautions(
    task: Task,
    corpus: CorpusVersion,
    reports: Sequence[CandidateReport],
    measured: Mapping[str, Measured],
) -> tuple[str, ...]:
    """Return the cautions that hold for this comparison, gravest first."""
    found = [
        *_withheld(measured),
        *_unasked(reports, len(corpus.cases)),
        *_origins(corpus),
        *_unweighted(corpus),
        *_conflicts(corpus),
        *_unscored(task, measured),
        *_unlabelled(task, measured),
        *_unread_checks(task, corpus),
        *_holdout(corpus),
        *_simulated(reports),
        *_cached(reports),
        *_costs(reports),
        *_groups(measured),
        *_bars(task),
    ]
    return tuple(found)


def run_cautions(runs: Runs, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return what the ends of runs say of these candidates' figures.

    A candidate is the same one in a run where it was asked the same way, whatever it was called then.
    """
    names = {candidate_digest(candidate): candidate.name for candidate in candidates}
    found = []
    for run, end in runs:
        digests = {candidate.name: candidate_digest(candidate) for candidate in run.candidates}
        if end is None or not set(digests.values()) & names.keys():
            continue
        late = [names[digests[name]] for name in end.distorted if digests.get(name) in names]
        if late:
            lag = "" if end.lag is None else f" (its p99: {seconds(end.lag.p99)})"
            found.append(
                f"In run {run.id} passmuster's own lag{lag} may have moved the p99 of {listed(late)} by more"
                " than 5%: measure again with a lower concurrency."
            )
        if end.at_risk > 0:
            found.append(
                f"Run {run.id} may have cost up to {dollars(end.at_risk)} more than is counted:"
                " the account of some calls never came."
            )
    return tuple(found)


def _withheld(measured: Mapping[str, Measured]) -> list[str]:
    return [
        f"{name}: {counted(item.n_withheld, 'case')} of {item.cases:,} may not be sent to it"
        f" ({_rule(item.candidate)}); its figures are those on the cases it may receive."
        for name, item in measured.items()
        if item.n_withheld
    ]


def _rule(candidate: Candidate) -> str:
    egress = candidate.egress
    if egress is None:
        return "its egress"
    parts = [] if egress.personal_data else ["no personal data"]
    if egress.strata:
        strata = "stratum" if len(egress.strata) == 1 else "strata"
        parts.append(f"only the {strata} {listed(egress.strata)}")
    return ", ".join(parts)


def _cached(reports: Sequence[CandidateReport]) -> list[str]:
    found = []
    for report in reports:
        latency = report.latency
        if latency.cached:
            times = "of the original calls" if latency.load.source == "cached" else "of the others"
            found.append(
                f"{report.name}: {latency.cached:,} of {counted(latency.replies, 'reply', 'replies')} came from"
                f" the cache; its times are those {times}."
            )
    return found


def _unasked(reports: Sequence[CandidateReport], cases: int) -> list[str]:
    return [
        f"{report.name}: {counted(report.n_missing, 'case')} of {cases:,} have no trial; run again to complete it."
        for report in reports
        if report.n_missing and report.kind != "manual" and report.verdict.stopped is None
        if report.n or not excluded(report.requirements)
    ]


def _origins(corpus: CorpusVersion) -> list[str]:
    if not corpus.origins:
        return []
    if any(case.origin == "production" and case.category == "typical" for case in corpus.cases):
        return []
    which = "typical cases" if corpus.origins.get("production") else "cases"
    return [
        f"None of the {which} come from production: the figures are those of the cases, not of production."
    ]


def _unweighted(corpus: CorpusVersion) -> list[str]:
    weighted = sum(case.weight is not None for case in corpus.cases)
    missing = len(corpus.cases) - weighted
    if not weighted or not missing:
        return []
    return [
        f"{counted(missing, 'case')} of {len(corpus.cases):,} have no weight; each counts like the average of the others."
    ]


def _conflicts(corpus: CorpusVersion) -> list[str]:
    if not corpus.conflicts:
        return []
    cases = sum(len(conflict.cases) for conflict in corpus.conflicts)
    groups = counted(len(corpus.conflicts), "group")
    text = f"{groups} of cases with equal input have references that differ ({counted(cases, 'case')} in all)"
    return [f"{text}: at most one in each can be right."]


def _unlabelled(task: Task, measured: Mapping[str, Measured]) -> list[str]:
    """Say how many cases have nothing that a metric could compare an answer with, equal numbers at once."""
    cases = max((item.cases for item in measured.values()), default=0)
    found: dict[int, list[str]] = {}
    for metric in task.metrics:
        bare = max((item.without_reference(metric.name) for item in measured.values()), default=0)
        if bare:
            found.setdefault(bare, []).append(metric.name)
    return [_without_reference(bare, cases, names) for bare, names in found.items()]


def _without_reference(bare: int, cases: int, names: list[str]) -> str:
    has, enters = ("has", "it enters") if bare == 1 else ("have", "they enter")
    whose = "its" if len(names) == 1 else "their"
    return (
        f"{counted(bare, 'case')} of {cases:,} {has} no reference that {listed(names)} could compare with:"
        f" {enters} none of {whose} figures."
    )


def _unscored(task: Task, measured: Mapping[str, Measured]) -> list[str]:
    """Say which metrics could not score replies: a mean over the rest alone may look better than it is."""
    replies = sum(item.account.replies for item in measured.values())
    found: dict[int, list[str]] = {}
    for metric in task.metrics:
        missing = sum(item.unscored(metric.name) for item in measured.values())
        if missing:
            found.setdefault(missing, []).append(metric.name)
    if not found:
        return []
    said = [f"{listed(names)} ({missing:,} of {replies:,} replies)" for missing, names in found.items()]
    return [f"No score, and so in no mean: {'; '.join(said)}. `passmuster score` says why."]


def _unread_checks(task: Task, corpus: CorpusVersion) -> list[str]:
    carrying = sum(bool(case.checks) for case in corpus.cases)
    if not carrying or any(metric.kind == "checks" for metric in task.metrics):
        return []
    return [f"{counted(carrying, 'case')} carry checks that no metric reads: add `checks` to the metrics."]


def _holdout(corpus: CorpusVersion) -> list[str]:
    if corpus.holdout == "sealed" and corpus.ledger is None:
        return ["The ledger of the sealed holdout cannot be read: see passmuster corpus verify."]
    if corpus.holdout != "unsealed":
        return []
    return ["The holdout is unsealed: no verb reads it, but nothing proves that nobody did."]


def _simulated(reports: Sequence[CandidateReport]) -> list[str]:
    names = [report.name for report in reports if report.simulated]
    return [f"Simulated, not measured on a real endpoint: {listed(names)}."] if names else []


_NOT_SURE: Mapping[CostBasis, str] = {
    "estimated": "Tokens were not recorded and are estimated (characters / 4)",
    "lower_bound": "Reasoning tokens were not recorded, so the cost is only a lower bound",
    "unknown": "The cost is unknown",
}


def of_costs(bases: Mapping[str, CostBasis]) -> list[str]:
    """Say whose costs are not surely known, from the basis of each candidate's (by name)."""
    found = []
    for basis, text in _NOT_SURE.items():
        names = [name for name, own in bases.items() if own == basis]
        if names:
            found.append(f"{text}: {listed(names)}.")
    return found


def _costs(reports: Sequence[CandidateReport]) -> list[str]:
    found = of_costs({report.name: report.cost.basis for report in reports if report.n})
    for report in reports:
        cost = report.cost
        if cost.note is not None and cost.basis not in _NOT_SURE and cost.per_task.value is None and report.n:
            found.append(f"The cost of {report.name} is unknown: {cost.note}.")
    return found


def _groups(measured: Mapping[str, Measured]) -> list[str]:
    groups = next((item.groups for item in measured.values()), None)
    warning = None if groups is None else cluster_warning(groups)
    return [] if warning is None else [warning]


def _bars(task: Task) -> list[str]:
    return (
        [] if task.bars else ["No bars are set, so nothing can be decided: add `bars:` to the project file."]
    )
