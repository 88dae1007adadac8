"""The interval of a mean of shares, with the weights and groups of the cases."""

from passmuster.decide.measured import FloatArray
from passmuster.stats.clusters import Clusters
from passmuster.stats.intervals import cluster_mean_interval, mean_interval
from passmuster.stats.weighted import weighted_mean_interval


def share_interval(
    values: FloatArray, weights: FloatArray | None, groups: Clusters | None
) -> tuple[float, float]:
    """Return the 95% interval of a mean of values in [0, 1].

    Example:
        >>> import numpy as np
        >>> low, high = share_interval(np.array([0.0, 1.0] * 20), None, None)
        >>> print(f"{low:.2f} {high:.2f}")
        0.34 0.66
    """
    if weights is not None:
        return weighted_mean_interval(values, weights, groups)
    if groups is not None:
        return cluster_mean_interval(values, groups)
    low, high = mean_interval(float(values.sum()), float((values**2).sum()), values.size)
    return float(low), float(high)
