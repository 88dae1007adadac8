"""Whether texts of two samples can be told apart, and which of one are unlike all of the other.

Everything here looks at a table of likenesses (inner products of feature vectors), so that it does not matter
where features come from, and compares what it finds with the same on permuted samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers

REPETITIONS = 999
FOLDS = 5
RIDGE = 1.0
"""The penalty, in units of the square of a feature vector of length 1."""

NEW_SHARE = 0.05
"""The share of the first sample's own texts that lie as far from all others as what is called new."""

_BLOCK_CELLS = 4_000_000
_NEIGHBOURS = 64
_NEVER = -np.inf

Sides = NDArray[np.bool_]
"""Whether each text belongs to the second sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldApart:
    """How well texts of two samples can be told apart: the mean area under the curve within folds, and its p-value.

    `scores` holds one held-out score a text, larger where it looks more like the second sample, NaN where its
    fold could not be used; scores of different folds are not on one scale.
    """

    auc: float | None
    p: float | None
    scores: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """How much of the second sample is unlike all of the first, against how much of the first is unlike the rest of it.

    `new` marks the texts that are, of both samples; `nearness` is the likeness to the nearest text of the first
    sample that is not of the same cluster, `limit` the value below which a text is new.
    """

    p: float
    first: float
    second: float
    limit: float
    nearness: FloatArray
    new: Sides


def permuted(second: Sides, clusters: Clusters | None, rng: np.random.Generator, repetitions: int) -> Sides:
    """Return one row of sides a repetition, the true one first; texts of one cluster stay on one side.

    The number of clusters on each side is kept. A user who is in both samples is two clusters.

    Example:
        >>> permuted(np.array([False, False, True]), None, np.random.default_rng(1), 2).sum(axis=1).tolist()
        [1, 1, 1]
    """
    numbers = np.arange(second.size) if clusters is None else own_clusters(second, clusters)
    _, first_of = np.unique(numbers, return_index=True)
    sides = second[first_of]
    rows = np.empty((repetitions + 1, second.size), dtype=np.bool_)
    rows[0] = second
    for row in range(1, repetitions + 1):
        rows[row] = rng.permutation(sides)[numbers]
    return rows


def own_clusters(second: Sides, clusters: Clusters) -> IntArray:
    """Return the number of each text's cluster, where one that lies on both sides is two.

    Example:
        >>> own_clusters(np.array([False, True, True]), ["ann", "ann", "bob"]).tolist()
        [0, 1, 2]
    """
    keys = clusters.tolist() if isinstance(clusters, np.ndarray) else clusters
    return cluster_numbers(list(zip(keys, second.tolist(), strict=True)))


def told_apart(
    likeness: FloatArray,
    sides: Sides,
    rng: np.random.Generator,
    *,
    clusters: Clusters | None = None,
    folds: int = FOLDS,
) -> ToldApart:
    """Test whether a linear classifier can tell two samples apart, by permutations of its mean AUC within folds.

    Lopez-Paz and Oquab 2017, with two cautions. Scores of different folds come from different classifiers, so an
    AUC over all of them together is off under no drift: it is taken within each fold. And folds share their
    training texts, so no formula for one AUC holds: everything is fitted anew for each permutation of the sides.
    The classifier is ridge regression on the side, whose held-out scores are one matrix times the sides, so that
    a thousand fits take as long as one. Texts of one cluster are in one fold.

    Args:
        likeness: Inner products of the texts' feature vectors, which are of about length 1; shape (n, n).
        sides: Rows of sides, the true one first: see `permuted`.
        rng: Deals the clusters to folds.
        clusters: As given to `permuted`.
        folds: How many.

    Example:
        >>> second = np.arange(60) % 2 == 1
        >>> rows = permuted(second, None, np.random.default_rng(1), 99)
        >>> apart = np.where(second[:, None] == second[None, :], 0.9, 0.1)
        >>> found = told_apart(apart, rows, np.random.default_rng(1))
        >>> found.auc, found.p
        (1.0, 0.01)
    """
    n = sides.shape[1]
    numbers = np.arange(n) if clusters is None else own_clusters(sides[0], clusters)
    dealt = rng.permutation(int(numbers.max()) + 1) % folds
    fold_of = dealt[numbers]
    total, used = np.zeros(len(sides)), np.zeros(len(sides))
    scores = np.full(n, np.nan)
    for fold in range(folds):
        inside = fold_of == fold
        if not inside.any() or inside.all():
            continue
        found = _held_out(likeness, sides, inside)
        scores[inside] = found[:, 0]
        areas = _areas(found, sides[:, inside].T)
        total += np.where(np.isnan(areas), 0.0, areas)
        used += ~np.isnan(areas)
    with np.errstate(invalid="ignore"):
        means = np.where(used > 0, total / np.maximum(used, 1), np.nan)
    if np.isnan(means[0]):
        return ToldApart(auc=None, p=None, scores=scores)
    return ToldApart(auc=float(means[0]), p=upper_p(means), scores=scores)


def upper_p(statistics: FloatArray) -> float:
    """Return the share of statistics that are as large as the first one, which is among them; NaN is not.

    Example:
        >>> upper_p(np.array([3.0, 1.0, 2.0, 3.0]))
        0.5
    """
    known = np.where(np.isnan(statistics), _NEVER, np.round(statistics, 9))
    return float((known >= known[0]).mean())


def _held_out(likeness: FloatArray, sides: Sides, inside: Sides) -> FloatArray:
    """Return scores of the texts inside, one column a row of sides, of classifiers fitted on those outside."""
    targets = sides[:, ~inside].T.astype(np.float64)
    targets -= targets.mean(axis=0)
    own = likeness[np.ix_(~inside, ~inside)].astype(np.float64)
    own[np.diag_indices_from(own)] += RIDGE
    # Scores = K_in (K + ridge)^-1 targets: the product of the first two does not depend on the sides.
    smoother = np.linalg.solve(own, likeness[np.ix_(~inside, inside)]).T
    return np.asarray(smoother @ targets, dtype=np.float64)


def _areas(scores: FloatArray, second: Sides) -> FloatArray:
    """Return the area under the curve of each column, ties at their mean rank; NaN where one side is missing."""
    count = second.sum(axis=0).astype(np.float64)
    other = second.shape[0] - count
    ranks = mean_ranks(np.round(scores, 9))
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.sum(ranks * second, axis=0)
        return np.where((count > 0) & (other > 0), (sums - count * (count + 1) / 2) / (count * other), np.nan)


def mean_ranks(values: FloatArray) -> FloatArray:
    """Return the rank of each value within its column from 1, ties at their mean.

    Example:
        >>> mean_ranks(np.array([[5.0], [1.0], [5.0]])).ravel().tolist()
        [2.5, 1.0, 2.5]
    """
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    n = values.shape[0]
    places = np.arange(1, n + 1, dtype=np.float64)[:, None]
    starts = np.vstack([np.ones((1, values.shape[1]), dtype=np.bool_), ordered[1:] != ordered[:-1]])
    ends = np.vstack([starts[1:], np.ones((1, values.shape[1]), dtype=np.bool_)])
    first = np.maximum.accumulate(np.where(starts, places, 0.0), axis=0)
    last = np.minimum.accumulate(np.where(ends, places, float(n))[::-1], axis=0)[::-1]
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, (first + last) / 2, axis=0)
    return ranks


def larger_p(values: FloatArray, sides: Sides) -> tuple[float, float]:
    """Return the chance that a value of the second sample is larger than one of the first, and its two-sided p-value.

    The rank-sum test by permutation; ties count half.

    Args:
        values: One a text.
        sides: Rows of sides, the true one first: see `permuted`.

    Example:
        >>> second = np.arange(20) >= 10
        >>> rows = permuted(second, None, np.random.default_rng(1), 199)
        >>> larger_p(np.arange(20.0), rows)
        (1.0, 0.005)
    """
    ranks = mean_ranks(values[:, None])
    areas = _areas(np.broadcast_to(ranks, (values.size, len(sides))), sides.T)
    return float(areas[0]), upper_p(np.abs(areas - 0.5))


def shares_p(codes: IntArray, sides: Sides) -> float:
    """Return the p-value of "the same shares of each code on both sides", by permutation of Pearson's chi-square.

    Example:
        >>> second = np.arange(40) >= 20
        >>> rows = permuted(second, None, np.random.default_rng(1), 199)
        >>> shares_p(second.astype(np.int64), rows), shares_p(np.zeros(40, dtype=np.int64), rows)
        (0.005, 1.0)
    """
    known, numbers = np.unique(codes, return_inverse=True)
    marks = np.eye(known.size)[numbers]
    counts = sides.astype(np.float64) @ marks
    total, size = marks.sum(axis=0), counts.sum(axis=1, keepdims=True)
    n = float(codes.size)
    expected = total * size / n
    # Clusters of different sizes change the margins from one permutation to the next.
    with np.errstate(invalid="ignore", divide="ignore"):
        statistics = np.sum((counts - expected) ** 2 / expected, axis=1) * n / (n - size[:, 0])
    return upper_p(np.nan_to_num(statistics, nan=0.0, posinf=0.0))


def novelty(likeness: FloatArray, sides: Sides, clusters: Clusters | None = None) -> Novelty:
    """Test whether more of the second sample is unlike all of the first than of the first is unlike the rest of it.

    A text is new where its nearest text of the first sample is farther than `NEW_SHARE` of the first sample's own
    texts have theirs (each left out of what it is compared with, and its cluster too). One-sided, by permutation.

    Args:
        likeness: Larger is nearer; shape (n, n).
        sides: Rows of sides, the true one first: see `permuted`.
        clusters: As given to `permuted`.

    Example:
        >>> second = np.arange(80) >= 40
        >>> likeness = np.where(second[:, None] | second[None, :], 0.1, 0.9)
        >>> found = novelty(likeness, permuted(second, None, np.random.default_rng(1), 99))
        >>> found.p, found.first, found.second
        (0.01, 0.0, 1.0)
    """
    near, likes = _neighbours(likeness, sides[0], clusters)
    statistics = np.empty(len(sides))
    step = max(1, _BLOCK_CELLS // near.size)
    for start in range(0, len(sides), step):
        block = sides[start : start + step]
        nearness = _nearness(near, likes, block)
        limits = _limits(nearness, block)
        new = nearness < limits[:, None]
        statistics[start : start + step] = _share(new, block) - _share(new, ~block)
    nearness = _nearness(near, likes, sides[:1])
    limit = float(_limits(nearness, sides[:1])[0])
    new = nearness < limit
    return Novelty(
        p=upper_p(statistics),
        first=float(_share(new, ~sides[:1])[0]),
        second=float(_share(new, sides[:1])[0]),
        limit=limit,
        nearness=nearness[0],
        new=new[0],
    )


def _neighbours(
    likeness: FloatArray, second: Sides, clusters: Clusters | None
) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the nearest texts of each text, nearest first, but those of its own cluster; and their likeness."""
    n = likeness.shape[0]
    numbers = np.arange(n) if clusters is None else own_clusters(second, clusters)
    width = min(_NEIGHBOURS, n - 1)
    near = np.empty((n, width), dtype=np.int64)
    likes = np.empty((n, width))
    for row in range(n):
        others = np.where(numbers == numbers[row], _NEVER, np.round(likeness[row], 9))
        found = np.argsort(-others, kind="stable")[:width]
        near[row], likes[row] = found, others[found]
    return near, likes


def _nearness(near: NDArray[np.int64], likes: FloatArray, sides: Sides) -> FloatArray:
    """Return the likeness of each text to the nearest one of the first sample, one row a row of sides.

    Where none of the neighbours that are kept is in the first sample, that of the last of them stands in.
    """
    of_first = ~sides[:, near]
    of_first[:, :, -1] = True
    return np.asarray(likes[np.arange(near.shape[0])[None, :], of_first.argmax(axis=2)], dtype=np.float64)


def _limits(nearness: FloatArray, sides: Sides) -> FloatArray:
    """Return, for each row, the likeness that at most `NEW_SHARE` of the first sample are below."""
    values = np.sort(np.where(sides, np.inf, nearness), axis=1)
    ranks = np.floor(NEW_SHARE * (~sides).sum(axis=1)).astype(np.int64)
    return np.asarray(values[np.arange(len(values)), ranks], dtype=np.float64)


def _share(marks: Sides, of: Sides) -> FloatArray:
    count = of.sum(axis=1)
    return np.asarray((marks & of).sum(axis=1) / np.maximum(count, 1), dtype=np.float64)
