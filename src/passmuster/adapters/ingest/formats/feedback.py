"""What users showed of an answer, in one word: from thumbs, ratings, labels and scores."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from passmuster.adapters.ingest.formats.fields import LONGEST_COLUMN, label
from passmuster.adapters.ingest.spellings.feedback import STRONGEST, Scale, meant
from passmuster.adapters.ingest.spellings.numbers import number
from passmuster.records.record import Json

_THUMBS = re.compile(r"thumb|feedback|like|helpful|satisf|vote|approv|accept", re.IGNORECASE)
"""In the name of a score whose 0 and 1 are a thumb down and up."""
_STARS = re.compile(r"star|rating|csat", re.IGNORECASE)
"""In the name of a score from 1 to 5."""
_SCALES = (Scale(0, 1), Scale(1, 5), Scale(0, 10), Scale(0, 100))


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
    return Feedback(next((word for word in STRONGEST if word in counted), None), text or None)


def _word(shown: Shown) -> str | None:
    for value in (shown.label, shown.value):
        word = meant(value) if isinstance(value, str) else None
        if word is not None:
            return _of(word, shown)
    value = shown.value
    if isinstance(value, bool):
        return _of("up" if value else "down", shown)
    score = number(value)
    return None if score is None else _scored(shown, score)


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
    return next((word for scale in scales if (word := scale.word(value))), None)


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
