"""The covariance of many columns from few rows: the measured one, shrunk towards one correlation for all pairs.

With 33 models on 100 cases some directions look almost free of noise by chance; who weights by them takes noise for fact.
Ledoit and Wolf 2004, "Honey, I shrunk the sample covariance matrix", Journal of Portfolio Management 30(4), appendix B.
"""

import numpy as np

from passmuster.stats.arrays import FloatArray


def shrunk_covariance(rows: FloatArray) -> FloatArray:
    """Return the covariance of columns (divided by the number of rows), its correlations drawn towards their mean.

    How far follows from how noisy the single ones are: with many rows hardly at all. Variances stay as measured.

    Args:
        rows: One row a draw, one column each, at least two rows; no gaps. Means are taken off.

    Example:
        >>> rows = np.random.default_rng(0).normal(size=(40, 30))
        >>> plain, shrunk = np.cov(rows.T, bias=True), shrunk_covariance(rows)
        >>> bool(np.linalg.eigvalsh(plain)[0] < 0.05), bool(np.linalg.eigvalsh(shrunk)[0] > 0.3)
        (True, True)
    """
    away = rows - rows.mean(axis=0)
    measured = np.asarray(away.T @ away / len(rows), dtype=np.float64)
    variances = np.diag(measured)
    varies = variances > 0
    if varies.sum() < 3:
        return measured
    found = measured.copy()
    found[np.ix_(varies, varies)] = _shrunk(away[:, varies], measured[np.ix_(varies, varies)])
    return found


def _shrunk(away: FloatArray, measured: FloatArray) -> FloatArray:
    spreads = np.sqrt(np.diag(measured))
    scale = np.outer(spreads, spreads)
    alike = float(((measured / scale).sum() - len(spreads)) / (len(spreads) * (len(spreads) - 1)))
    target = alike * scale
    np.fill_diagonal(target, spreads**2)
    distance = float(((measured - target) ** 2).sum())
    if distance <= 0:
        return target
    noise = (away**2).T @ away**2 / len(away) - measured**2
    together = (away**3).T @ away / len(away) - np.diag(measured)[:, None] * measured
    np.fill_diagonal(together, 0.0)
    shared = np.trace(noise) + alike * (np.outer(1 / spreads, spreads) * together).sum()
    weight = float(np.clip((noise.sum() - shared) / distance / len(away), 0.0, 1.0))
    return np.asarray(weight * target + (1 - weight) * measured, dtype=np.float64)
