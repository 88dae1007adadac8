"""When the training data of a candidate end."""

import re
from datetime import UTC, date, datetime, timedelta

from passmuster.errors import UsageError


def cutoff_time(text: str) -> float:
    """Return the end of a training cut-off in seconds since the epoch, UTC: of a day, a month or a year.

    Raises:
        UsageError: for a text that is no such date.

    Example:
        >>> cutoff_time("2023-12-31") == cutoff_time("2023-12") == cutoff_time("2023")
        True
    """
    try:
        end = _next(text)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no training cut-off",
            hint="Write a date, a month or a year: 2024-06-30, 2024-06 or 2024.",
        ) from None
    return datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp()


def _next(text: str) -> date:
    """Return the first day after a year, a month or a day."""
    if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text) is None:
        raise ValueError(text)
    match [int(part) for part in text.split("-")]:
        case [year]:
            return date(year + 1, 1, 1)
        case [year, month]:
            begun = date(year, month, 1)
            return date(begun.year + month // 12, month % 12 + 1, 1)
        case [year, month, day]:
            return date(year, month, day) + timedelta(days=1)
    raise ValueError(text)
