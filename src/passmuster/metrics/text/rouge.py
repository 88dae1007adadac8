"""How much of a reference an answer says in its words: `rouge`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, TypeAlias

from passmuster.metrics.answers import Extract
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.compared import Compared, compared, wrong_reference
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.stats.rouge import Rouge, in_order, in_runs, latin_words_of, words_of

Kind: TypeAlias = Literal["rouge_1", "rouge_2", "rouge_l"]

MOST_WORDS = 20_000
"""Words of a text that are read: the longest common subsequence takes time in the product of both lengths."""
MOST_CHARACTERS = 500_000

_LENGTHS: Mapping[Kind, int] = MappingProxyType({"rouge_1": 1, "rouge_2": 2})
_KINDS: tuple[Kind, ...] = ("rouge_1", "rouge_2", "rouge_l")


@dataclass(frozen=True, slots=True, kw_only=True)
class RougeScore(Record):
    """ROUGE (Lin 2004) of an answer; with several references the one with the best value counts.

    `kind` and `part` say which of its figures is the value; all kinds are kept as parts. Words are those of the
    package rouge-score (a to z and 0 to 9 only) or, with `words: any_script`, those of any script.

    Example:
        >>> case = Case(id="1", input="", reference="the cat sat on the mat")
        >>> RougeScore(kind="rouge_1", part="recall").score(case, Reply(text="The cat sat.")).value
        0.5
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "rouge"
    kind: Kind = "rouge_l"
    part: Literal["f1", "precision", "recall"] = "f1"
    stemmed: bool = False
    words: Literal["rouge_score", "any_script"] = "rouge_score"
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the figure; `parts` hold that of every kind, `of_value` all three of the kind of the value."""
        found = compared(case, reply, self.extract)
        if not isinstance(found, Compared):
            return found
        answer = self._words(found.answer)
        rights = [words for words in map(self._words, found.right) if len(words) >= _least(self.kind)]
        if not rights:
            return wrong_reference(case, self._wordless())
        best, right = max(
            ((_rouge(self.kind, answer, right), right) for right in rights),
            key=lambda each: getattr(each[0], self.part),
        )
        known = [kind for kind in _KINDS if len(right) >= _least(kind)]
        parts = {kind: getattr(_rouge(kind, answer, right), self.part) for kind in known}
        of_value = {"precision": best.precision, "recall": best.recall, "f1": best.f1}
        details: dict[str, Json] = {"parts": parts, "of_value": of_value}
        if max(len(answer), len(right)) == MOST_WORDS or len(found.answer) > MOST_CHARACTERS:
            details["cut"] = f"only the first {MOST_WORDS} words were read"
        return Score(value=getattr(best, self.part), answer=shown(found.answer), details=details)

    def _words(self, text: str) -> list[str]:
        text = text[:MOST_CHARACTERS]
        if self.words == "any_script":
            return words_of(text)[:MOST_WORDS]
        return latin_words_of(text, stemmed=self.stemmed)[:MOST_WORDS]

    def _wordless(self) -> str:
        few = "no words" if _least(self.kind) == 1 else "fewer than two words"
        if self.words == "any_script":
            return f"has {few}"
        return f"has {few} of a to z and 0 to 9; for other scripts: words: any_script"


def _least(kind: Kind) -> int:
    """Return how many words a reference must have for a figure to say anything."""
    return _LENGTHS.get(kind, 1)


def _rouge(kind: Kind, answer: list[str], right: list[str]) -> Rouge:
    length = _LENGTHS.get(kind)
    return in_order(answer, right) if length is None else in_runs(answer, right, length)
