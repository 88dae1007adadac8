"""What a judge would be worth in ratings by people, said before anybody rates."""

from collections.abc import Sequence

from passmuster.records.calibration import Worth
from passmuster.stats.judged.worth import worth

ASSUMED = (0.3, 0.5, 0.7, 0.9)
"""Correlations of judge and people for which it is said as long as nobody knows the judge's own."""


def worths(labels: int, total: int, known: Sequence[float] = ()) -> tuple[Worth, ...]:
    """Return what a judge is worth at so many ratings of so many judged replies, for the known or the assumed correlations.

    Example:
        >>> [round(each.labels) for each in worths(100, 2000)]
        [9, 31, 87, 334]
    """
    rest = max(0, total - labels)
    found = (worth(correlation, labels, rest) for correlation in known or ASSUMED)
    return tuple(
        Worth(correlation=each.correlation, ratio=each.width_ratio, labels=each.extra) for each in found
    )
