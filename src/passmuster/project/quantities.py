"""Quantities as people write them: `1.5 s`, `0.002 USD`, `1 %`, `5 points`."""

import math
import re
from collections.abc import Callable, Mapping

_AMOUNT = re.compile(
    r"(?P<currency>\$|USD\b|US\$)?\s*(?P<number>[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>\S.*)?",
    re.ASCII,
)
_DOLLARS = {"$": 1.0, "US$": 1.0, "usd": 1.0, "dollars": 1.0, "dollar": 1.0, "cents": 0.01, "cent": 0.01}
_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
}
_SHARES = {"%": 0.01, "percent": 0.01, "points": 0.01, "point": 0.01, "pp": 0.01}

SECONDS_FORMS = "seconds (1.5), or text with a unit: 800 ms, 1.5 s, 2 min, 1 h, 1 day"
DOLLARS_FORMS = "US dollars (0.002), or text: 0.002 USD, $0.002, 5 cents"
SHARE_FORMS = "a share (0.05), or text: 5 %, 5 points"
NUMBER_FORMS = "a number (0.9)"


def seconds(value: object) -> float:
    """Return a time in seconds; a plain number is seconds already.

    Raises:
        ValueError: where this is no time of zero or more; the text names the forms that are.

    Example:
        >>> seconds("800 ms"), seconds("2 min"), seconds(1.5)
        (0.8, 120.0, 1.5)
    """
    return _at_least_zero(_quantity(value, _SECONDS, SECONDS_FORMS, "a time"), value, SECONDS_FORMS)


def minutes(value: object) -> float:
    """Return a time in minutes; a plain number is minutes already.

    Raises:
        ValueError: where this is no time of zero or more.

    Example:
        >>> minutes("30 s"), minutes(3)
        (0.5, 3.0)
    """
    forms = "minutes (3), or text with a unit: 90 s, 3 min, 1 h"
    factors = {unit: factor / 60.0 for unit, factor in _SECONDS.items()}
    return _at_least_zero(_quantity(value, factors, forms, "a time"), value, forms)


def dollars(value: object) -> float:
    """Return US dollars.

    Raises:
        ValueError: where this is no amount of zero or more; the text names the forms that are.

    Example:
        >>> dollars("0.002 USD"), dollars("$0.002"), dollars(40)
        (0.002, 0.002, 40.0)
    """
    return _at_least_zero(_quantity(value, _DOLLARS, DOLLARS_FORMS, "an amount"), value, DOLLARS_FORMS)


def share(value: object) -> float:
    """Return a share or a difference of shares: `1 %` is 0.01, `5 points` is 0.05; a plain number stays.

    Raises:
        ValueError: where this is no share; the text names the forms that are.

    Example:
        >>> share("1 %"), share("5 points"), share(0.74)
        (0.01, 0.05, 0.74)
    """
    return _quantity(value, _SHARES, SHARE_FORMS, "a share")


def limit(metric: str, value: object) -> float:
    """Return the limit of a bar in its metric's own unit: seconds, US dollars, or a share.

    Raises:
        ValueError: where the value has another unit than the metric.

    Example:
        >>> limit("latency_p95", "1.5 s"), limit("cost_per_success", "$0.002"), limit("failure_rate", "1 %")
        (1.5, 0.002, 0.01)
    """
    return unit_of(metric)(value)


def unit_of(metric: str) -> Callable[[object], float]:
    """Return the reader of quantities that fits this metric's name."""
    if metric.startswith(("latency_", "first_token_", "corpus_age")):
        return seconds
    if metric.startswith("cost_per_"):
        return dollars
    return share


def _quantity(value: object, factors: Mapping[str, float], forms: str, what: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(float(value), value, forms, what)
    match = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(_complaint(value, forms, what))
    units = [match[name] for name in ("currency", "unit") if match[name]]
    if len(units) > 1:
        raise ValueError(_complaint(value, forms, what))
    factor = _factor(units[0].strip(), factors) if units else 1.0
    if factor is None:
        raise ValueError(_complaint(value, forms, what))
    return _finite(_scaled(float(match["number"].replace("_", "")), factor), value, forms, what)


def _factor(unit: str, factors: Mapping[str, float]) -> float | None:
    return factors.get(unit, factors.get(unit.lower()))


def _scaled(number: float, factor: float) -> float:
    # 7 % must be .07 and not .07000000000000001: dividing by the whole inverse rounds once.
    return number / round(1 / factor) if factor < 1 else number * factor


def _finite(number: float, value: object, forms: str, what: str) -> float:
    if not math.isfinite(number):
        raise ValueError(_complaint(value, forms, what))
    return number


def _at_least_zero(number: float, value: object, forms: str) -> float:
    if number < 0:
        message = f"{value!r} is below zero; write {forms}"
        raise ValueError(message)
    return number


def _complaint(value: object, forms: str, what: str) -> str:
    return f"{value!r} is not {what}; write {forms}"
