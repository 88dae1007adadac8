"""Is the answer the right one: `exact_match`."""

from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.answers import Extract, Step, as_text, read_answer, same
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactMatch(Record):
    """1 where the answer is the reference, or one of a list of right ones, else 0. Also called `accuracy`.

    White space around an answer never counts; what else does not is said by `normalise`. A reply from which no
    answer can be read is wrong, not missing: the candidate did reply.

    Example:
        >>> case = Case(id="1", input="2 + 2?", reference=4)
        >>> ExactMatch(extract=Extract(regex="is (.+)")).score(case, Reply(text="That is 4.0")).value
        1.0
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "exact_match"
    normalise: tuple[Step, ...] = ()
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the answer that was read; a case without a reference is a failure."""
        right = right_answers(case)
        if isinstance(right, ScoreFailure):
            return right
        answer = read_answer(reply.text, self.extract)
        if isinstance(answer, Unreadable):
            return unreadable_score(answer)
        hit = any(same(answer, reference, self.normalise) for reference in right)
        return Score(value=float(hit), answer=shown(as_text(answer)))


def right_answers(case: Case) -> list[Json] | ScoreFailure:
    """Return the right answers of a case: its reference, or each of a list; why there are none otherwise."""
    reference = case.reference
    if isinstance(reference, str):
        return [reference]
    right = list(reference) if isinstance(reference, list | tuple) else [reference]
    right = [item for item in right if item is not None]
    if not right:
        return no_reference(case)
    wrong = next((item for item in right if not isinstance(item, str | int | float)), None)
    if wrong is None:
        return right
    message = f"the reference of case {case.id!r} holds {kind_of(wrong)}, not a text, number or truth value"
    return ScoreFailure(kind="wrong_reference", message=message)


def unreadable_score(answer: Unreadable, **details: Json) -> Score:
    """Return the score of a reply from which no answer can be read: wrong, with the reason."""
    return Score(value=0.0, details={**details, "unreadable": True, "reason": answer.reason})
