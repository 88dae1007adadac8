"""The cases behind the numbers: which are worth reading, and each with all candidates' answers side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import ABSENT, BoolArray, Measured
from passmuster.decide.outcomes import Turns
from passmuster.decide.steps import step_lines
from passmuster.decide.success import reached
from passmuster.metrics.metric import NOT_APPLICABLE
from passmuster.records.case import Case, CaseCheck
from passmuster.records.comparison import Answer, CaseEvidence
from passmuster.records.digest import canonical
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import Success
from passmuster.records.text import input_text
from passmuster.records.trial import Failure, Outcome, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who did what on each case, from the first repeat of each candidate.

    `repeat` has one row per candidate and one column per case: the repeat that is shown, -1 for none.
    """

    repeat: NDArray[np.int32]
    right: BoolArray

    @property
    def asked(self) -> NDArray[np.int64]:
        """The cases that any candidate was asked, in the order of the corpus."""
        return np.flatnonzero((self.repeat >= 0).any(axis=0))

    @property
    def disputed(self) -> NDArray[np.int64]:
        """The cases that some candidates got right and some did not, in the order of the corpus."""
        right = self.right.sum(axis=0)
        return np.flatnonzero((right > 0) & (right < (self.repeat >= 0).sum(axis=0)))

    def by_interest(self) -> NDArray[np.int64]:
        """Return the cases as they are worth reading: disputed, none right, all right."""
        asked, right = self.asked, self.right.sum(axis=0)
        disputed = np.isin(asked, self.disputed)
        return asked[np.lexsort((right[asked] > 0, ~disputed))]


def standing(measured: Sequence[Measured], rule: Success) -> Standing:
    """Return who was asked and who succeeded on each case."""
    repeats, rights = [], []
    for item in measured:
        there = item.columns.state != ABSENT
        first = there.argmax(axis=1)
        some = there.any(axis=1)
        right = reached(_values(item, rule.metric), rule).astype(np.float64)
        value = item.by_ending(right)[np.arange(item.cases), first]
        repeats.append(np.where(some, first, -1).astype(np.int32))
        rights.append(some & (value == 1))
    cases = measured[0].cases if measured else 0
    shape = (len(measured), cases)
    return Standing(
        repeat=np.array(repeats, dtype=np.int32).reshape(shape),
        right=np.array(rights, dtype=bool).reshape(shape),
    )


def merged(parts: Sequence[tuple[Sequence[int], Standing]], cases: int) -> Standing:
    """Return who did what on all cases, from what is known of parts of them by their positions."""
    if len(parts) == 1:
        return parts[0][1]
    shape = (len(parts[0][1].repeat), cases)
    repeat, right = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=bool)
    for positions, own in parts:
        places = np.asarray(positions, dtype=np.int64)
        repeat[:, places], right[:, places] = own.repeat, own.right
    return Standing(repeat=repeat, right=right)


def _values(item: Measured, metric: str) -> NDArray[np.float64]:
    scored = item.columns.scores.get(metric)
    return np.full(item.columns.state.shape, np.nan) if scored is None else scored.value


def case_evidence(case: Case, outcomes: Mapping[str, Outcome], turns: Turns) -> CaseEvidence:
    """Return a case with the answers of these candidates (name -> outcome), scored."""
    answers, right = [], []
    for name, outcome in outcomes.items():
        scores: dict[str, ScoreOutcome] = {}
        if isinstance(outcome, Reply):
            scores = {metric.name: metric.score(case, outcome) for metric in turns.metrics}
        turn = turns.of(case, outcome, scores)
        answers.append(replace(_answer(name, outcome, scores, turns.rule), turn=turn))
        if turns.succeeded(case, scores, turn):
            right.append(name)
    return CaseEvidence(
        id=case.id,
        category=case.category,
        stratum=case.stratum,
        input=input_text(case.input),
        reference=case.reference,
        answers=tuple(answers),
        right=tuple(right),
        disputed=0 < len(right) < len(answers),
        wanted=wanted(case),
    )


def wanted(case: Case) -> tuple[str, ...]:
    """Return in words what a case asks of an answer beside its reference.

    Example:
        >>> check = CaseCheck(metric="contains", options={"texts": ["30 days"]}, negate=True)
        >>> wanted(Case(id="1", input="", expect="refusal", checks=(check,)))
        ('ends in a refusal', 'not contains {"texts":["30 days"]}')
    """
    endings = {"refusal": "a refusal", "escalation": "an escalation", "clarification": "a clarification"}
    said = [f"ends in {endings[case.expect]}"] if case.expect in endings else []
    said += [_check_words(check) for check in case.checks]
    return (*said, *(f"says {point.text}" for point in case.key_points))


def _check_words(check: CaseCheck) -> str:
    words = "" if check.name is None else f"{check.name}: "
    words += f"{'not ' if check.negate else ''}{check.metric}"
    if check.options:
        words += f" {canonical(check.options).decode('utf-8', 'replace')}"
    if check.reference is not None:
        words += f" with {canonical(check.reference).decode('utf-8', 'replace')}"
    limits = (("at least", check.at_least), ("at most", check.at_most))
    words += "".join(f", {word} {limit:g}" for word, limit in limits if limit is not None)
    return words + (f" (weight {check.weight:g})" if check.weight != 1 else "")


def _answer(name: str, outcome: Outcome, scores: Mapping[str, ScoreOutcome], rule: Success) -> Answer:
    score = scores.get(rule.metric)
    return Answer(
        candidate=name,
        text=outcome.text if isinstance(outcome, Reply) else None,
        failure=f"{outcome.kind}: {outcome.message}" if isinstance(outcome, Failure) else None,
        scores={metric: item.value if isinstance(item, Score) else None for metric, item in scores.items()},
        answer=score.answer if isinstance(score, Score) else None,
        details={
            metric: item.details
            for metric, item in scores.items()
            if isinstance(item, Score) and item.details
        },
        steps=step_lines(outcome) if isinstance(outcome, Reply) else (),
        score_failures={
            metric: f"{item.kind}: {item.message}"
            for metric, item in scores.items()
            if isinstance(item, ScoreFailure) and item.kind != NOT_APPLICABLE
        },
    )
