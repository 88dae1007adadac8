"""Identity by content: canonical JSON and its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

from passmuster.records.record import Json, Record

DIGEST_LENGTH = 32
"""Hexadecimal digits kept of a SHA-256: 128 bits."""

DIGEST_BYTES = DIGEST_LENGTH // 2

_SCALARS = frozenset({str, int, float, bool, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def plain(value: object) -> Json:
    """Return `value` as plain JSON data, leaving out every record field that holds its default.

    Leaving defaults out keeps a digest stable when a record gains an optional field.

    Raises:
        TypeError: for a value that JSON cannot hold.

    Example:
        >>> plain({"b": (1, 2)})
        {'b': [1, 2]}
    """
    kind: Any = type(value)
    if kind in _SCALARS:
        return value
    if isinstance(value, Record):
        return {
            name: plain(item)
            for name, default in _fields(kind)
            if (item := getattr(value, name)) is not default and not _is_default(item, default)
        }
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str | int | float):
        return value
    message = f"cannot take the digest of a {type(value).__name__}: {value!r}"
    raise TypeError(message)


@cache
def _fields(kind: type[Any]) -> tuple[tuple[str, object], ...]:
    """Return name and default of each field, by name; one that must be given has `MISSING`."""
    return tuple(
        (field.name, field.default if field.default_factory is MISSING else field.default_factory())
        for field in sorted(fields(kind), key=attrgetter("name"))
    )


def _is_default(value: object, default: object) -> bool:
    return type(value) is type(default) and bool(value == default)


def canonical(value: object) -> bytes:
    r"""Return the one JSON text of `value`: sorted keys, no spaces, UTF-8.

    Raises:
        ValueError: for NaN or infinity, which JSON has no word for.

    Example:
        >>> canonical({"b": 1, "a": "é"})
        b'{"a":"\xc3\xa9","b":1}'
    """
    return _text(value).encode("utf-8", "surrogatepass")


def _text(value: object) -> str:
    # Most records hold texts and records only, for which this is faster than to build a dictionary first.
    if type(value) is str:
        return encode_basestring(value)
    if isinstance(value, Record):
        kind: Any = type(value)
        members = []
        for name, default in _fields(kind):
            item = getattr(value, name)
            if item is not default and not _is_default(item, default):
                members.append(f'"{name}":{_text(item)}')
        return "{" + ",".join(members) + "}"
    if type(value) is tuple:
        return "[" + ",".join(map(_text, value)) + "]"
    return _ENCODER.encode(plain(value))


def digest(value: object) -> str:
    """Return the content digest of `value`: 32 hexadecimal digits of its canonical SHA-256.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(canonical(value)).hexdigest()[:DIGEST_LENGTH]
