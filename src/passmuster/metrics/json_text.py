"""JSON in replies: hostile text is `Unreadable`, never an exception."""

import json
import re
from typing import NoReturn

from passmuster.metrics.unreadable import Unreadable
from passmuster.records.record import Json

DEPTH = 90
"""Levels that are read; what is nested deeper is taken for an attack."""

SPACE = " \t\n\r"
FENCE = "```"
STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
"""What tells how deep JSON is nested: brackets, but for those in a text."""
JSON_OPENING = re.compile(r"```(?i:json|jsonc|json5)[ \t]*\r?\n")
OPENING = re.compile(r"```[A-Za-z0-9]*[ \t]*\r?\n|```(?=[ \t]*[\[{])")


def parse_json(text: str) -> Json | Unreadable:
    """Return the JSON value that a text is, or why it is none.

    NaN and infinity are no JSON. A number beyond a double (1e999), one of over 4,300 digits, a text that is not
    Unicode (lone surrogates) and what is nested deeper than 90 levels are refused too.

    Example:
        >>> parse_json("[1]"), parse_json("NaN").reason
        ([1], 'not JSON: NaN is no JSON number')
    """
    return _read(text, 0, "")


def find_json(text: str) -> Json | Unreadable:
    r"""Return the JSON value that a text is, or that its first fence ```json holds, else its first ``` fence.

    Example:
        >>> find_json('Here you are:\n```json\n{"a": 1}\n```')
        {'a': 1}
    """
    value = parse_json(text)
    opening = fence_opening(text) if isinstance(value, Unreadable) else None
    return value if opening is None else _read(text, opening.end(), FENCE)


def fence_opening(text: str) -> re.Match[str] | None:
    """Return the opening of the fence that JSON is looked for in: the first that says json, else the first."""
    return JSON_OPENING.search(text) or OPENING.search(text)


def _read(text: str, start: int, closing: str) -> Json | Unreadable:
    """Read the value that starts there; only white space may follow, or white space and the closing fence."""
    while start < len(text) and text[start] in SPACE:
        start += 1
    if _is_deep(text, start):
        return Unreadable(reason=f"nested deeper than {DEPTH} levels")
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        return Unreadable(reason=f"not JSON: {_what_is_wrong(error)}")
    except ValueError as error:
        return Unreadable(reason=f"not JSON: {error}")
    rest = text[end:].lstrip(SPACE)
    if not (rest.startswith(closing) if closing else not rest):
        return Unreadable(reason=f"not JSON: more text after the value, at character {end}")
    return _checked(value)


def _is_deep(text: str, start: int) -> bool:
    """Return whether the value that starts there is nested too deep; how deep a decoder goes differs with Python."""
    if text.count("[", start) + text.count("{", start) <= DEPTH:  # nearly always
        return False
    depth = 0
    for found in STRUCTURE.finditer(text, start):
        mark = found[0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth > DEPTH:
            return True
        if depth <= 0:
            return False
    return False


def _what_is_wrong(error: json.JSONDecodeError) -> str:
    """Return what is wrong and where, in the same words under every version of Python."""
    text, place = error.doc, error.pos
    if text[place : place + 1] in ("]", "}"):
        # Before 3.13 the bracket after the comma is told, not the comma.
        before = text[:place].rstrip(SPACE)
        place = len(before) - 1 if before.endswith(",") else place
    if text[place : place + 1] == "," and (place != error.pos or error.msg.startswith("Illegal trailing")):
        return f"a comma before the end at character {place}"
    return f"{error.msg} at character {error.pos}"


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no JSON number"
    raise ValueError(message)


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _checked(value: Json) -> Json | Unreadable:
    """Return `value` unless it is too deep, not finite or not Unicode; level by level, so no recursion."""
    level, depth = [value], 0
    while level:
        if depth == DEPTH and any(isinstance(item, dict | list) for item in level):
            return Unreadable(reason=f"nested deeper than {DEPTH} levels")
        texts = [item for item in level if isinstance(item, str)]
        below: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                texts += item
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, float) and item in (float("inf"), float("-inf")):
                return Unreadable(reason="a number is beyond the range of a double")
        if not all(map(_is_unicode, texts)):
            return Unreadable(reason="a text holds a lone surrogate, which is not Unicode")
        level, depth = below, depth + 1
    return value


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
