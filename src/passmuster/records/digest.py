"""Identity by content: canonical JSON and its digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields

from passmuster.records.record import Json, Record

DIGEST_LENGTH = 32
"""Hexadecimal digits kept of a SHA-256: 128 bits."""


def plain(value: object) -> Json:
    """Return `value` as plain JSON data, leaving out every record field that holds its default.

    Leaving defaults out keeps a digest stable when a record gains an optional field.

    Raises:
        TypeError: for a value that JSON cannot hold.

    Example:
        >>> plain({"b": (1, 2)})
        {'b': [1, 2]}
    """
    if isinstance(value, Record):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)  # type: ignore[arg-type]  # every subclass of Record is a dataclass
            if not _is_default(field.default, field.default_factory, getattr(value, field.name))
        }
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    message = f"cannot take the digest of a {type(value).__name__}: {value!r}"
    raise TypeError(message)


def _is_default(default: object, factory: object, value: object) -> bool:
    if default is not MISSING:
        return bool(type(value) is type(default) and value == default)
    return callable(factory) and bool(value == factory())


def canonical(value: object) -> bytes:
    r"""Return the one JSON text of `value`: sorted keys, no spaces, UTF-8.

    Raises:
        ValueError: for NaN or infinity, which JSON has no word for.

    Example:
        >>> canonical({"b": 1, "a": "é"})
        b'{"a":"\xc3\xa9","b":1}'
    """
    text = json.dumps(
        plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def digest(value: object) -> str:
    """Return the content digest of `value`: 32 hexadecimal digits of its canonical SHA-256.

    Example:
        >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
        True
    """
    return hashlib.sha256(canonical(value)).hexdigest()[:DIGEST_LENGTH]
