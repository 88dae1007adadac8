"""JSON after the usual repairs: what a lenient parser would make of a reply."""

import re
from dataclasses import dataclass

from passmuster.metrics.json_text import fence_opening, find_json, parse_json
from passmuster.metrics.structure.tolerant import Reader, TooDeepError
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.record import Json, Record

REPAIRS = (
    "fence",
    "surroundings",
    "line_breaks",
    "quotes",
    "commas",
    "escapes",
    "literals",
    "comments",
    "closing",
)
"""What may have to be mended, in the order in which it is named."""

BRACKET = re.compile(r"[{\[]")
TRIES = 1000
"""Objects and lists among words that are looked at, to find the first that holds something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired(Record):
    """The JSON value of a reply, and what had to be mended for it; nothing where it was JSON as it stood."""

    value: Json
    repairs: tuple[str, ...] = ()


def repaired(text: str) -> Repaired | Unreadable:
    r"""Return the JSON of a reply after the usual repairs, or why there is none; in linear time.

    JSON is taken out of a ``` fence (the first that says json, else the first) and out of words around it
    (`surroundings`). In it are mended: raw line breaks and other control characters in strings, quotes (others
    than ", left out, or not escaped), commas (left out or too many), escapes that are none, literals (True, None,
    NaN, 1,000), comments, and closing brackets and quotes (left out, or cut off at the end). Of several values the
    first object with a member, or list with an object or a list in it, counts. No value is made up where there is
    no bracket.

    Example:
        >>> repaired('Sure!\n```json\n{"a": "two\nlines",}\n```').repairs
        ('fence', 'line_breaks', 'commas')
        >>> repaired("It is 18.").reason
        'no JSON object or list in the reply'
    """
    value = parse_json(text)
    if not isinstance(value, Unreadable):
        return Repaired(value=value)
    value = find_json(text)
    if not isinstance(value, Unreadable):
        return Repaired(value=value, repairs=("fence",))
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return _mended(text)


def _mended(text: str) -> Repaired | Unreadable:
    fence = fence_opening(text)
    starts = [0] if fence is None else [fence.end(), 0]
    first: Repaired | None = None
    for start in starts:
        found = _first(text, start)
        if isinstance(found, Unreadable):
            return found
        if found is not None and _holds_something(found.value):
            return found
        first = first or found
    return first or Unreadable(reason="no JSON object or list in the reply")


def _first(text: str, start: int) -> Repaired | Unreadable | None:
    """Return the first value from there that holds something, else the first at all."""
    first: Repaired | None = None
    position = start
    for _ in range(TRIES):
        bracket = BRACKET.search(text, position)
        if bracket is None:
            break
        reader = Reader(text=text)
        try:
            value = reader.read(bracket.start())
        except TooDeepError as error:
            return Unreadable(reason=str(error))
        reader.repairs.update(_around(text, (start, bracket.start()), reader.position))
        found = Repaired(value=value, repairs=tuple(name for name in REPAIRS if name in reader.repairs))
        if _holds_something(value):
            return found
        first = first or found
        position = reader.position
    return first


def _around(text: str, begin: tuple[int, int], end: int) -> set[str]:
    """Return what stands around a value: a fence, words."""
    start, bracket = begin
    after = text[end:].strip()
    inside = start > 0  # what stands outside the fence is not looked at
    words = text[start:bracket].strip() or (after and not inside)
    return ({"fence"} if inside else set()) | ({"surroundings"} if words else set())


def _holds_something(value: Json) -> bool:
    if isinstance(value, dict):
        return bool(value)
    return isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
