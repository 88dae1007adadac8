"""Many tests at once: Holm's adjustment (Holm 1979)."""

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
