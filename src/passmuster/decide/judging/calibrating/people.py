"""How far a judge says what people say of the same replies."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isfinite
from typing import TypeAlias

import numpy as np

from passmuster.decide.judging.calibrating.rows import Beside, Unit, moments
from passmuster.records.calibration import PeopleAgreement
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import ratio_sums, whole_degrees
from passmuster.stats.intervals import wilson
from passmuster.stats.resample import resample_weights
from passmuster.stats.student import student_quantile
from passmuster.stats.weighted import weighted_rate_interval

REPETITIONS = 2000
FEWEST = 2
"""Ratings below which nothing is said."""

NEAR = 0.5
"""Two values of a graded judge are the same that are no farther apart, in points of its scale."""

ALIKE = "too much alike for an interval"
"""The method where nothing differs: an interval from it would claim certainty."""

_TAILS = (2.5, 97.5)
_CLOSE = 1e-9

Coefficient: TypeAlias = Callable[[FloatArray], FloatArray]
"""A function of sums over replies, whose last axis they are."""


def agreement(found: Beside, unit: Unit, *, seed: int = 0) -> PeopleAgreement | None:
    """Return how far judge and people agree; None for fewer than two rated replies.

    Rates have Wilson intervals on as many replies as the weights are worth (Kish 1965, Survey Sampling, section 11.7), and where
    several are of one case those of Korn and Graubard; coefficients the percentile bootstrap over cases. Where people disagree on pass or fail, a reply counts in both by
    their shares.

    Args:
        found: Judgements and ratings of the same replies.
        unit: The unit of both.
        seed: Of the bootstrap.
    """
    if len(found) < FEWEST:
        return None
    distance = found.judge - found.human
    told = PeopleAgreement(
        n=len(found),
        raters=found.raters,
        same=_rate(_sameness(found, unit), found.weights, found.groups),
        correlation=_bootstrapped(found, moments(found), pearson, seed),
        gap=_mean(distance, found, unit),
        apart=_mean(np.abs(distance), found, unit),
    )
    if not (unit.binary or unit.pairwise):
        return told
    table = _table(found, unit)
    told = replace(
        told,
        kappa=_bootstrapped(found, table, kappa, seed),
        ac1=_bootstrapped(found, table, ac1, seed),
    )
    return _with_error_rates(told, found, unit) if unit.binary else told


def _with_error_rates(told: PeopleAgreement, found: Beside, unit: Unit) -> PeopleAgreement:
    passed, judge = unit.share(found.human), unit.share(found.judge)
    return replace(
        told,
        sensitivity=_rate(judge, found.weights * passed, found.groups),
        specificity=_rate(1 - judge, found.weights * (1 - passed), found.groups),
    )


def pearson(sums: FloatArray) -> FloatArray:
    """Return the correlation from the sums of weight, x, y, x squared, y squared and xy.

    >>> round(float(pearson(np.array([4, 10, 12, 30, 44, 35.0]))), 3)
    0.791
    """
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    n = np.where(n > 0, n, np.nan)
    spread = (xx / n - (x / n) ** 2) * (yy / n - (y / n) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        value: FloatArray = (xy / n - x * y / n**2) / np.sqrt(np.where(spread > _CLOSE**2, spread, np.nan))
    return np.clip(value, -1.0, 1.0)


def kappa(sums: FloatArray) -> FloatArray:
    """Return Cohen's kappa (Cohen 1960) from the cells of a square table of judge by people, row by row.

    >>> round(float(kappa(np.array([40.0, 10, 5, 45]))), 3)
    0.7
    """
    shares = _shares(sums)
    chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    return _beyond(np.trace(shares, axis1=-2, axis2=-1), chance)


def ac1(sums: FloatArray) -> FloatArray:
    """Return Gwet's AC1 (Gwet 2008) from the cells of a square table of judge by people, row by row.

    >>> round(float(ac1(np.array([90.0, 5, 5, 0]))), 3)
    0.89
    """
    shares = _shares(sums)
    used = (shares.sum(axis=-1) + shares.sum(axis=-2)) / 2
    chance = (used * (1 - used)).sum(axis=-1) / (used.shape[-1] - 1)
    return _beyond(np.trace(shares, axis1=-2, axis2=-1), chance)


def _shares(sums: FloatArray) -> FloatArray:
    size = round(sums.shape[-1] ** 0.5)
    total = sums.sum(axis=-1, keepdims=True)
    shares: FloatArray = sums / np.where(total > 0, total, np.nan)
    return shares.reshape(*sums.shape[:-1], size, size)


def _beyond(seen: FloatArray, chance: FloatArray) -> FloatArray:
    left = 1 - chance
    value: FloatArray = (seen - chance) / np.where(left > _CLOSE, left, np.nan)
    return value


def _table(found: Beside, unit: Unit) -> FloatArray:
    """Return, for each reply, its share of every cell of the table of judge by people."""
    judge, human = unit.share(found.judge), unit.share(found.human)
    if unit.binary:
        own, other = np.stack([1 - judge, judge], axis=1), np.stack([1 - human, human], axis=1)
    else:
        sides = np.array([0, 1, 2])
        own, other = ((np.rint(2 * values)[:, None] == sides).astype(np.float64) for values in (judge, human))
    return (own[:, :, None] * other[:, None, :]).reshape(len(judge), -1)


def _sameness(found: Beside, unit: Unit) -> FloatArray:
    if unit.binary:
        judge, human = unit.share(found.judge), unit.share(found.human)
        both: FloatArray = judge * human + (1 - judge) * (1 - human)
        return both
    limit = NEAR / 2 if unit.pairwise else NEAR
    distance = np.abs(found.judge - found.human)
    near = distance < limit - _CLOSE if unit.pairwise else distance <= limit + _CLOSE
    return near.astype(np.float64)


def _rate(values: FloatArray, weights: FloatArray, groups: Sequence[str]) -> Estimate:
    total, used = float(weights.sum()), weights > 0
    if total <= 0:
        return Estimate(value=None)
    value, n = min(1.0, max(0.0, float(values @ weights) / total)), int(used.sum())
    own = np.array(groups, dtype=object)[used]
    if len(set(own)) < n:
        low, high = weighted_rate_interval(values[used], weights[used], own)
        return Estimate(value=value, low=low, high=high, n=n, method="Korn-Graubard, clustered by case")
    worth = total**2 / float(weights @ weights)
    low, high = wilson(value * worth, worth)
    return Estimate(value=value, low=low, high=high, n=n, method="Wilson, effective n")


def _mean(values: FloatArray, found: Beside, unit: Unit) -> Estimate:
    sums = ratio_sums(values * found.weights, found.weights, found.groups)
    value = float(sums.value())
    error = float(sums.standard_error()) if sums.units > 1 else 0.0
    if not error > _CLOSE:
        return Estimate(value=value, n=len(found), method=ALIKE)
    half = student_quantile(0.975, whole_degrees(sums)) * error
    low, high = max(value - half, -unit.width), min(value + half, unit.width)
    return Estimate(value=value, low=low, high=high, n=len(found), method="t, clustered by case")


def _bootstrapped(found: Beside, columns: FloatArray, coefficient: Coefficient, seed: int) -> Estimate:
    weighted = columns * found.weights[:, None]
    value = float(coefficient(weighted.sum(axis=0)))
    if not isfinite(value):
        return Estimate(value=None, n=len(found))
    rng = np.random.default_rng(seed)
    blocks = [
        coefficient(block @ weighted)
        for block in resample_weights(len(found), REPETITIONS, rng, found.groups)
    ]
    drawn = np.concatenate(blocks)
    known = drawn[np.isfinite(drawn)]
    low, high = np.percentile(known, _TAILS) if len(known) else (np.nan, np.nan)
    if not high - low > _CLOSE:
        # Where no resample differs the bootstrap would claim certainty.
        return Estimate(value=value, n=len(found), method=ALIKE)
    return Estimate(
        value=value, low=float(low), high=float(high), n=len(found), method="percentile bootstrap over cases"
    )
