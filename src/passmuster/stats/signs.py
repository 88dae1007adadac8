"""Signs of differences: an exact test of "as often better as worse" for whole numbers."""

import math

import numpy as np
import scipy
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers

_EXACT = 100_000
"""Sum of absolute differences up to which the distribution is computed term by term."""


def sign_flip_p(differences: ArrayLike, clusters: Clusters | None = None) -> float | None:
    """Return the one-sided mid-p value of "each difference is as likely to be its opposite"; small where they are below 0.

    The sum of the differences is held against all sums that other signs of them would give (Fisher 1935, section
    21). Of differences of -1 and 1 alone it is the mid-p McNemar test. Differences of one cluster have one sign
    together. None where no difference is known or all are 0.

    Args:
        differences: Whole numbers; NaN is left out.
        clusters: The cluster of each, where they are not independent.

    Example:
        >>> sign_flip_p([-1] * 9 + [1])
        0.005859375
        >>> sign_flip_p([-3, -3, -2, 1, 0]), sign_flip_p([0, 0])
        (0.09375, None)
    """
    values = np.asarray(differences, dtype=np.float64)
    known = ~np.isnan(values)
    sums = values[known]
    if clusters is not None and sums.size:
        sums = np.bincount(cluster_numbers(np.asarray(clusters)[known]), weights=sums).astype(np.float64)
    sizes: IntArray = np.abs(np.rint(sums[sums != 0])).astype(np.int64)
    if not sizes.size:
        return None
    total = int(np.rint(sums).sum())
    if sizes.sum() * sizes.size > _EXACT * 100:
        return float(scipy.special.ndtr(total / math.sqrt(float((sizes**2).sum()))))
    below = _flipped(sizes)
    # Index i of the distribution is the sum 2 i - (sum of all sizes).
    place = (total + int(sizes.sum())) // 2
    return float(below[:place].sum() + below[place] / 2)


def _flipped(sizes: IntArray) -> FloatArray:
    """Return how likely it is that the negatives leave 0, 1, 2, ... of the whole sum."""
    found = np.ones(1)
    for size in sizes.tolist():
        wider = np.zeros(found.size + size)
        wider[: found.size] += found / 2
        wider[size:] += found / 2
        found = wider
    return found
