"""The gap between people and judge on fresh draws, each draw by itself."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from passmuster.records.score import Estimate
from passmuster.stats.clusters import cluster_numbers
from passmuster.stats.paired import paired_mean_interval


class BothSaid(NamedTuple):
    """What people and the judge said of one reply, None where they did not; `case` is the case's id."""

    case: str
    people: float | None
    judge: float | None


def gap_of(said: Sequence[BothSaid], bounds: tuple[float, float]) -> Estimate:
    """Return what people say less what the judge says, on average, in the unit of the scale.

    The interval is that of the paired t, with replies to one case as a cluster (`stats.paired`).

    Args:
        said: What both said of the replies of a draw.
        bounds: The least and the greatest value.

    Example:
        >>> gap_of([BothSaid("1", 4.0, 5.0), BothSaid("2", 3.0, 4.0), BothSaid("3", None, 4.0)], (1.0, 5.0)).value
        -1.0
    """
    rows = [(each.case, each.people, each.judge) for each in said]
    known = [
        (case, people - judge) for case, people, judge in rows if people is not None and judge is not None
    ]
    missing = len(said) - len(known)
    if not known:
        return Estimate(value=None, n_missing=missing, method="no data")
    span = bounds[1] - bounds[0]
    shares = np.array([gap for _, gap in known]) / span
    clusters = cluster_numbers([case for case, _ in known])
    interval = paired_mean_interval(shares, clusters=clusters)
    low, high = (None, None) if interval is None else (interval[0] * span, interval[1] * span)
    return Estimate(
        value=float(shares.mean()) * span,
        low=low,
        high=high,
        n=len(known),
        n_missing=missing,
        method="paired t, by case",
    )
