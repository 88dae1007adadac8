"""The difference of two candidates as people would have seen it, under a judge that may favour one of them."""

import math
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike

from passmuster.records.score import Difference
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import LEVEL
from passmuster.stats.judged.corrected import form_of, judged_columns, words
from passmuster.stats.judged.estimator import Point, estimate_of_sums, influence_of
from passmuster.stats.judged.form import Bounds, Prepared, Strata, design_effect
from passmuster.stats.student import student_quantile


class _Side(NamedTuple):
    prepared: Prepared
    point: Point
    influence: FloatArray


def corrected_difference(  # noqa: PLR0913 - two sides, and facts of the ratings by keyword
    judged_a: ArrayLike,
    human_a: ArrayLike,
    judged_b: ArrayLike,
    human_b: ArrayLike,
    *,
    bounds: Bounds,
    drawn: bool = True,
    weights: ArrayLike | None = None,
    groups: Clusters | None = None,
    stands_a: ArrayLike | None = None,
    stands_b: ArrayLike | None = None,
    strata_a: Strata | None = None,
    strata_b: Strata | None = None,
    level: float = LEVEL,
) -> Difference:
    """Return candidate a minus candidate b as people would have seen it, in the metric's unit.

    Each side is corrected by its own ratings (`corrected`), whichever cases these are of; what the two have in
    common - the cases, and ratings of both replies to one case - is in the covariance of their influence functions.
    `n` counts the cases with a rating on either side. Without a value where one side cannot be corrected.

    Args:
        judged_a: The judge's values of a's replies, one row a case; NaN where it gave none.
        human_a: What people said of them; NaN where nobody rated.
        judged_b: Those of b's replies to the same cases, row by row.
        human_b: What people said of these.
        bounds: The least and the greatest value.
        drawn: Whether the replies that were rated are a random draw.
        weights: How many cases of traffic each row stands for.
        groups: One key a row; rows of one group are not independent.
        stands_a: How many replies each rated one of a stands for, as in `corrected`.
        stands_b: Those of b's.
        strata_a: The strata of a's replies where their ratings were drawn by strata of a fine score.
        strata_b: Those of b's.
        level: Of confidence.

    Example:
        >>> nobody = [float("nan")] * 400
        >>> a = corrected_difference(
        ...     [1] * 450 + [0] * 50, [1] * 40 + [0] * 10 + nobody + [1] * 10 + [0] * 40,
        ...     [1] * 500, [1] * 25 + [0] * 25 + nobody + [1] * 25 + [0] * 25, bounds=(0, 1),
        ... )
        >>> print(f"{a.value:+.2f} {a.n}")
        +0.24 100
    """
    sides = [
        _side(judged, human, bounds, drawn, stands, weights, strata)
        for judged, human, stands, strata in (
            (judged_a, human_a, stands_a, strata_a),
            (judged_b, human_b, stands_b, strata_b),
        )
    ]
    a, b = sides
    if a is None or b is None:
        return Difference(value=None, method="not corrected: too few ratings on one side")
    return _between(a, b, bounds, groups, level)


def _between(a: _Side, b: _Side, bounds: Bounds, groups: Clusters | None, level: float) -> Difference:
    error, degrees = _error(a, b, groups)
    wide = bounds[1] - bounds[0]
    value = float(a.point.value) - float(b.point.value)
    half = student_quantile((1 + level) / 2, max(1, math.floor(degrees + 1e-6))) * error
    rated = a.prepared.rows.rated | b.prepared.rows.rated
    judged = a.prepared.rows.used | b.prepared.rows.used
    return Difference(
        value=wide * value,
        low=wide * max(-1.0, value - half),
        high=wide * min(1.0, value + half),
        p=_two_sided(value, error, degrees),
        n=int(rated.sum()),
        n_missing=int(judged.sum() - rated.sum()),
        method=f"{words(a.prepared)}, each candidate by its own ratings",
    )


def _side(  # noqa: PLR0913, PLR0917 - one side as it was given
    judged: ArrayLike,
    human: ArrayLike,
    bounds: Bounds,
    drawn: bool,  # noqa: FBT001 - the two sides differ in nothing but their values
    stands: ArrayLike | None,
    weights: ArrayLike | None,
    strata: Strata | None,
) -> _Side | None:
    found = form_of(judged, human, bounds=bounds, drawn=drawn, stands=stands, weights=weights, strata=strata)
    if found is None:
        return None
    point = estimate_of_sums(judged_columns(found).sum(axis=0), found.form)
    return _Side(found, point, influence_of(found.rows, found.form))


def _error(a: _Side, b: _Side, groups: Clusters | None) -> tuple[float, float]:
    """Return the standard error of the difference and its degrees of freedom, on the scale from 0 to 1."""
    first, second = a.influence, b.influence
    degrees = min(float(a.point.degrees), float(b.point.degrees))
    inflated = 1.0
    if groups is not None:
        numbers = cluster_numbers(groups)
        either = a.prepared.rows.rated | b.prepared.rows.rated
        degrees = min(degrees, max(1.0, len(np.unique(numbers[either])) - 1.0))
        inflated = design_effect(first - second, numbers) or 1.0
    scale = math.sqrt(float(first @ first) * float(second @ second))
    alike = float(first @ second) / scale if scale > 0 else 0.0
    one, other = float(a.point.error), float(b.point.error)
    variance = one**2 + other**2 - 2 * min(1.0, max(-1.0, alike)) * one * other
    rated = min(float(a.prepared.rows.rated.sum()), float(b.prepared.rows.rated.sum()))
    # Half a pair that a won and half one that b won: what was not seen among so few ratings.
    return math.sqrt(inflated * max(variance, 1.0 / (rated * (rated + 1)))), degrees


def _two_sided(value: float, error: float, degrees: float) -> float:
    return float(min(1.0, 2 * scipy.special.stdtr(degrees, -abs(value) / error)))
