"""How hard a reply is to read, by the length of its words and sentences: `readability`."""

import re
from dataclasses import dataclass
from math import inf
from typing import ClassVar, Literal

from passmuster.metrics.instructions.measures import count_sentences, is_unspaced
from passmuster.metrics.metric import NOT_APPLICABLE, UNBOUNDED, Bounds, Summary
from passmuster.metrics.quality.prose import blocks_of
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.stats.language.detect import UNKNOWN, language_of

LONG_WORD = 6
"""Letters; a word with more is a long one (Bjoernsson 1968)."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_HISSED = re.compile(r"(?:[sxzcg]|[cs]h)es$")
"""Endings of which the last e is spoken: boxes, changes, dishes."""

_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability(Record):
    """How hard the prose of a reply is to read, by LIX or by Flesch's reading ease; code is left out.

    LIX (Bjoernsson 1968, Laesbarhet) = words / sentences + 100 * words of over 6 letters / words, for any language whose
    words stand apart: about 30 is easy, 40 a newspaper, 60 hard. Flesch's reading ease (Flesch 1948, Journal of Applied
    Psychology 32, 221-233) = 206.835 - 1.015 * words / sentences - 84.6 * syllables / words, for English only: about 90
    is easy, 60 plain, 30 hard. Each item of a list and each heading counts as a sentence.

    Example:
        >>> reply = Reply(text="The cat sat on the mat. It was asleep.")
        >>> Readability().score(Case(id="1", input=""), reply).value
        4.5
        >>> round(Readability(formula="flesch").score(Case(id="1", input=""), reply).value, 1)
        108.3
    """

    version: ClassVar[int] = 1
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "mean"

    name: str = "readability"
    formula: Literal["lix", "flesch"] = "lix"

    @property
    def direction(self) -> Direction:
        """Whether more is better: of LIX less is easier, of Flesch's reading ease more."""
        return "lower" if self.formula == "lix" else "higher"

    @property
    def bounds(self) -> Bounds:
        """The least and the greatest value."""
        return (0.0, inf) if self.formula == "lix" else UNBOUNDED

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the figure with what it is made of; a text without words, or of another script, has none."""
        blocks = [block.text for block in blocks_of(reply.text)]
        words = [word for block in blocks for word in _WORD.findall(block)]
        if not words or any(is_unspaced(word[0]) for word in words):
            return _none(case, "has no words that stand apart")
        sentences = sum(count_sentences(block) for block in blocks if _WORD.search(block))
        details: dict[str, Json] = {"words": len(words), "sentences": sentences}
        if self.formula == "lix":
            long = sum(sum(map(str.isalpha, word)) > LONG_WORD for word in words)
            value = len(words) / sentences + 100 * long / len(words)
            return Score(value=value, details={**details, "long words": long})
        if language_of(" ".join(words)) not in ("en", UNKNOWN):
            return _none(case, "is not in English, for which Flesch's formula was made")
        count = sum(map(syllables, words))
        value = 206.835 - 1.015 * len(words) / sentences - 84.6 * count / len(words)
        return Score(value=value, details={**details, "syllables": count})


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: its groups of vowels, but for a silent ending; at least one.

    Example:
        >>> [syllables(word) for word in ("table", "walked", "cake", "wanted", "reading", "the", "boxes")]
        [2, 1, 1, 2, 2, 1, 2]
    """
    return sum(max(1, _spoken(part)) for part in re.split(r"[^a-z]+", word.casefold()) if part)


def _spoken(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    if _HISSED.search(word):
        return groups
    if word.endswith(("le", "les")) and len(word) > 3 and word.rstrip("s")[-3] not in "aeiouy":
        return groups
    silent = re.search(r"[^aeiouy](?:e|es)$|[^aeiouydt]ed$", word)
    return groups - 1 if silent and groups > 1 else groups


def _none(case: Case, why: str) -> ScoreFailure:
    return ScoreFailure(kind=NOT_APPLICABLE, message=f"the reply to case {case.id!r} {why}")
