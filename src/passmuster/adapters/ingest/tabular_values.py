"""Values of databases and of typed tables as JSON."""

import math
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

from passmuster.records.record import Json

_PLAIN = frozenset({str, int, bool, type(None)})


def json_value(value: object) -> Json:
    r"""Return a value of a table as JSON: times as ISO 8601, decimals as numbers, bytes as text, NaN as null.

    Bytes that are no text say nothing here: null.

    Example:
        >>> json_value(Decimal("1.50")), json_value(date(2025, 3, 1)), json_value(b"\xff"), json_value([b"a"])
        (1.5, '2025-03-01', None, ['a'])
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> Json:
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() and abs(value) < 1e15 else float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return _text(bytes(value))
    return str(value) if isinstance(value, UUID | str | int) or value is not None else None


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
