"""How often a judge is right where people passed a reply and where they failed it, and how its values go with theirs."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import LEVEL, wilson
from passmuster.stats.judged.association import associated, pearson
from passmuster.stats.judged.form import design_effect

_NOBODY = "people {said} none of the rated replies"


def sensitivity(
    judged: ArrayLike,
    human: ArrayLike,
    *,
    drawn_by_verdict: bool = False,
    groups: Clusters | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return the share of the replies that people passed which the judge passes, too.

    Where replies were drawn by the judge's verdict, passed ones may be rated more often than failed ones; the share
    is then weighed back to all judged replies, its interval that of the log odds. Else it is a share with Wilson's.
    A reply on which raters differ counts in part as passed and in part as failed. `n` counts replies passed by people. Where
    replies are in groups, the ratings count for as many as have the same error: n by the design effect (Kish 1965).

    Args:
        judged: 1 or 0 for each judged reply; NaN where the judge gave no verdict.
        human: The mean of what people said of it, 0 to 1; NaN where nobody rated it.
        drawn_by_verdict: Whether the rated replies were drawn by strata of the verdict.
        groups: One key a reply; those of one group are not independent.
        level: Of confidence.

    Example:
        >>> found = sensitivity([1, 1, 1, 0, 0, 0] * 10, [1, 1, 0, 0, 0, 1] * 10)
        >>> print(f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}] {found.n}")
        0.667 [0.488, 0.808] 30
    """
    return _rate(judged, human, 1, drawn_by_verdict=drawn_by_verdict, groups=groups, level=level)


def specificity(
    judged: ArrayLike,
    human: ArrayLike,
    *,
    drawn_by_verdict: bool = False,
    groups: Clusters | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return the share of the replies that people failed which the judge fails, too; see `sensitivity`.

    Example:
        >>> specificity([1, 1, 1, 0], [1, 1, 0, 0]).value
        0.5
    """
    return _rate(judged, human, 0, drawn_by_verdict=drawn_by_verdict, groups=groups, level=level)


def _rate(
    judged: ArrayLike,
    human: ArrayLike,
    truth: int,
    *,
    drawn_by_verdict: bool,
    groups: Clusters | None,
    level: float,
) -> Estimate:
    values, people = np.asarray(judged, dtype=np.float64), np.asarray(human, dtype=np.float64)
    given = ~np.isnan(values)
    rated = given & ~np.isnan(people)
    of = people[rated] if truth else 1 - people[rated]
    same = values[rated] == truth
    missing = int(given.sum() - rated.sum())
    n, hits = float(of.sum()), float(of[same].sum())
    if n <= 0:
        note = _NOBODY.format(said="passed" if truth else "failed")
        return Estimate(value=None, n=0, n_missing=missing, method="none", note=note)
    units = None if groups is None else cluster_numbers(groups)[rated]
    deff = 1.0 if units is None else _inflated(of, same, units, drawn_by_verdict=drawn_by_verdict)
    clustered = "" if units is None or len(np.unique(units)) == len(units) else ", clustered by group"
    if not drawn_by_verdict:
        low, high = wilson(hits / deff, n / deff, level)
        value, method = hits / n, f"Wilson{clustered}"
    else:
        hit, miss = (hits, float(same.sum())), (n - hits, float((~same).sum()))
        value, low, high = _weighed_back(hit, miss, float((values[given] == truth).mean()), level, deff)
        method = f"weighted back to the judge's verdicts{clustered}"
    return Estimate(value=value, low=low, high=high, n=round(n), n_missing=missing, method=method)


def _inflated(of: FloatArray, same: NDArray[np.bool_], units: IntArray, *, drawn_by_verdict: bool) -> float:
    """Return by how much groups inflate the variance of the rate, from what each rated reply moves it."""
    if not drawn_by_verdict:
        share = float(of[same].sum()) / float(of.sum())
        return design_effect(of * (same - share), units) or 1.0
    moves = np.zeros(len(of))
    for side, sign in ((same, 1.0), (~same, -1.0)):
        k, n = float(of[side].sum()), float(side.sum())
        if k > 0:
            moves[side] = sign * (of[side] - k / n) / k  # of the log odds
    return design_effect(moves, units) or 1.0


def _weighed_back(
    hit: tuple[float, float], miss: tuple[float, float], share: float, level: float, deff: float = 1.0
) -> tuple[float, float, float]:
    """Return q p1 / (q p1 + (1 - q) p0) with the interval of its log odds, half a rating added to each kind.

    Args:
        hit: Of the replies with the verdict that is right here, how many people agreed on and how many are rated.
        miss: The same for the other verdict: how many it should have had.
        share: q, the share of the first verdict in all judged replies.
        level: Of confidence.
        deff: The design effect of groups.
    """
    parts = [weight * k / n if n else 0.0 for weight, (k, n) in ((share, hit), (1 - share, miss))]
    value = parts[0] / sum(parts) if sum(parts) else math.nan
    (p1, v1), (p0, v0) = _smooth(*hit), _smooth(*miss)
    if share in {0.0, 1.0}:
        return share, *wilson(*((hit[0], hit[0]) if share else (0.0, miss[0])), level)
    centre = math.log(share * p1) - math.log((1 - share) * p0)
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(deff * (v1 + v0))
    low, high = (1 / (1 + math.exp(-at)) for at in (centre - half, centre + half))
    return value, min(low, value), max(high, value)


def _smooth(k: float, n: float) -> tuple[float, float]:
    """Return a share after half a rating of each kind, and the variance of its logarithm."""
    p = (k + 0.5) / (n + 1)
    return p, (1 - p) / (max(n, 1.0) * p)


def correlation(
    judged: ArrayLike,
    human: ArrayLike,
    *,
    groups: Clusters | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Return Pearson's correlation of the judge's values with people's, its interval on Fisher's scale.

    No normal distribution is asked for (`stats.judged.association`), and groups of cases count as such where there
    are some. No value where one of the two does not vary, or for fewer than four replies.

    Args:
        judged: The judge's value of each reply, NaN where it gave none.
        human: What people said, NaN where nobody rated.
        groups: One key a reply; those of one group are not independent.
        level: Of confidence.

    Example:
        >>> found = correlation([1, 2, 3, 4, 5] * 8, [1, 3, 2, 5, 4] * 8)
        >>> print(f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}] {found.n}")
        0.80 [0.72, 0.86] 40
    """
    return associated(pearson, judged, human, groups=groups, level=level)
