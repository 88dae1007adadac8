"""Text and JSON as the databases can hold them.

A reply may hold what no database takes as text: NUL, and lone surrogates (halves of characters, which are no
valid UTF-8). Such characters are written as U+001A and four hexadecimal digits, U+001A itself too; all other
text is stored as it is, so that a person can read the tables with any tool.
"""

import json
import re

from passmuster.records.digest import plain
from passmuster.records.record import Json

_UNSTORABLE = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPED = re.compile("\x1a([0-9a-f]{4})")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_LARGEST = 2**63


def to_column(text: str) -> str:
    r"""Return `text` as a database can hold it.

    Example:
        >>> from_column(to_column("a\x00\ud800")) == "a\x00\ud800"
        True
    """
    # Nearly all text has none of them, and in ASCII they are found fastest one by one.
    if text.isascii() and "\x00" not in text and "\x1a" not in text:
        return text
    return _UNSTORABLE.sub(lambda found: f"\x1a{ord(found[0]):04x}", text)


def from_column(stored: str) -> str:
    """Return the text that `to_column` was given."""
    if "\x1a" not in stored:
        return stored
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), stored)


def json_column(value: object) -> str:
    """Return records and plain data as JSON text for a column; fields that hold their default are left out."""
    return to_column(_ENCODER.encode(plain(value)))


def from_json_column(stored: str) -> Json:
    """Return the data of a JSON column."""
    return json.loads(from_column(stored))


def count_column(number: int | None) -> int | None:
    """Return a count as 64 bits hold it; one that no endpoint can mean (2**63 tokens) is unknown."""
    return number if number is not None and -_LARGEST <= number < _LARGEST else None
