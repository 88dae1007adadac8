"""What users showed of an answer, in one word."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from passmuster.adapters.ingest.spellings.numbers import number
from passmuster.records.record import Json

_WORDS = {
    "complained": "complained complaint complain report reported flagged abuse",
    "escalated": "escalated escalate escalation handoff handover transferred",
    "edited": "edited edit corrected modified rewritten",
    "retried": "retried retry regenerated regenerate repeated rerun",
    "down": "down no false dislike disliked bad negative unhelpful nothelpful rejected reject incorrect wrong fail failed "
    "thumbsdown thumbdown downvote unsatisfied dissatisfied notsatisfied 👎 -1 😞 🙁 😠 ❌",
    "up": "up yes true like liked good positive helpful accepted accept correct right pass passed "
    "thumbsup thumbup upvote satisfied 👍 +1 + 😊 😀 🙂 ❤ ✅",
    "score:low": "score:low low",
    "score:middle": "score:middle middle medium neutral ok okay mixed",
    "score:high": "score:high high excellent",
}
"""What is said for each word, without marks and in lower case; the words stand in the order in which they count."""
STRONGEST = tuple(_WORDS)
"""Of several signs the first of these is kept."""
_MEANS = {spelled: word for word, spellings in _WORDS.items() for spelled in spellings.split()}
_LONGEST = 100
"""Characters above which a text is a comment and no sign."""
_MARKS = re.compile(r"(?<=\w)[\s_.\-]+(?=\w)|[\ufe0f\U0001f3fb-\U0001f3ff]")
"""Signs between words, and the colours of emojis."""
_NOTHING = frozenset({"", "none", "null", "n/a", "na", "nan", "-", "unknown", "not rated", "no feedback"})
_NO = frozenset({"", "0", "no", "n", "false", "f", "none", "null", "off", "0.0"})
_YES = frozenset({"1", "yes", "y", "true", "t", "on", "1.0"})


class Scale(NamedTuple):
    """The lowest and the highest score that can be given; the lowest third of it is low, the highest high.

    With `thumbs` there are only two scores, and perhaps a zero between them that says nothing.

    Example:
        >>> Scale(1, 5).word(2), Scale(1, 5).word(3), Scale(1, 5).word(4), Scale(1, 5).word(9)
        ('score:low', 'score:middle', 'score:high', None)
        >>> Scale(-1, 1, thumbs=True).word(1), Scale(-1, 1, thumbs=True).word(0), Scale(0, 1).word(1)
        ('up', None, 'score:high')
    """

    low: float
    high: float
    thumbs: bool = False

    def word(self, score: float) -> str | None:
        """Return what a score says; None outside the scale, and for a zero between up and down."""
        if not self.low <= score <= self.high:
            return None
        if self.thumbs:
            return {self.low: "down", self.high: "up"}.get(score)
        part = (score - self.low) / (self.high - self.low)
        if part < 1 / 3:
            return "score:low"
        return "score:middle" if part <= 2 / 3 else "score:high"

    def __str__(self) -> str:
        """Return the scale for people."""
        return "thumbs" if self.thumbs else f"scores of {self.low:g} to {self.high:g}"


_SCALES = (Scale(0, 1), Scale(-1, 1), Scale(1, 5), Scale(0, 5), Scale(1, 10), Scale(0, 10), Scale(0, 100))


def scale_of(sample: Sequence[Json]) -> Scale | None:
    """Return the smallest usual scale that holds all numbers of a sample; None where it holds none.

    Example:
        >>> str(scale_of([5, 3, "4"])), str(scale_of([0.2, 0.9])), str(scale_of([1, -1])), scale_of(["good"])
        ('scores of 1 to 5', 'scores of 0 to 1', 'thumbs', None)
    """
    numbers = [found for value in sample if (found := number(value)) is not None]
    if not numbers:
        return None
    low, high = min(numbers), max(numbers)
    if low in {0, -1} and high <= 1 and all(each in {-1, 0, 1} for each in numbers):
        return Scale(low, 1, thumbs=True)
    if low == high == 1:
        return Scale(0, 1, thumbs=True)
    return next(
        (each for each in _SCALES if each.low <= low and high <= each.high), Scale(min(low, 0), max(high, 1))
    )


def meant(said: str) -> str | None:
    """Return the word for what somebody said, None where it is none that is known.

    Example:
        >>> meant("Thumbs-up"), meant("👍🏽"), meant("not helpful"), meant("purple")
        ('up', 'up', 'down', None)
    """
    return _MEANS.get(_MARKS.sub("", said.strip().casefold())) if len(said) <= _LONGEST else None


def word_of(value: Json, scale: Scale | None) -> str | None:
    """Return the word of a sign of feedback; None where it says nothing, or nothing that can be read.

    Args:
        value: true or false, a word, an emoji, or a score.
        scale: What scores are on; a column of zeros and ones alone is thumbs.

    Example:
        >>> word_of("👎", None), word_of(True, None), word_of("4", Scale(1, 5)), word_of("", None)
        ('down', 'up', 'score:high', None)
    """
    if isinstance(value, bool):
        return "up" if value else "down"
    if isinstance(value, str) and (scale is None or number(value) is None):
        return meant(value)
    score = number(value)
    return None if score is None or scale is None else scale.word(score)


def says_nothing(value: Json) -> bool:
    """Return whether a value stands for no feedback at all.

    Example:
        >>> says_nothing(None), says_nothing("n/a"), says_nothing(0)
        (True, True, False)
    """
    return value is None or (isinstance(value, str) and value.strip().casefold() in _NOTHING)


def flag(value: Json) -> bool | None:
    """Return whether something happened: true, a yes, a number above 0; None where that cannot be told.

    Example:
        >>> flag("yes"), flag(0), flag("2"), flag(None), flag("perhaps")
        (True, False, True, False, None)
    """
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str):
        spelled = value.strip().casefold()
        if spelled in _NO:
            return False
        if spelled in _YES:
            return True
    found = number(value)
    return None if found is None else found > 0
