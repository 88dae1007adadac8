"""Which columns of a leaderboard are the ends of an interval of another one."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from passmuster.adapters.ingest.leaderboards.cells import Ends, ends_of, number_of
from passmuster.records.record import Json

_TWINS = (
    ("q025", "q975"),
    ("q2.5", "q97.5"),
    ("ci_lower", "ci_upper"),
    ("ci_low", "ci_high"),
    ("lower", "upper"),
    ("low", "high"),
    ("min", "max"),
)
_MOSTLY = 0.9


class Interval(NamedTuple):
    """Where the interval of a column stands: two columns of ends, or one of texts such as `(-1.9, +2.0)`."""

    columns: tuple[str, ...]

    def of(self, row: Mapping[str, Json]) -> Ends | None:
        """Return the interval of a row; None where it has none."""
        if len(self.columns) == 1:
            return ends_of(row.get(self.columns[0]))
        low, high = (number_of(row.get(name)) for name in self.columns)
        return None if low is None or high is None else Ends(low.value, high.value, offset=False)


def intervals_of(
    rows: Sequence[Mapping[str, Json]], numeric: Sequence[str], texts: Sequence[str]
) -> dict[str, Interval]:
    """Return the interval of each column of numbers that has one.

    Two columns whose names differ in their ends only (`score_low`, `score_high`) belong to the column of numbers that lies
    between them in nine rows of ten, one with the same beginning first. A column of intervals belongs to the first one.
    """
    found: dict[str, Interval] = {}
    for low, high in _pairs(numeric):
        others = [name for name in numeric if name not in (low, high) and name not in found]
        stem = re.sub(r"[^a-z0-9]+$", "", low.casefold())[:4]
        others.sort(key=lambda name: not name.casefold().startswith(stem))
        interval = Interval((low, high))
        owner = next((name for name in others if _holds(interval, name, rows)), None)
        if owner is not None:
            found[owner] = interval
    ends = {name for interval in found.values() for name in interval.columns}
    for text in texts:
        interval = Interval((text,))
        owner = _owner_of(text, [name for name in numeric if name not in ends])
        if owner is not None and owner not in found and _holds(interval, owner, rows):
            found[owner] = interval
    return found


def _owner_of(text: str, numeric: Sequence[str]) -> str | None:
    """Return the column that a column of intervals belongs to: the one whose name it begins with, else the first."""
    name = text.casefold()
    alike = [each for each in numeric if name.startswith(each.casefold())]
    return next(iter(alike or numeric), None)


def _pairs(numeric: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    by_name = {name.casefold(): name for name in numeric}
    for name in numeric:
        for low, high in _TWINS:
            if name.casefold().endswith(low) and not name.casefold().endswith(("below", "slow")):
                twin = by_name.get(name.casefold().removesuffix(low) + high)
                if twin is not None and twin != name:
                    pairs.append((name, twin))
                    break
    return pairs


def _holds(interval: Interval, name: str, rows: Sequence[Mapping[str, Json]]) -> bool:
    seen = within = 0
    for row in rows:
        number, ends = number_of(row.get(name)), interval.of(row)
        if number is None or ends is None:
            continue
        low, high = ends.around(number.value)
        seen += 1
        within += low <= number.value <= high
    return seen > 0 and within >= _MOSTLY * seen
