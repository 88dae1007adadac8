"""A share of judgements with its interval, where several may be of one case."""

import numpy as np
from numpy.typing import ArrayLike

from passmuster.records.score import Estimate
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import korn_graubard, wilson


def share_of(values: ArrayLike, groups: Clusters | None = None, *, missing: int = 0) -> Estimate:
    """Return the share of ones with its interval: Wilson's, and over groups that of Korn and Graubard (1998).

    Args:
        values: 0 or 1 for each judgement.
        groups: One key a judgement; those of one case or document are not independent.
        missing: How many others have none.

    Example:
        >>> alone, together = share_of([1, 1, 0, 0] * 10), share_of([1, 1, 0, 0] * 10, list("aabb") * 10)
        >>> print(f"{alone.low:.2f} {alone.high:.2f}, in two groups {together.low:.2f} {together.high:.2f}")
        0.35 0.65, in two groups 0.00 1.00
    """
    scores = np.asarray(values, dtype=np.float64)
    n = len(scores)
    if not n:
        return Estimate(value=None, n=0, n_missing=missing, method="none")
    units = None if groups is None else cluster_numbers(groups)
    if units is None or len(np.unique(units)) == n:
        low, high = wilson(float(scores.sum()), float(n))
        method = "Wilson"
    else:
        low, high = korn_graubard(scores, units)
        method = "Korn-Graubard over groups"
    return Estimate(
        value=float(scores.mean()), low=float(low), high=float(high), n=n, n_missing=missing, method=method
    )
