"""Covariance of estimates where rows belong together in one way or in two: the cluster-robust sandwich."""

from collections.abc import Sequence

import numpy as np

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers

_NOTHING = 1e-9  # of the variance that independent rows would have


def crossed(first: IntArray, second: IntArray) -> IntArray:
    """Return a number for each pair of clusters that occurs.

    >>> crossed(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist()
    [0, 1, 2]
    """
    pairs = first * (int(second.max(initial=0)) + 1) + second
    numbers: IntArray = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    return numbers


def meat(scores: FloatArray, numbers: IntArray, parameters: int) -> FloatArray:
    """Return the sum over clusters of s s', where s is a cluster's sum of `scores`.

    It is corrected for few clusters by G/(G-1) (n-1)/(n-k), as statsmodels does; NaN where there is one cluster.

    Args:
        scores: One row an observation, one column a parameter.
        numbers: The cluster of each row, from 0.
        parameters: How many parameters were estimated, k.

    >>> meat(np.array([[1.0], [1.0], [-2.0]]), np.array([0, 0, 1]), 1).tolist()
    [[16.0]]
    """
    rows, width = scores.shape
    groups = int(numbers.max(initial=-1)) + 1
    if groups < 2 or rows <= parameters:
        return np.full((width, width), np.nan)
    sums = np.stack([np.bincount(numbers, weights=column, minlength=groups) for column in scores.T], axis=1)
    correction = groups / (groups - 1) * (rows - 1) / (rows - parameters)
    total: FloatArray = correction * (sums.T @ sums)
    return total


def clustered_covariance(
    bread: FloatArray,
    scores: FloatArray,
    clusters: Sequence[Clusters],
    parameters: int,
    *,
    widest: bool = False,
) -> FloatArray:
    """Return bread x meat x bread, with clusters of one kind or of two.

    With two kinds the meat is that of the one, plus that of the other, less that of their crossing (Cameron, Gelbach
    and Miller 2011, section 2.2). Where that is not positive semi-definite, which few clusters can bring about, the
    negative eigenvalues become 0 (the same paper, section 2.3): a variance is never below 0.

    Args:
        bread: The inverse of the matrix of second derivatives, with its sign changed.
        scores: The first derivatives, one row an observation.
        clusters: One or two; each holds a key per row.
        parameters: How many parameters were estimated.
        widest: With two kinds, no sum of estimates varies less than by either kind alone. With few clusters of one kind
            theirs may happen to cancel out, and then the variance by the other kind stays (MacKinnon, Nielsen and Webb
            2023, section 4, take the largest of the variances of one way and of two). And a sum of which all clusters
            say the very same, or of which there are more than clusters, is not taken for certain: it varies as
            if each cluster were one row.

    Raises:
        ValueError: where there are more than two kinds of clusters, or none.

    >>> clustered_covariance(np.eye(1), np.array([[1.0], [1.0], [-2.0]]), [["a", "a", "b"]], 1).tolist()
    [[16.0]]
    """
    if not 1 <= len(clusters) <= 2:
        raise ValueError(f"clusters are of one kind or of two, not of {len(clusters)}")
    numbers = [cluster_numbers(each) for each in clusters]
    ways = [meat(scores, each, parameters) for each in numbers]
    fewest = min(int(each.max(initial=-1)) + 1 for each in numbers)
    if len(ways) == 1:
        covariance = _lifted(bread @ ways[0] @ bread)
        return _uncertain(covariance, bread * (len(scores) / fewest)) if widest else covariance
    covariance = _lifted(bread @ (ways[0] + ways[1] - meat(scores, crossed(*numbers), parameters)) @ bread)
    for way in ways if widest else ():
        alone = _lifted(bread @ way @ bread)
        covariance = covariance + _positive(alone - covariance)
    return _uncertain(covariance, bread * (len(scores) / fewest)) if widest else covariance


def _lifted(covariance: FloatArray) -> FloatArray:
    if not np.isfinite(covariance).all():
        return covariance
    symmetric = (covariance + covariance.T) / 2
    values = np.linalg.eigvalsh(symmetric)
    if values.min(initial=0.0) >= -1e-12 * abs(values).max(initial=0.0):
        return symmetric  # rounding only: the matrix stays what it was to the last digit
    return _positive(symmetric)


def _uncertain(covariance: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Return the covariance with the variance of `otherwise` for the sums that have none."""
    if not np.isfinite(covariance).all():
        return covariance
    values, vectors = np.linalg.eigh(otherwise)
    root = vectors * np.sqrt(values.clip(min=0.0))
    inverse = np.linalg.pinv(root)
    shares, directions = np.linalg.eigh(inverse @ covariance @ inverse.T)
    missing = root @ directions[:, shares < _NOTHING]
    lifted: FloatArray = covariance + missing @ missing.T
    return lifted


def _positive(symmetric: FloatArray) -> FloatArray:
    """Return the nearest matrix without negative eigenvalues; what is not finite stays."""
    if not np.isfinite(symmetric).all():
        return symmetric
    values, vectors = np.linalg.eigh(symmetric)
    positive: FloatArray = (vectors * values.clip(min=0.0)) @ vectors.T
    return positive
