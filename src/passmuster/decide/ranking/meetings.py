"""How often each candidate was preferred to each other one: the plain shares, beside what a model makes of them."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.phrases import listed
from passmuster.decide.ranking.games import FEWEST_RATERS, Table
from passmuster.records.ranking import Meeting
from passmuster.records.score import Estimate
from passmuster.stats.arrays import FloatArray, IntArray
from passmuster.stats.intervals import effective_sample, wilson


def meetings(table: Table) -> tuple[Meeting, ...]:
    """Return a meeting for each two candidates that met, by name.

    The interval is Wilson's on the effective sample: several raters of a case say less than as many cases, and many
    choices of few raters less than as many raters.
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
        share=share_of(won, cases, [table.raters[row] for row in rows.tolist()]),
    )


def share_of(won: FloatArray, cases: Sequence[str], raters: Sequence[str] = ()) -> Estimate:
    """Return a share of points with Wilson's interval on the effective sample of cases, and of raters where known.

    With both, the design effects add: 1 + (that of cases - 1) + (that of raters - 1), the variance of crossed effects
    (Cameron, Gelbach and Miller 2011, section 2.2); the t is that of the fewer. Fewer than `FEWEST_RATERS` are not
    looked at.

    Example:
        >>> found = share_of(np.array([1.0, 1, 0, 1]), ["a", "b", "c", "d"])
        >>> found.value, round(found.low, 3), found.method
        (0.75, 0.301, 'Wilson')
    """
    found, of = [], []
    if len(set(cases)) < len(cases):
        found, of = [effective_sample(won, list(cases))], ["cases"]
    if len(set(raters)) >= FEWEST_RATERS and len(set(raters)) < len(raters):
        found, of = [*found, effective_sample(_seen(won), list(raters))], [*of, "raters"]
    value = float(won.mean())
    method = f"Wilson on the effective sample of {listed(of)}" if of else "Wilson"
    size = (
        len(won) / (1 + sum(each.deff - 1 for each in found)) * min([1.0, *(each.factor for each in found)])
    )
    if size <= 0:
        return Estimate(value=value, n=len(won), method=method, note="one case tells nothing of others")
    low, high = wilson(value * size, size)
    return Estimate(value=value, low=low, high=high, n=len(won), method=method)


def _seen(won: FloatArray) -> FloatArray:
    """Return points by which raters can be seen to differ: 40 of 40 say no less of them than 39 of 40 do."""
    turned = won.copy()
    if (won == won[0]).all():
        turned[0] = 1 - won[0] if won[0] != 0.5 else 0.0
    return turned
