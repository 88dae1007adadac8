"""How many words answer and reference share, as SQuAD counts: `token_f1`, `token_precision`, `token_recall`."""

import re
import string
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Literal, NamedTuple, TypeAlias

from passmuster.metrics.answers import Extract
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.compared import Compared, compared
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreOutcome
from passmuster.records.trial import Reply

Part: TypeAlias = Literal["precision", "recall", "f1"]

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")
MOST_SHOWN = 20


class Overlap(NamedTuple):
    """Precision, recall and F1 in [0, 1] of the words of an answer against those of a reference."""

    precision: float
    recall: float
    f1: float


def squad_tokens(text: str) -> list[str]:
    """Return the words of a text as SQuAD's evaluation takes them.

    Lower case, without ASCII punctuation and without the articles a, an and the, split at white space
    (Rajpurkar et al. 2016, evaluate-v2.0.py).

    Example:
        >>> squad_tokens("The U.S. Senate, a body")
        ['us', 'senate', 'body']
    """
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def token_overlap(answer: str, reference: str) -> Overlap:
    """Return how many words two texts share, each counted as often as both have it.

    Where one of them has no words, all three are 1 if the other has none either, else 0, as in SQuAD 2.0.

    Example:
        >>> token_overlap("a big black cat", "The black cat").precision
        0.6666666666666666
    """
    return _overlap(Counter(squad_tokens(answer)), Counter(squad_tokens(reference)))


def _overlap(answer: Counter[str], reference: Counter[str]) -> Overlap:
    if not answer or not reference:
        same = float(answer == reference)
        return Overlap(same, same, same)
    # not `answer & reference`, which is twice as slow
    shared = sum([min(times, reference[word]) for word, times in answer.items() if word in reference])
    if not shared:
        return Overlap(0.0, 0.0, 0.0)
    precision, recall = shared / answer.total(), shared / reference.total()
    return Overlap(precision, recall, 2 * precision * recall / (precision + recall))


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenF1(Record):
    """The F1 of the words of an answer; with several references the best of them counts.

    Example:
        >>> case = Case(id="1", input="", reference=["black cat", "dog"])
        >>> TokenF1().score(case, Reply(text="The cat.")).value
        0.6666666666666666
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"
    part: ClassVar[Part] = "f1"

    name: str = "token_f1"
    extract: Extract | None = None

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the share, with precision and recall as parts and the words that only one of the two has."""
        found = compared(case, reply, self.extract)
        if not isinstance(found, Compared):
            return found
        answer = Counter(squad_tokens(found.answer))
        rights = [Counter(squad_tokens(right)) for right in found.right]
        overlaps = [(_overlap(answer, right), right) for right in rights]
        best, right = max(overlaps, key=lambda each: getattr(each[0], self.part))
        details: dict[str, Json] = {"parts": {"precision": best.precision, "recall": best.recall}}
        if best.f1 < 1:
            details |= {"missing": _only(right, answer), "extra": _only(answer, right)}
        return Score(value=getattr(best, self.part), answer=shown(found.answer), details=details)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrecision(TokenF1):
    """The share of the words of an answer that the reference has; the best of several references counts."""

    part: ClassVar[Part] = "precision"

    name: str = "token_precision"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecall(TokenF1):
    """The share of the words of the reference that an answer has; the best of several references counts."""

    part: ClassVar[Part] = "recall"

    name: str = "token_recall"


def _only(one: Counter[str], other: Counter[str]) -> list[str]:
    """Return the words that the first text has more often, at most 20."""
    more = (word for word, times in one.items() if times > other[word])
    return [shown(word) for word in islice(more, MOST_SHOWN)]
