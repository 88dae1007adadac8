"""The walk over OTLP in its JSON form: spans, their attributes, names and times. What is not of that form is passed over."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from passmuster.records.record import Json

NANO = 1e-9
LATEST = 1e20
"""No number above it is a time or a price."""
DEEPEST = 24
"""Levels of lists and mappings inside an attribute; what lies deeper is left out."""
_TOKEN_DIGITS = 20


class Spoken(NamedTuple):
    """A span with the attributes of what it came from (a service, its environment)."""

    resource: Mapping[str, Json]
    span: Mapping[str, Json]


def spans(body: Json) -> Iterator[Spoken]:
    """Yield the spans of an OTLP request.

    Example:
        >>> [found] = spans({"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "chat"}]}]}]})
        >>> found.span
        {'name': 'chat'}
    """
    for resource in objects(body, "resourceSpans", "resource_spans"):
        holder = resource.get("resource")
        said = attributes(holder) if isinstance(holder, dict) else {}
        # Exporters of before 2022 wrote `instrumentationLibrarySpans`.
        for scope in objects(resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
            for span in objects(scope, "spans"):
                yield Spoken(said, span)


def objects(holder: Json, *names: str) -> Iterator[dict[str, Json]]:
    """Yield the objects of a list that has one of these names; the first name that holds a list counts."""
    for name in names:
        found = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(found, list):
            yield from (item for item in found if isinstance(item, dict))
            return


def attributes(holder: Mapping[str, Json], *, deep: bool = False) -> dict[str, Json]:
    """Return the attributes of a span, an event or a resource by their names.

    Args:
        holder: What has `attributes`.
        deep: Whether lists and mappings are read, which hold prompts and answers; else they stay as they came.

    Example:
        >>> tags = {"key": "tags", "value": {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "2"}]}}}
        >>> attributes({"attributes": [tags]}, deep=True)
        {'tags': ['a', 2]}
    """
    said: dict[str, Json] = {}
    for item in objects(holder, "attributes"):
        key, value = item.get("key"), item.get("value")
        if isinstance(key, str) and isinstance(value, dict):
            said[key] = _value(value) if deep else next(iter(value.values()), None)
    return said


def _value(given: Json, depth: int = 0) -> Json:
    if not isinstance(given, dict) or depth > DEEPEST:
        return None
    kind, held = next(iter(given.items()), ("", None))
    if kind in {"arrayValue", "array_value"}:
        values = held.get("values") if isinstance(held, dict) else None
        return [_value(item, depth + 1) for item in values] if isinstance(values, list) else []
    if kind in {"kvlistValue", "kvlist_value"}:
        pairs = ((item.get("key"), item.get("value")) for item in objects(held, "values"))
        return {key: _value(value, depth + 1) for key, value in pairs if isinstance(key, str)}
    if kind in {"intValue", "int_value"} and isinstance(held, str) and len(held) <= _TOKEN_DIGITS:
        number = as_number(held)
        return held if number is None else number
    return held


def identity(span: Mapping[str, Json], *names: str) -> str:
    """Return a name in lower-case hexadecimal digits; some exporters write base64 all the same.

    Example:
        >>> identity({"spanId": "qrs="}, "spanId"), identity({"spanId": "ABCD"}, "spanId")
        ('qrs=', 'abcd')
    """
    text = next((span[name] for name in names if isinstance(span.get(name), str)), "")
    if not isinstance(text, str) or len(text) > 64:
        return ""
    if len(text) in {12, 24}:
        try:
            return base64.b64decode(text, validate=True).hex()
        except (binascii.Error, ValueError):
            return text.lower()
    return text.lower()


def moment(holder: Mapping[str, Json], *names: str) -> float | None:
    """Return a time in seconds since the epoch, from nanoseconds under one of these names; None where there is none.

    Example:
        >>> moment({"timeUnixNano": "1500000000"}, "timeUnixNano")
        1.5
    """
    for name in names:
        value = as_number(holder.get(name))
        if value is not None and 0 < value < LATEST:
            return value * NANO
    return None


def as_number(value: Json) -> int | float | None:
    """Return a number; OTLP writes whole numbers of 64 bits as text.

    Example:
        >>> as_number("12"), as_number(0.5), as_number("many"), as_number(True)
        (12, 0.5, None, None)
    """
    if isinstance(value, str) and len(value) <= 40:
        try:
            return int(value)
        except ValueError:
            try:
                return float(value)
            except ValueError:
                return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
