"""Intervals and one-sided tests for one rate or one mean, with and without clusters.

p-values take a number or an array (one per resample) as their first argument and return the same.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import scipy
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray, IntArray, Numbers, shaped
from passmuster.stats.clusters import (
    Clusters,
    RatioSums,
    cluster_numbers,
    ratio_sums,
    student_tail,
    with_pseudo_scores,
)
from passmuster.stats.student import student_quantile

LEVEL = 0.95


def _counts(successes: object, n: object) -> tuple[FloatArray, FloatArray]:
    k = np.asarray(successes, dtype=np.float64)
    size = np.asarray(n, dtype=np.float64)
    if np.any(k < 0) or np.any(k > size):
        raise ValueError(f"successes must lie between 0 and n; got {successes} of {n}")
    return k, size


def wilson(successes: Numbers, n: float | FloatArray, level: float = LEVEL) -> tuple[Numbers, Numbers]:
    """Return the two-sided Wilson score interval of a rate (Wilson 1927); (0, 1) for n = 0.

    Raises:
        ValueError: where successes are not between 0 and n.

    >>> low, high = wilson(85, 100)
    >>> print(f"{low:.4f} {high:.4f}")
    0.7672 0.9069
    """
    k, size = _counts(successes, n)
    z = NormalDist().inv_cdf((1 + level) / 2)
    some = np.maximum(size, 1e-300)
    rate = np.where(size > 0, k / some, 0.5)
    centre = (k + z * z / 2) / (size + z * z)
    half = z / (size + z * z) * np.sqrt(size * rate * (1 - rate) + z * z / 4)
    low = np.where((k <= 0) | (size <= 0), 0.0, centre - half)
    high = np.where((k >= size) | (size <= 0), 1.0, centre + half)
    return shaped(low, successes), shaped(high, successes)


def clopper_pearson(
    successes: Numbers, n: float | FloatArray, level: float = LEVEL
) -> tuple[Numbers, Numbers]:
    """Return the exact two-sided interval of a rate (Clopper and Pearson 1934); (0, 1) for n = 0.

    `n` need not be whole, so an effective sample size can be given.

    Raises:
        ValueError: where successes are not between 0 and n.

    >>> low, high = clopper_pearson(85, 100)
    >>> print(f"{low:.4f} {high:.4f}")
    0.7647 0.9135
    """
    k, size = _counts(successes, n)
    tail = (1 - level) / 2
    inside = (k > 0) & (size > 0)
    below = (k < size) & (size > 0)
    low = scipy.special.betaincinv(np.where(inside, k, 1.0), np.where(inside, size - k, 0.0) + 1, tail)
    high = scipy.special.betaincinv(np.where(below, k, 0.0) + 1, np.where(below, size - k, 1.0), 1 - tail)
    return shaped(np.where(inside, low, 0.0), successes), shaped(np.where(below, high, 1.0), successes)


def binomial_p_greater(successes: Numbers, n: float | FloatArray, rate: float | FloatArray) -> Numbers:
    """Return P(X >= successes) for X ~ Binomial(n, rate): the exact test of "the rate is at most this".

    >>> round(binomial_p_greater(758, 1000, 0.72), 5)
    0.00374
    """
    k, size = _counts(successes, n)
    some = k > 0
    tail = scipy.special.betainc(np.where(some, k, 1.0), np.where(some, size - k, 0.0) + 1, rate)
    return shaped(np.where(some, tail, 1.0), successes)


def binomial_p_less(successes: Numbers, n: float | FloatArray, rate: float | FloatArray) -> Numbers:
    """Return P(X <= successes) for X ~ Binomial(n, rate): the exact test of "the rate is at least this".

    >>> round(binomial_p_less(2, 10, 0.5), 7)
    0.0546875
    """
    k, size = _counts(successes, n)
    some = k < size
    tail = scipy.special.betaincc(k + 1, np.where(some, size - k, 1.0), rate)
    return shaped(np.where(some, tail, 1.0), successes)


@dataclass(frozen=True, slots=True)
class _Moments:
    mean: FloatArray
    error: FloatArray
    degrees: FloatArray


def _moments(total: object, squares: object, n: object, *, bounded: bool) -> _Moments:
    """Return mean and standard error; for bounded scores after adding the two pseudo-scores 0 and 1."""
    extra = 1.0 if bounded else 0.0
    size = np.asarray(n, dtype=np.float64) + 2 * extra
    sums = np.asarray(total, dtype=np.float64) + extra
    squared = np.asarray(squares, dtype=np.float64) + extra
    enough = size > 1
    safe = np.where(enough, size, 2.0)
    mean = sums / np.maximum(size, 1.0)
    spread = np.maximum(squared - sums * sums / safe, 0.0)
    spread = np.where(spread <= 1e-14 * np.abs(squared), 0.0, spread)  # rounding of equal values
    error = np.where(enough, np.sqrt(spread / (safe - 1) / safe), np.inf)
    return _Moments(mean, error, np.where(enough, size - 1, 0.0))


def mean_interval(
    total: Numbers,
    total_of_squares: float | FloatArray,
    n: int,
    level: float = LEVEL,
    *,
    bounded: bool = True,
) -> tuple[Numbers, Numbers]:
    """Return the t interval of a mean from its sums.

    For scores in [0, 1] (`bounded`) two pseudo-scores, 0 and 1, are added first, which keeps the coverage
    near the ceiling where plain t loses it. With `bounded=False` (costs, seconds) it is plain t, and
    (-inf, inf) for n < 2.

    >>> low, high = mean_interval(45.0, 42.0, 50)
    >>> print(f"{low:.4f} {high:.4f}")
    0.8254 0.9438
    """
    found = _moments(total, total_of_squares, n, bounded=bounded)
    quantile = student_quantile((1 + level) / 2, max(1, int(found.degrees)))
    low, high = found.mean - quantile * found.error, found.mean + quantile * found.error
    if bounded:
        low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    return shaped(low, total), shaped(high, total)


def mean_p_greater(
    total: Numbers,
    total_of_squares: float | FloatArray,
    n: float | FloatArray,
    limit: float | FloatArray,
    *,
    bounded: bool = True,
) -> Numbers:
    """Return the one-sided p-value of "the mean is at most `limit`", on the same t as `mean_interval`.

    >>> round(mean_p_greater(45.0, 42.0, 50, 0.8), 4)
    0.003
    """
    found = _moments(total, total_of_squares, n, bounded=bounded)
    return shaped(student_tail(found.mean - limit, found.error, found.degrees), total)


def mean_p_less(
    total: Numbers,
    total_of_squares: float | FloatArray,
    n: float | FloatArray,
    limit: float | FloatArray,
    *,
    bounded: bool = True,
) -> Numbers:
    """Return the one-sided p-value of "the mean is at least `limit`", on the same t as `mean_interval`."""
    found = _moments(total, total_of_squares, n, bounded=bounded)
    return shaped(student_tail(limit - found.mean, found.error, found.degrees), total)


def _cluster_sums(values: ArrayLike, clusters: Clusters, *, bounded: bool) -> RatioSums:
    """Return the sums of a mean over clusters; bounded scores get two pseudo-clusters of average size."""
    scores = np.asarray(values, dtype=np.float64)
    found = ratio_sums(scores, np.ones_like(scores), clusters)
    return found if not bounded or found.units == 0 else with_pseudo_scores(found)


def cluster_mean_interval(
    values: ArrayLike, clusters: Clusters, level: float = LEVEL, *, bounded: bool = True
) -> tuple[float, float]:
    """Return the cluster-robust (CR1) t interval of a mean, with G - 1 degrees of freedom.

    For scores in [0, 1] two pseudo-clusters of average size, one of zeros and one of ones, are added
    first; with clusters of one case this is exactly `mean_interval`. (-inf, inf) for fewer than two
    clusters with `bounded=False`.
    """
    sums = _cluster_sums(values, clusters, bounded=bounded)
    if sums.units < 2:
        return (0.0, 1.0) if bounded else (-np.inf, np.inf)
    half = student_quantile((1 + level) / 2, int(sums.units) - 1) * float(sums.standard_error())
    centre = float(sums.value())
    if bounded:
        return max(0.0, centre - half), min(1.0, centre + half)
    return centre - half, centre + half


def cluster_mean_p_greater(
    values: ArrayLike, clusters: Clusters, limit: float, *, bounded: bool = True
) -> float:
    """Return the one-sided p-value of "the mean is at most `limit`", on `cluster_mean_interval`'s t."""
    sums = _cluster_sums(values, clusters, bounded=bounded)
    return float(student_tail(sums.value() - limit, sums.standard_error(), sums.units - 1))


def cluster_mean_p_less(
    values: ArrayLike, clusters: Clusters, limit: float, *, bounded: bool = True
) -> float:
    """Return the one-sided p-value of "the mean is at least `limit`", on `cluster_mean_interval`'s t."""
    sums = _cluster_sums(values, clusters, bounded=bounded)
    return float(student_tail(limit - sums.value(), sums.standard_error(), sums.units - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSample:
    """How many independent cases a clustered pass/fail sample is worth.

    `icc` is the intraclass correlation (ANOVA, not below 0), `deff` the design effect, `factor` the
    correction for the few degrees of freedom (Korn and Graubard 1998).
    """

    n: int
    clusters: int
    icc: float
    deff: float
    factor: float

    @property
    def size(self) -> float:
        """Return n / deff x factor: what to give to an exact binomial test in place of n; 0 if unknown."""
        return self.n / self.deff * self.factor


def _icc(scores: FloatArray, numbers: IntArray, sizes: FloatArray) -> float:
    """Return the ANOVA intraclass correlation, clipped to [0, 1]; 1 where equal values hide it."""
    n, groups = scores.size, sizes.size
    if n == groups:
        return 0.0
    means = np.bincount(numbers, weights=scores) / sizes
    between = float(np.sum(sizes * (means - scores.mean()) ** 2)) / (groups - 1)
    within = float(np.sum((scores - means[numbers]) ** 2)) / (n - groups)
    typical = (n - float(np.sum(sizes**2)) / n) / (groups - 1)
    whole = between + (typical - 1) * within
    if whole <= 0:
        return 1.0
    return min(1.0, max(0.0, (between - within) / whole))


def effective_sample(values: ArrayLike, clusters: Clusters, level: float = LEVEL) -> EffectiveSample:
    """Return the effective sample of pass/fail values (0 or 1) in clusters.

    deff = 1 + (sum of m^2 / n - 1) icc over cluster sizes m; factor = (t_{n-1} / t_{G-1})^2. Where all
    values are equal the correlation cannot be seen and the worst, 1, is taken. Fewer than two clusters
    tell nothing about the spread between them: then `size` is 0.

    >>> found = effective_sample([1, 1, 0, 0, 1, 1], "aabbcc")
    >>> found.icc, found.deff, round(found.size, 2)
    (1.0, 2.0, 1.07)
    """
    scores = np.asarray(values, dtype=np.float64)
    numbers = cluster_numbers(clusters)
    sizes = np.bincount(numbers).astype(np.float64)
    n, groups = scores.size, sizes.size
    if groups < 2:
        return EffectiveSample(n=n, clusters=groups, icc=1.0, deff=1.0, factor=0.0)
    icc = _icc(scores, numbers, sizes)
    deff = 1 + (float(np.sum(sizes**2)) / n - 1) * icc
    upper = (1 + level) / 2
    factor = (student_quantile(upper, n - 1) / student_quantile(upper, groups - 1)) ** 2
    return EffectiveSample(n=n, clusters=groups, icc=icc, deff=deff, factor=factor)


def korn_graubard(values: ArrayLike, clusters: Clusters, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of a rate over clusters: Clopper-Pearson on the effective sample.

    Source: Korn and Graubard 1998. Values are 0 or 1.

    >>> low, high = korn_graubard([1, 1, 0, 0, 1, 1] * 10, list(range(30)) * 2)
    >>> print(f"{low:.3f} {high:.3f}")
    0.467 0.830
    """
    size = effective_sample(values, clusters, level).size
    return clopper_pearson(_rate(values) * size, size, level)


def korn_graubard_p_greater(values: ArrayLike, clusters: Clusters, rate: float) -> float:
    """Return the one-sided p-value of "the rate is at most this" on the effective sample."""
    size = effective_sample(values, clusters).size
    return binomial_p_greater(_rate(values) * size, size, rate)


def korn_graubard_p_less(values: ArrayLike, clusters: Clusters, rate: float) -> float:
    """Return the one-sided p-value of "the rate is at least this" on the effective sample."""
    size = effective_sample(values, clusters).size
    return binomial_p_less(_rate(values) * size, size, rate)


def _rate(values: ArrayLike) -> float:
    scores = np.asarray(values, dtype=np.float64)
    return float(scores.mean()) if scores.size else 0.0
