"""Numbers as logs spell them, and what they count."""

import math
import re
from collections.abc import Sequence
from statistics import median

from passmuster.records.record import Json

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_SIGNS = "$ \t\u00a0"
"""What may stand around a number. Prices are in US dollars: a sign of other money is no part of one."""
_UNITS = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0}
_UNITS |= dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), 1e-3)
_UNITS |= dict.fromkeys(("us", "µs", "usec", "micros", "microseconds"), 1e-6)
_UNITS |= dict.fromkeys(("ns", "nsec", "nanos", "nanoseconds"), 1e-9)
_UNITS |= dict.fromkeys(("m", "min", "minutes"), 60.0)
_MEASURED = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*([a-zµ]+)\s*", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,3}):(\d{2}):(\d{2}(?:\.\d+)?)")

MOST = 1e12
"""No count is larger."""
LONG_IN_SECONDS = 100.0
"""A usual time of a call above which its unit must be milliseconds, where no name says."""


def number(value: Json) -> float | None:
    """Return a number, also one given as text, with signs of money or grouped by thousands; None for all else.

    Example:
        >>> number("1,234.5"), number("$0.01"), number(" 7 "), number("1,5"), number("seven"), number(True)
        (1234.5, 0.01, 7.0, None, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _finite(value)
    if not isinstance(value, str) or len(value) > 64:
        return None
    text = value.strip(_SIGNS)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    return _finite(float(text)) if _PLAIN.fullmatch(text) else None


def whole(value: Json) -> int | None:
    """Return a count, also one given as text: a whole number of at least 0, None for all else.

    Example:
        >>> whole("12"), whole(12.0), whole(-1), whole(1.5)
        (12, 12, None, None)
    """
    found = number(value)
    return int(found) if found is not None and 0 <= found <= MOST and found.is_integer() else None


def duration(value: Json, unit: float) -> float | None:
    """Return a time span in seconds: a number in the unit given, or text that says its own.

    Args:
        value: What the column holds.
        unit: Seconds that a number without a unit counts.

    Example:
        >>> duration(1500, 0.001), duration("1.5 s", 0.001), duration("0:01:30", 1.0), duration(-1, 1.0)
        (1.5, 1.5, 90.0, None)
    """
    if isinstance(value, str) and len(value) <= 64:
        if found := _MEASURED.fullmatch(value):
            own = _UNITS.get(found[2].lower())
            return None if own is None else _not_negative(float(found[1]) * own)
        if found := _CLOCK.fullmatch(value.strip()):
            return int(found[1]) * 3600.0 + int(found[2]) * 60.0 + float(found[3])
    plain = number(value)
    return None if plain is None else _not_negative(plain * unit)


def unit_of(column: str, sample: Sequence[Json]) -> float:
    """Return the seconds that a number in a column counts: by the end of its name, else by how long calls take.

    Example:
        >>> unit_of("latency_ms", []), unit_of("latency", [850, 1200, 640]), unit_of("latency", [0.8, 1.2])
        (0.001, 0.001, 1.0)
    """
    last = re.split(r"[^a-zA-Z]+|(?<=[a-z])(?=[A-Z])", column)[-1].lower()
    if len(last) > 1 or last == "s":
        named = _UNITS.get(last)
        if named is not None:
            return named
    numbers = [found for value in sample if (found := number(value)) is not None and found > 0]
    return 1e-3 if numbers and median(numbers) >= LONG_IN_SECONDS else 1.0


def _finite(value: float) -> float | None:
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _not_negative(seconds: float) -> float | None:
    return seconds if seconds >= 0 and math.isfinite(seconds) else None
