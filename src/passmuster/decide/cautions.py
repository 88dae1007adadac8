"""What a reader must know before believing a decision."""

from collections.abc import Mapping, Sequence

from passmuster.decide.measured import Measured
from passmuster.decide.phrases import counted, listed
from passmuster.records.comparison import CandidateReport
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Task
from passmuster.stats.clusters import cluster_warning


def cautions(
    task: Task,
    corpus: CorpusVersion,
    reports: Sequence[CandidateReport],
    measured: Mapping[str, Measured],
) -> tuple[str, ...]:
    """Return the cautions that hold for this comparison, gravest first."""
    found = [
        *_unasked(reports, len(corpus.cases)),
        *_conflicts(corpus),
        *_unlabelled(task, corpus, reports),
        *_holdout(corpus),
        *_simulated(reports),
        *_costs(reports),
        *_groups(measured),
        *_bars(task),
    ]
    return tuple(found)


def _unasked(reports: Sequence[CandidateReport], cases: int) -> list[str]:
    return [
        f"{report.name}: {counted(report.n_missing, 'case')} of {cases:,} have no trial; run again to complete it."
        for report in reports
        if report.n_missing and report.kind != "manual"
    ]


def _conflicts(corpus: CorpusVersion) -> list[str]:
    if not corpus.conflicts:
        return []
    cases = sum(len(conflict.cases) for conflict in corpus.conflicts)
    groups = counted(len(corpus.conflicts), "group")
    text = f"{groups} of cases with equal input have references that differ ({counted(cases, 'case')} in all)"
    return [f"{text}: at most one in each can be right."]


def _unlabelled(task: Task, corpus: CorpusVersion, reports: Sequence[CandidateReport]) -> list[str]:
    names = {metric.name for metric in task.metrics}
    scored_by_reference = any(report.failures.score_failures.keys() & names for report in reports)
    unlabelled = sum(case.reference is None for case in corpus.cases)
    if not (unlabelled and scored_by_reference):
        return []
    return [
        f"{counted(unlabelled, 'case')} of {len(corpus.cases):,} have no reference and are scored by no metric that needs one."
    ]


def _holdout(corpus: CorpusVersion) -> list[str]:
    if corpus.holdout != "unsealed":
        return []
    return ["The holdout is unsealed: no verb reads it, but nothing proves that nobody did."]


def _simulated(reports: Sequence[CandidateReport]) -> list[str]:
    names = [report.name for report in reports if report.simulated]
    return [f"Simulated, not measured on a real endpoint: {listed(names)}."] if names else []


def _costs(reports: Sequence[CandidateReport]) -> list[str]:
    texts = {
        "estimated": "Tokens were not recorded and are estimated (characters / 4)",
        "lower_bound": "Reasoning tokens were not recorded, so the cost is only a lower bound",
        "unknown": "The cost is unknown",
    }
    found = []
    for basis, text in texts.items():
        names = [report.name for report in reports if report.cost.basis == basis and report.n]
        if names:
            found.append(f"{text}: {listed(names)}.")
    return found


def _groups(measured: Mapping[str, Measured]) -> list[str]:
    groups = next((item.groups for item in measured.values()), None)
    warning = None if groups is None else cluster_warning(groups)
    return [] if warning is None else [warning]


def _bars(task: Task) -> list[str]:
    return (
        [] if task.bars else ["No bars are set, so nothing can be decided: add `bars:` to the project file."]
    )
