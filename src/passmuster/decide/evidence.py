"""The cases behind the numbers: which are worth reading, and each with all candidates' answers side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import ABSENT, FAILED, BoolArray, Measured
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

SLOWEST = 50
"""So many of each candidate's cases are known as its slowest."""

Behind: TypeAlias = Literal["wrong", "right", "failed", "slowest"]
"""Which cases of a candidate stand behind a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who did what on each case, from the first repeat of each candidate.

    `repeat` has one row per candidate and one column per case: the repeat that is shown, -1 for none. `slowest` are
    up to 50 cases of each candidate, the slowest first.
    """

    repeat: NDArray[np.int32]
    right: BoolArray
    failed: BoolArray
    slowest: tuple[NDArray[np.int64], ...]

    def behind(self, candidate: int, what: Behind) -> NDArray[np.int64]:
        """Return the cases behind a figure of a candidate (number): wrong ones are those that it answered."""
        if what == "slowest":
            return self.slowest[candidate]
        asked, right, failed = self.repeat[candidate] >= 0, self.right[candidate], self.failed[candidate]
        wanted = {"right": right, "failed": failed, "wrong": asked & ~right & ~failed}
        return np.flatnonzero(wanted[what])

    def slow(self, index: int) -> list[int]:
        """Return the candidates (numbers) to whose slowest cases this one belongs."""
        return [number for number, cases in enumerate(self.slowest) if index in cases]

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
    repeats, rights, failures, slowest = [], [], [], []
    for item in measured:
        there = item.columns.state != ABSENT
        first = there.argmax(axis=1)
        failures.append(item.columns.state[np.arange(item.cases), first] == FAILED)
        slowest.append(_slowest(item))
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
        failed=np.array(failures, dtype=bool).reshape(shape),
        slowest=tuple(slowest),
    )


def _slowest(item: Measured) -> NDArray[np.int64]:
    seconds = item.latencies()
    known = np.flatnonzero(~np.isnan(seconds))
    return known[np.argsort(-seconds[known], kind="stable")[:SLOWEST]]


def merged(parts: Sequence[tuple[Sequence[int], Standing]], cases: int) -> Standing:
    """Return who did what on all cases, from what is known of parts of them by their positions."""
    if len(parts) == 1:
        return parts[0][1]
    shape = (len(parts[0][1].repeat), cases)
    repeat, right = np.full(shape, -1, dtype=np.int32), np.zeros(shape, dtype=bool)
    failed = np.zeros(shape, dtype=bool)
    for positions, own in parts:
        places = np.asarray(positions, dtype=np.int64)
        repeat[:, places], right[:, places], failed[:, places] = own.repeat, own.right, own.failed
    # Times are told of the main cases: those that the figures are of.
    main = np.asarray(parts[0][0], dtype=np.int64)
    slowest = tuple(main[found] for found in parts[0][1].slowest)
    return Standing(repeat=repeat, right=right, failed=failed, slowest=slowest)


def _values(item: Measured, metric: str) -> NDArray[np.float64]:
    scored = item.columns.scores.get(metric)
    return np.full(item.columns.state.shape, np.nan) if scored is None else scored.value


def case_evidence(
    case: Case,
    outcomes: Mapping[str, Outcome],
    turns: Turns,
    seconds: Mapping[str, float | None] | None = None,
    slow: Sequence[str] = (),
) -> CaseEvidence:
    """Return a case with the answers of these candidates (name -> outcome), scored, and how long each took."""
    answers, right = [], []
    for name, outcome in outcomes.items():
        scores: dict[str, ScoreOutcome] = {}
        if isinstance(outcome, Reply):
            scores = {metric.name: metric.score(case, outcome) for metric in turns.metrics}
        turn = turns.of(case, outcome, scores)
        took = (seconds or {}).get(name)
        answers.append(replace(_answer(name, outcome, scores, turns.rule), turn=turn, seconds=took))
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
        slow=tuple(slow),
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
