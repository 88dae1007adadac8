"""Tests of a mean difference against a margin, as a gate: from sums, so that they run on resamples too."""

import math

import numpy as np
import scipy

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import RatioSums, student_tail
from passmuster.stats.power import MOST_CASES


def with_pseudo_differences(sums: RatioSums) -> RatioSums:
    """Add two units of average size, one that differs by -1 throughout and one by +1.

    A gate must not take it for certain that what was not seen does not happen: where few cases differ, and these a
    lot, the spread of those that were drawn says too little. The mirror of `with_pseudo_scores` for one mean.

    Example:
        >>> from passmuster.stats.clusters import ratio_sums
        >>> alike = ratio_sums([0.0] * 50, [1.0] * 50)
        >>> float(alike.standard_error()), round(float(with_pseudo_differences(alike).standard_error()), 4)
        (0.0, 0.0275)
    """
    size = sums.bottom / np.maximum(sums.units, 1)
    return RatioSums(
        units=sums.units + 2,
        top=sums.top,
        bottom=sums.bottom + 2 * size,
        top_top=sums.top_top + 2 * size**2,
        top_bottom=sums.top_bottom,
        bottom_bottom=sums.bottom_bottom + 2 * size**2,
    )


def difference_p(value: FloatArray, error: FloatArray, units: FloatArray, limit: float) -> FloatArray:
    """Return the one-sided p-value of "the difference is at most `limit`" by t, with both pseudo-differences.

    Args:
        value: The difference of two figures in [0, 1].
        error: Its standard error; infinite where nothing can be said.
        units: How many independent cases it is of.
        limit: What it is held against.

    Example:
        >>> round(float(difference_p(np.array(0.0), np.array(0.01), np.array(400.0), -0.02)), 4)
        0.0294
    """
    known = np.isfinite(error) & np.isfinite(value) & (units > 1)
    n = np.where(known, units, 2.0)
    mean, spread = np.where(known, value, 0.0), np.where(known, error, 0.0)
    centre = n * mean / (n + 2)
    squares = n * ((n - 1) * spread**2 + mean**2) + 2 - (n + 2) * centre**2
    wide = np.sqrt(np.maximum(squares, 0.0) / ((n + 2) * (n + 1)))
    return student_tail(centre - limit, np.where(known, wide, np.inf), n + 1)


def cases_to_settle(n: float, p: float, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return about how many cases in all settle a one-sided test at a level, from its p-value with `n` cases.

    A distance in standard errors grows with the square root of the cases; it must reach z_(1 - alpha) + z_power. A p-value
    above 1/2 is that of the other side, whose distance is as large. None where it is 0, or more than ten million are needed.

    Example:
        >>> cases_to_settle(100, 0.2), cases_to_settle(100, 0.8), cases_to_settle(100, 0.5)
        (873, 873, None)
    """
    distance = abs(float(scipy.special.ndtri(min(max(p, 1e-300), 1 - 1e-16))))
    wanted = float(scipy.special.ndtri(1 - alpha) + scipy.special.ndtri(power))
    if n <= 0 or distance * math.sqrt(MOST_CASES / n) < wanted:
        return None
    return math.ceil(n * (wanted / distance) ** 2 - 1e-9)
