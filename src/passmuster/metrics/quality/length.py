"""How long a reply is: `length`."""

from dataclasses import dataclass
from math import inf
from typing import ClassVar, Literal

from passmuster.metrics.instructions.measures import count_sentences, count_words
from passmuster.metrics.metric import Bounds, Summary
from passmuster.records.case import Case
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score
from passmuster.records.trial import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Length(Record):
    """How many words, characters or sentences a reply has. Shorter counts as better: a judge that likes long replies is seen.

    Each letter of a script without blanks between words counts as a word.

    Example:
        >>> score = Length().score(Case(id="1", input=""), Reply(text="It rained. It froze."))
        >>> score.value, score.details
        (4.0, {'words': 4, 'characters': 20, 'sentences': 2})
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "lower"
    bounds: ClassVar[Bounds] = (0.0, inf)
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "length"
    unit: Literal["words", "characters", "sentences"] = "words"

    def score(self, case: Case, reply: Reply) -> Score:
        """Return the length, with all three counts."""
        del case
        text = reply.text
        counts = {"words": count_words(text), "characters": len(text), "sentences": count_sentences(text)}
        return Score(value=float(counts[self.unit]), details=dict(counts))
