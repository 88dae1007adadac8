"""Whether the place at which a reply is shown decides what a pairwise judge says."""

from collections import Counter
from collections.abc import Iterable

from passmuster.decide.judging.calibrating.rows import Swapped
from passmuster.records.calibration import PositionBias
from passmuster.records.score import Estimate
from passmuster.stats.intervals import wilson
from passmuster.stats.paired import mcnemar_mid_p


def position_bias(swapped: Iterable[Swapped]) -> PositionBias | None:
    """Return what swapping the sides did; None where nothing was compared in both orders.

    Intervals are Wilson's, the test of "what stands first wins as often as what stands second" is the mid-p McNemar test
    (Fagerland, Lydersen and Laake 2013) on the comparisons whose verdict changed.

    Args:
        swapped: Of each comparison, whether both orders gave the same verdict, or one place won more than its due.

    Example:
        >>> found = position_bias(["consistent"] * 70 + ["first"] * 25 + ["second"] * 5)
        >>> found.consistent.value, found.first, found.second, round(found.p, 4)
        (0.7, 25, 5, 0.0002)
    """
    counts = Counter(swapped)
    n = counts.total()
    if n == 0:
        return None
    first, second = counts["first"], counts["second"]
    changed = first + second
    return PositionBias(
        n=n,
        consistent=rate(counts["consistent"], n),
        first=first,
        second=second,
        lean=rate(first, changed) if changed else Estimate(value=None),
        p=mcnemar_mid_p(float(first), float(second)),
    )


def rate(successes: int, n: int) -> Estimate:
    """Return a share with its Wilson interval.

    Example:
        >>> rate(9, 10).value
        0.9
    """
    low, high = wilson(float(successes), float(n))
    return Estimate(value=successes / n, low=low, high=high, n=n, method="Wilson")
