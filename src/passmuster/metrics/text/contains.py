"""Does the answer hold certain texts: `contains`."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import re2

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract, Step, as_text, normalise, read_answer
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.compared import wrong_reference
from passmuster.metrics.text.exact_match import right_answers, unreadable_score
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

MOST_SHOWN = 20
LONGEST_WORD = 2000
"""Characters of a text that is looked for as a whole word: a longer one is looked for as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains(Record):
    """1 where the answer holds any (or all, or none) of the texts, else 0.

    The texts are those of `texts`, else of the reference. `whole_words` asks that no letter or digit stands right
    before or after.

    Example:
        >>> metric = Contains(texts=("refund", "30 days"), which="all", normalise=("case",))
        >>> metric.score(Case(id="1", input=""), Reply(text="Refunds take 14 days.")).details["missing"]
        ['30 days']
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "mean"

    name: str = "contains"
    texts: tuple[str, ...] = ()
    which: Literal["any", "all", "none"] = "any"
    normalise: tuple[Step, ...] = ()
    whole_words: bool = False
    extract: Extract | None = None

    def __post_init__(self) -> None:
        if not all(text.strip() for text in self.texts):
            raise ConfigurationError("texts holds an empty text, which every answer contains")

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with the texts that were found and those that are missing."""
        texts: list[str] = list(self.texts)
        if not texts:
            right = right_answers(case)
            if isinstance(right, ScoreFailure):
                return right
            texts = [as_text(item).strip() for item in right]
            if not all(texts):
                return wrong_reference(case, "holds an empty text, which every answer contains")
        answer = read_answer(reply.text, self.extract)
        if isinstance(answer, Unreadable):
            return unreadable_score(answer)
        held = normalise(as_text(answer), self.normalise)
        there = [self._holds(held, normalise(text, self.normalise)) for text in texts]
        hit = {"any": any(there), "all": all(there), "none": not any(there)}[self.which]
        details: dict[str, Json] = {
            "found": [shown(text) for text, is_there in zip(texts, there, strict=True) if is_there][
                :MOST_SHOWN
            ],
            "missing": [shown(text) for text, is_there in zip(texts, there, strict=True) if not is_there][
                :MOST_SHOWN
            ],
        }
        return Score(value=float(hit), details=details)

    def _holds(self, answer: str, text: str) -> bool:
        if text not in answer or not self.whole_words or len(text) > LONGEST_WORD:
            return text in answer
        clean = text.encode("utf-8", "replace").decode("utf-8")
        pattern = r"(?:\A|[^\pL\pN])" + re2.escape(clean) + r"(?:\z|[^\pL\pN])"
        return re2.search(pattern, answer.encode("utf-8", "replace").decode("utf-8")) is not None
