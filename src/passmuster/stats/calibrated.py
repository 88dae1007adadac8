"""Whether stated chances are true ones: a reliability table, its debiased error, and what chance alone would show.

The expected calibration error of few cases is large though every chance is true; so it is shown with what it is then
(its null), and the error that is tested is debiased (Kumar, Liang and Ma 2019, arXiv 1909.10155).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.selective import correlation_within
from passmuster.stats.weighted import effective_cases

BINS = 15
DRAWS = 2000
_FEWEST = 10
"""Cases that a bin has at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Cases in bins of about the same number, by stated chance: of each its mean, and the share that is right.

    `n` cases of a bin are worth `size` that are independent and weigh alike, and stand for a `share` of all.
    """

    stated: FloatArray
    rate: FloatArray
    n: FloatArray
    size: FloatArray
    share: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationError:
    """`squared` is the debiased squared error, `p` the share of draws from true chances in which it is as large.

    `ece` is the expected calibration error, `ece_null` its mean in those draws, `ece_null_high` what 95 of 100 do not pass.
    """

    squared: float
    p: float
    ece: float
    ece_null: float
    ece_null_high: float


def reliability_bins(
    stated: ArrayLike,
    right: ArrayLike,
    bins: int = BINS,
    *,
    weights: ArrayLike | None = None,
    clusters: Clusters | None = None,
) -> Bins:
    """Return cases in at most so many bins of about the same number, equal chances in one bin.

    Args:
        stated: The chance of being right that each case states, in [0, 1].
        right: 1 for each case that is right, else 0.
        bins: At most; fewer where a bin would have fewer than ten cases.
        weights: How many cases each stands for.
        clusters: The cluster of each case, where cases are not independent.

    Example:
        >>> found = reliability_bins([0.5] * 10 + [0.9] * 10, [1, 0] * 5 + [1] * 9 + [0])
        >>> found.stated.round(2).tolist(), found.rate.round(2).tolist()
        ([0.5, 0.9], [0.5, 0.9])
    """
    said, good = np.asarray(stated, dtype=np.float64), np.asarray(right, dtype=np.float64)
    each = np.ones(said.size) if weights is None else np.asarray(weights, dtype=np.float64)
    names = None if clusters is None else cluster_numbers(clusters)
    wanted = max(1, min(bins, said.size // _FEWEST))
    _, level, sizes = np.unique(said, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2
    number = np.minimum((middle / max(said.size, 1) * wanted).astype(np.int64), wanted - 1)[level]
    members = [number == place for place in np.unique(number)]
    within = correlation_within(good - said, names)
    return Bins(
        stated=np.array([np.average(said[own], weights=each[own]) for own in members]),
        rate=np.array([np.average(good[own], weights=each[own]) for own in members]),
        n=np.array([float(own.sum()) for own in members]),
        size=np.array([_worth(each[own], None if names is None else names[own], within) for own in members]),
        share=np.array([each[own].sum() for own in members]) / each.sum(),
    )


def _worth(weights: FloatArray, clusters: IntArray | None, within: float) -> float:
    """Return how many independent cases of equal weight these are worth: Kish's number by the design effect."""
    cases = effective_cases(weights)
    if clusters is None:
        return cases
    sizes = np.unique(clusters, return_counts=True)[1]
    return max(1.0, cases / (1 + (float(np.sum(sizes**2)) / weights.size - 1) * within))


def calibration_error(bins: Bins, rng: np.random.Generator, draws: int = DRAWS) -> CalibrationError:
    """Return how far the bins are from true chances, beside what draws from true chances show.

    A draw takes every case of a bin to be right with the bin's mean chance, as many as the bin is worth.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> said = rng.uniform(0.5, 1, 2000)
        >>> true = calibration_error(reliability_bins(said, rng.random(2000) < said), rng)
        >>> off = calibration_error(reliability_bins(said, rng.random(2000) < said - 0.2), rng)
        >>> true.p > 0.05, off.p < 0.01, abs(off.squared - 0.04) < 0.01
        (True, True, True)
    """
    chance = np.clip(bins.stated, 0.0, 1.0)
    whole = np.rint(bins.size).astype(np.int64)
    drawn = np.asarray(rng.binomial(whole, chance, (draws, whole.size)) / whole)
    squared, null = squared_error(bins, bins.rate), squared_error(bins, drawn)
    eces = _ece(bins, drawn)
    return CalibrationError(
        squared=float(squared),
        p=float((1 + np.sum(null >= squared - 1e-12)) / (1 + draws)),
        ece=float(_ece(bins, bins.rate)),
        ece_null=float(eces.mean()),
        ece_null_high=float(np.quantile(eces, 0.95)),
    )


def squared_error(bins: Bins, rates: FloatArray) -> FloatArray:
    """Return the squared calibration error less what chance adds to it; 0 on average for true chances.

    Args:
        bins: The bins.
        rates: The share of each that is right, or a table of such, a row for each draw.
    """
    chance = np.where(bins.size > 1, rates * (1 - rates) / np.maximum(bins.size - 1, 1), 0.0)
    return np.asarray(((rates - bins.stated) ** 2 - chance) @ bins.share)


def _ece(bins: Bins, rates: FloatArray) -> FloatArray:
    return np.asarray(np.abs(rates - bins.stated) @ bins.share)
