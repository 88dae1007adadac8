"""Is the label the right one, class by class: `f1_per_class`."""

from dataclasses import dataclass
from typing import ClassVar

from passmuster.metrics.answers import Extract, Step, as_text, normalise, read_answer, same
from passmuster.metrics.metric import SHOWN_CHARACTERS, UNIT, Bounds, Summary, shown
from passmuster.metrics.text.exact_match import right_answers, unreadable_score
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply


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
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "classes"

    name: str = "f1_per_class"
    normalise: tuple[Step, ...] = ()
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the label that was read and the right one."""
        right = right_answers(case)
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
            return unreadable_score(answer, reference=shown(labels[0]))
        pairs = zip(right, labels, strict=True)
        hit = next((label for reference, label in pairs if same(answer, reference, self.normalise)), None)
        label = self._label(answer) if hit is None else hit
        reference = labels[0] if hit is None else hit
        return Score(
            value=float(hit is not None), answer=shown(label), details={"reference": shown(reference)}
        )

    def label(self, case: Case) -> str | None:
        """Return the right label of a case as the confusion matrix names it; None without a reference."""
        right = right_answers(case)
        return None if isinstance(right, ScoreFailure) else shown(self._label(right[0]))

    def _label(self, value: Json) -> str:
        return normalise(as_text(value), self.normalise)
