"""Where a candidate does worst: the worst of several slices, and the mean of the worst cases."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters
from passmuster.stats.intervals import LEVEL, clopper_pearson, korn_graubard
from passmuster.stats.resample import resample_weights
from passmuster.stats.weighted import weighted_rate_interval

REPETITIONS = 1000
MOST_DISTINCT = 10_000
"""Up to so many different scores the resamples of all of them are held at once."""


def simultaneous_level(slices: int, level: float = LEVEL) -> float:
    """Return the level of each of several intervals with which all of them hold together (Bonferroni).

    Example:
        >>> round(simultaneous_level(5), 6)
        0.99
    """
    return 1 - (1 - level) / max(1, slices)


def rate_bounds(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> tuple[float, float]:
    """Return Clopper and Pearson's bounds of a share; on the effective sample of clusters or weights (Korn and Graubard).

    Args:
        values: 0 or 1 for each trial.
        weights: How many cases of traffic each stands for.
        clusters: One key a trial, where trials are not independent.
        level: Of confidence.

    Example:
        >>> low, high = rate_bounds([1] * 9 + [0])
        >>> print(f"{low:.3f} {high:.3f}")
        0.555 0.997
    """
    scores = np.asarray(values, dtype=np.float64)
    if scores.size == 0:
        return 0.0, 1.0
    if weights is not None:
        units = np.arange(scores.size) if clusters is None else clusters
        return weighted_rate_interval(scores, weights, units, level)
    if clusters is not None:
        return korn_graubard(scores, clusters, level)
    return clopper_pearson(float(scores.sum()), scores.size, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class TailMean:
    """The mean of the worst share of the cases with its bootstrap interval; `n` cases in all."""

    value: float
    low: float
    high: float
    n: int


def tail_mean(values: ArrayLike, share: float, weights: ArrayLike | None = None) -> FloatArray:
    """Return the mean of the lowest `share` of the weight (expected shortfall); the case at the edge counts in part.

    Args:
        values: One score a case.
        share: In (0, 1].
        weights: One weight a case, or rows of them (resamples): the result has one number a row.

    Raises:
        ValueError: for a share outside (0, 1].

    Example:
        >>> float(tail_mean([0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1], 0.2))
        0.25
        >>> float(tail_mean([0, 0.5, 1, 1], 0.375))
        0.16666666666666666
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share of the cases lies in (0, 1]; got {share}")
    scores = np.asarray(values, dtype=np.float64)
    own = np.ones(scores.size) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(scores, kind="stable")
    ranked = own[..., order]
    before = np.cumsum(ranked, axis=-1) - ranked
    mass = share * ranked.sum(axis=-1, keepdims=True)
    used = np.clip(mass - before, 0.0, ranked)
    return np.asarray(used @ scores[order] / mass[..., 0], dtype=np.float64)


def tail_mean_interval(
    values: ArrayLike,
    share: float,
    rng: np.random.Generator,
    *,
    weights: ArrayLike | None = None,
    clusters: Clusters | None = None,
    level: float = LEVEL,
) -> TailMean | None:
    """Return the mean of the worst share with a percentile bootstrap interval over cases, or whole clusters.

    To be read, not to be tested: near the worst cases a bootstrap is rough. None for fewer than two cases.

    Example:
        >>> found = tail_mean_interval(np.linspace(0, 1, 200), 0.1, np.random.default_rng(1))
        >>> print(f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")
        0.048 [0.029, 0.076]
    """
    scores = np.asarray(values, dtype=np.float64)
    if scores.size < 2:
        return None
    edge = (1 - level) / 2
    value = float(tail_mean(scores, share, weights))
    draws = _draws(scores, share, rng, weights, clusters)
    low, high = (float(each) for each in np.quantile(draws, (edge, 1 - edge)))
    return TailMean(value=value, low=min(value, low), high=max(value, high), n=scores.size)


def _draws(
    scores: FloatArray,
    share: float,
    rng: np.random.Generator,
    weights: ArrayLike | None,
    clusters: Clusters | None,
) -> FloatArray:
    distinct, counts = np.unique(scores, return_counts=True)
    if weights is None and clusters is None and distinct.size < min(scores.size, MOST_DISTINCT):
        # Cases with the same score need not be told apart, and there are few scores where cases have few repeats.
        drawn = rng.multinomial(scores.size, counts / scores.size, size=REPETITIONS)
        return tail_mean(distinct, share, drawn)
    own = np.ones(scores.size) if weights is None else np.asarray(weights, dtype=np.float64)
    blocks = resample_weights(scores.size, REPETITIONS, rng, clusters)
    return np.concatenate([tail_mean(scores, share, block * own) for block in blocks])
