"""Is the answer the right one: `exact_match` and `f1_per_class`."""

from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.answers import Extract, Step, as_text, normalise, read_answer, same
from passmuster.metrics.metric import SHOWN_CHARACTERS, Summary, no_reference, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
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
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "exact_match"
    normalise: tuple[Step, ...] = ()
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the answer that was read; a case without a reference is a failure."""
        right = _right_answers(case)
        if isinstance(right, ScoreFailure):
            return right
        answer = read_answer(reply.text, self.extract)
        if isinstance(answer, Unreadable):
            return _unreadable(answer)
        hit = any(same(answer, reference, self.normalise) for reference in right)
        return Score(value=float(hit), answer=shown(as_text(answer)))


@dataclass(frozen=True, slots=True, kw_only=True)
class F1PerClass(Record):
    """1 where the label is right, else 0; over many, precision, recall and F1 of each class.

    Takes the options of `exact_match`. Both labels of the confusion matrix are in the score, normalised:
    `answer` (None: unreadable) and `details["reference"]`. Of a list of right labels, the one that was
    answered counts, else the first.

    Example:
        >>> score = F1PerClass(normalise=("case",)).score(
        ...     Case(id="1", input="", reference="Spam"), Reply(text="SPAM")
        ... )
        >>> score.value, score.answer, score.details
        (1.0, 'spam', {'reference': 'spam'})
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "classes"

    name: str = "f1_per_class"
    normalise: tuple[Step, ...] = ()
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the label that was read and the right one."""
        right = _right_answers(case)
        if isinstance(right, ScoreFailure):
            return right
        labels = [self._label(reference) for reference in right]
        if max(map(len, labels)) > SHOWN_CHARACTERS:
            message = (
                f"the reference of case {case.id!r} has over {SHOWN_CHARACTERS} characters: it is no label"
            )
            return ScoreFailure(kind="wrong_reference", message=message)
        answer = read_answer(reply.text, self.extract)
        if isinstance(answer, Unreadable):
            return _unreadable(answer, reference=shown(labels[0]))
        pairs = zip(right, labels, strict=True)
        hit = next((label for reference, label in pairs if same(answer, reference, self.normalise)), None)
        label = self._label(answer) if hit is None else hit
        reference = labels[0] if hit is None else hit
        return Score(
            value=float(hit is not None), answer=shown(label), details={"reference": shown(reference)}
        )

    def label(self, case: Case) -> str | None:
        """Return the right label of a case as the confusion matrix names it; None without a reference."""
        right = _right_answers(case)
        return None if isinstance(right, ScoreFailure) else shown(self._label(right[0]))

    def _label(self, value: Json) -> str:
        return normalise(as_text(value), self.normalise)


def _right_answers(case: Case) -> list[Json] | ScoreFailure:
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
    message = (
        f"the reference of case {case.id!r} holds a {type(wrong).__name__}, not a text, number or truth value"
    )
    return ScoreFailure(kind="wrong_reference", message=message)


def _unreadable(answer: Unreadable, **details: Json) -> Score:
    return Score(value=0.0, details={**details, "unreadable": True, "reason": answer.reason})
