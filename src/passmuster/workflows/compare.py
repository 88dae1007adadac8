"""`passmuster compare`: from stored trials to the matrix, the verdicts and the decision. Calls no model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.bars import success_rule
from passmuster.decide.cost import trial_cost
from passmuster.decide.evidence import case_evidence
from passmuster.decide.matrix import Matrix
from passmuster.decide.measured import Measured, Row
from passmuster.decide.review import ReviewRule
from passmuster.metrics.metric import Metric
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import CaseEvidence, Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.score import ScoreOutcome
from passmuster.records.task import Task
from passmuster.records.trial import Reply, Trial
from passmuster.runner.plan import plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared: a task with its metrics, on a corpus, for some candidates."""

    task: Task
    metrics: tuple[Metric, ...]
    corpus: CorpusVersion
    candidates: tuple[Candidate, ...]


def compare(
    question: Question, trials: Iterable[Trial], *, generated: str
) -> tuple[Comparison, list[CaseEvidence]]:
    """Compare the candidates on the stored trials; also return the evidence case by case.

    Args:
        question: The task, its metrics, the corpus and the candidates.
        trials: Stored trials; those of other cases or candidates are passed over.
        generated: When, in words for the report (ISO 8601).
    """
    measured = measure(question, trials)
    matrix = Matrix(question.task, question.metrics, question.corpus, measured)
    evidence = case_evidence(question.corpus.cases, measured, success_rule(question.task))
    return matrix.comparison(generated), evidence


def measure(question: Question, trials: Iterable[Trial]) -> list[Measured]:
    """Lay out the trials of each candidate over the cases, scored and priced."""
    stored = {trial.key: trial for trial in trials}
    cases = question.corpus.cases
    rule = None if question.task.cost.review is None else ReviewRule(question.task.cost.review)
    groups = _groups(cases)
    repeated = question.task.repeats > 1
    binary = {metric.name: metric.binary and not repeated for metric in question.metrics}
    measured = []
    asked = plan(cases, question.candidates, question.task.repeats)
    for candidate in question.candidates:
        found: list[list[Trial]] = [[] for _ in cases]
        for index, ask in enumerate(asked.of(candidate_digest(candidate))):
            if ask.key in stored:
                found[index % len(cases)].append(stored[ask.key])
        rows = tuple(
            tuple(_row(candidate, case, trial, question.metrics, rule) for trial in of_case)
            for case, of_case in zip(cases, found, strict=True)
        )
        measured.append(Measured(candidate=candidate, rows=rows, binary=binary, groups=groups))
    return measured


def _row(
    candidate: Candidate, case: Case, trial: Trial, metrics: Sequence[Metric], rule: ReviewRule | None
) -> Row:
    scores: dict[str, ScoreOutcome] = {}
    if isinstance(trial.outcome, Reply):
        scores = {metric.name: metric.score(case, trial.outcome) for metric in metrics}
    return Row(trial=trial, scores=scores, cost=trial_cost(candidate, case, trial, rule))


def _groups(cases: Sequence[Case]) -> NDArray[np.int64] | None:
    """Number the groups of cases; None where no two cases share one, since nothing is clustered then."""
    names: dict[str, int] = {}
    numbers = [
        names.setdefault(f"g{case.group}" if case.group else f"c{index}", len(names))
        for index, case in enumerate(cases)
    ]
    return np.array(numbers, dtype=np.int64) if len(names) < len(cases) else None
