"""Whether the place at which a reply is shown decides what a pairwise judge says."""

from collections.abc import Iterable

import numpy as np

from passmuster.decide.judging.calibrating.rows import Swapped
from passmuster.decide.judging.shares import share_of
from passmuster.records.calibration import PositionBias
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters
from passmuster.stats.paired import mcnemar_mid_p, paired_mean_p


def position_bias(swapped: Iterable[Swapped], groups: Clusters | None = None) -> PositionBias | None:
    """Return what swapping the sides did; None where nothing was compared in both orders.

    The test is that of "what stands first wins as often as what stands second": the mid-p McNemar test (Fagerland, Lydersen
    and Laake 2013) on the comparisons whose verdict changed, and where several are of one case the paired t over cases.

    Args:
        swapped: Of each comparison, whether both orders gave the same verdict, or one place won more than its due.
        groups: What the case of each is clustered by; comparisons of one case are not independent.

    Example:
        >>> found = position_bias(["consistent"] * 70 + ["first"] * 25 + ["second"] * 5)
        >>> found.consistent.value, found.first, found.second, round(found.p, 4)
        (0.7, 25, 5, 0.0002)
    """
    told = np.array(list(swapped), dtype=object)
    n = len(told)
    if n == 0:
        return None
    own = np.arange(n) if groups is None else np.asarray(groups, dtype=object)
    first, second = told == "first", told == "second"
    changed = first | second
    p, method = _even(first.astype(np.float64) - second, own)
    return PositionBias(
        n=n,
        consistent=share_of(~changed, own),
        first=int(first.sum()),
        second=int(second.sum()),
        lean=share_of(first[changed], own[changed]) if changed.any() else Estimate(value=None),
        p=p,
        method=method,
    )


def _even(lean: FloatArray, groups: Clusters) -> tuple[float, str]:
    """Return the p-value of "no place wins more", from 1 for the first place, -1 for the second and 0 for neither."""
    together = None if len(set(groups)) == len(lean) else paired_mean_p(lean, clusters=groups)
    if together is None:
        return mcnemar_mid_p(float((lean > 0).sum()), float((lean < 0).sum())), "mid-p McNemar"
    return together, "paired t, clustered by case"
