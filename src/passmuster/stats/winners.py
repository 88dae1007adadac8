"""The best of many: how much too high its mean is, and an interval that holds although it was picked.

The mean of a winner is too high, the more so the more there were to pick from and the closer they are. The interval
is the hybrid one of Andrews, Kitagawa and McCloskey 2024, "Inference on Winners", The Quarterly Journal of Economics
139(1), section 5: given that this one has won, its mean is a normal cut off where another would have won, and the
truth is looked for inside a simultaneous interval of level 1 - beta only, so that it is never absurdly wide.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import Clusters, cluster_numbers
from passmuster.stats.intervals import LEVEL
from passmuster.stats.resample import resample_weights
from passmuster.stats.student import student_quantile

BETA_SHARE = 0.1
"""The part of the error that goes to the simultaneous interval, as in the paper."""

FEW = 16
"""Failures (or successes) of the winner below which its mean is no normal: the interval is then the simultaneous one of
all arms (Bonferroni), as it is where two lead with the very same mean."""

MOST_SHRUNK = 1.0
"""Standard errors by which a mean is moved at most towards the others (limited translation, Efron and Morris 1972): so
one that stands out stays apart."""

REPETITIONS = 2000
_NORMAL = NormalDist()
_ROOT = math.sqrt(2.0)
_STEPS = 60
"""Halvings: an end is found to one part in 10^18 of the simultaneous interval."""


class Means(NamedTuple):
    """Weighted means of several arms over the same cases, where intervals are centred, their covariance, the units behind."""

    value: FloatArray
    centre: FloatArray
    covariance: FloatArray
    units: int


def joint_means(
    scores: FloatArray, clusters: Clusters | None = None, weights: FloatArray | None = None
) -> Means:
    """Return the means of the columns and their covariance, clustered (CR1) where cases are.

    For the covariance and the centre two pseudo-cases are added, one on which every arm scores 0 and one on which every
    arm scores 1, as in the interval of one mean of scores in [0, 1]; the means are those of the cases alone.

    Args:
        scores: One row a case, one column an arm; no gaps.
        clusters: The cluster of each case.
        weights: How much each case counts.

    Example:
        >>> found = joint_means(np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]))
        >>> found.value.tolist(), found.units
        ([0.5, 0.5], 4)
    """
    own = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    value = np.average(scores, axis=0, weights=own)
    size = float(own.sum())
    sizes, sums = own, scores * own[:, None]
    if clusters is not None:
        numbers = cluster_numbers(clusters)
        sizes = np.asarray(np.bincount(numbers, weights=own))
        sums = np.stack([np.bincount(numbers, weights=part) for part in sums.T], axis=1)
    units = len(sizes)
    one = size / units
    centre = (value * size + one) / (size + 2 * one)
    pseudo = np.stack([np.zeros_like(centre), np.ones_like(centre)]) - centre
    every = np.concatenate([sums - sizes[:, None] * centre, pseudo * one])
    covariance = every.T @ every * ((units + 2) / (units + 1)) / (size + 2 * one) ** 2
    return Means(value=value, centre=centre, covariance=covariance, units=units)


def winner_interval(means: Means, level: float = LEVEL, step: float = 0.0) -> tuple[float, float]:
    """Return an interval of the true mean of the arm with the greatest mean, valid although it was picked.

    Args:
        means: Of all arms that it was picked from.
        level: The chance that it holds the truth; scores lie in [0, 1].
        step: The smallest step between two means, 1/n for pass/fail, 1/(3n) where each score is the mean of three: a
            tie is then no certainty (a correction for continuity).

    Example:
        >>> clear = Means(np.array([0.5, 0.9]), np.array([0.5, 0.9]), np.eye(2) * 0.0004, 10_000)
        >>> [round(end, 3) for end in winner_interval(clear)]
        [0.86, 0.94]
        >>> close = Means(np.array([0.89, 0.9]), np.array([0.89, 0.9]), np.eye(2) * 0.0004, 10_000)
        >>> [round(end, 3) for end in winner_interval(close)]
        [0.84, 0.937]
    """
    best = int(means.value.argmax())
    x, variance = float(means.centre[best]), float(means.covariance[best, best])
    if variance <= 0 or means.units < 2:
        return x, x
    stretch = student_quantile((1 + level) / 2, means.units - 1) / _NORMAL.inv_cdf((1 + level) / 2)
    deviation = math.sqrt(variance) * stretch
    low, high = _bounds(means, best, step)
    if min(x, 1.0 - x) * means.units < FEW or low >= x:
        spared = student_quantile(1 - (1 - level) / (2 * len(means.value)), means.units - 1)
        return x - spared * math.sqrt(variance), x + spared * math.sqrt(variance)
    beta = BETA_SHARE * (1 - level)
    reach = _NORMAL.inv_cdf(1 - beta / (2 * len(means.value)))
    cut = _Cut(x, deviation, reach, low, high)
    tail = (1 - level - beta) / (2 * (1 - beta))
    return cut.truth_at(1 - tail), cut.truth_at(tail)


def _bounds(means: Means, best: int, step: float) -> tuple[float, float]:
    """Return between which values the winner's mean could have lain for it to win, all else as it was."""
    x, own = float(means.centre[best]), means.covariance[best]
    shared = own / own[best]
    rest = means.centre - shared * x - step / 2
    room = 1.0 - shared
    others = np.arange(len(means.value)) != best
    above, below = others & (room > 1e-9), others & (room < -1e-9)
    low = float((rest[above] / room[above]).max()) if above.any() else -math.inf
    high = float((rest[below] / room[below]).min()) if below.any() else math.inf
    return min(low, x), max(high, x)


class _Cut(NamedTuple):
    """A normal of unknown mean, seen at `x`, that could only be seen between `low` and `high`."""

    x: float
    deviation: float
    reach: float
    low: float
    high: float

    def truth_at(self, share: float) -> float:
        """Return the mean under which `share` of what could be seen lies below `x`: it falls as the mean grows."""
        one, other = self.x - self.reach * self.deviation, self.x + self.reach * self.deviation
        for _ in range(_STEPS):
            middle = (one + other) / 2
            if self._below(middle) > share:
                one = middle
            else:
                other = middle
        return (one + other) / 2

    def _below(self, mean: float) -> float:
        low = max(self.low, mean - self.reach * self.deviation)
        high = min(self.high, mean + self.reach * self.deviation)
        whole = self._between(low, high, mean)
        return self._between(low, self.x, mean) / whole if whole > 0 else 0.5

    def _between(self, low: float, high: float, mean: float) -> float:
        a, b = (low - mean) / self.deviation, (high - mean) / self.deviation
        if a > 0:  # the same on the other side, where little is not lost in 1
            a, b = -b, -a
        return 0.5 * (math.erfc(-b / _ROOT) - math.erfc(-a / _ROOT))


def optimism(
    scores: FloatArray,
    rng: np.random.Generator,
    clusters: Clusters | None = None,
    weights: FloatArray | None = None,
    repetitions: int = REPETITIONS,
) -> float:
    """Return by how much the mean of the best arm is too high on average, because it was picked as the best.

    Cases (whole clusters) are drawn again, and the best of each resample is compared with what is true there. What is
    true are the means shrunk towards one another by what noise alone would spread them: means as seen are further
    apart than the truth, and would make picking look safer than it is (by 29% where all arms are equal).

    Args:
        scores: One row a case, one column an arm; no gaps.
        rng: Draws the resamples.
        clusters: The cluster of each case.
        weights: How much each case counts.
        repetitions: Resamples.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> equal = (rng.random((200, 12)) < 0.8).astype(float)
        >>> 0.03 < optimism(equal, rng) < 0.06
        True
    """
    means = joint_means(scores, clusters, weights)
    arms = len(means.value)
    if arms < 2 or means.units < 2:
        return 0.0
    apart = float(np.trace(means.covariance) / arms)
    together = float((means.covariance.sum() - np.trace(means.covariance)) / (arms * (arms - 1)))
    spread = float(np.var(means.value, ddof=1))
    kept = max(0.0, 1.0 - (apart - together) / spread) if spread > 0 else 0.0
    centre = float(means.value.mean())
    shrunk = (1.0 - kept) * (means.value - centre)
    most = MOST_SHRUNK * math.sqrt(max(0.0, apart - together))
    true = means.value - np.clip(shrunk, -most, most)
    own = np.ones(len(scores)) if weights is None else np.asarray(weights, dtype=np.float64)
    parts = (scores - means.value) * own[:, None]
    total, seen = 0.0, 0
    for block in resample_weights(len(scores), repetitions, rng, clusters):
        drawn = np.asarray(block, dtype=np.float64)
        noise = (drawn @ parts) / (drawn @ own)[:, None]
        best = (true + noise).argmax(axis=1)
        total += float(noise[np.arange(len(best)), best].sum())
        seen += len(best)
    return max(0.0, total / seen)
