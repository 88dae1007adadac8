"""The best of many candidates: how much too high its figure is, what it is without that, and what it does on fresh cases."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from passmuster.decide.factors.effects import Values
from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.seed import SEED
from passmuster.records.prompt_effects import BestReport, FreshReport
from passmuster.records.score import Direction, Estimate
from passmuster.stats.clusters import cluster_numbers
from passmuster.stats.intervals import cluster_mean_interval, korn_graubard, mean_interval, wilson
from passmuster.stats.weighted import weighted_mean_interval, weighted_rate_interval
from passmuster.stats.winners import REPETITIONS, joint_means, optimism, winner_interval

FEWEST = 20
"""Cases below which nothing is said of the best."""

MOST_DRAWS = 20_000_000
FEWEST_RESAMPLES = 200
"""Of many cases fewer resamples are drawn: the optimism is small there, and needs fewer to be known."""


def best_of(
    names: Sequence[str], values: Values, bounds: tuple[float, float], direction: Direction
) -> BestReport | None:
    """Return the best by its mean over the cases that all have; None for one candidate, or fewer than 20 cases.

    Args:
        names: The candidates that it is picked from.
        values: One value per case of each.
        bounds: The least and the greatest value; None is said of values without bounds.
        direction: Which way is better.
    """
    low, high = bounds
    if len(names) < 2 or not np.isfinite(low) or not np.isfinite(high) or high <= low:
        return None
    known = values.known(names)
    if int(known.sum()) < FEWEST:
        return None
    scores = _upwards(np.stack([values.of[name][known] for name in names], axis=1), bounds, direction)
    groups = None if values.groups is None else np.asarray(values.groups)[known]
    weights = None if values.weights is None else values.weights[known]
    means = joint_means(scores, groups, weights)
    best = int(means.value.argmax())
    own = np.ones(len(scores)) if weights is None else weights
    step = _grain(scores) * float(
        (own**2).sum() / own.sum() ** 2
    )  # one case of as many as the weights are worth
    repetitions = int(np.clip(MOST_DRAWS // len(scores), FEWEST_RESAMPLES, REPETITIONS))
    too_high = optimism(scores, np.random.default_rng(SEED), groups, weights, repetitions)
    one, other = winner_interval(means, step=step)
    point = float(means.value[best]) - too_high
    corrected = Estimate(
        value=point,
        low=max(0.0, min(one, point)),
        high=min(1.0, max(other, point)),
        n=len(scores),
        n_missing=max(0, values.receivable - len(scores)),
        method="hybrid interval of a winner",
    )
    observed = _mean(scores[:, best], groups, weights, corrected.n_missing)
    back = _Back(bounds, direction)
    return BestReport(
        picked=names[best],
        of=len(names),
        observed=back.estimate(observed),
        optimism=too_high * (high - low),
        corrected=back.estimate(corrected),
        fresh=_fresh(names, scores, groups, weights, back),
    )


def _grain(scores: FloatArray) -> float:
    """Return the least difference of two values: 1 for pass/fail, a third for the mean of three, next to nothing for any number."""
    values = np.unique(scores)
    return float(np.diff(values).min()) if values.size > 1 else 0.0


def _upwards(scores: FloatArray, bounds: tuple[float, float], direction: Direction) -> FloatArray:
    share = (scores - bounds[0]) / (bounds[1] - bounds[0])
    return share if direction == "higher" else 1.0 - share


class _Back:
    """From shares, of which more is better, to the metric's own values."""

    def __init__(self, bounds: tuple[float, float], direction: Direction) -> None:
        self._low, self._width = bounds[0], bounds[1] - bounds[0]
        self._turned = direction == "lower"

    def estimate(self, found: Estimate) -> Estimate:
        """Return an estimate on the metric's own scale."""
        ends = (found.low, found.high) if not self._turned else (found.high, found.low)
        return replace(found, value=self._one(found.value), low=self._one(ends[0]), high=self._one(ends[1]))

    def _one(self, share: float | None) -> float | None:
        if share is None:
            return None
        return self._low + self._width * (1.0 - share if self._turned else share)


def _fresh(
    names: Sequence[str],
    scores: FloatArray,
    groups: FloatArray | None,
    weights: FloatArray | None,
    back: _Back,
) -> FreshReport | None:
    """Pick on one half of the cases and measure on the other; whole groups are on one side."""
    first = _half(len(scores), groups)
    if min(int(first.sum()), int((~first).sum())) < FEWEST:
        return None
    own = None if weights is None else weights[first]
    picked = int(np.average(scores[first], axis=0, weights=own).argmax())
    rest = ~first
    found = _mean(
        scores[rest, picked],
        None if groups is None else groups[rest],
        None if weights is None else weights[rest],
        0,
    )
    return FreshReport(
        seed=SEED, picked=names[picked], picked_on=int(first.sum()), estimate=back.estimate(found)
    )


def _half(n: int, groups: FloatArray | None) -> BoolArray:
    """Return which cases are in the first half: half of the groups, or cases, in an order drawn by seed."""
    numbers = np.arange(n) if groups is None else cluster_numbers(groups)
    units = int(numbers.max()) + 1
    first = np.zeros(units, dtype=np.bool_)
    first[np.random.default_rng(SEED).permutation(units)[: units // 2]] = True
    chosen: BoolArray = first[numbers]
    return chosen


def _mean(
    scores: FloatArray, groups: FloatArray | None, weights: FloatArray | None, missing: int
) -> Estimate:
    """Estimate a mean of scores in [0, 1] as the matrix does, from the columns alone."""
    n, binary = len(scores), bool(np.isin(scores, (0.0, 1.0)).all())
    if weights is not None:
        interval = weighted_rate_interval if binary else weighted_mean_interval
        low, high = interval(scores, weights, groups)
        method = "weighted"
    elif groups is not None:
        low, high = (korn_graubard if binary else cluster_mean_interval)(scores, groups)
        method = "clustered by group"
    elif binary:
        low, high = wilson(float(scores.sum()), n)
        method = "Wilson"
    else:
        low, high = mean_interval(float(scores.sum()), float((scores**2).sum()), n)
        method = "t with two pseudo-scores"
    return Estimate(
        value=float(np.average(scores, weights=weights)),
        low=max(0.0, float(low)),
        high=min(1.0, float(high)),
        n=n,
        n_missing=missing,
        method=method,
    )
