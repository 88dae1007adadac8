"""Resampling cases, or whole clusters, with replacement: as weights, so that sums are a matrix product."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from passmuster.stats.clusters import Clusters, cluster_numbers

BLOCK_CELLS = 2_000_000


def resample_weights(
    n: int,
    repetitions: int,
    rng: np.random.Generator,
    clusters: Clusters | None = None,
    block_cells: int = BLOCK_CELLS,
) -> Iterator[NDArray[np.int32]]:
    """Yield blocks of weights: one row per resample, one column per case, together `repetitions` rows.

    A weight says how often the resample holds the case; `block @ values` are the resamples' sums. With
    clusters, as many clusters as there are are drawn, and the cases of one have equal weights. A block
    has at most `block_cells` cells (at least one row); the block size does not change what is drawn.

    >>> rng = np.random.default_rng(1)
    >>> sum(int(block.sum()) for block in resample_weights(10, 7, rng))
    70
    """
    if n == 0:
        return
    numbers = None if clusters is None else cluster_numbers(clusters)
    units = n if numbers is None else int(numbers.max()) + 1
    rows = max(1, block_cells // n)
    for start in range(0, repetitions, rows):
        height = min(rows, repetitions - start)
        drawn = rng.integers(0, units, size=(height, units))
        flat = (drawn + np.arange(height)[:, None] * units).ravel()
        counts = np.bincount(flat, minlength=height * units).reshape(height, units).astype(np.int32)
        yield counts if numbers is None else counts[:, numbers]
