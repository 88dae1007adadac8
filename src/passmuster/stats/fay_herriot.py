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

from passmuster.stats.arrays import FloatArray, IntArray

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
    errors, turn = np.linalg.eigh(covariance + _RIDGE * size * np.eye(len(means)))
    spreads = np.geomspace(0.01 * np.sqrt(size), 7 * np.sqrt(max(seen, size)), _STEPS)
    turned = _Turned(turn.T @ means, turn.T @ np.column_stack([np.ones(len(means)), x]), np.abs(errors))
    lines, covariances, logs = _lines(turned, spreads)
    chances = np.exp(logs - logs.max()) * np.gradient(spreads)
    picked = rng.choice(len(spreads), size=draws, p=chances / chances.sum())
    line = lines[picked] + _normal(covariances, picked, rng)
    variance = spreads[picked, None] ** 2
    gain = variance / (variance + turned.errors)
    fitted = line @ turned.design.T
    around = np.sqrt(gain * turned.errors) * rng.normal(size=fitted.shape)
    true = (fitted + gain * (turned.means - fitted) + around) @ turn.T
    return Linked(intercept=line[:, 0], slope=line[:, 1], spread=spreads[picked], means=true)


class _Turned(NamedTuple):
    """Means and line in the directions in which the errors have nothing to do with one another."""

    means: FloatArray
    design: FloatArray
    errors: FloatArray


def _lines(turned: _Turned, spreads: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return for each spread the line, its covariance, and the log of how well it explains the means."""
    weights = 1.0 / (spreads[:, None] ** 2 + turned.errors)
    inverse = np.einsum("sk,ki,kj->sij", weights, turned.design, turned.design)
    covariances = np.linalg.inv(inverse)
    lines = np.einsum("sij,sk,kj,k->si", covariances, weights, turned.design, turned.means)
    left = turned.means - lines @ turned.design.T
    logs = 0.5 * (
        np.log(weights).sum(axis=1) + np.linalg.slogdet(covariances)[1] - (weights * left**2).sum(axis=1)
    )
    return lines, covariances, logs


def _normal(covariances: FloatArray, picked: IntArray, rng: np.random.Generator) -> FloatArray:
    roots = np.linalg.cholesky(covariances)
    return np.asarray(
        np.einsum("dij,dj->di", roots[picked], rng.normal(size=(len(picked), 2))), dtype=np.float64
    )
