"""What moves a verdict beside what people say of the reply: its length, or whose it is."""

import numpy as np
from scipy import special

from passmuster.decide.judging.calibrating.rows import Beside, JudgedReply, Unit
from passmuster.records.calibration import Leaning
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import cluster_numbers
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


def candidate_leanings(found: Beside, unit: Unit) -> dict[str, Leaning]:
    """Return, for each candidate, whether it is favoured over the others where people rate alike; nothing for one alone."""
    names = list(dict.fromkeys(row.candidate for row in found.rows))
    told = {}
    for name in names if len(names) > 1 else ():
        own = np.array([row.candidate == name for row in found.rows], dtype=np.float64)
        one = leaning(found, unit, own)
        if one is not None:
            told[name] = one
    return told


def leaning(found: Beside, unit: Unit, extra: FloatArray) -> Leaning | None:
    """Return whether something moves the verdict at the same rating by people; None where that cannot be told.

    A logistic regression of the verdict (as a share of the scale: Papke and Wooldridge 1996) on the rating and on
    `extra`, its test the score test with an empirical variance (Boos 1992, American Statistician 46, 327-333):
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
    p = score_test(found, y, known, extra)
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


def score_test(found: Beside, y: FloatArray, known: FloatArray, extra: FloatArray) -> float | None:
    """Return the p-value of "`extra` says nothing of `y` beyond what `known` says".

    The score is a total over all judged replies, estimated from those that were drawn within strata, so its variance has
    two parts: that of the judged replies, clustered by case, and that of the draw within each stratum (Särndal, Swensson
    and Wretman 1992, Model Assisted Survey Sampling, section 9.3). None where `known` foretells every `y`: then there is
    nothing left to be moved.

    Args:
        found: Judgements and ratings of the same replies.
        y: The judgements as shares between 0 and 1.
        known: The columns of what is known, which hold the constant.
        extra: The column in question.
    """
    shares = _expected(y, known, found.weights)
    spread = found.weights * np.maximum(shares * (1 - shares), 1e-12)
    slopes = np.linalg.lstsq(known * np.sqrt(spread)[:, None], extra * np.sqrt(spread), rcond=None)[0]
    parts = found.weights / found.stands_for * (y - shares) * (extra - known @ slopes)
    if float(np.abs(parts).max()) <= _CLOSE * max(1.0, float(np.abs(extra).max())):
        return None
    clusters = cluster_numbers(found.groups)
    ends = _unseen(found, y, shares)
    within, free = _within(parts, found, ends * (extra - known @ slopes)[:, None])
    variances = np.append(within, _between(parts, found.stands_for, clusters))
    variance = float(variances.sum())
    # Satterthwaite 1946: a stratum with few ratings and much weight has few degrees of freedom.
    degrees = variance**2 / float((variances**2 / np.append(free, clusters.max())).sum())
    t = float(found.stands_for @ parts) / np.sqrt(variance)
    return float(2 * special.stdtr(degrees, -abs(t)))


def _between(parts: FloatArray, stands_for: FloatArray, clusters: IntArray) -> float:
    """Return the variance of the total if every judged reply were rated; replies to one case may be alike."""
    own = float(stands_for @ parts**2)
    totals = np.bincount(clusters, weights=stands_for * parts)
    alike = float(totals @ totals) - float(((stands_for * parts) ** 2).sum())
    return own + max(0.0, alike)


def _unseen(found: Beside, y: FloatArray, shares: FloatArray) -> FloatArray:
    """Return what the residual of each reply would be if people had rated it the worst, and the best."""
    ends = [shares[int(place)] for place in (found.human.argmin(), found.human.argmax())]
    own: FloatArray = (found.weights / found.stands_for)[:, None] * (y[:, None] - np.array(ends))
    return own


def _within(parts: FloatArray, found: Beside, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the variance that drawing some replies of each stratum adds, and the degrees of freedom of each.

    Half a rating at either end of the scale stands for what few ratings of a stratum have not shown: a stratum of which
    all have been rated alike is not known to be so.
    """
    n = np.bincount(found.stratum).astype(np.float64)
    middle = np.stack([np.bincount(found.stratum, weights=end) for end in ends.T]) / n
    mean = (np.bincount(found.stratum, weights=parts) + middle.sum(axis=0) / 2) / (n + 1)
    apart = np.bincount(found.stratum, weights=(parts - mean[found.stratum]) ** 2)
    spread = (apart + ((middle - mean) ** 2).sum(axis=0) / 2) / n
    size = np.bincount(found.stratum, weights=found.stands_for)
    return size * np.maximum(size - n, 0.0) * spread / n, np.maximum(n - 1, 1.0)


def _expected(y: FloatArray, known: FloatArray, weights: FloatArray) -> FloatArray:
    """Return what the known columns foretell of each verdict."""
    if (known.sum(axis=1) == 1).all():
        # A share for each rating: exact also where the judge always says what people say, which no logit can be.
        own = known * weights[:, None]
        exact: FloatArray = known @ (own.T @ y / own.sum(axis=0))
        return exact
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
