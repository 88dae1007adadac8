"""Whether two samples fall into the same cells in the same shares: tests, effective sizes, the smallest change seen.

A p-value comes from random tables with the same margins, so it holds however small the cells are.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers

REPETITIONS = 4999
SMALL_CELL = 5.0
"""A cell of which fewer cases than this are expected in the smaller sample is small."""

_TIE = 1e-9
_BISECTIONS = 40
_MOST = 0.99
_MUCH = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Homogeneity:
    """Two samples in the same cells: the p-value of "the same shares", and how far apart they are.

    `statistic` is Pearson's chi-square over all cells with `degrees` of freedom, `merged` how many of them are
    small, `moved` the total variation distance: the share that would have to change its cell.
    """

    p: float
    statistic: float
    degrees: int
    merged: int
    moved: float


def homogeneity(
    first: ArrayLike, second: ArrayLike, rng: np.random.Generator, repetitions: int = REPETITIONS
) -> Homogeneity:
    """Test whether two samples have the same shares in each cell, by Pearson's chi-square on random tables.

    Many small cells drown what a large one shows, and put together they hide what happens among them. So the
    statistic is taken both ways, over all cells and with the small ones as one, and the smaller of the two
    p-values is itself compared with those of random tables of the same margins. That is exact for independent
    cases. Which cells are small depends on both samples together only, so it tells nothing about the difference.

    Args:
        first: Whole counts of the first sample, by cell.
        second: The same cells of the second.
        rng: Draws the random tables.
        repetitions: How many of them.

    Raises:
        ValueError: for counts that differ in length, are negative or not whole, and where a sample is empty.

    Example:
        >>> found = homogeneity([60, 40, 0], [50, 30, 20], np.random.default_rng(1))
        >>> found.p < 0.001, round(found.statistic, 2), found.degrees, found.moved
        (True, 22.34, 2, 0.2)
    """
    one, two = _counts(first), _counts(second)
    if one.shape != two.shape or one.ndim != 1:
        raise ValueError(f"counts of the same cells are needed, got {one.shape} and {two.shape}")
    n, m = int(one.sum()), int(two.sum())
    if n == 0 or m == 0:
        raise ValueError("a sample without cases has no shares")
    used = one + two > 0
    one, two = one[used], two[used]
    totals = one + two
    small = totals * min(n, m) / (n + m) < SMALL_CELL
    tables = np.vstack([one, _random_tables(totals, n, rng, repetitions)])
    whole = _statistics(tables, totals, n)
    together = _statistics(_together(tables, small), _together(totals[None, :], small)[0], n)
    best = np.minimum(_ranks(whole), _ranks(together))
    return Homogeneity(
        p=float((best <= best[0] + _TIE).mean()),
        statistic=float(whole[0]),
        degrees=int(totals.size - 1),
        merged=int(small.sum()),
        moved=float(np.abs(one / n - two / m).sum() / 2),
    )


def _counts(values: ArrayLike) -> IntArray:
    given = np.asarray(values)
    counts = given.astype(np.int64)
    if np.any(counts != given) or np.any(counts < 0):
        raise ValueError("counts are whole and not negative")
    return counts


def _random_tables(totals: IntArray, n: int, rng: np.random.Generator, repetitions: int) -> IntArray:
    """Return first rows of tables with these column totals and `n` cases in the first row."""
    tables = rng.multivariate_hypergeometric(totals, n, size=repetitions, method="marginals")
    return np.asarray(tables, dtype=np.int64)


def _together(rows: IntArray, small: NDArray[np.bool_]) -> IntArray:
    return np.column_stack([rows[:, ~small], rows[:, small].sum(axis=1)])


def _statistics(rows: IntArray, totals: IntArray, n: int) -> FloatArray:
    """Return Pearson's statistic of each table, given its first row."""
    whole = float(totals.sum())
    expected = totals * (n / whole)
    # (a - e)^2 / e in both rows adds up to (a - e)^2 / e times whole / m.
    scale = np.where(expected > 0, whole / ((whole - n) * np.maximum(expected, 1e-300)), 0.0)
    return np.asarray(((rows - expected) ** 2) @ scale, dtype=np.float64)


def _ranks(statistics: FloatArray) -> FloatArray:
    """Return the share of statistics that are as large as each one."""
    rounded = np.round(statistics, 9)
    ordered = np.sort(rounded)
    return (rounded.size - np.searchsorted(ordered, rounded, side="left")) / rounded.size


def effective_size(
    cells: IntArray,
    weights: FloatArray | None = None,
    strata: Clusters | None = None,
    clusters: Clusters | None = None,
) -> float:
    """Return how many independent cases a weighted, stratified or clustered sample is worth for its shares.

    The variance of each weighted share has two parts: that of drawing these cases from the traffic that they
    stand for (within strata, with the finite population correction, linearised), and that of this traffic itself,
    which is as large as the weights add up to. Both are multiplied by the design effect of clusters. The size is
    that of a simple sample with the same variance, summed over cells (Rao and Scott 1981, first order).

    Args:
        cells: The number of each case's cell.
        weights: How many cases of traffic each stands for; None for 1 each. Where one is below 1 they are relative: how
            much traffic there was is not known then, and neither is what its strata held.
        strata: What cases were drawn by; None if not at all.
        clusters: Users, sessions or documents; None where all cases are independent.

    Raises:
        ValueError: for no cases.

    Example:
        >>> effective_size(np.array([0, 1, 0, 1])), effective_size(np.array([0, 0, 1, 1]), clusters="aabb")
        (4.0, 2.0)
    """
    if cells.size == 0:
        raise ValueError("no cases have no size")
    known = np.ones(cells.size) if weights is None else weights
    if known.min() < 1:
        known, strata = known / known.sum() * (cells.size * _MUCH), None
    total = float(known.sum())
    used, codes = np.unique(cells, return_inverse=True)
    shares = np.bincount(codes, weights=known, minlength=used.size) / total
    spread = float(np.sum(shares * (1 - shares)))
    if spread <= 0:
        return float(total / cluster_effect(cells, clusters, weights))
    numbers = np.zeros(cells.size, dtype=np.int64) if strata is None else cluster_numbers(strata)
    drawn = _drawing(codes, shares, known, numbers)
    size = spread / (drawn + spread / total)
    return float(size / cluster_effect(cells, clusters, weights))


def _drawing(codes: IntArray, shares: FloatArray, weights: FloatArray, strata: IntArray) -> float:
    """Return the variance of weighted shares, summed over cells, that comes of drawing cases within strata."""
    count = np.bincount(strata).astype(np.float64)
    mean = np.bincount(strata, weights=weights) / count
    # A stratum with one case says nothing of its own spread: it is taken as one with the others like it.
    alone = count == 1
    if alone.any():
        merged = np.where(alone, int(count.size), np.arange(count.size))
        if int(alone.sum()) == 1:
            merged = np.where(alone, int(np.argmax(count)), merged)
        strata = cluster_numbers(merged[strata])
        count = np.bincount(strata).astype(np.float64)
        mean = np.bincount(strata, weights=weights) / count
    factor = np.maximum(1 - 1 / mean, 0.0) * np.where(count > 1, count / np.maximum(count - 1, 1.0), 1.0)
    scaled = weights / weights.sum()
    variance = 0.0
    for cell, share in enumerate(shares):
        residual = scaled * ((codes == cell) - share)
        centred = residual - (np.bincount(strata, weights=residual) / count)[strata]
        variance += float(np.sum(factor[strata] * centred**2))
    return variance


def cluster_effect(cells: IntArray, clusters: Clusters | None, weights: FloatArray | None = None) -> float:
    """Return by how much clusters multiply the variance of shares, summed over cells; at least 1.

    Example:
        >>> cluster_effect(np.array([0, 0, 1, 1]), "aabb"), cluster_effect(np.array([0, 1, 0, 1]), "aabb")
        (2.0, 1.0)
    """
    if clusters is None or cells.size == 0:
        return 1.0
    numbers = cluster_numbers(clusters)
    groups = int(numbers.max()) + 1
    if groups == cells.size:
        return 1.0
    known = np.ones(cells.size) if weights is None else weights
    _, codes = np.unique(cells, return_inverse=True)
    shares = np.bincount(codes, weights=known) / known.sum()
    alone = between = 0.0
    for cell, share in enumerate(shares):
        residual = known * ((codes == cell) - share)
        alone += float(np.sum(residual**2))
        between += float(np.sum(np.bincount(numbers, weights=residual, minlength=groups) ** 2))
    if alone <= 0:
        # One cell only: nothing varies, and cases of a cluster may be copies of one another.
        return cells.size / groups
    return max(1.0, between / alone)


def whole_counts(shares: ArrayLike, size: float) -> IntArray:
    """Return whole counts with these shares that add up to `size`, rounded: by the largest remainders.

    Example:
        >>> whole_counts([0.5, 0.3, 0.2], 11.2).tolist()
        [6, 3, 2]
    """
    given = np.asarray(shares, dtype=np.float64)
    total = max(1, round(size))
    wanted = given / given.sum() * total
    counts: IntArray = np.floor(wanted).astype(np.int64)
    # Rounded, so that equal remainders tie whatever the last digits are; the first of them is served first.
    rest = np.argsort(-np.round(wanted - counts, 9), kind="stable")[: total - int(counts.sum())]
    counts[rest] += 1
    return counts


def smallest_shift(
    shares: ArrayLike,
    first: float,
    second: float,
    *,
    held: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
) -> float | None:
    """Return the smallest part of the second sample that, moved into one cell, is shown with this power.

    By the noncentral chi-square; the other cells keep their shares among themselves. Small cells count as one,
    as they do in one half of `homogeneity`. None where not even 99% would be seen.

    Args:
        shares: The shares of the cells that there are.
        first: The effective size of the first sample.
        second: That of the second.
        held: The share of the first sample that the cell holds already; 0 for a new cell.
        alpha: The level of the test.
        power: The chance to see the shift.

    Example:
        >>> tenths = [0.1] * 10
        >>> round(smallest_shift(tenths, 200, 200), 3), round(smallest_shift(tenths, 200, 200, held=0.1), 3)
        (0.078, 0.167)
    """
    known = np.asarray(shares, dtype=np.float64)
    known = known[known > 0] / known.sum()
    small = known * min(first, second) < SMALL_CELL
    degrees = max(1, int((~small).sum()) + int(small.any()) - int(held > 0))
    limit = scipy.special.chdtri(degrees, alpha)
    weight = second / (first + second)

    def seen(share: float) -> bool:
        # The cell grows from h to h + x (1 - h); all others shrink by the same factor, so their part is that of one.
        pooled = held + share * (1 - held) * weight
        moved = (share * (1 - held)) ** 2 * (1 / pooled + 1 / (1 - pooled))
        distance = moved * first * weight
        return bool(1 - scipy.special.chndtr(limit, degrees, distance) >= power)

    if min(first, second) <= 0 or not seen(_MOST):
        return None
    low, high = 0.0, _MOST
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high
