"""Many tests at once: Holm's adjustment (Holm 1979), and that of Benjamini and Hochberg (1995)."""

from collections.abc import Sequence

import numpy as np

from passmuster.stats.arrays import FloatArray


def holm_matrix(p_values: FloatArray) -> FloatArray:
    """Return Holm-adjusted p-values of each row; NaN stays NaN but counts in the family.

    A row is a family, for example the candidates of one resample.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, axis=-1, kind="stable")  # NaN sorts last, so it takes no factor from the others
    factors = np.arange(p.shape[-1], 0, -1, dtype=np.float64)
    stepped = np.maximum.accumulate(np.take_along_axis(p, order, axis=-1) * factors, axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=-1)
    return adjusted


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return Holm-adjusted p-values in the same order; a test without a p-value counts in the family.

    >>> holm([0.01, 0.04, None])
    [0.03, 0.08, None]
    """
    row = np.array([np.nan if p is None else p for p in p_values], dtype=np.float64)
    return [None if np.isnan(p) else float(p) for p in holm_matrix(row)]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return adjusted p-values in the same order: those at most q are alarms of which a share of q at most is false.

    The share is on average, over tests that do not depend on one another or go up and down together. Where nothing is
    true, any alarm at all has a chance of q at most. Source: Benjamini and Hochberg 1995.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.9])
    [0.04, 0.05333333333333334, 0.05333333333333334, 0.9]
    >>> benjamini_hochberg([])
    []
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    raised = p[order] * p.size / np.arange(1, p.size + 1)
    lowest = np.minimum.accumulate(raised[::-1])[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(lowest, 1.0)
    return [float(each) for each in adjusted]
