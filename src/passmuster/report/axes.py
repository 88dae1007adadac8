"""The ends and the marks of logarithmic axes."""

import math
from collections.abc import Sequence

from passmuster.report.escape import visible


def log_domain(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of a logarithmic axis around positive values, with some room."""
    low, high = math.log10(min(values)), math.log10(max(values))
    room = max(0.06 * (high - low), 0.12)
    return 10 ** (low - room), 10 ** (high + room)


def log_ticks(low: float, high: float) -> list[float]:
    """Return round values between the ends of a logarithmic axis: 1, or 1, 2 and 5 of each power of ten.

    Example:
        >>> log_ticks(0.2, 20)
        [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1.0,) if last - first > 4 else (1.0, 2.0, 5.0)
    every = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
    return [value for value in every if low <= value <= high]


def mathematical(bar: str) -> str:
    """Return the text of a bar with the signs of mathematics.

    Example:
        >>> mathematical("accuracy >= 0.70")
        'accuracy \u2265 0.70'
    """
    return visible(bar).replace(">=", "\u2265").replace("<=", "\u2264")
