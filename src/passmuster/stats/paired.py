"""Two candidates on the same cases: tests and intervals for their difference.

Pass/fail: `better` counts the cases that only the first got right, `worse` those that only the second
did. p-values take numbers or arrays as their first argument and return the same.
"""

from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray, Numbers, shaped
from passmuster.stats.clusters import (
    Clusters,
    RatioSums,
    ratio_sums,
    student_tail,
    whole_degrees,
    with_effective_units,
)
from passmuster.stats.intervals import LEVEL
from passmuster.stats.student import student_quantile

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]

_ROUNDING = 1e-6
_STEPS = 60  # bisection of an interval of length 2 down to 2e-18


def _fair_tail(better: object, worse: object) -> tuple[FloatArray, FloatArray]:
    """Return P(X <= m) and P(X <= m - 1) for m = min(better, worse), X ~ Binomial(better + worse, 1/2)."""
    b = np.asarray(better, dtype=np.float64)
    c = np.asarray(worse, dtype=np.float64)
    if np.any(b < 0) or np.any(c < 0):
        raise ValueError(f"counts of discordant cases must not be negative; got {better} and {worse}")
    small, large = np.minimum(b, c), np.maximum(b, c)
    upper = scipy.special.betaincc(small + 1, np.maximum(large, 1e-9), 0.5)
    lower = scipy.special.betaincc(np.maximum(small, 1e-9), large + 1, 0.5)
    return np.where(large > 0, upper, 1.0), np.where(small > 0, lower, 0.0)


def mcnemar_exact(better: Numbers, worse: float | FloatArray) -> Numbers:
    """Return the two-sided p-value of the exact McNemar test; 1 where no case is discordant.

    >>> mcnemar_exact(9, 1)
    0.021484375
    """
    upper, _ = _fair_tail(better, worse)
    return shaped(np.minimum(2 * upper, 1.0), better)


def mcnemar_mid_p(better: Numbers, worse: float | FloatArray) -> Numbers:
    """Return the two-sided mid-p value: the exact one less the probability of the counts themselves.

    Source: Fagerland, Lydersen and Laake 2013. It keeps the level better used than the exact test.

    >>> mcnemar_mid_p(9, 1)
    0.01171875
    """
    upper, lower = _fair_tail(better, worse)
    return shaped(np.minimum(upper + lower, 1.0), better)


def mcnemar_mid_p_worse(better: Numbers, worse: float | FloatArray) -> Numbers:
    """Return the one-sided mid-p value of "it is no worse": small where far fewer cases turned better than worse.

    The smaller tail of `mcnemar_mid_p`; 1/2 where no case is discordant.

    >>> mcnemar_mid_p_worse(1, 9), mcnemar_mid_p_worse(0, 0)
    (0.005859375, 0.5)
    """
    b, c = np.asarray(better, dtype=np.float64), np.asarray(worse, dtype=np.float64)
    if np.any(b < 0) or np.any(c < 0):
        raise ValueError(f"counts of discordant cases must not be negative; got {better} and {worse}")
    up_to = np.where(c > 0, scipy.special.betaincc(b + 1, np.maximum(c, 1e-9), 0.5), 1.0)
    below = np.where(b > 0, scipy.special.betaincc(np.maximum(b, 1e-9), c + 1, 0.5), 0.0)
    return shaped((up_to + below) / 2, better)


def _tango_z(b: FloatArray, c: FloatArray, n: FloatArray, delta: FloatArray) -> FloatArray:
    """Return Tango's score statistic of H0: difference = delta; 0 where it is 0/0."""
    n = np.maximum(n, 1.0)
    delta = np.where(np.abs(delta) < 1e-12, 0.0, delta)  # its square must not underflow
    linear = (2 * n - b + c) * delta - b - c
    constant = -c * delta * (1 - delta)
    root = np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0.0))
    above = root + linear
    stable = np.where(linear > 0, -2 * constant / np.where(above > 0, above, 1.0), (root - linear) / (4 * n))
    restricted = np.maximum(stable, np.maximum(0.0, -delta))
    variance = n * (2 * restricted + delta * (1 - delta))
    distance = b - c - n * delta
    with np.errstate(divide="ignore", invalid="ignore"):
        z = distance / np.sqrt(np.maximum(variance, 0.0))
    return np.where(distance == 0, 0.0, z)


def _pairs(better: object, worse: object, n: object) -> tuple[FloatArray, FloatArray, FloatArray]:
    b, c, size = np.broadcast_arrays(
        np.asarray(better, dtype=np.float64),
        np.asarray(worse, dtype=np.float64),
        np.asarray(n, dtype=np.float64),
    )
    if np.any(b < 0) or np.any(c < 0) or np.any(b + c > size):
        raise ValueError(f"discordant cases must be 0 or more and at most n; got {better}, {worse} of {n}")
    return b, c, size


def _solve(b: FloatArray, c: FloatArray, n: FloatArray, z: float) -> FloatArray:
    """Return where the score statistic, which falls with delta, crosses z below the estimate, and -z above it."""
    side = np.array([-1.0, 1.0]).reshape(2, *[1] * b.ndim)
    outer = np.broadcast_to(side, (2, *b.shape))
    inner = np.broadcast_to((b - c) / np.maximum(n, 1.0), outer.shape)
    for _ in range(_STEPS):
        middle = (inner + outer) / 2
        accepted = side * _tango_z(b, c, n, middle) >= -z
        inner, outer = np.where(accepted, middle, inner), np.where(accepted, outer, middle)
    return np.where(n > 0, (inner + outer) / 2, side)


def tango_interval(
    better: Numbers, worse: float | FloatArray, n: float | FloatArray, level: float = LEVEL
) -> tuple[Numbers, Numbers]:
    """Return the score interval of the paired difference of two rates (Tango 1998); (-1, 1) for n = 0.

    Raises:
        ValueError: where the counts are negative or more than n.

    >>> low, high = tango_interval(12, 5, 100)
    >>> print(f"{low:.4f} {high:.4f}")
    -0.0119 0.1574
    """
    b, c, size = _pairs(better, worse, n)
    z = NormalDist().inv_cdf((1 + level) / 2)
    low, high = _solve(b, c, size, z)
    return shaped(low, better), shaped(high, better)


def tango_p_noninferior(
    better: Numbers, worse: float | FloatArray, n: float | FloatArray, margin: float
) -> Numbers:
    """Return the one-sided p-value of "the first is worse than the second by `margin` or more".

    A negative margin tests "superior by more than its size". Score test of Tango 1998 and Nam 1997.

    >>> round(tango_p_noninferior(30, 32, 400, 0.05), 4)
    0.0131
    """
    b, c, size = _pairs(better, worse, n)
    tail = scipy.special.ndtr(-_tango_z(b, c, size, np.full_like(size, -margin)))
    return shaped(np.where(size > 0, tail, 1.0), better)


def tango_p_inferior(
    better: Numbers, worse: float | FloatArray, n: float | FloatArray, margin: float
) -> Numbers:
    """Return the one-sided p-value of "the first is worse than the second by `margin` or less".

    It is the other side of `tango_p_noninferior`: small when the candidate clearly misses the margin.
    """
    b, c, size = _pairs(better, worse, n)
    tail = scipy.special.ndtr(_tango_z(b, c, size, np.full_like(size, -margin)))
    return shaped(np.where(size > 0, tail, 1.0), better)


def _difference_sums(
    differences: ArrayLike, clusters: Clusters | None, weights: ArrayLike | None = None
) -> RatioSums:
    """Return the sums of a mean difference.

    Where no unit differs from another, t would claim certainty; two pseudo-differences, -1 and +1 (two
    units of average size), then stand for what has not been seen. With weights that differ they always do: few heavy cases
    may be alike by chance while light ones differ.
    """
    values = np.asarray(differences, dtype=np.float64)
    own = np.ones_like(values) if weights is None else np.asarray(weights, dtype=np.float64)
    found = ratio_sums(values * own, own, clusters)
    if found.units < 2:
        return found
    worth = found if weights is None else with_effective_units(found)
    if found.standard_error() > 0 and worth.units > found.units - _ROUNDING:
        return found
    found = worth
    size = found.bottom / found.units
    return RatioSums(
        units=found.units + 2,
        top=found.top,
        bottom=found.bottom + 2 * size,
        top_top=found.top_top + 2 * size**2,
        top_bottom=found.top_bottom,
        bottom_bottom=found.bottom_bottom + 2 * size**2,
    )


def paired_mean_interval(
    differences: ArrayLike,
    level: float = LEVEL,
    clusters: Clusters | None = None,
    weights: ArrayLike | None = None,
) -> tuple[float, float] | None:
    """Return the t interval of the mean of paired differences of scores in [0, 1].

    With clusters the CR1 standard error and G - 1 degrees of freedom; with weights that of a weighted mean
    (`stats.weighted`). None for fewer than two units.

    >>> low, high = paired_mean_interval([0.1, 0.0, 0.2, 0.1, 0.0, 0.3])
    >>> print(f"{low:.4f} {high:.4f}")
    -0.0060 0.2394
    """
    sums = _difference_sums(differences, clusters, weights)
    if sums.units < 2:
        return None
    half = student_quantile((1 + level) / 2, whole_degrees(sums)) * float(sums.standard_error())
    centre = float(sums.value())
    return max(-1.0, centre - half), min(1.0, centre + half)


def paired_mean_p(
    differences: ArrayLike,
    limit: float = 0.0,
    alternative: Alternative = "two-sided",
    clusters: Clusters | None = None,
    weights: ArrayLike | None = None,
) -> float | None:
    """Return the p-value of "the mean difference is `limit`" by the t of `paired_mean_interval`.

    `greater` is small when the mean is above the limit: with `limit=-margin` it is the non-inferiority
    test. None for fewer than two units.

    >>> round(paired_mean_p([0.1, 0.0, 0.2, 0.1, 0.0, 0.3]), 4)
    0.0583
    """
    sums = _difference_sums(differences, clusters, weights)
    if sums.units < 2:
        return None
    distance = sums.value() - limit
    error, degrees = sums.standard_error(), sums.units - 1
    greater, less = student_tail(distance, error, degrees), student_tail(-distance, error, degrees)
    if alternative == "two-sided":
        return min(1.0, 2 * min(float(greater), float(less)))
    return float(greater if alternative == "greater" else less)
