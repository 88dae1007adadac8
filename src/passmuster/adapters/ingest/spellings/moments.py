"""Times as logs spell them."""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from passmuster.records.record import Json

EARLIEST = 3e8
"""Seconds since the epoch (1979) below which a number is an offset of some kind and no time."""
LATEST = 4_102_444_800.0
"""The year 2100, from which on a time is a sign for "never", or no time at all."""
_SIZES = ((1e11, 1.0), (1e14, 1e-3), (1e17, 1e-6), (math.inf, 1e-9))
"""Below which size a number counts in which part of a second: these ranges of years do not meet."""

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_ISO = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:\s*([AP])\.?M\.?)?)?"
    r"\s*(?:(Z|UTC|GMT|[+-]\d{2}:?\d{2}(?::\d{2})?|[+-]\d{2})(?:\s+[A-Z]{2,5})?)?",
    re.IGNORECASE,
)
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_APACHE = re.compile(r"\[?(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\]?")
_NAMED = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?"
    r"(?: (?:GMT|UTC?|Z|[ECMP][SD]T|[+-]\d{4})(?: \([A-Z]{1,5}\))?)?"
)


def moment(value: Json) -> float | None:
    """Return a time in seconds since the epoch; None where the value is no time, or one of two.

    It reads numbers of seconds, milli-, micro- and nanoseconds since the epoch (also as text), ISO 8601 and what
    looks like it, the forms of mail and of web servers, `31.12.2025 23:59`, and Python's own times. A time
    without a zone is UTC. `02/03/2025` is none: it means one day in some countries and another in others. So
    does `IST` mean several zones, and a name alone is none either.

    Example:
        >>> moment("1970-01-02 00:00:00+00:00"), moment("2025-03-01"), moment(1740787200000)
        (86400.0, 1740787200.0, 1740787200.0)
        >>> moment("02/03/2025"), moment("soon"), moment(12)
        (None, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    try:
        if isinstance(value, date):  # a datetime is one, too
            return _within(_of_date(value))
        return _from_text(value.strip()) if isinstance(value, str) else None
    except (ValueError, OverflowError, TypeError):
        return None


def _from_number(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    unit = next(unit for size, unit in _SIZES if number < size)
    seconds = value / round(1 / unit) if unit < 1 else number
    return seconds if EARLIEST <= seconds < LATEST else None


def _of_date(value: date) -> float:
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def _from_text(text: str) -> float | None:
    if len(text) > 64:
        return None
    if text[4:5] == text[7:8] == "-":
        with suppress(ValueError):  # what Python cannot read may be a relative of ISO 8601
            return _within(_of_date(datetime.fromisoformat(text)))
    if _NUMBER.fullmatch(text):
        return _from_number(int(text) if text.lstrip("+-").isdigit() else float(text))
    for form, read in _FORMS:
        if found := form.fullmatch(text):
            return _within(read(found))
    return None


def _iso(found: re.Match[str]) -> float:
    *numbers, fraction, half, zone = found.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in numbers)
    if half is not None:
        if not 1 <= hour <= 12:  # the hours of a clock
            raise ValueError
        hour = hour % 12 + (12 if half in "Pp" else 0)
    begun = datetime(year, month, day, hour, minute, second, tzinfo=_zone(zone))
    return begun.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)


def _german(found: re.Match[str]) -> float:
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()


def _apache(found: re.Match[str]) -> float:
    return datetime.strptime(found[1], "%d/%b/%Y:%H:%M:%S %z").timestamp()


def _mail(found: re.Match[str]) -> float:
    return _of_date(parsedate_to_datetime(found[0]))


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], float]], ...] = (
    (_ISO, _iso),
    (_GERMAN, _german),
    (_APACHE, _apache),
    (_NAMED, _mail),
)


def _zone(text: str | None) -> timezone:
    if text is None or text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4] or 0), seconds=int(digits[4:6] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def _within(seconds: float) -> float | None:
    return seconds if 0 <= seconds < LATEST else None
