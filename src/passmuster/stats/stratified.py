"""Two kinds of cases compared within strata, so that another mix of strata is no difference between them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers, student_tail
from passmuster.stats.intervals import LEVEL
from passmuster.stats.student import student_quantile

_LEVERAGE = 0.95
"""The most of its own fitted value that a case is taken to decide: one that decides all of it has no residual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StratifiedDifference:
    """A mean difference within strata with its interval; `p_less` is the one-sided p-value of "it is 0 or more".

    `first` and `second` count the cases of each kind in the `strata` that have both.
    """

    value: float
    low: float
    high: float
    p_less: float
    first: int
    second: int
    strata: int


class _Slope(NamedTuple):
    """A difference, its standard error, that error where both kinds are the same, and the degrees of freedom."""

    value: float
    error: float
    equal: float
    degrees: int


@dataclass(frozen=True, slots=True)
class _Cases:
    """Scores, kinds (1 or 0), strata and independent units of cases in strata that have both kinds."""

    scores: FloatArray
    kind: FloatArray
    cells: IntArray
    units: IntArray

    def slope(self) -> "_Slope":
        """Return the difference with its standard errors, by least squares with a constant a stratum."""
        centred = self._centred(self.kind)
        spread = float(centred @ centred)
        value = float(centred @ self.scores) / spread
        residuals = self._centred(self.scores) - value * centred
        n, used = self.kind.size, int(self.cells.max()) + 2
        sums = np.bincount(self.units, weights=centred * residuals)
        if n <= used or sums.size < 2:
            return _Slope(value, np.inf, np.inf, 0)
        if sums.size < n:
            factor = sums.size / (sums.size - 1) * (n - 1) / (n - used)
            error = float(np.sqrt(factor * float(sums @ sums))) / spread
            return _Slope(value, error, error, sums.size - 1)
        leverage = np.minimum(centred**2 / spread + 1 / np.bincount(self.cells)[self.cells], _LEVERAGE)
        robust = float(np.sqrt(np.sum((centred * residuals / (1 - leverage)) ** 2))) / spread
        equal = float(np.sqrt(float(residuals @ residuals) / (n - used) / spread))
        return _Slope(value, robust, equal, n - used)

    def with_pseudo_cases(self) -> "_Cases":
        """Add a stratum with a success and a failure of each kind, each a unit of its own."""
        next_unit = int(self.units.max()) + 1
        return _Cases(
            np.concatenate((self.scores, [0.0, 1.0, 0.0, 1.0])),
            np.concatenate((self.kind, [1.0, 1.0, 0.0, 0.0])),
            np.concatenate((self.cells, np.full(4, int(self.cells.max()) + 1))),
            np.concatenate((self.units, np.arange(next_unit, next_unit + 4))),
        )

    def _centred(self, values: FloatArray) -> FloatArray:
        totals = np.bincount(self.cells, weights=values) / np.bincount(self.cells)
        return np.asarray(values - totals[self.cells], dtype=np.float64)


def stratified_difference(
    values: ArrayLike,
    marked: ArrayLike,
    strata: Clusters,
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> StratifiedDifference | None:
    """Return how much higher the marked cases score than the others of the same strata.

    Each stratum with n marked and m other cases weighs n m / (n + m): that is least squares with a constant for
    each stratum. The interval is that of the robust error HC3 (MacKinnon and White 1985), the p-value that of the
    error with one variance, since what it tests is that both kinds are the same; over clusters both are CR1 (Liang
    and Zeger 1986). Both are taken after four pseudo-cases, a success and a failure of each kind, so that cases
    that all score alike give no certainty. None where no stratum has both kinds.

    Args:
        values: One score in [0, 1] a case.
        marked: Which cases are of the first kind.
        strata: One key a case.
        clusters: One key a case; those of one cluster are not independent.
        level: Of the interval, which is clipped to [-1, 1].

    Example:
        >>> found = stratified_difference([1, 0, 0, 0, 1, 1, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0], "aabbaabb")
        >>> found.value, found.first, found.strata
        (-0.5, 4, 2)
    """
    cases, strata_used = _usable(values, marked, strata, clusters)
    if cases is None:
        return None
    value = cases.slope().value
    centre, error, equal, degrees = cases.with_pseudo_cases().slope()
    half = student_quantile((1 + level) / 2, max(1, degrees)) * error
    tail = student_tail(np.asarray(-centre), np.asarray(equal), np.asarray(float(degrees)))
    first = int(cases.kind.sum())
    return StratifiedDifference(
        value=value,
        low=max(-1.0, centre - half),
        high=min(1.0, centre + half),
        p_less=float(tail),
        first=first,
        second=cases.kind.size - first,
        strata=strata_used,
    )


def _usable(
    values: ArrayLike, marked: ArrayLike, strata: Clusters, clusters: Clusters | None
) -> tuple[_Cases | None, int]:
    """Return the cases of strata that have both kinds, and how many strata these are."""
    scores = np.asarray(values, dtype=np.float64)
    kind: NDArray[np.bool_] = np.asarray(marked, dtype=np.bool_)
    cells = cluster_numbers(strata)
    size = int(cells.max(initial=-1)) + 1
    both = (np.bincount(cells[kind], minlength=size) > 0) & (np.bincount(cells[~kind], minlength=size) > 0)
    if not both.any():
        return None, 0
    kept = both[cells]
    units = np.arange(scores.size) if clusters is None else cluster_numbers(clusters)
    found = _Cases(
        scores[kept], kind[kept].astype(np.float64), _renumbered(cells[kept]), _renumbered(units[kept])
    )
    return found, int(both.sum())


def _renumbered(numbers: IntArray) -> IntArray:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)
