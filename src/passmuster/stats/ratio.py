"""Cost per success: the ratio of all costs to all successes, with an interval on the log scale."""

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import (
    Clusters,
    RatioSums,
    ratio_sums,
    student_tail,
    sums_of,
    weighted_ratio_columns,
    whole_degrees,
)
from passmuster.stats.intervals import LEVEL
from passmuster.stats.student import student_quantile

__all__ = [
    "RatioSums",
    "paired_ratio_interval",
    "ratio_interval",
    "ratio_p_above",
    "ratio_p_below",
    "ratio_sums",
]

_FEWEST = 2 - 1e-6  # of units; weights that are equal may be worth a rounding less


def ratio_interval(
    costs: ArrayLike,
    successes: ArrayLike,
    clusters: Clusters | None = None,
    level: float = LEVEL,
    weights: ArrayLike | None = None,
) -> tuple[float, float] | None:
    """Return the log-delta interval of sum(costs) / sum(successes), in the unit of the costs.

    exp(log R +- t se / R), se = sd(c - R s) / (sqrt(n) mean s); with clusters their totals are the units, with
    weights both sums are weighted, and there are as many units as the weights are worth. None where there is no
    success or fewer than two units; costs must not be negative.

    >>> low, high = ratio_interval([0.01, 0.02, 0.01, 0.03], [1, 0, 1, 1])
    >>> print(f"{low:.4f} {high:.4f}")
    0.0053 0.1030
    """
    sums = sums_of(weighted_ratio_columns(costs, successes, weights, clusters).sum(axis=0))
    if sums.units < _FEWEST or sums.bottom <= 0:
        return None
    ratio = float(sums.value())
    if ratio <= 0:
        return 0.0, 0.0
    half = student_quantile((1 + level) / 2, whole_degrees(sums)) * float(sums.standard_error())
    spread = float(np.exp(half / ratio))
    return ratio / spread, ratio * spread


def _log_distance(limit: float, sums: RatioSums) -> tuple[FloatArray, FloatArray]:
    """Return log(limit / R) and its standard error; infinite error where nothing can be said."""
    ratio = sums.value()
    usable = np.isfinite(ratio) & (ratio > 0) & (limit > 0)
    safe = np.where(usable, ratio, 1.0)
    distance = np.log(limit if limit > 0 else 1.0) - np.log(safe)
    return distance, np.where(usable, sums.standard_error() / safe, np.inf)


def ratio_p_below(limit: float, sums: RatioSums) -> FloatArray:
    """Return the one-sided p-value of "the ratio is at or above `limit`": small when it is clearly below.

    Has the shape of the sums. It is 1 where there is no success, and 0 where all costs are 0 and the
    limit is positive.

    >>> float(ratio_p_below(0.05, ratio_sums([0.01, 0.02, 0.01, 0.03], [1, 0, 1, 1]))).__round__(4)
    0.1004
    """
    distance, error = _log_distance(limit, sums)
    free = (sums.top <= 0) & (sums.bottom > 0) & (limit > 0)
    return np.where(free, 0.0, student_tail(distance, error, sums.units - 1))


def ratio_p_above(limit: float, sums: RatioSums) -> FloatArray:
    """Return the one-sided p-value of "the ratio is at or below `limit`": small when it is clearly above.

    Without any success it is 1: an unknown ratio is above nothing.
    """
    distance, error = _log_distance(limit, sums)
    return student_tail(-distance, error, sums.units - 1)


def paired_ratio_interval(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> tuple[float, float] | None:
    """Return the interval of R_first / R_second for two candidates on the same cases.

    Each argument is (costs, successes). Log-delta on the paired residuals, so what both share cancels.
    None where either has no success or no cost, or for fewer than two units.
    """
    residuals, logs = [], []
    for costs, successes in (first, second):
        c, s = np.asarray(costs, dtype=np.float64), np.asarray(successes, dtype=np.float64)
        if c.sum() <= 0 or s.sum() <= 0:
            return None
        residuals.append(c / c.sum() - s / s.sum())
        logs.append(float(np.log(c.sum() / s.sum())))
    sums = ratio_sums(residuals[0] - residuals[1], np.zeros(residuals[0].size), clusters)
    units = float(sums.units)
    if units < 2:
        return None
    error = float(np.sqrt(units / (units - 1) * sums.top_top))
    half = student_quantile((1 + level) / 2, int(units) - 1) * error
    return float(np.exp(logs[0] - logs[1] - half)), float(np.exp(logs[0] - logs[1] + half))
