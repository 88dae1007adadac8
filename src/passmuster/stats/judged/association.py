"""How a metric's values go with people's: correlations, ranks, alpha and the mean gap, with clustered intervals.

Every interval is that of the figure's influence function (Hampel 1974, Journal of the American Statistical Association 69,
383-393), added up within groups of cases: no resampling, no seed. Correlations are taken on Fisher's scale.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import LEVEL
from passmuster.stats.student import student_quantile

FEWEST = 4
"""With fewer replies there is no correlation to speak of."""

_BLOCK = 2_000_000


class Figure(NamedTuple):
    """A figure and what each case contributes to its error, to first order."""

    value: float
    influence: FloatArray


Association: TypeAlias = Callable[[FloatArray, FloatArray], Figure]
"""Two values a case, neither of them constant -> a figure from -1 to 1."""


def pearson(x: FloatArray, y: FloatArray) -> Figure:
    """Return Pearson's correlation.

    Its influence is a b - r (a^2 + b^2) / 2 of standardised values (Devlin, Gnanadesikan and Kettenring 1975,
    Biometrika 62, 531-545).

    Example:
        >>> round(pearson(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 4, 3])).value, 3)
        0.8
    """
    a, b = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    r = float(np.clip((a * b).mean(), -1.0, 1.0))
    return Figure(r, a * b - r * (a**2 + b**2) / 2)


def spearman(x: FloatArray, y: FloatArray) -> Figure:
    """Return Spearman's rank correlation; equal values share the mean of their ranks.

    Its influence is Pearson's of the ranks, and what a case does to the ranks of the others.

    Example:
        >>> round(spearman(np.array([1.0, 2, 3, 40]), np.array([1.0, 2, 4, 3])).value, 3)
        0.8
    """
    u, v = _ranks(x), _ranks(y)
    direct = pearson(u, v)
    a, b = (u - u.mean()) / u.std(), (v - v.mean()) / v.std()
    moved = _moved(x, b - direct.value * a) / u.std() + _moved(y, a - direct.value * b) / v.std()
    return Figure(direct.value, direct.influence + moved)


def _ranks(values: FloatArray) -> FloatArray:
    """Return the share of values below each, and half of those equal to it."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    return np.asarray((below + counts / 2)[place] / len(values), dtype=np.float64)


def _moved(values: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return what each case adds to the ranks of the others, times their slopes: mean of (1(v_i < v_j) - rank_j) s_j."""
    _, place = np.unique(values, return_inverse=True)
    sums = np.bincount(place, weights=slopes)
    above = sums.sum() - np.cumsum(sums)
    added = (above + sums / 2)[place] - float(_ranks(values) @ slopes)
    return np.asarray(added / len(values), dtype=np.float64)


def kendall(x: FloatArray, y: FloatArray) -> Figure:
    """Return Kendall's tau-b (Kendall 1945, Biometrika 33, 239-251): pairs in the same order less those in another.

    Each pair of cases is looked at, so that time grows with the square of the cases.

    Example:
        >>> round(kendall(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 4, 3])).value, 3)
        0.667
    """
    n = len(x)
    rows = max(1, _BLOCK // n)
    together = np.empty(n)
    for start in range(0, n, rows):
        of = slice(start, start + rows)
        order = np.sign(x[of, None] - x[None, :]) * np.sign(y[of, None] - y[None, :])
        together[of] = order.mean(axis=1)
    apart_x, apart_y = _untied(x), _untied(y)
    p, of_x, of_y = float(together.mean()), float(apart_x.mean()), float(apart_y.mean())
    value = float(np.clip(p / math.sqrt(of_x * of_y), -1.0, 1.0))
    ties = (apart_x - of_x) / of_x + (apart_y - of_y) / of_y
    return Figure(value, 2 * ((together - p) / math.sqrt(of_x * of_y) - value / 2 * ties))


def _untied(values: FloatArray) -> FloatArray:
    """Return, for each value, the share of values that differ from it."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(1 - counts[place] / len(values), dtype=np.float64)


def alpha(x: FloatArray, y: FloatArray) -> Figure:
    """Return Krippendorff's alpha of two annotators for numbers on one scale (interval differences).

    `stats.agreement.krippendorff_alpha` is the same for any number of annotators, from their counts.

    Example:
        >>> round(alpha(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 4, 3])).value, 3)
        0.825
    """
    squares = (x - y) ** 2
    middle = (x.mean() + y.mean()) / 2
    around = ((x - middle) ** 2 + (y - middle) ** 2) / 2
    size = 2 * len(x)
    seen, chance = float(squares.mean()), 2 * float(around.mean()) * size / (size - 1)
    influence = -(squares - seen) / chance + seen / chance * (around / around.mean() - 1)
    return Figure(1 - seen / chance, influence)


def gap(x: FloatArray, y: FloatArray) -> Figure:
    """Return the mean of x - y: how much higher the first says than the second."""
    apart = x - y
    return Figure(float(apart.mean()), apart - apart.mean())


def associated(
    figure: Association,
    judged: ArrayLike,
    human: ArrayLike,
    *,
    groups: Clusters | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return a figure of the cases that have both values, with its interval.

    `n` counts these cases, `n_missing` those with a judged value only. No value for fewer than four cases or where one
    of the two always says the same; no interval where agreement is perfect, or for fewer than four groups.

    Args:
        figure: `pearson`, `spearman`, `kendall`, `alpha` or `gap`.
        judged: The metric's value of each reply, NaN where it gave none.
        human: What people said, NaN where nobody rated.
        groups: One key a reply; those of one group are not independent.
        level: Of confidence.

    Example:
        >>> found = associated(spearman, [1, 2, 3, 4, 5] * 8, [1, 3, 2, 5, 4] * 8)
        >>> print(f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}] {found.n}")
        0.80 [0.68, 0.88] 40
    """
    values, people = np.asarray(judged, dtype=np.float64), np.asarray(human, dtype=np.float64)
    both = ~np.isnan(values) & ~np.isnan(people)
    missing = int((~np.isnan(values)).sum() - both.sum())
    x, y = values[both], people[both]
    n = len(x)
    if n < FEWEST or (figure is not gap and (np.ptp(x) == 0 or np.ptp(y) == 0)):
        note = "fewer than four rated replies" if n < FEWEST else "one of the two always says the same"
        return Estimate(value=None, n=n, n_missing=missing, method="none", note=note)
    found = figure(x, y)
    units = np.arange(n) if groups is None else cluster_numbers(np.asarray(groups)[both])
    low, high = _interval(found, units, figure is gap, level)
    method = "influence function" if groups is None else "influence function over groups"
    return Estimate(value=found.value, low=low, high=high, n=n, n_missing=missing, method=method)


def _interval(
    found: Figure,
    units: IntArray,
    plain: bool,  # noqa: FBT001 - whether the figure is a mean, and not at most 1
    level: float,
) -> tuple[float | None, float | None]:
    sums = np.bincount(units, weights=found.influence)
    if len(sums) < FEWEST or (not plain and abs(found.value) > 1 - 1e-12):
        return None, None
    error = math.sqrt(float(sums @ sums) * len(sums) / (len(sums) - 1)) / len(found.influence)
    half = student_quantile((1 + level) / 2, len(sums) - (1 if plain else 2)) * error
    if plain:
        return found.value - half, found.value + half
    centre, half = math.atanh(found.value), half / (1 - found.value**2)
    return math.tanh(centre - half), math.tanh(centre + half)
