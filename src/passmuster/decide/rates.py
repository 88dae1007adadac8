"""Estimates of shares, means, quantiles and differences over the cases of one or two candidates."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.metrics.metric import UNIT, Bounds
from passmuster.records.score import Difference, Estimate
from passmuster.stats.intervals import LEVEL, cluster_mean_interval, korn_graubard, mean_interval, wilson
from passmuster.stats.paired import mcnemar_mid_p, paired_mean_interval, paired_mean_p, tango_interval
from passmuster.stats.quantiles import measurable, quantile, quantile_interval
from passmuster.stats.weighted import (
    plain_mean_interval,
    weighted_mean_interval,
    weighted_quantile,
    weighted_quantile_interval,
    weighted_rate_interval,
)


def share_estimate(values: FloatArray, measured: Measured, missing: int, level: float = LEVEL) -> Estimate:
    """Estimate a share from one 0 or 1 per case; weighted back to traffic where cases have weights."""
    known = ~np.isnan(values)
    n = int(known.sum())
    groups, weights = _some(measured, known)
    if n and weights is not None:
        low, high = weighted_rate_interval(values[known], weights, groups, level)
        method = "weighted, " + ("Wilson" if groups is None else "Korn-Graubard, clustered by group")
    elif n and groups is not None:
        low, high = korn_graubard(values[known], groups, level)
        method = "Korn-Graubard, clustered by group"
    else:
        return plain_share(float(values[known].sum()), n, missing, level)
    return Estimate(
        value=float(np.average(values[known], weights=weights)),
        low=float(low),
        high=float(high),
        n=n,
        n_missing=missing,
        method=method,
    )


def plain_share(total: float, n: int, missing: int, level: float = LEVEL) -> Estimate:
    """Estimate a share from its count: `total` of `n` independent cases."""
    if n == 0:
        return Estimate(value=None, n=0, n_missing=missing, method="no data")
    low, high = wilson(total, n, level)
    return Estimate(
        value=total / n, low=float(low), high=float(high), n=n, n_missing=missing, method="Wilson"
    )


def mean_estimate(
    values: FloatArray, measured: Measured, missing: int, level: float = LEVEL, bounds: Bounds = UNIT
) -> Estimate:
    """Estimate the mean of one score per case; weighted back to traffic where cases have weights.

    Scores between two bounds are laid on [0, 1] and get two pseudo-scores; others have a plain t interval.
    """
    if bounds != UNIT:
        return _other_mean(values, measured, missing, level, bounds)
    known = ~np.isnan(values)
    n = int(known.sum())
    if n == 0:
        return Estimate(value=None, n=0, n_missing=missing, method="no data")
    groups, weights = _some(measured, known)
    if weights is not None:
        low, high = weighted_mean_interval(values[known], weights, groups, level)
        method = "weighted t with two pseudo-scores" + ("" if groups is None else ", clustered by group")
    elif groups is not None:
        low, high = cluster_mean_interval(values[known], groups, level)
        method = "t, clustered by group"
    else:
        low, high = mean_interval(float(values[known].sum()), float((values[known] ** 2).sum()), n, level)
        method = "t with two pseudo-scores"
    return Estimate(
        value=float(np.average(values[known], weights=weights)),
        low=max(0.0, float(low)),
        high=min(1.0, float(high)),
        n=n,
        n_missing=missing,
        method=method,
    )


def _other_mean(
    values: FloatArray, measured: Measured, missing: int, level: float, bounds: Bounds
) -> Estimate:
    low, high = bounds
    if np.isfinite(low) and np.isfinite(high) and high > low:
        found = mean_estimate((values - low) / (high - low), measured, missing, level)
        return _mapped(found, lambda share: low + share * (high - low))
    known = ~np.isnan(values)
    groups, weights = _some(measured, known)
    n = int(known.sum())
    if n == 0:
        return Estimate(value=None, n=0, n_missing=missing, method="no data")
    ends = plain_mean_interval(values[known], groups, weights, level)
    return Estimate(
        value=float(np.average(values[known], weights=weights)),
        low=None if ends is None else max(low, ends[0]),
        high=None if ends is None else min(high, ends[1]),
        n=n,
        n_missing=missing,
        method="t" + ("" if groups is None else ", clustered by group"),
    )


def _mapped(found: Estimate, back: Callable[[float], float]) -> Estimate:
    ends = (None if end is None else back(end) for end in (found.value, found.low, found.high))
    value, low, high = ends
    return replace(found, value=value, low=low, high=high)


def rate_estimate(values: FloatArray, measured: Measured, missing: int) -> Estimate:
    """Estimate a rate from one value in [0, 1] per case: as a share where all are 0 or 1, else as a mean."""
    whole = bool(np.isin(values[~np.isnan(values)], (0.0, 1.0)).all())
    return (share_estimate if whole else mean_estimate)(values, measured, missing)


def metric_estimate(measured: Measured, metric: str, level: float = LEVEL) -> Estimate:
    """Estimate a metric over the cases; cases without a score are counted as missing, never as zero."""
    values = measured.scores(metric)
    concerned = measured.receivable - measured.inapplicable(metric)
    missing = concerned - int((~np.isnan(values)).sum())
    if measured.binary[metric]:
        return share_estimate(values, measured, missing, level)
    return mean_estimate(values, measured, missing, level, measured.bounds(metric))


def metric_difference(first: Measured, second: Measured, metric: str) -> Difference:
    """Estimate how much better `first` is than `second` on the cases where both have a score."""
    a, b = first.scores(metric), second.scores(metric)
    known = ~np.isnan(a) & ~np.isnan(b)
    n = int(known.sum())
    missing = receivable_by_both(first, second) - n
    if n == 0:
        return Difference(value=None, n=0, n_missing=missing, method="no common cases")
    differences = a[known] - b[known]
    binary = first.binary[metric] and second.binary[metric]
    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    groups, weights = _some(first, known)
    p: float | None
    if binary and groups is None and weights is None:
        interval: tuple[float, float] | None = tango_interval(better, worse, n)
        p, method = mcnemar_mid_p(better, worse), "Tango interval, mid-p McNemar"
    else:
        scale = _scale(first.bounds(metric), differences)
        ends = paired_mean_interval(differences / scale, clusters=groups, weights=weights)
        interval = None if ends is None else (ends[0] * scale, ends[1] * scale)
        p = paired_mean_p(differences / scale, clusters=groups, weights=weights)
        method = ("" if weights is None else "weighted ") + "paired t"
        method += "" if groups is None else ", clustered by group"
    low, high = interval or (None, None)
    return Difference(
        value=float(np.average(differences, weights=weights)),
        low=low,
        high=high,
        p=p,
        n=n,
        n_missing=missing,
        better=better if binary else None,
        worse=worse if binary else None,
        method=method,
    )


def _scale(bounds: Bounds, differences: FloatArray) -> float:
    """Return what one is in the metric's own unit: the width of its bounds, else the largest difference."""
    width = bounds[1] - bounds[0]
    if np.isfinite(width):
        return width
    largest = float(np.abs(differences).max())
    return largest if largest > 0 else 1.0


def receivable_by_both(first: Measured, second: Measured) -> int:
    """Return how many cases both candidates may receive."""
    held = [item.withheld for item in (first, second) if item.withheld is not None]
    if not held:
        return first.cases
    either: BoolArray = np.logical_or.reduce(held)
    return first.cases - int(either.sum())


def quantile_estimate(seconds: FloatArray, q: float, measured: Measured) -> Estimate:
    """Estimate a quantile; where the cases are too few to bound it, it is not measurable.

    Cases that may not be sent to the candidate are not missing.
    """
    known = ~np.isnan(seconds)
    times, n = seconds[known], int(known.sum())
    missing = len(seconds) - n - measured.n_withheld
    weights = _some(measured, known)[1]
    method = "order statistics" if weights is None else "weighted order statistics"
    value = quantile(times, q) if weights is None else weighted_quantile(times, weights, q)
    if not measurable(n, q) or value is None:
        note = "not measurable" if n else "no times recorded"
        return Estimate(value=None, n=n, n_missing=missing, method=method, note=note)
    if weights is None:
        low, high = quantile_interval(times, q)
    else:
        low, high = weighted_quantile_interval(times, weights, q)
    return Estimate(value=value, low=low, high=high, n=n, n_missing=missing, method=method)


def _some(measured: Measured, known: BoolArray) -> tuple[np.ndarray | None, FloatArray | None]:
    """Return groups and weights of some of the cases."""
    groups, weights = measured.groups, measured.weights
    return None if groups is None else groups[known], None if weights is None else weights[known]
