"""What stands in a cell of a leaderboard: a number in one of its many spellings, an interval, a name, or nothing."""

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from passmuster.records.record import Json

_NOTHING = frozenset({"", "-", "--", "—", "–", "n/a", "na", "nan", "none", "null", "?", "tbd", "unknown"})  # noqa: RUF001 - dashes that tables hold
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d{1,3})?"
_PLAIN = re.compile(rf"\$?\s*({_NUMBER})\s*(%)?\s*[*†‡]?", re.ASCII)
_SPREAD = re.compile(rf"\$?\s*({_NUMBER})\s*%?\s*(?:±|\+/-|\+-)\s*({_NUMBER})\s*%?", re.ASCII)
_ENDS = re.compile(
    rf"[(\[]?\s*({_NUMBER})\s*%?\s*(?:,|/|;|\bto\b|\.\.)\s*({_NUMBER})\s*%?\s*[)\]]?", re.ASCII
)
_WITH_ENDS = re.compile(rf"({_NUMBER})\s*%?\s*([(\[].{{1,60}}[)\]])", re.ASCII)
_COMMA = re.compile(r"[-+]?(?:\d+,\d{1,2}|0,\d+|\d+,\d{4,})\s*%?", re.ASCII)
_POINT = re.compile(r"[-+]?\d[\d,]*\.\d+\s*%?", re.ASCII)
_ONE_COMMA = re.compile(r"[-+]?\d+,\d+\s*%?", re.ASCII)
_LINK = re.compile(r"\[([^\]]{1,200})\]\([^)]{0,500}\)")
_TAG = re.compile(r"<[^<>]{0,500}>")
_LONGEST = 200
"""Characters of a cell that can be a number or a name."""


class Ends(NamedTuple):
    """The two ends of an interval; `offset` is whether they are meant from the value on: `(-1.9, +2.0)`."""

    low: float
    high: float
    offset: bool

    def around(self, value: float) -> tuple[float, float]:
        """Return the ends themselves."""
        return (value + self.low, value + self.high) if self.offset else (self.low, self.high)


class Number(NamedTuple):
    """A number, with the interval that stands in the same cell."""

    value: float
    ends: Ends | None = None


def is_nothing(cell: Json) -> bool:
    """Return whether a cell says that there is nothing: empty, `-`, `N/A` and the like."""
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in _NOTHING)


def number_of(cell: Json) -> Number | None:
    """Return the number of a cell; None where it is none: text, nothing, infinite, true or false.

    Example:
        >>> [number_of(cell).value for cell in (3, "96.66", "82.3 %", "1,234", "$0.50")]
        [3.0, 96.66, 82.3, 1234.0, 0.5]
        >>> number_of("82.6 ± 1.5").ends, number_of("gpt-4"), number_of("1e999")
        (Ends(low=-1.5, high=1.5, offset=True), None, None)
    """
    if isinstance(cell, bool) or is_nothing(cell):
        return None
    if isinstance(cell, int | float):
        return _finite(str(cell)[:_LONGEST])
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return None
    text = cell.strip().replace("−", "-")  # noqa: RUF001 - the minus sign of typesetters
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return _finite(plain[1])
    return _with_interval(text)


def _with_interval(text: str) -> Number | None:
    spread = _SPREAD.fullmatch(text)
    if spread is not None:
        value, half = _finite(spread[1]), _finite(spread[2])
        return None if value is None or half is None else Number(value.value, _offset(half.value))
    both = _WITH_ENDS.fullmatch(text)
    value = None if both is None else _finite(both[1])
    ends = None if both is None else ends_of(both[2])
    return None if value is None or ends is None else Number(value.value, ends)


def _offset(half: float) -> Ends:
    return Ends(-abs(half), abs(half), offset=True)


def _finite(text: str) -> Number | None:
    try:
        value = float(text.replace(",", ""))
    except (ValueError, OverflowError):
        return None
    return Number(value) if math.isfinite(value) else None


def decimal_commas(cells: Iterable[Json]) -> bool:
    """Return whether the numbers of a table have commas where others have points: `82,6`, and nowhere a point.

    Example:
        >>> decimal_commas(["82,655", "0,5"]), decimal_commas(["82,655", "1,234"]), decimal_commas(["0,5", "0.5"])
        (True, False, False)
    """
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and len(cell) <= _LONGEST]
    return any(map(_COMMA.fullmatch, texts)) and not any(map(_POINT.fullmatch, texts))


def with_point(cell: Json) -> Json:
    """Return a number with a comma as one with a point, anything else as it is."""
    if isinstance(cell, str) and _ONE_COMMA.fullmatch(cell.strip()):
        return cell.replace(",", ".")
    return cell


def ends_of(cell: Json) -> Ends | None:
    """Return the interval of a cell; None where it is none.

    Ends of which one is written with a minus and the other with a plus are meant from the value on.

    Example:
        >>> ends_of("(-1.88, +1.97)"), ends_of("[80.7, 84.6]")
        (Ends(low=-1.88, high=1.97, offset=True), Ends(low=80.7, high=84.6, offset=False))
    """
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        return None
    found = _ENDS.fullmatch(cell.strip().replace("−", "-"))  # noqa: RUF001 - the minus sign of typesetters
    if found is None:
        return None
    one, other = _finite(found[1]), _finite(found[2])
    if one is None or other is None:
        return None
    signs = {found[1][0], found[2][0]}
    low, high = sorted((one.value, other.value))
    return Ends(low, high, offset="-" in signs and "+" in signs)


def name_of(cell: Json) -> str | None:
    """Return the name in a cell, without the link that it is wrapped in; None where there is none.

    Example:
        >>> name_of("[gpt-4o](https://example.org)"), name_of("<a href='x'>gpt-4o</a>"), name_of("  ")
        ('gpt-4o', 'gpt-4o', None)
    """
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    text = _TAG.sub("", _LINK.sub(r"\1", str(cell)[: _LONGEST * 4])).strip()
    return text[:_LONGEST] or None
