"""Rank agreement: do two columns put the same models in the same order?

Kendall's tau-b and Spearman's rho, with the permutation test of no agreement, and its correction for having looked at
several columns (Westfall and Young 1993, "Resampling-Based Multiple Testing", the single-step max-T).
"""

import math
from itertools import permutations
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import scipy

from passmuster.stats.arrays import FloatArray

Coefficient: TypeAlias = Literal["tau", "rho"]

MOST_ENUMERATED = 8
"""Models up to which all permutations are gone through: 8! are 40,320."""

REPETITIONS = 10_000
"""Permutations that are drawn where there are too many to go through."""

_ROUNDING = 1e-12


class Permuted(NamedTuple):
    """A two-sided p-value, and whether it is exact or from drawn permutations."""

    p: float
    exact: bool


def kendall_tau(x: FloatArray, y: FloatArray) -> float | None:
    """Return Kendall's tau-b, None where one of the two has a single value.

    Ties take nothing from the numerator and shrink the denominator (Kendall 1945, "The treatment of ties in ranking
    problems", Biometrika 33(3)).

    Args:
        x: One value a model; no gaps.
        y: The same of the other column.

    Example:
        >>> kendall_tau(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
        0.3333333333333333
    """
    return _known(float(kendall_taus(x, y[None, :])[0]))


def spearman_rho(x: FloatArray, y: FloatArray) -> float | None:
    """Return Spearman's rho, the correlation of mid-ranks; None where one of the two has a single value.

    Example:
        >>> spearman_rho(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
        0.5
    """
    return _known(float(spearman_rhos(x, y[None, :])[0]))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def kendall_taus(x: FloatArray, ys: FloatArray) -> FloatArray:
    """Return tau-b of `x` with each row of `ys`; NaN where one of the two has a single value."""
    first, second = np.triu_indices(len(x), 1)
    ours = np.sign(x[first] - x[second])
    theirs = np.sign(ys[:, first] - ys[:, second])
    untied = np.sqrt((ours != 0).sum() * (theirs != 0).sum(axis=1).astype(np.float64))
    return np.where(untied > 0, (theirs @ ours) / np.where(untied > 0, untied, 1.0), np.nan)


def spearman_rhos(x: FloatArray, ys: FloatArray) -> FloatArray:
    """Return rho of `x` with each row of `ys`; NaN where one of the two has a single value."""
    ours = scipy.stats.rankdata(x) - (len(x) + 1) / 2
    theirs = scipy.stats.rankdata(ys, axis=1) - (len(x) + 1) / 2
    scale = np.sqrt((ours**2).sum() * (theirs**2).sum(axis=1))
    return np.where(scale > 0, (theirs @ ours) / np.where(scale > 0, scale, 1.0), np.nan)


def permutation_p(
    x: FloatArray, y: FloatArray, rng: np.random.Generator, coefficient: Coefficient = "tau"
) -> Permuted | None:
    """Return the p-value of "these orders have nothing to do with one another", two-sided; None where it has none.

    Twice the smaller tail, as scipy's: the share of all orders of `y` that agree as well or better, or as badly or worse.
    Of tau without ties it is exact for any number (counted by inversions: Kendall 1938, "A new measure of rank
    correlation", Biometrika 30); else all orders are gone through up to 8 models, and drawn beyond (the observed one counted).
    With 5 models the smallest is 2/120.

    Args:
        x: One value a model; no gaps.
        y: The same of the other column.
        rng: Draws orders where there are too many.
        coefficient: Whose distribution.

    Example:
        >>> found = permutation_p(np.arange(5.0), np.arange(5.0), np.random.default_rng(0))
        >>> round(found.p, 6), found.exact
        (0.016667, True)
    """
    of = _OF[coefficient]
    observed = float(of(x, y[None, :])[0])
    if math.isnan(observed):
        return None
    n = len(x)
    if coefficient == "tau" and len(set(x.tolist())) == len(set(y.tolist())) == n:
        discordant = round((1 - observed) * n * (n - 1) / 4)
        chances = _inversions(n)
        return Permuted(_two_sided(chances[: discordant + 1].sum(), chances[discordant:].sum()), exact=True)
    if n <= MOST_ENUMERATED:
        drawn = of(x, y[_orders(n)])
        above, below = (drawn >= observed - _ROUNDING).mean(), (drawn <= observed + _ROUNDING).mean()
        return Permuted(_two_sided(above, below), exact=True)
    drawn = of(x, rng.permuted(np.tile(y, (REPETITIONS, 1)), axis=1))
    above = ((drawn >= observed - _ROUNDING).sum() + 1) / (REPETITIONS + 1)
    below = ((drawn <= observed + _ROUNDING).sum() + 1) / (REPETITIONS + 1)
    return Permuted(_two_sided(above, below), exact=False)


def _two_sided(one: float, other: float) -> float:
    return float(min(1.0, 2 * min(one, other)))


def _orders(n: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array(list(permutations(range(n))), dtype=np.int64).reshape(-1, n)


def _inversions(n: int) -> FloatArray:
    """Return the chance of each number of inversions in a random order of `n`: the sum of uniforms on 0 to k - 1."""
    chances = np.ones(1)
    for k in range(2, n + 1):
        total = np.concatenate([chances.cumsum(), np.full(k - 1, chances.sum())])
        total[k:] -= chances.cumsum()[: len(total) - k]
        chances = total / k
    return chances


def max_corrected(
    columns: FloatArray, y: FloatArray, rng: np.random.Generator, repetitions: int = REPETITIONS // 2
) -> FloatArray:
    """Return for each column the p-value of its tau, corrected for having looked at all of them; one-sided.

    How far a tau lies above 0 in standard deviations of its own permutations is compared with the farthest of all columns
    in the same permutation of `y`: columns that say nearly the same cost little.

    Args:
        columns: One row a model, one column each; NaN where a column does not have the model.
        y: One value a model; no gaps.
        rng: Draws the permutations.
        repetitions: How many.

    Returns:
        NaN for a column without a tau.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> y = np.arange(10.0)
        >>> both = np.column_stack([y, rng.permutation(10).astype(float)])
        >>> found = max_corrected(both, y, rng)
        >>> bool(found[0] < 0.001 and found[1] > 0.1)
        True
    """
    orders = np.argsort(rng.random((repetitions, len(y))), axis=1)
    drawn = np.vstack([y[None, :], y[orders]])
    scaled = np.full((len(drawn), columns.shape[1]), np.nan)
    for place, column in enumerate(columns.T):
        there = ~np.isnan(column)
        if there.sum() < 3:
            continue
        taus = kendall_taus(column[there], drawn[:, there])
        spread = np.nanstd(taus[1:]) if np.isfinite(taus[1:]).any() else 0.0
        if spread > 0 and np.isfinite(taus[0]):
            scaled[:, place] = np.nan_to_num(taus, nan=-1.0) / spread
    able = np.isfinite(scaled[0])
    found = np.full(columns.shape[1], np.nan)
    if able.any():
        most = scaled[1:][:, able].max(axis=1)
        beyond = (most[:, None] >= scaled[0][able][None, :] - _ROUNDING).sum(axis=0)
        found[able] = (beyond + 1) / (repetitions + 1)
    return found


def normal_scores(values: FloatArray) -> FloatArray:
    """Return the normal quantile of each value's mid-rank (Blom 1958): what a rank is worth where only order counts.

    Example:
        >>> normal_scores(np.array([3.0, 1.0, 2.0])).round(3).tolist()
        [0.869, -0.869, 0.0]
    """
    ranks = scipy.stats.rankdata(values)
    return np.asarray(scipy.special.ndtri((ranks - 0.375) / (len(values) + 0.25)), dtype=np.float64)


_OF = {"tau": kendall_taus, "rho": spearman_rhos}
