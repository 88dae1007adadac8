"""The cases behind the numbers: each with its reference and all candidates' answers side by side."""

from collections.abc import Sequence

from passmuster.corpus.text import input_text
from passmuster.decide.measured import Measured, Row
from passmuster.records.case import Case
from passmuster.records.comparison import Answer, CaseEvidence
from passmuster.records.score import Score
from passmuster.records.task import Success
from passmuster.records.trial import Failure, Reply


def case_evidence(cases: Sequence[Case], measured: Sequence[Measured], rule: Success) -> list[CaseEvidence]:
    """Return the evidence of every case that any candidate was asked, in the order of the corpus."""
    evidence = []
    for index, case in enumerate(cases):
        rows = [(item.candidate.name, item.rows[index][0]) for item in measured if item.rows[index]]
        if not rows:
            continue
        right = tuple(name for name, row in rows if _succeeded(row, rule))
        evidence.append(
            CaseEvidence(
                id=case.id,
                category=case.category,
                stratum=case.stratum,
                input=input_text(case.input),
                reference=case.reference,
                answers=tuple(_answer(name, row, rule) for name, row in rows),
                right=right,
                disputed=0 < len(right) < len(rows),
            )
        )
    return evidence


def _succeeded(row: Row, rule: Success) -> bool:
    score = row.scores.get(rule.metric)
    return isinstance(score, Score) and score.value >= rule.at_least


def _answer(name: str, row: Row, rule: Success) -> Answer:
    outcome = row.trial.outcome
    score = row.scores.get(rule.metric)
    return Answer(
        candidate=name,
        text=outcome.text if isinstance(outcome, Reply) else None,
        failure=f"{outcome.kind}: {outcome.message}" if isinstance(outcome, Failure) else None,
        scores={
            metric: item.value if isinstance(item, Score) else None for metric, item in row.scores.items()
        },
        answer=score.answer if isinstance(score, Score) else None,
    )
