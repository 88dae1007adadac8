"""Estimates of several slices drawn towards one another: random effects (DerSimonian and Laird 1986)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """What is common to several estimates, how far the true ones lie apart, and each drawn towards what is common.

    `spread` is tau^2, the variance of the true values, 0 where the estimates differ by no more than chance.
    """

    centre: float
    spread: float
    values: FloatArray


def partially_pooled(values: ArrayLike, variances: ArrayLike) -> Pooled:
    """Draw estimates towards their common mean, the less sure ones further.

    With tau^2 by the moments of DerSimonian and Laird (1986), each is tau^2 / (tau^2 + its variance) of itself
    and the rest of the mean that is weighted by 1 / (tau^2 + variance). These are better estimates, and no tests: a slice that
    is really worse is drawn towards the others too.

    Args:
        values: The estimates; at least one.
        variances: Their squared standard errors, above 0.

    Raises:
        ValueError: for no estimates, or a variance that is not above 0.

    Example:
        >>> found = partially_pooled([0.0, 0.0, 0.0, -0.2], [0.0004] * 4)
        >>> found.values.round(3).tolist()
        [-0.002, -0.002, -0.002, -0.194]
        >>> partially_pooled([0.01, -0.01], [0.01, 0.01]).values.tolist()
        [0.0, 0.0]
    """
    own, errors = np.asarray(values, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if own.size == 0 or not np.all(errors > 0):
        raise ValueError(f"estimates need a variance above 0 each; got {own.size} with {errors.tolist()[:5]}")
    weights = 1 / errors
    mean = float(np.average(own, weights=weights))
    excess = float((weights * (own - mean) ** 2).sum()) - (own.size - 1)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    spread = max(0.0, excess / scale) if scale > 0 else 0.0
    centre = float(np.average(own, weights=1 / (spread + errors)))
    kept = spread / (spread + errors)
    return Pooled(centre=centre, spread=spread, values=kept * own + (1 - kept) * centre)
