"""True means behind noisy ones, given what something else said of them before.

Means measured on a few hundred cases are out of order by noise alone, so their rank agreement with a public table looks
worse than it is, and a bootstrap of the cases adds the same noise once more: with 12 models that lie close, its percentile
interval of a high agreement holds it hardly ever. The model of Fay and Herriot 1979, "Estimates of Income for Small
Places", JASA 74(366), parts the two: the means are normal around the true ones with the covariance of the cases, and the
true ones normal around a line in the public figure. Its scale has a flat prior as a standard deviation (Gelman 2006,
"Prior distributions for variance parameters in hierarchical models", Bayesian Analysis 1(3)), the line a flat one.
"""

from typing import NamedTuple

import numpy as np

from passmuster.stats.arrays import FloatArray

FEWEST = 4
"""Means that the posterior needs to be one: two are spent on the line."""

_STEPS = 80
_RIDGE = 1e-3


class Linked(NamedTuple):
    """Draws from what is known of the line `intercept + slope * x`, of the `spread` around it, and of the true means.

    One row a draw; `means` has one column a mean.
    """

    intercept: FloatArray
    slope: FloatArray
    spread: FloatArray
    means: FloatArray


class _Part(NamedTuple):
    """What is known of line and means where the spread around the line is given."""

    log_weight: float
    line: FloatArray
    line_covariance: FloatArray
    gain: FloatArray
    measured: FloatArray
    left: FloatArray


def linked_means(
    means: FloatArray, covariance: FloatArray, x: FloatArray, rng: np.random.Generator, draws: int = 2000
) -> Linked:
    """Draw the true means, and the line on which they lie, given what was measured.

    Args:
        means: As measured, one a model.
        covariance: Of their errors: models were asked about the same cases.
        x: What was said of each before.
        rng: Draws.
        draws: How many.

    Raises:
        ValueError: for fewer than four means, or where `x` has a single value.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = np.linspace(-2, 2, 20)
        >>> noisy = 0.7 + 0.1 * x + rng.normal(0, 0.05, 20)
        >>> found = linked_means(noisy, np.eye(20) * 0.05**2, x, rng)
        >>> 0.08 < float(found.slope.mean()) < 0.12
        True
    """
    if len(means) < FEWEST or np.ptp(x) == 0:
        raise ValueError("the line needs four means at two places")
    size = float(np.trace(covariance)) / len(means)
    seen = float(np.var(means, ddof=1))
    size = size if size > 0 else max(seen, 1.0) * 1e-9
    covariance = covariance + _RIDGE * size * np.eye(len(means))
    spreads = np.geomspace(0.01 * np.sqrt(size), 7 * np.sqrt(max(seen, size)), _STEPS)
    design = np.column_stack([np.ones(len(means)), x])
    parts = [_given(spread, means, covariance, design) for spread in spreads]
    logs = np.array([part.log_weight for part in parts]) + np.log(np.gradient(spreads))
    chances = np.exp(logs - logs.max())
    counts = rng.multinomial(draws, chances / chances.sum())
    drawn = [
        (spread, *_drawn(part, design, int(count), rng))
        for part, spread, count in zip(parts, spreads, counts, strict=True)
        if count
    ]
    return Linked(
        intercept=np.concatenate([line[:, 0] for _, line, _ in drawn]),
        slope=np.concatenate([line[:, 1] for _, line, _ in drawn]),
        spread=np.concatenate([np.full(len(line), spread) for spread, line, _ in drawn]),
        means=np.concatenate([found for _, _, found in drawn]),
    )


def _given(spread: float, means: FloatArray, covariance: FloatArray, design: FloatArray) -> _Part:
    whole = covariance + spread**2 * np.eye(len(means))
    inverse: FloatArray = np.linalg.inv(whole).astype(np.float64)
    line_covariance: FloatArray = np.linalg.inv(design.T @ inverse @ design).astype(np.float64)
    line: FloatArray = line_covariance @ design.T @ inverse @ means
    residual = means - design @ line
    log_weight = 0.5 * (
        np.linalg.slogdet(line_covariance)[1] - np.linalg.slogdet(whole)[1] - residual @ inverse @ residual
    )
    gain = spread**2 * inverse
    left = spread**2 * np.eye(len(means)) - spread**4 * inverse
    return _Part(float(log_weight), line, line_covariance, gain, means, left)


def _drawn(
    part: _Part, design: FloatArray, count: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw the line, then the means around it."""
    line = part.line + rng.normal(size=(count, 2)) @ _root(part.line_covariance).T
    fitted = line @ design.T
    shrunk = fitted + (part.measured - fitted) @ part.gain.T
    noise = rng.normal(size=shrunk.shape) @ _root(part.left).T
    return line, shrunk + noise


def _root(covariance: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)
