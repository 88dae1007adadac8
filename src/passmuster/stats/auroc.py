"""How well a number tells right from wrong: the area under the ROC curve, with its interval, paired for two numbers.

The interval is DeLong's (DeLong, DeLong and Clarke-Pearson 1988), by its placement values: what each case adds to the area's
variance. Cases of a cluster add up to one (Obuchowski 1997); with weights a placement is a weighted share.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The area under a ROC curve, and what each case adds to its error: the sum of squares is the variance.

    `fewest` is the number of cases (clusters) of the rarer of right and wrong.
    """

    value: float
    parts: FloatArray
    fewest: int

    @property
    def standard_error(self) -> float:
        """Return the standard error; 0 where every right case has a larger value than every wrong one."""
        return float(np.sqrt(np.sum(self.parts**2)))


def auroc(
    values: ArrayLike, right: ArrayLike, weights: ArrayLike | None = None, clusters: Clusters | None = None
) -> Area | None:
    """Return the chance that a right case has a larger value than a wrong one, ties counted half.

    Args:
        values: One number for each case, none of them NaN.
        right: 1 for each case that is right, else 0.
        weights: How many cases each stands for.
        clusters: The cluster of each case, where cases are not independent.

    Returns:
        None where all cases are right, or all wrong.

    Example:
        >>> auroc([0.9, 0.8, 0.7, 0.4], [1, 1, 0, 1]).value
        0.6666666666666666
    """
    own = np.asarray(values, dtype=np.float64)
    good = np.asarray(right, dtype=np.float64) > 0.5
    each = np.ones(own.size) if weights is None else np.asarray(weights, dtype=np.float64)
    if not good.any() or good.all():
        return None
    numbers = np.arange(own.size) if clusters is None else cluster_numbers(clusters)
    place = np.empty(own.size)
    place[good] = _below(own[good], own[~good], each[~good])
    place[~good] = 1.0 - _below(own[~good], own[good], each[good])
    value = float(np.average(place[good], weights=each[good]))
    parts, fewest = np.zeros(int(numbers.max()) + 1), own.size
    for members in (good, ~good):
        units = np.unique(numbers[members]).size
        fewest = min(fewest, units)
        scale = math.sqrt(units / (units - 1)) if units > 1 else 1.0
        share = scale * each[members] * (place[members] - value) / each[members].sum()
        parts += np.bincount(numbers[members], weights=share, minlength=parts.size)
    return Area(value=value, parts=parts, fewest=fewest)


def _below(values: FloatArray, others: FloatArray, weights: FloatArray) -> FloatArray:
    """Return for each value the weighted share of the others that lie below it, ties counted half."""
    order = np.argsort(others, kind="stable")
    summed = np.concatenate([[0.0], np.cumsum(weights[order])])
    low = summed[np.searchsorted(others[order], values, side="left")]
    high = summed[np.searchsorted(others[order], values, side="right")]
    return np.asarray((low + high) / 2 / summed[-1])


def auroc_interval(area: Area, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of an area: DeLong's, on the logit scale, so that it stays in [0, 1].

    Where the cases are told apart without a slip their spread cannot be seen. Were the area A, none would slip
    with a chance of A to the power of the rarer kind's number at most (that many pairs share no case), and the end is
    where that is the level's tail.

    Example:
        >>> area = auroc([0.9, 0.8, 0.7, 0.4, 0.3, 0.2], [1, 1, 0, 1, 0, 0])
        >>> low, high = auroc_interval(area)
        >>> print(f"{area.value:.2f} {low:.2f} {high:.2f}")
        0.89 0.26 0.99
    """
    tail = (1 - level) / 2
    if area.value in (0.0, 1.0):
        end = tail ** (1 / area.fewest)
        return (end, 1.0) if area.value == 1.0 else (0.0, 1 - end)
    if area.fewest < 2:
        return 0.0, 1.0
    spread = area.value * (1 - area.value)
    half = NormalDist().inv_cdf(1 - tail) * area.standard_error / spread
    centre = math.log(area.value / (1 - area.value))
    return _logistic(centre - half), _logistic(centre + half)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaDifference:
    """An area less another on the same cases, with its interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p: float


def auroc_difference(first: Area, second: Area, level: float = LEVEL) -> AreaDifference:
    """Return the difference of two areas over the same cases, by the cases' differences (DeLong and others 1988).

    Example:
        >>> right = [1, 1, 1, 0, 0, 0]
        >>> good, poor = auroc([6, 5, 3, 4, 2, 1], right), auroc([1, 6, 2, 5, 4, 3], right)
        >>> round(auroc_difference(good, poor).value, 3)
        0.556
    """
    value = first.value - second.value
    error = float(np.sqrt(np.sum((first.parts - second.parts) ** 2)))
    half = NormalDist().inv_cdf((1 + level) / 2) * error
    p = 2 * NormalDist().cdf(-abs(value) / error) if error > 0 else float(value == 0)
    return AreaDifference(value=value, low=max(-1.0, value - half), high=min(1.0, value + half), p=p)
