"""What users showed of an answer, in one word: from thumbs, ratings, labels and scores."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from passmuster.adapters.ingest.formats.fields import LONGEST_COLUMN, label
from passmuster.records.record import Json

_WORDS: Mapping[str, frozenset[str]] = {
    "complained": frozenset({"complained", "complaint", "report", "reported", "flagged"}),
    "escalated": frozenset({"escalated", "escalation", "handoff", "handover", "transferred"}),
    "down": frozenset(
        {"down", "thumbsdown", "negative", "dislike", "disliked", "bad", "no", "false", "incorrect", "wrong"}
        | {"fail", "failed", "rejected", "reject", "unhelpful", "nothelpful", "👎", "-1"}
    ),
    "retried": frozenset({"retried", "retry", "regenerated", "regenerate", "rerun"}),
    "edited": frozenset({"edited", "edit", "corrected", "rewritten", "modified"}),
    "up": frozenset(
        {"up", "thumbsup", "positive", "like", "liked", "good", "yes", "true", "correct", "right"}
        | {"pass", "passed", "accepted", "accept", "helpful", "👍"}
    ),
}
"""What is said for each word, without marks and in lower case; the words stand in the order in which they count."""
_ORDER = (*_WORDS, "score:low", "score:middle", "score:high")
_THUMBS = re.compile(r"thumb|feedback|like|helpful|satisf|vote|approv|accept", re.IGNORECASE)
"""In the name of a score whose 0 and 1 are a thumb down and up."""
_STARS = re.compile(r"star|rating|csat", re.IGNORECASE)
"""In the name of a score from 1 to 5."""
_SCALES = ((1.0, 1 / 3, 2 / 3), (5.0, 2.5, 3.5), (10.0, 4.0, 7.0), (100.0, 100 / 3, 200 / 3))
"""The top of a scale, and the values below which a score of it is low, and middle."""
_MARKS = re.compile(r"[\s_.\-]+")


class Shown(NamedTuple):
    """One thing that somebody, or a machine, said of an answer."""

    name: str
    value: Json
    label: Json = None
    by_machine: bool = False


class Feedback(NamedTuple):
    """The word, and what was said as it was said."""

    word: str | None
    raw: str | None


def feedback(shown: Iterable[Shown]) -> Feedback:
    """Return the word for all that was said of one answer.

    What people said counts before what a machine did, and the worst of it before the better. A number is put on
    the smallest of the scales 0 to 1, 1 to 5 (at once where the name says stars or rating), 0 to 10 and 0 to 100
    that holds it; 0 and 1 under a name such as `user-feedback` are a thumb.

    Example:
        >>> feedback([Shown("user-feedback", 0), Shown("judge", 0.9, by_machine=True)])
        Feedback(word='down', raw='user-feedback=0; judge=0.9')
    """
    words: dict[bool, set[str]] = {False: set(), True: set()}
    raw = []
    for each in shown:
        said = each.label if each.value is None else each.value
        if said is None:
            continue
        raw.append(f"{each.name}={said}" if each.name else str(said))
        word = _word(each)
        if word is not None:
            words[each.by_machine].add(word)
    counted = words[False] or words[True]
    text = "; ".join(raw).encode("utf-8", "replace").decode()[:LONGEST_COLUMN]
    return Feedback(next((word for word in _ORDER if word in counted), None), text or None)


def _word(shown: Shown) -> str | None:
    for value in (shown.label, shown.value):
        if isinstance(value, str):
            plain = _MARKS.sub("", value.lower()) if value != "-1" else value
            for word, spellings in _WORDS.items():
                if plain in spellings:
                    return _of(word, shown)
    value = shown.value
    if isinstance(value, bool):
        return _of("up" if value else "down", shown)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return _scored(shown, float(value)) if isinstance(value, int | float) else None


def _of(word: str, shown: Shown) -> str:
    """Return the word; a judge's `pass` is a high score and no thumb."""
    if shown.by_machine and word in {"up", "down"}:
        return "score:high" if word == "up" else "score:low"
    return word


def _scored(shown: Shown, value: float) -> str | None:
    if _THUMBS.search(shown.name) and value in {-1.0, 0.0, 1.0} and not _STARS.search(shown.name):
        return _of("up" if value > 0 else "down", shown)
    if value < 0:
        return "score:low" if value >= -100 else None
    scales = _SCALES[1:] if _STARS.search(shown.name) else _SCALES
    for top, low, middle in scales:
        if value <= top:
            return "score:low" if value < low else "score:middle" if value < middle else "score:high"
    return None


def shown_in(value: Json) -> list[Shown]:
    """Return what a field called `feedback`, `rating` or the like says: a word, a number, an object or a list of them.

    Example:
        >>> shown_in({"score": 1, "comment": "thanks"})
        [Shown(name='feedback', value=1, label=None, by_machine=False)]
    """
    if isinstance(value, list):
        return [each for item in value for each in shown_in(item)]
    if isinstance(value, dict):
        said = value.get("score", value.get("value", value.get("rating", value.get("thumbs"))))
        name = label(value.get("name", value.get("key"))) or "feedback"
        found = value.get("label", value.get("type"))
        return [Shown(name, said, found)] if said is not None or found is not None else []
    return [] if value is None or value == "" else [Shown("feedback", value)]
