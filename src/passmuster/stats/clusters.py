"""Cases that belong together (same user, session or document): numbering them, warnings, and sums over them."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from passmuster.stats.arrays import FloatArray, IntArray

FEWEST_CLUSTERS = 20
LARGEST_SHARE = 0.30
_ROUNDING = 1e-6

Clusters = Sequence[Hashable] | NDArray[np.generic]
"""One key per case; cases with equal keys are one cluster."""


def cluster_numbers(clusters: Clusters) -> IntArray:
    """Return a number from 0 for each case, in the order in which its cluster first appears.

    >>> cluster_numbers(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    keys = clusters.tolist() if isinstance(clusters, np.ndarray) else clusters
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def cluster_warning(clusters: Clusters) -> str | None:
    """Return what a reader must know where intervals over these clusters are shaky, else None.

    The limits (20 clusters, 30% of the cases in one) are where simulated coverage starts to fall.

    >>> cluster_warning(["a", "a", "b", "c"])
    'only 3 groups: intervals over fewer than 20 groups are rough; the largest group holds 50% of the cases'
    >>> cluster_warning(range(40))
    """
    sizes = np.bincount(cluster_numbers(clusters))
    if sizes.size == 0:
        return None
    found: list[str] = []
    if sizes.size < FEWEST_CLUSTERS:
        noun = "group" if sizes.size == 1 else "groups"
        found.append(
            f"only {sizes.size} {noun}: intervals over fewer than {FEWEST_CLUSTERS} groups are rough"
        )
    share = float(sizes.max() / sizes.sum())
    if share > LARGEST_SHARE:
        found.append(f"the largest group holds {share:.0%} of the cases")
    return "; ".join(found) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSums:
    """The sums that the ratio of two totals needs, for its value and its standard error.

    Each field is a number (shape `()`), or one number per resample. `units` counts what was drawn
    independently: cases, or clusters. A mean over clusters is the ratio of values to sizes.
    """

    units: FloatArray
    top: FloatArray
    bottom: FloatArray
    top_top: FloatArray
    top_bottom: FloatArray
    bottom_bottom: FloatArray

    def value(self) -> FloatArray:
        """Return top / bottom; infinite where bottom is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.bottom > 0, self.top / self.bottom, np.inf)

    def standard_error(self) -> FloatArray:
        """Return the delta-method (CR1 for clusters) standard error; infinite for fewer than two units."""
        ratio = self.value()
        enough = (self.units > 1) & (self.bottom > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            squares = self.top_top - 2 * ratio * self.top_bottom + ratio**2 * self.bottom_bottom
            scale = self.units / (self.units - 1)
            error = np.sqrt(scale * np.maximum(squares, 0.0)) / self.bottom
        noise = 1e-12 * np.abs(ratio)  # what is left of a difference of equal sums is rounding
        return np.where(enough, np.where(error <= noise, 0.0, error), np.inf)


def ratio_columns(
    top: ArrayLike, bottom: ArrayLike, clusters: Clusters | None = None, used: ArrayLike | None = None
) -> FloatArray:
    """Return one row per case whose sums are what `sums_of` reads: units, top, bottom and their products.

    A sum over a resample is then a matrix product. The cases of a cluster are one unit: it stands in the row
    of its first case, which a resample of whole clusters weighs like all of them. Cases that are not `used`
    are no units; their top and bottom must be 0.
    """
    tops = np.asarray(top, dtype=np.float64)
    bottoms = np.asarray(bottom, dtype=np.float64)
    units = np.ones_like(tops) if used is None else np.asarray(used, dtype=np.float64)
    if clusters is not None:
        numbers = cluster_numbers(clusters)
        _, first = np.unique(numbers, return_index=True)
        placed = np.zeros((3, tops.size))
        placed[:, first] = [np.bincount(numbers, weights=each) for each in (tops, bottoms, units)]
        tops, bottoms, units = placed
        units = np.minimum(units, 1.0)
    return np.stack([units, tops, bottoms, tops * tops, tops * bottoms, bottoms * bottoms], axis=1)


def weighted_ratio_columns(
    top: ArrayLike,
    bottom: ArrayLike,
    weights: ArrayLike | None,
    clusters: Clusters | None = None,
    used: ArrayLike | None = None,
) -> FloatArray:
    """Return `ratio_columns` of weight x top and weight x bottom, a unit counting for what weights leave of it.

    The units add up to Kish's number (see `with_effective_units`) of the weights that are used, which sums of
    products of two other figures no longer tell.
    """
    if weights is None:
        return ratio_columns(top, bottom, clusters, used)
    own = np.asarray(weights, dtype=np.float64)
    table = ratio_columns(np.asarray(top) * own, np.asarray(bottom) * own, clusters, used)
    some = np.ones_like(own) if used is None else np.asarray(used, dtype=np.float64)
    sums = sums_of(ratio_columns(own * some, own * some, clusters, some).sum(axis=0))
    table[:, 0] *= float(with_effective_units(sums).units) / max(float(sums.units), 1.0)
    return table


def sums_of(table: FloatArray) -> RatioSums:
    """Return the sums of `ratio_columns`, whose last axis they are, by name."""
    units, top, bottom, top_top, top_bottom, bottom_bottom = np.moveaxis(table, -1, 0)
    return RatioSums(
        units=units,
        top=top,
        bottom=bottom,
        top_top=top_top,
        top_bottom=top_bottom,
        bottom_bottom=bottom_bottom,
    )


def ratio_sums(top: ArrayLike, bottom: ArrayLike, clusters: Clusters | None = None) -> RatioSums:
    """Return the sums of these cases; with clusters, a cluster is one unit."""
    return sums_of(ratio_columns(top, bottom, clusters).sum(axis=0))


def with_effective_units(sums: RatioSums) -> RatioSums:
    """Return the sums with as many units as their weights are worth: (sum w)^2 / sum w^2 (Kish 1965).

    What is told from a number of units - degrees of freedom, the size of pseudo-scores - then does not count
    units that stand for next to nothing. `bottom` must be a sum of weights. Of equal weights nothing changes.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(sums.bottom_bottom > 0, sums.bottom**2 / sums.bottom_bottom, 0.0)
    return replace(sums, units=np.minimum(worth, sums.units))


def with_pseudo_scores(sums: RatioSums) -> RatioSums:
    """Add two units of average size, one that scores 0 and one that scores 1 throughout."""
    size = sums.bottom / np.maximum(sums.units, 1)
    return RatioSums(
        units=sums.units + 2,
        top=sums.top + size,
        bottom=sums.bottom + 2 * size,
        top_top=sums.top_top + size**2,
        top_bottom=sums.top_bottom + size**2,
        bottom_bottom=sums.bottom_bottom + 2 * size**2,
    )


def whole_degrees(sums: RatioSums) -> int:
    """Return the degrees of freedom of one sum over units: one less than there are, and at least 1."""
    return max(1, math.floor(float(sums.units) + _ROUNDING) - 1)


def student_tail(distance: FloatArray, error: FloatArray, degrees: FloatArray) -> FloatArray:
    """Return P(T >= distance / error) for Student's t; 1 where nothing can be said (infinite error).

    Where the error is 0 the answer is 0 for a positive distance, else 1.
    """
    usable = np.isfinite(error) & (degrees > 0)
    safe = np.where(usable & (error > 0), error, 1.0)
    tail = scipy.special.stdtr(np.maximum(degrees, 1.0), -np.where(usable, distance, 0.0) / safe)
    certain = np.where(distance > 0, 0.0, 1.0)
    return np.where(usable, np.where(error > 0, tail, certain), 1.0)
