"""What moves a verdict beside what people say of the reply: its length, or whose it is."""

from collections.abc import Sequence

import numpy as np
from scipy import special

from passmuster.decide.judging.calibrating.rows import Beside, JudgedReply, Unit
from passmuster.records.calibration import Leaning
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.logistic import fit
from passmuster.stats.student import student_quantile

FEWEST = 20
"""Cases with ratings below which nothing is said."""

FEW_VALUES = 3
"""Up to so many different ratings, each has a share of its own; more are on a line."""

_CLOSE = 1e-9


def length_leaning(found: Beside, unit: Unit) -> Leaning | None:
    """Return whether longer replies are favoured over what people say of them; the effect is that of twice the length.

    Of two replies side by side it is the ratio of their lengths that counts.
    """
    return leaning(found, unit, np.array([_doublings(row) for row in found.rows], dtype=np.float64))


def family_leaning(found: Beside, unit: Unit) -> Leaning | None:
    """Return whether candidates of the judge's own model or family are favoured over what people say of them."""
    return leaning(found, unit, np.array([row.akin for row in found.rows], dtype=np.float64))


def leaning(found: Beside, unit: Unit, extra: FloatArray) -> Leaning | None:
    """Return whether something moves the verdict at the same rating by people; None where that cannot be told.

    A logistic regression of the verdict (as a share of the scale: Papke and Wooldridge 1996) on the rating and on
    `extra`, its test the score test with a covariance clustered by case (Boos 1992, American Statistician 46, 327-333):
    unlike the ratio of effect and error it finds a judge that `extra` decides alone, whose effect has no bound.

    Args:
        found: Judgements and ratings of the same replies.
        unit: The unit of both.
        extra: One value a reply.
    """
    clusters = cluster_numbers(found.groups) if len(found) else np.zeros(0, dtype=np.int64)
    groups = len(np.unique(clusters))
    if groups < FEWEST or float(np.ptp(extra)) <= _CLOSE:
        return None
    y, human = unit.share(found.judge), unit.share(found.human)
    weights = found.weights / found.weights.mean()
    known = _known(human)
    p = score_test(y, known, extra, weights, clusters)
    if p is None:
        return None
    fitted = fit(np.column_stack([known, extra]), y, weights=weights, clusters=(clusters,))
    effect = float(fitted.coefficients[-1])
    if not np.isfinite(effect):
        return None
    estimate = Estimate(value=effect, n=len(found), method="logistic regression")
    error = float(fitted.errors[-1])
    if not fitted.separated and np.isfinite(error):
        half = student_quantile(0.975, groups - 1) * error
        estimate = Estimate(
            value=effect,
            low=effect - half,
            high=effect + half,
            n=len(found),
            method="logistic regression, clustered by case",
        )
    return Leaning(effect=estimate, p=p, n=len(found), separated=fitted.separated)


def score_test(
    y: FloatArray, known: FloatArray, extra: FloatArray, weights: FloatArray, clusters: Clusters
) -> float | None:
    """Return the p-value of "`extra` says nothing of `y` beyond what `known` says".

    None where `known` foretells every `y`: then there is nothing left to be moved.

    Args:
        y: Shares between 0 and 1.
        known: The columns of what is known, which hold the constant.
        extra: The column in question.
        weights: What each row counts.
        clusters: What rows belong to.
    """
    shares = _expected(y, known, weights)
    spread = weights * np.maximum(shares * (1 - shares), 1e-12)
    slopes = np.linalg.lstsq(known * np.sqrt(spread)[:, None], extra * np.sqrt(spread), rcond=None)[0]
    parts = weights * (y - shares) * (extra - known @ slopes)
    sums = np.bincount(cluster_numbers(clusters), weights=parts)
    size = float(np.sqrt(sums @ sums))
    if size <= _CLOSE * max(1.0, float(np.abs(extra).max())):
        return None
    t = float(sums.sum()) / size
    return float(2 * special.stdtr(len(sums) - 1, -abs(t)))


def _expected(y: FloatArray, known: FloatArray, weights: FloatArray) -> FloatArray:
    fitted = fit(known, y, weights=weights)
    shares: FloatArray = special.expit(known @ np.nan_to_num(fitted.coefficients))
    return shares


def _known(human: FloatArray) -> FloatArray:
    """Return the columns that hold what people say: one for each value where there are few, else a line."""
    values = np.unique(human)
    if len(values) <= FEW_VALUES:
        groups: FloatArray = (human[:, None] == values).astype(np.float64)
        return groups
    return np.column_stack([np.ones_like(human), human])


def _doublings(row: JudgedReply) -> float:
    """Return how often the length doubles, from one character or from the length of the other reply."""
    own = np.log2(max(row.length, 1))
    return float(own if row.other_length is None else own - np.log2(max(row.other_length, 1)))


def longer_wins(rows: Sequence[JudgedReply]) -> tuple[int, int] | None:
    """Return of how many decided comparisons of unlike length the longer reply won, and of how many; None without any."""
    decided = [
        (row.value > 0.5) == (row.length > row.other_length)
        for row in rows
        if row.value is not None
        and row.value != 0.5
        and row.other_length is not None
        and row.length != row.other_length
    ]
    return (sum(decided), len(decided)) if decided else None
