"""Fields of values that others wrote: a text, a number, a time, or the place of what is none."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence

from passmuster.adapters.ingest.formats.format import MappingError, Step
from passmuster.adapters.ingest.spellings import moments, numbers
from passmuster.records.digest import digest
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record

MOST_COLUMNS = 64
"""Columns kept of a record."""
LONGEST_COLUMN = 1000
"""Characters of a column; longer ones are left out, they are no strata."""
LONGEST_LABEL = 500
"""Characters of a name, a tag or a message of an error."""
_NAME_DIGITS = 16
_LARGEST = 1e20
"""No price and no time span is larger."""


def as_object(value: Json, steps: Sequence[Step] = ()) -> dict[str, Json]:
    """Return a value that must be an object.

    Raises:
        MappingError: where it is none.
    """
    if isinstance(value, dict):
        return value
    message = f"expected an object, found {kind_of(value)}"
    raise MappingError(message, steps)


def objects(value: Json) -> Sequence[dict[str, Json]]:
    """Return the objects of a list; none where it is no list.

    Example:
        >>> objects([{"a": 1}, 2]), objects(None)
        ([{'a': 1}], [])
    """
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def decoded(value: Json) -> Json:
    """Return the value of a text that is a JSON object or list, and everything else as it is.

    Example:
        >>> decoded('{"a": 1}'), decoded("[draft] hello"), decoded("7")
        ({'a': 1}, '[draft] hello', '7')
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not (text.startswith("{") and text.endswith("}")) and not (
        text.startswith("[") and text.endswith("]")
    ):
        return value
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return value


def first(holder: Mapping[str, Json], *names: str) -> Json:
    """Return the first of these fields that says something (not null, not an empty text).

    Example:
        >>> first({"user_id": "", "userId": "ann"}, "user_id", "userId")
        'ann'
    """
    for name in names:
        value = holder.get(name)
        if value is not None and value != "":
            return value
    return None


def text(value: Json, steps: Sequence[Step] = ()) -> str:
    """Return a value that must be text.

    Raises:
        MappingError: where it is none, or holds half of a surrogate pair.
    """
    if not isinstance(value, str):
        message = f"expected text, found {kind_of(value)}"
        raise MappingError(message, steps)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            message = "the text holds half of a surrogate pair, which is no character: it was cut in the middle of one"
            raise MappingError(message, steps) from error
    return value


def sayable(value: Json, steps: Sequence[Step] = ()) -> Json:
    """Return a value that goes into a record as it is.

    Raises:
        MappingError: where it holds what JSON in UTF-8 has no word for: an infinity, half of a surrogate pair.
    """
    if isinstance(value, str):
        text(value, steps)
    elif isinstance(value, float) and not math.isfinite(value):
        message = f"{value} is no number that can be written"
        raise MappingError(message, steps)
    elif isinstance(value, dict):
        for name, member in value.items():
            text(name, (*steps, name))
            sayable(member, (*steps, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            sayable(member, (*steps, index))
    return value


def name_from(value: Json, steps: Sequence[Step] = ()) -> str:
    """Return a name for what has none, made of its content: 16 hexadecimal digits.

    Raises:
        MappingError: where the content cannot be written.

    Example:
        >>> name_from({"a": 1}) == name_from({"a": 1}), len(name_from("text"))
        (True, 16)
    """
    if not isinstance(value, Record):
        sayable(value, steps)
    return digest(value)[:_NAME_DIGITS]


def label(value: Json) -> str | None:
    """Return a short text: a name, a number as its text, None for anything else and for an empty one.

    Example:
        >>> label(12), label(" ann "), label(""), label(["ann"])
        ('12', 'ann', None, None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return None
    return value.strip().encode("utf-8", "replace").decode()[:LONGEST_LABEL] or None


def number(value: Json) -> float | None:
    """Return a number that is finite and at least 0, also from its text; None for anything else.

    Example:
        >>> number("0.5"), number(-1), number(float("nan")), number(True)
        (0.5, None, None, None)
    """
    found = numbers.number(value)
    return found if found is not None and 0 <= found < _LARGEST else None


def moment(value: Json, steps: Sequence[Step] = ()) -> float | None:
    """Return a time in seconds since the epoch, None where there is none: null, an empty text, 0.

    It is read as the times of tables are (`spellings.moments`), rounded to microseconds.

    Raises:
        MappingError: for what is no time.

    Example:
        >>> moment("2024-05-29 13:46:19.963000"), moment(1716990379963), moment("2024-05-29T15:46:19.963+02:00")
        (1716990379.963, 1716990379.963, 1716990379.963)
    """
    if value is None or value in ("", "0") or (value == 0 and value is not False):
        return None
    seconds = moments.moment(value)
    if seconds is None:
        message = f"{str(value)[:60]!r} is no time"
        raise MappingError(message, steps)
    return round(seconds, 6)


def tags(value: Json) -> tuple[str, ...]:
    """Return tags from a list, or from a text of them with commas; each once.

    Example:
        >>> tags(["a", "b", "a", 3]), tags("x, y")
        (('a', 'b', '3'), ('x', 'y'))
    """
    value = decoded(value)
    if isinstance(value, str):
        value = value.split(",")
    found = (label(item) for item in value) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(tag for tag in found if tag))


def columns(*sources: tuple[str, Mapping[str, Json]], without: Iterable[str] = ()) -> dict[str, Json]:
    """Return the scalar fields of several objects, each with what is put before its names.

    Null, empty and long ones are left out, and what is beyond the number that a record may have.

    Example:
        >>> columns(("", {"env": "live", "input": "long", "n": 2}), ("metadata.", {"plan": "pro"}), without=["input"])
        {'env': 'live', 'n': 2, 'metadata.plan': 'pro'}
    """
    skipped = frozenset(without)
    kept: dict[str, Json] = {}
    for prefix, source in sources:
        for name, value in source.items():
            if len(kept) == MOST_COLUMNS:
                return kept
            if (not prefix and name in skipped) or not _is_column(name, value):
                continue
            kept.setdefault(prefix + name, value)
    return kept


def _is_column(name: str, value: Json) -> bool:
    if len(name) > LONGEST_LABEL or not _has_bytes(name):
        return False
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST_COLUMN and _has_bytes(value)
    if isinstance(value, bool):
        return True
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) < _LARGEST


def _has_bytes(value: str) -> bool:
    """Return whether a text can be written: it holds no half of a surrogate pair."""
    if value.isascii():
        return True
    try:
        return bool(value.encode())
    except UnicodeEncodeError:
        return False
