"""What is known of a project's judges before anything is compared: who they are, and what they cost."""

from collections.abc import Iterable
from dataclasses import replace
from math import fsum
from typing import NamedTuple

from passmuster.metrics.judges.families import akin
from passmuster.metrics.judges.rubric import JudgingMetric
from passmuster.metrics.two_steps import ComparingMetric
from passmuster.project.judge_drift import drift_of
from passmuster.project.judges import Judged, judged_metrics_of
from passmuster.project.load import Project
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.judged import JudgeReport


class _Spent(NamedTuple):
    calls: int
    priced: int
    dollars: float


def judge_reports(project: Project) -> tuple[JudgeReport, ...]:
    """Return a report for each metric that asks a judge; what people said of it comes in when it is compared."""
    judges = list(judged_metrics_of(project))
    scorers = {scorer.name: scorer for judge in judges for scorer in judge.scorers}
    spent = {name: _spent(project, scorer) for name, scorer in scorers.items()}
    moved = {
        name: tuple(f"{remark}." for remark in found.remarks)
        for name, found in drift_of(project).items()
        if found.status == "moved"
    }
    reports = (
        _report(judge, [spent[scorer.name] for scorer in judge.scorers], project.candidates)
        for judge in judges
    )
    return tuple(replace(report, remarks=moved.get(report.metric, ())) for report in reports)


def _report(judge: Judged, spent: list[_Spent], candidates: Iterable[Candidate]) -> JudgeReport:
    calls, priced = sum(each.calls for each in spent), sum(each.priced for each in spent)
    dollars = fsum(each.dollars for each in spent)
    return JudgeReport(
        metric=judge.spec.name,
        asks=tuple(scorer.name for scorer in judge.scorers),
        models=tuple(scorer.model or scorer.provider for scorer in judge.scorers),
        version=judge.version,
        question=judge.bare.rubric.name if isinstance(judge.bare, JudgingMetric) else judge.spec.kind,
        trust="at_its_word" if judge.bare.at_its_word else "uncalibrated",
        akin=akin(judge.scorers, candidates),
        against=judge.bare.against if isinstance(judge.bare, ComparingMetric) else None,
        calls=calls,
        spend=dollars if priced == calls else None,
        cost=dollars / priced if priced else None,
        costs={
            scorer.name: each.dollars / each.priced
            for scorer, each in zip(judge.scorers, spent, strict=True)
            if each.priced
        },
    )


def _spent(project: Project, scorer: Candidate) -> _Spent:
    """Add up what a scorer was ever asked in this project, and what that cost."""
    calls = priced = 0
    dollars: list[float] = []
    with project.store() as store:
        for trial in store.trials([candidate_digest(scorer)]):
            calls += 1
            costs = [attempt.cost for attempt in trial.attempts]
            if all(cost is not None for cost in costs):
                priced += 1
                dollars += [cost for cost in costs if cost is not None]
    return _Spent(calls, priced, fsum(dollars))
