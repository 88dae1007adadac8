"""OTLP spans in their binary form, read into the JSON form of the same: what most exporters send."""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Take = Callable[[Any], Any]


class ProtobufError(Exception):
    """The bytes are no message of the promised form."""


def read_request(data: bytes) -> dict[str, Any]:
    """Return an `ExportTraceServiceRequest` in the JSON form of OTLP, as far as spans are concerned.

    Raises:
        ProtobufError: where the bytes are no such message.

    Example:
        >>> read_request(bytes([10, 0]))
        {'resourceSpans': [{}]}
    """
    try:
        return _message(data, _REQUEST)
    except (struct.error, IndexError, UnicodeDecodeError, RecursionError) as problem:
        message = f"no OTLP message: {problem}"
        raise ProtobufError(message) from problem


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the number and the value of each field: whole numbers for varints, else bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in {1, 5}:
            size = 8 if wire == 1 else 4
        else:
            message = f"a field of wire type {wire}"
            raise ProtobufError(message)
        if at + size > len(data):
            message = "a field goes beyond the end"
            raise ProtobufError(message)
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        byte = data[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    message = "a number of more than 64 bits"
    raise ProtobufError(message)


def _message(data: Any, form: Mapping[int, tuple[str, Take, bool]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, value in _fields(_bytes(data)):
        if number not in form:
            continue
        name, take, many = form[number]
        if many:
            found.setdefault(name, []).append(take(value))
        else:
            found[name] = take(value)
    return found


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        message = "a number where a message was expected"
        raise ProtobufError(message)
    return value


def _text(value: Any) -> str:
    return _bytes(value).decode("utf-8", "replace")


def _hex(value: Any) -> str:
    return _bytes(value).hex()


def _fixed(value: Any) -> int:
    return int(struct.unpack("<Q", _bytes(value))[0])


def _double(value: Any) -> float:
    return float(struct.unpack("<d", _bytes(value))[0])


def _signed(value: Any) -> int:
    if not isinstance(value, int):
        message = "a message where a number was expected"
        raise ProtobufError(message)
    return value - (1 << 64) if value >= 1 << 63 else value


def _whole(form: Mapping[int, tuple[str, Take, bool]]) -> Take:
    return lambda data: _message(data, form)


_VALUE: Mapping[int, tuple[str, Take, bool]] = {
    1: ("stringValue", _text, False),
    2: ("boolValue", bool, False),
    3: ("intValue", _signed, False),
    4: ("doubleValue", _double, False),
}
"""Lists and mappings inside attributes hold prompts and answers; they are not read."""
_ATTRIBUTE: Mapping[int, tuple[str, Take, bool]] = {
    1: ("key", _text, False),
    2: ("value", _whole(_VALUE), False),
}
_EVENT: Mapping[int, tuple[str, Take, bool]] = {
    1: ("timeUnixNano", _fixed, False),
    2: ("name", _text, False),
    3: ("attributes", _whole(_ATTRIBUTE), True),
}
_STATUS: Mapping[int, tuple[str, Take, bool]] = {2: ("message", _text, False), 3: ("code", _signed, False)}
_SPAN: Mapping[int, tuple[str, Take, bool]] = {
    1: ("traceId", _hex, False),
    2: ("spanId", _hex, False),
    4: ("parentSpanId", _hex, False),
    5: ("name", _text, False),
    7: ("startTimeUnixNano", _fixed, False),
    8: ("endTimeUnixNano", _fixed, False),
    9: ("attributes", _whole(_ATTRIBUTE), True),
    11: ("events", _whole(_EVENT), True),
    15: ("status", _whole(_STATUS), False),
}
_SCOPE: Mapping[int, tuple[str, Take, bool]] = {2: ("spans", _whole(_SPAN), True)}
_RESOURCE: Mapping[int, tuple[str, Take, bool]] = {2: ("scopeSpans", _whole(_SCOPE), True)}
_REQUEST: Mapping[int, tuple[str, Take, bool]] = {1: ("resourceSpans", _whole(_RESOURCE), True)}
