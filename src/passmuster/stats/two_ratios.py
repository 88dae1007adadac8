"""Two ratios of totals over the same cases, such as the cost per success of two candidates: their quotient and their difference."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.weighted import effective_cases

_PAIRS = tuple(combinations_with_replacement(range(4), 2))
COLUMNS = 1 + 4 + len(_PAIRS)
"""Units, four totals, and the products of each two of these."""


def two_ratio_columns(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    used: ArrayLike,
    clusters: Clusters | None = None,
    weights: ArrayLike | None = None,
) -> FloatArray:
    """Return one row per case whose sums are what `TwoRatios` reads; a sum over a resample is then a matrix product.

    The cases of a cluster are one unit, which stands in the row of its first case. With weights, units count for what these
    are worth (Kish 1965).

    Args:
        first: Tops and bottoms of the first ratio.
        second: Those of the second.
        used: 1 for each case that counts, else 0; the figures of the others are not looked at.
        clusters: The cluster of each case.
        weights: How many cases of traffic each stands for.
    """
    some = np.asarray(used, dtype=np.float64)
    own = some if weights is None else some * np.asarray(weights, dtype=np.float64)
    units = some
    totals = np.array(
        [np.where(some > 0, np.asarray(each, dtype=np.float64), 0.0) * own for each in (*first, *second)]
    )
    if clusters is not None:
        numbers = cluster_numbers(clusters)
        _, start = np.unique(numbers, return_index=True)
        placed = np.zeros((6, some.size))
        placed[:, start] = [np.bincount(numbers, weights=each) for each in (*totals, own, some)]
        totals, own, units = placed[:4], placed[4], np.minimum(placed[5], 1.0)
    if weights is not None:
        units = units * effective_cases(own[units > 0]) / max(float(units.sum()), 1.0)
    products = [totals[one] * totals[other] for one, other in _PAIRS]
    return np.stack([units, *totals, *products], axis=1)


@dataclass(frozen=True, slots=True)
class TwoRatios:
    """The sums of `two_ratio_columns`, which are the last axis of `table`."""

    table: FloatArray

    @property
    def units(self) -> FloatArray:
        """How many cases (or clusters) they are worth."""
        return self.table[..., 0]

    def total(self, place: int) -> FloatArray:
        """Return the top (0) and the bottom (1) of the first ratio, and those of the second (2, 3)."""
        return self.table[..., 1 + place]

    def values(self) -> tuple[FloatArray, FloatArray]:
        """Return both ratios; NaN where a bottom is 0."""
        first, second = (
            np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)
            for top, bottom in ((self.total(0), self.total(1)), (self.total(2), self.total(3)))
        )
        return first, second

    def log_quotient(self) -> tuple[FloatArray, FloatArray]:
        """Return log(first / second) and its standard error by the delta method on the paired residuals.

        NaN and infinity where any total is 0. Source: the log-delta interval of `stats.ratio`, on
        the residuals a/A - b/B - c/C + d/D of each unit, so that what both candidates share cancels.

        Example:
            >>> columns = two_ratio_columns(([2, 4, 2, 4], [1] * 4), ([1, 2, 1, 2], [1] * 4), [1] * 4)
            >>> value, error = TwoRatios(columns.sum(axis=0)).log_quotient()
            >>> round(float(np.exp(value)), 6), round(float(error), 6)
            (2.0, 0.0)
        """
        totals = [self.total(place) for place in range(4)]
        usable = np.logical_and.reduce([total > 0 for total in totals]) & (self.units > 1)
        safe = [np.where(usable, total, 1.0) for total in totals]
        error = self._error([sign / total for sign, total in zip((1, -1, -1, 1), safe, strict=True)])
        logs = np.log(safe[0] * safe[3]) - np.log(safe[1] * safe[2])
        return np.where(usable, logs, np.nan), np.where(usable, error, np.inf)

    def difference(self) -> tuple[FloatArray, FloatArray]:
        """Return first - second and its standard error by the delta method; NaN and infinity where a bottom is 0."""
        usable = (self.total(1) > 0) & (self.total(3) > 0) & (self.units > 1)
        one, other = (np.where(usable, value, 0.0) for value in self.values())
        below, under = (np.where(usable, self.total(place), 1.0) for place in (1, 3))
        error = self._error([1 / below, -one / below, -1 / under, other / under])
        return np.where(usable, one - other, np.nan), np.where(usable, error, np.inf)

    def _error(self, slopes: list[FloatArray]) -> FloatArray:
        """Return the standard error of what moves by these slopes with the four totals."""
        squares = np.zeros_like(self.units)
        largest = np.zeros_like(self.units)
        for place, (one, other) in enumerate(_PAIRS):
            part = (1.0 if one == other else 2.0) * slopes[one] * slopes[other] * self.table[..., 5 + place]
            squares, largest = squares + part, np.maximum(largest, np.abs(part))
        squares = np.where(squares <= 1e-12 * largest, 0.0, squares)  # what is left of equal sums is rounding
        scale = self.units / np.maximum(self.units - 1, 1e-9)
        return np.asarray(np.sqrt(scale * squares), dtype=np.float64)
