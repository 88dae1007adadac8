"""What a metric of texts compares: the answer in a reply with the right ones."""

from dataclasses import dataclass

from passmuster.metrics.answers import Extract, as_text, read_answer
from passmuster.metrics.text.exact_match import right_answers, unreadable_score
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.score import ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Record):
    """The answer as text and the right answers as texts, at least one."""

    answer: str
    right: tuple[str, ...]


def compared(case: Case, reply: Reply, extract: Extract | None = None) -> Compared | ScoreOutcome:
    """Return what is to be compared; the score where the reply holds no answer, or why the case has no reference.

    A reference that is a list holds several right answers; numbers and truth values stand as JSON.

    Example:
        >>> compared(Case(id="1", input="", reference=["a", 2]), Reply(text=" b "))
        Compared(answer='b', right=('a', '2'))
    """
    right = right_answers(case)
    if isinstance(right, ScoreFailure):
        return right
    answer = read_answer(reply.text, extract)
    if isinstance(answer, Unreadable):
        return unreadable_score(answer)
    return Compared(answer=as_text(answer), right=tuple(as_text(item).strip() for item in right))


def wrong_reference(case: Case, what: str) -> ScoreFailure:
    """Return the failure of a metric for a case whose reference it cannot use."""
    return ScoreFailure(kind="wrong_reference", message=f"the reference of case {case.id!r} {what}")
