"""How often each candidate was preferred to each other one: the plain shares, beside what a model makes of them."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.ranking.games import Table
from passmuster.records.ranking import Meeting
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.intervals import effective_sample, wilson


def meetings(table: Table) -> tuple[Meeting, ...]:
    """Return a meeting for each two candidates that met, by name.

    The interval is Wilson's on the effective sample: several raters of a case say less than as many cases.
    """
    games = table.games
    turned = games.first > games.second
    one, other = np.where(turned, games.second, games.first), np.where(turned, games.first, games.second)
    won = np.where(turned, 1 - games.won, games.won)
    pairs: dict[tuple[int, int], list[int]] = {}
    for row, pair in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        pairs.setdefault(pair, []).append(row)
    return tuple(_meeting(table, pair, np.array(rows), won[rows]) for pair, rows in sorted(pairs.items()))


def _meeting(table: Table, pair: tuple[int, int], rows: IntArray, won: FloatArray) -> Meeting:
    cases = [table.cases[row] for row in rows.tolist()]
    return Meeting(
        one=table.names[pair[0]],
        other=table.names[pair[1]],
        wins=int((won == 1).sum()),
        ties=int((won == 0.5).sum()),
        losses=int((won == 0).sum()),
        cases=len(set(cases)),
        share=share_of(won, cases),
    )


def share_of(won: FloatArray, cases: Sequence[str]) -> Estimate:
    """Return a share of points with Wilson's interval on the effective sample of cases.

    Example:
        >>> found = share_of(np.array([1.0, 1, 0, 1]), ["a", "b", "c", "d"])
        >>> found.value, round(found.low, 3), found.method
        (0.75, 0.301, 'Wilson')
    """
    several = len(set(cases)) < len(cases)
    size = effective_sample(won, list(cases)).size if several else float(len(won))
    value = float(won.mean())
    method = "Wilson on the effective sample of cases" if several else "Wilson"
    if size <= 0:
        return Estimate(value=value, n=len(won), method=method, note="one case tells nothing of others")
    low, high = wilson(value * size, size)
    return Estimate(value=value, low=low, high=high, n=len(won), method=method)
