"""The prediction-powered mean as it was published, with lambda given or tuned: what others compute it with, too."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from passmuster.records.record import Record
from passmuster.stats.arrays import FloatArray
from passmuster.stats.intervals import LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionPowered(Record):
    """A prediction-powered mean with its interval; `power` is lambda: 0 leaves the judge out, 1 trusts it fully."""

    value: float
    low: float
    high: float
    error: float
    power: float


def prediction_powered(
    human: ArrayLike, judged: ArrayLike, rest: ArrayLike, power: float | None = None, level: float = LEVEL
) -> PredictionPowered:
    """Return the prediction-powered mean: lambda mean(rest) + mean(human - lambda judged), with its normal interval.

    Source: Angelopoulos, Duchi and Zrnic 2023, PPI++, arXiv 2311.01453, sections 2 and 6; lambda = 1 is the estimate of
    Angelopoulos et al. 2023, Science 382, 669-674. For few ratings `corrected` has intervals that keep their
    level; this is the formula as it stands.

    Args:
        human: What people said of the rated replies.
        judged: What the judge said of the same, in the same order.
        rest: What the judge said of the replies that nobody rated.
        power: Lambda; None: that of the least variance, between 0 and 1.
        level: Of confidence.

    Raises:
        ValueError: without a rated reply or one that is not, or where human and judged are not equally long.

    Example:
        >>> found = prediction_powered([1, 0, 1, 1], [1, 0, 1, 0], [1, 1, 0, 1, 0, 1, 1, 1], power=1)
        >>> found.value, round(found.low, 3), found.power
        (1.0, 0.48, 1)
    """
    y, f, other = (np.asarray(each, dtype=np.float64) for each in (human, judged, rest))
    if len(y) != len(f) or not len(y) or not len(other):
        message = f"{len(y)} ratings, {len(f)} judged values beside them and {len(other)} others"
        raise ValueError(message)
    lam = tuned(y, f, other) if power is None else power
    value = lam * float(other.mean()) + float((y - lam * f).mean())
    error = math.sqrt(lam**2 * float(other.var()) / len(other) + float((y - lam * f).var()) / len(y))
    half = NormalDist().inv_cdf((1 + level) / 2) * error
    return PredictionPowered(value=value, low=value - half, high=value + half, error=error, power=lam)


def tuned(human: FloatArray, judged: FloatArray, rest: FloatArray) -> float:
    """Return the lambda of the least variance: cov(human, judged) / ((1 + n / N) var(judged)), between 0 and 1."""
    spread = float(np.concatenate([judged, rest]).var(ddof=1)) if len(judged) + len(rest) > 1 else 0.0
    if spread <= 0:
        return 0.0
    together = float(np.mean((human - human.mean()) * (judged - judged.mean())))
    return min(1.0, max(0.0, together / ((1 + len(judged) / len(rest)) * spread)))
