"""How close is the meaning of the answer to that of the reference: `semantic_similarity`."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Extract, as_text, read_answer
from passmuster.metrics.metric import UNIT, Bounds, Summary, shown
from passmuster.metrics.text.exact_match import right_answers, unreadable_score
from passmuster.metrics.two_steps import SCORER_FAILED, not_scored, question
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Outcome, Reply
from passmuster.stats.vectors import cosine

MOST_REFERENCES = 20
"""Right answers that are compared with; of a longer list the first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticSimilarity(Record):
    """The cosine of the embeddings of the answer and of the reference, or of the closest of several.

    A model gives the embeddings: the scorer `asks`, an embeddings endpoint or a local model. Each text is one
    trial of it, so equal texts are embedded once. A negative cosine counts as 0; `details["cosine"]` has it.

    Example:
        >>> case = Case(id="1", input="", reference="a cat")
        >>> metric = SemanticSimilarity(asks="embedder")
        >>> [asked.input for asked in metric.ask(case, Reply(text=" A small cat "))]
        ['A small cat', 'a cat']
        >>> answers = [Reply(text="[0.6,0.8]"), Reply(text="[0.0,1.0]")]
        >>> metric.read(case, Reply(text=" A small cat "), answers).value
        0.8
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "semantic_similarity"
    asks: str
    extract: Extract | None = None
    longest: int = 20_000

    def __post_init__(self) -> None:
        if self.longest < 1:
            raise ConfigurationError(f"longest: {self.longest} characters are no text")

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return why there is no score yet, or the score where nothing need be asked."""
        found = self.ask(case, reply)
        return not_scored(self.name) if isinstance(found, tuple) else found

    def ask(self, case: Case, reply: Reply) -> tuple[Case, ...] | ScoreOutcome:
        """Return the texts to embed: the answer, then each reference; the score where there is nothing to embed."""
        right = self._references(case)
        if isinstance(right, ScoreFailure):
            return right
        answer = self._answer(reply)
        if isinstance(answer, Unreadable):
            return unreadable_score(answer)
        return tuple(question(case, text) for text in (answer, *right))

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome:
        """Return the cosine of the answer's vector and the closest of the references'."""
        right, answer = self._references(case), self._answer(reply)
        if isinstance(right, ScoreFailure):
            return right
        if isinstance(answer, Unreadable):
            return unreadable_score(answer)
        vectors = []
        for outcome in answers:
            vector = read_vector(outcome)
            if isinstance(vector, ScoreFailure):
                return vector
            vectors.append(vector)
        return self._closest(answer, right, vectors)

    def _closest(self, answer: str, right: Sequence[str], vectors: Sequence[list[float]]) -> ScoreOutcome:
        if len(vectors) != 1 + len(right):
            return _unusable(f"{len(vectors)} vectors came for {1 + len(right)} texts")
        lengths = {len(vector) for vector in vectors}
        if len(lengths) > 1:
            return _unusable(f"the vectors have different lengths: {sorted(lengths)}")
        near = [cosine(vectors[0], other) for other in vectors[1:]]
        found = [(each, -place) for place, each in enumerate(near) if each is not None]
        if not found:
            return _unusable("the vector is zero")
        best, place = max(found)
        details: dict[str, Json] = {"cosine": best, "reference": shown(right[-place])}
        return Score(value=max(0.0, best), answer=shown(answer), details=details)

    def _references(self, case: Case) -> list[str] | ScoreFailure:
        right = right_answers(case)
        if isinstance(right, ScoreFailure):
            return right
        texts = [self._cut(as_text(item)) for item in right[:MOST_REFERENCES]]
        if any(not text for text in texts):
            return ScoreFailure(
                kind="wrong_reference", message=f"the reference of case {case.id!r} has an empty text"
            )
        return texts

    def _answer(self, reply: Reply) -> str | Unreadable:
        found = read_answer(reply.text, self.extract)
        if isinstance(found, Unreadable):
            return found
        text = self._cut(as_text(found))
        return text or Unreadable(reason="the answer is empty")

    def _cut(self, text: str) -> str:
        """Return what of a text is embedded; no endpoint takes half of a surrogate pair."""
        cut = text.strip()[: self.longest].rstrip()
        return cut if cut.isascii() else cut.encode("utf-8", "replace").decode("utf-8")


def read_vector(outcome: Outcome) -> list[float] | ScoreFailure:
    """Return the vector that a scorer answered with, as JSON text; why there is none otherwise.

    Example:
        >>> read_vector(Reply(text="[0.5,-1]"))
        [0.5, -1.0]
        >>> read_vector(Reply(text="no")).kind
        'wrong_vector'
    """
    if isinstance(outcome, Failure):
        return ScoreFailure(kind=SCORER_FAILED, message=f"{outcome.kind}: {shown(outcome.message)}")
    try:
        found = json.loads(outcome.text)
        numbers = [float(each) for each in found] if isinstance(found, list) else []
    except (ValueError, TypeError, OverflowError, RecursionError):
        numbers = []
    if not numbers or not all(map(math.isfinite, numbers)):
        return _unusable(f"the scorer answered with no vector: {shown(outcome.text[:80])}")
    return numbers


def _unusable(message: str) -> ScoreFailure:
    return ScoreFailure(kind="wrong_vector", message=message)
