"""Which items of one list belong to which of another: the pairs of the greatest total weight."""

from collections.abc import Sequence
from math import inf

Pair = tuple[int, int]


def best_matching(weights: Sequence[Sequence[float]]) -> list[Pair]:
    """Return the pairs (row, column) of the greatest total weight, each row and column at most once.

    Weights are at least 0, and pairs of weight 0 are left out. The Hungarian algorithm with potentials (Kuhn 1955;
    Jonker and Volgenant 1987): n * n * m steps, n being the smaller side. Equal totals are resolved the same way
    every time.

    Example:
        >>> best_matching([[0.9, 0.8], [0.9, 0.0]])
        [(0, 1), (1, 0)]
    """
    if not weights or not weights[0]:
        return []
    if len(weights) > len(weights[0]):
        turned = [list(column) for column in zip(*weights, strict=True)]
        return sorted((row, column) for column, row in best_matching(turned))
    owner = _assign(weights)
    pairs = sorted((row - 1, column - 1) for column, row in enumerate(owner) if row and column)
    return [(row, column) for row, column in pairs if weights[row][column] > 0]


def _assign(weights: Sequence[Sequence[float]]) -> list[int]:
    """Return the row of each column, both from 1; 0 is none."""
    rows, columns = len(weights), len(weights[0])
    height, depth = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, rows + 1):
        owner[0] = row
        way = _augment(weights, owner, height, depth)
        column = way.pop(-1)
        while column:
            before = way[column]
            owner[column] = owner[before]
            column = before
    return owner


def _augment(
    weights: Sequence[Sequence[float]], owner: list[int], height: list[float], depth: list[float]
) -> dict[int, int]:
    """Find a shortest way to a free column; return each column's predecessor, and under -1 where it ends."""
    columns = len(depth) - 1
    slack, way, used = [inf] * (columns + 1), dict.fromkeys(range(columns + 1), 0), [False] * (columns + 1)
    column = 0
    while owner[column]:
        used[column] = True
        row, step, following = owner[column], inf, 0
        costs, own = weights[row - 1], height[row]
        for other in range(1, columns + 1):
            if used[other]:
                continue
            reduced = -costs[other - 1] - own - depth[other]
            if reduced < slack[other]:
                slack[other], way[other] = reduced, column
            if slack[other] < step:
                step, following = slack[other], other
        for other in range(columns + 1):
            if used[other]:
                height[owner[other]] += step
                depth[other] -= step
            else:
                slack[other] -= step
        column = following
    way[-1] = column
    return way
