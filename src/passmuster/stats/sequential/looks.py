"""In which order cases are seen, and after which of them results are looked at."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.clusters import Clusters, cluster_numbers

BLOCK = 20
"""Cases between two looks."""


def looks(groups: Clusters, seed: int, block: int = BLOCK) -> tuple[tuple[int, ...], ...]:
    """Return the positions of all cases in blocks, each as large as `block` or a little larger; a look follows each.

    Whole groups come in an order drawn from the seed, each in one block: what was seen is then a random
    sample of groups at every look. The last block holds what is left.

    Args:
        groups: One key a case; cases with equal keys are one group. Distinct keys, such as `range(n)`, are cases alone.
        seed: Of the order, 0 or more.
        block: Fewest cases of a block, 1 or more.

    Raises:
        ValueError: where `block` is below 1.

    >>> looks("aabbc", seed=3, block=2)
    ((4, 2, 3), (0, 1))
    """
    if block < 1:
        raise ValueError(f"a block holds at least one case; got {block}")
    numbers = cluster_numbers(groups)
    members: list[list[int]] = [[] for _ in range(int(numbers.max(initial=-1)) + 1)]
    for position, number in enumerate(numbers.tolist()):
        members[number].append(position)
    blocks: list[tuple[int, ...]] = []
    current: list[int] = []
    for number in np.random.default_rng(seed).permutation(len(members)).tolist():
        current.extend(members[number])
        if len(current) >= block:
            blocks.append(tuple(current))
            current = []
    return (*blocks, tuple(current)) if current else tuple(blocks)


def unit_scores(
    scores: ArrayLike,
    groups: Clusters | None = None,
    weights: Sequence[float] | None = None,
    largest: float | None = None,
) -> FloatArray:
    """Return one row per unit of weighted totals of scores in [0, 1], divided by the largest weight of a unit.

    A race or a confidence sequence bets on units that are drawn independently: on groups, where cases belong together. Totals
    keep their expected differences in proportion to those of (weighted) means over cases, and stay in [0, 1].

    Args:
        scores: Rows are cases, columns candidates; NaN (not scored) makes the unit's total of that candidate NaN.
        groups: One key a case, or None.
        weights: What each case counts for, more than 0, or None.
        largest: Largest weight of a unit in the whole corpus; without it, of the cases given. It must not depend on what
            was scored: give it where only a part of the corpus is seen.

    Raises:
        ValueError: where a unit weighs more than `largest`.

    >>> unit_scores([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], groups="aab").tolist()
    [[1.0, 0.5], [0.0, 0.5]]
    """
    table = np.asarray(scores, dtype=np.float64)
    own, numbers, sizes, scale = _units(table.shape[0], groups, weights, largest)
    totals = np.zeros((sizes.size, table.shape[1]))
    np.add.at(totals, numbers, table * own[:, None])
    return totals / scale


def unit_sizes(
    n: int,
    groups: Clusters | None = None,
    weights: Sequence[float] | None = None,
    largest: float | None = None,
) -> FloatArray:
    """Return what each unit of n cases weighs, as a share of the largest, in the order of `unit_scores`.

    >>> unit_sizes(3, groups="aab").tolist(), unit_sizes(3, groups="aab", largest=4).tolist()
    ([1.0, 0.5], [0.5, 0.25])
    """
    _, _, sizes, scale = _units(n, groups, weights, largest)
    return sizes / scale


def _units(
    n: int, groups: Clusters | None, weights: Sequence[float] | None, largest: float | None
) -> tuple[FloatArray, IntArray, FloatArray, float]:
    """Return the weight and the unit of each case, the weight of each unit, and the largest of those."""
    own = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    numbers = np.arange(n) if groups is None else cluster_numbers(groups)
    sizes = np.bincount(numbers, weights=own).astype(np.float64)
    scale = float(sizes.max(initial=0.0)) if largest is None else largest
    if sizes.size and float(sizes.max()) > scale * (1 + 1e-12):
        raise ValueError(f"a unit weighs {float(sizes.max()):g}, more than the largest, {scale:g}")
    return own, numbers, sizes, scale if scale > 0 else 1.0
