"""Shares, means and quantiles over cases that stand for different numbers of cases of traffic.

A weighted mean is the ratio sum(w y) / sum(w), so its standard error is that of a ratio (Taylor
linearisation; Cochran 1977, Sampling Techniques, 6.3): residuals w (y - mean), one unit a case or a cluster. The
strata that the weights come from are not used: the error then holds the spread between strata too, and errs
on the safe side.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import (
    Clusters,
    RatioSums,
    ratio_sums,
    whole_degrees,
    with_effective_units,
    with_pseudo_scores,
)
from passmuster.stats.intervals import LEVEL, clopper_pearson, wilson
from passmuster.stats.quantiles import measurable, quantile_ranks
from passmuster.stats.student import student_quantile

_ROUNDING = 1e-9


def effective_cases(weights: ArrayLike) -> float:
    """Return how many equally weighted cases these are worth: (sum w)^2 / sum w^2 (Kish 1965); 0 for none.

    Example:
        >>> effective_cases([1, 1, 1, 1]), effective_cases([9, 1, 1, 1])
        (4.0, 1.7142857142857142)
    """
    own = np.asarray(weights, dtype=np.float64)
    squares = float(np.sum(own**2))
    return float(np.sum(own)) ** 2 / squares if squares > 0 else 0.0


def effective_size(sums: RatioSums, most: float) -> FloatArray:
    """Return how many independent, equally weighted cases a weighted share is worth.

    It is rate (1 - rate) / standard error^2 (Korn and Graubard 1998), and at most `most`; where all values are
    equal their spread cannot be seen, and it is Kish's number over the units.

    Args:
        sums: Of weight x value over weight, in any shape; values are shares in [0, 1].
        most: Kish's number over the cases (`effective_cases`).
    """
    rate = np.clip(np.where(sums.bottom > 0, sums.value(), 0.0), 0.0, 1.0)
    error = sums.standard_error()
    with np.errstate(divide="ignore", invalid="ignore"):
        kish = np.where(sums.bottom_bottom > 0, sums.bottom**2 / sums.bottom_bottom, 0.0)
        seen = np.where(error > 0, rate * (1 - rate) / error**2, np.inf)
    return np.minimum(np.where((error > 0) & np.isfinite(error), seen, kish), most)


def degrees_factor(cases: int, units: int, level: float = LEVEL) -> float:
    """Return (t_{n-1} / t_{G-1})^2, what few clusters take from an effective size (Korn and Graubard 1998).

    1 where every case is a unit, 0 for fewer than two units.
    """
    if units < 2:
        return 0.0
    upper = (1 + level) / 2
    return (student_quantile(upper, cases - 1) / student_quantile(upper, units - 1)) ** 2


def weighted_rate_interval(
    values: ArrayLike, weights: ArrayLike, clusters: Clusters | None = None, level: float = LEVEL
) -> tuple[float, float]:
    """Return the interval of a weighted share: Wilson's on the effective size, Clopper-Pearson's for clusters.

    Args:
        values: 0 or 1 for each case.
        weights: How many cases of traffic each stands for, more than 0.
        clusters: The cluster of each case, where cases are not independent.
        level: Of confidence.

    Example:
        >>> low, high = weighted_rate_interval([1, 1, 0, 1] * 25, [1, 2, 1, 2] * 25)
        >>> print(f"{low:.3f} {high:.3f}")
        0.743 0.896
    """
    sums = weighted_sums(values, weights, clusters)
    own = np.asarray(weights, dtype=np.float64)
    size = float(effective_size(sums, effective_cases(own)))
    size *= degrees_factor(own.size, int(sums.units), level) if clusters is not None else 1.0
    if size <= 0:
        return 0.0, 1.0
    rate = min(1.0, max(0.0, float(sums.value())))
    return (wilson if clusters is None else clopper_pearson)(rate * size, size, level)


def weighted_mean_interval(
    values: ArrayLike, weights: ArrayLike, clusters: Clusters | None = None, level: float = LEVEL
) -> tuple[float, float]:
    """Return the t interval of a weighted mean of scores in [0, 1], with two pseudo-scores.

    Units count for as many as their weights are worth: few heavy cases that all score alike say little, and each
    pseudo-score weighs what one of so many would.
    """
    sums = with_pseudo_scores(with_effective_units(weighted_sums(values, weights, clusters)))
    half = student_quantile((1 + level) / 2, whole_degrees(sums)) * float(sums.standard_error())
    centre = float(sums.value())
    return max(0.0, centre - half), min(1.0, centre + half)


def plain_mean_interval(
    values: ArrayLike,
    clusters: Clusters | None = None,
    weights: ArrayLike | None = None,
    level: float = LEVEL,
) -> tuple[float, float] | None:
    """Return the t interval of a mean of scores without bounds (counts, seconds).

    None for fewer than two units, and where all are alike: what spread there is was not seen then.

    With clusters the CR1 standard error and G - 1 degrees of freedom; with weights that of a weighted mean, whose units
    count for as many as their weights are worth.

    >>> low, high = plain_mean_interval([1.0, 2.0, 3.0])
    >>> print(f"{low:.3f} {high:.3f}")
    -0.484 4.484
    """
    own = np.ones_like(np.asarray(values, dtype=np.float64)) if weights is None else weights
    sums = weighted_sums(values, own, clusters)
    if weights is not None:
        sums = with_effective_units(sums)
    if sums.units < 2 or float(sums.standard_error()) == 0:
        return None
    half = student_quantile((1 + level) / 2, whole_degrees(sums)) * float(sums.standard_error())
    centre = float(sums.value())
    return centre - half, centre + half


def weighted_sums(values: ArrayLike, weights: ArrayLike, clusters: Clusters | None = None) -> RatioSums:
    """Return the sums of weight x value over weight."""
    own = np.asarray(weights, dtype=np.float64)
    return ratio_sums(np.asarray(values, dtype=np.float64) * own, own, clusters)


def weighted_quantile(values: ArrayLike, weights: ArrayLike, q: float) -> float | None:
    """Return the least value at or below which more than a share `q` of the weight lies; None if not measurable.

    With equal weights it is `stats.quantiles.quantile`.

    Example:
        >>> weighted_quantile([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 5], 0.5)
        >>> weighted_quantile(range(10), [1] * 9 + [2], 0.5)
        5.0
    """
    if not measurable(math.floor(effective_cases(weights) + _ROUNDING), q):
        return None
    times, shares = _ordered(values, weights)
    return float(times[min(int(np.searchsorted(shares, q + _ROUNDING, side="right")), times.size - 1)])


def weighted_quantile_interval(
    values: ArrayLike, weights: ArrayLike, q: float, level: float = LEVEL
) -> tuple[float | None, float | None]:
    """Return the interval of a weighted quantile: the ranks of as many values as the weights are worth.

    With equal weights it is `stats.quantiles.quantile_interval`; else it is an approximation.
    """
    n = math.floor(effective_cases(weights) + _ROUNDING)
    if not measurable(n, q):
        return None, None
    times, shares = _ordered(values, weights)
    low, high = quantile_ranks(n, q, level)
    return tuple(  # type: ignore[return-value]  # two of them
        float(times[min(int(np.searchsorted(shares, rank / n - _ROUNDING)), times.size - 1)])
        if 1 <= rank <= n
        else None
        for rank in (low, high)
    )


def _ordered(values: ArrayLike, weights: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the values in order, and the share of all weight up to each."""
    times, own = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    order = np.argsort(times, kind="stable")
    total = np.cumsum(own[order])
    return times[order], total / total[-1]
