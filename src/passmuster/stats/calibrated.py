"""Whether stated chances are true ones: a reliability table, its debiased error, and what chance alone would show.

The expected calibration error of few cases is large though every chance is true; so it is shown with what it is then
(its null), and the error that is tested is debiased (Kumar, Liang and Ma 2019, arXiv 1909.10155).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray

BINS = 15
DRAWS = 2000
_FEWEST = 10
"""Cases that a bin has at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Cases in bins of about the same number, by stated chance: of each its mean, how many are right, and of how many."""

    stated: FloatArray
    right: FloatArray
    n: FloatArray

    def rates(self) -> FloatArray:
        """Return the share of each bin that is right."""
        return self.right / self.n


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


def reliability_bins(stated: ArrayLike, right: ArrayLike, bins: int = BINS) -> Bins:
    """Return cases in at most so many bins of about the same number, equal chances in one bin.

    Args:
        stated: The chance of being right that each case states, in [0, 1].
        right: 1 for each case that is right, else 0.
        bins: At most; fewer where a bin would have fewer than ten cases.

    Example:
        >>> found = reliability_bins([0.5] * 10 + [0.9] * 10, [1, 0] * 5 + [1] * 9 + [0])
        >>> found.stated.round(2).tolist(), found.rates().tolist()
        ([0.5, 0.9], [0.5, 0.9])
    """
    said, good = np.asarray(stated, dtype=np.float64), np.asarray(right, dtype=np.float64)
    wanted = max(1, min(bins, said.size // _FEWEST))
    _, level, sizes = np.unique(said, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - sizes / 2
    number = np.minimum((middle / max(said.size, 1) * wanted).astype(np.int64), wanted - 1)[level]
    n = np.bincount(number, minlength=wanted).astype(np.float64)
    some = n > 0
    means = np.asarray(np.bincount(number, weights=said, minlength=wanted)[some] / n[some])
    hits = np.asarray(np.bincount(number, weights=good, minlength=wanted)[some], dtype=np.float64)
    return Bins(stated=means, right=hits, n=n[some])


def calibration_error(bins: Bins, rng: np.random.Generator, draws: int = DRAWS) -> CalibrationError:
    """Return how far the bins are from true chances, beside what draws from true chances show.

    A draw takes every case of a bin to be right with the bin's mean chance.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> said = rng.uniform(0.5, 1, 2000)
        >>> true = calibration_error(reliability_bins(said, rng.random(2000) < said), rng)
        >>> off = calibration_error(reliability_bins(said, rng.random(2000) < said - 0.2), rng)
        >>> true.p > 0.05, off.p < 0.01, abs(off.squared - 0.04) < 0.01
        (True, True, True)
    """
    chance = np.clip(bins.stated, 0.0, 1.0)
    drawn = rng.binomial(bins.n.astype(np.int64), chance, (draws, bins.n.size)).astype(np.float64)
    squared, null = squared_error(bins, bins.right), squared_error(bins, drawn)
    eces = _ece(bins, drawn)
    return CalibrationError(
        squared=float(squared),
        p=float((1 + np.sum(null >= squared - 1e-12)) / (1 + draws)),
        ece=float(_ece(bins, bins.right)),
        ece_null=float(eces.mean()),
        ece_null_high=float(np.quantile(eces, 0.95)),
    )


def squared_error(bins: Bins, right: FloatArray) -> FloatArray:
    """Return the squared calibration error less what chance adds to it; 0 on average for true chances.

    Args:
        bins: The bins.
        right: How many of each are right, or a table of such, a row for each draw.
    """
    rate = right / bins.n
    chance = np.where(bins.n > 1, rate * (1 - rate) / np.maximum(bins.n - 1, 1), 0.0)
    return np.asarray(((rate - bins.stated) ** 2 - chance) @ (bins.n / bins.n.sum()))


def _ece(bins: Bins, right: FloatArray) -> FloatArray:
    return np.asarray(np.abs(right / bins.n - bins.stated) @ (bins.n / bins.n.sum()))
