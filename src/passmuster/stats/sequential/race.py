"""Which candidate is best: a race in which the ones that are shown to be worse drop out.

For each pair a bettor starts with capital 1 and bets on every unit (a case, or a group) that the first beats the second. If
it does not on average, the capital is unlikely ever to grow tall: it exceeds 1 / alpha with chance alpha at most,
however often it is looked at. Sources: Waudby-Smith and Ramdas 2024 (arXiv 2010.09686, betting); Ramdas, Gruenwald, Vovk and Shafer
2023 (arXiv 2210.01948, averages of e-processes are e-processes).
"""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from passmuster.stats.arrays import FloatArray
from passmuster.stats.sequential.futility import BoolArray

BETS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of its capital that the bettor stakes; its wealth is the mean over all of them."""

ALPHA = 0.05

Ending: TypeAlias = Literal["one left", "tie"]

_CELLS = 2_000_000  # of one array of logarithms


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A race after some units: who is live, and the bettors' capital.

    Two statements can be wrong, each with chance `alpha` at most, at whatever look the race ends: that a candidate which is as good as
    any is dropped (for each such candidate), and that a leader named in a tie is worse than a live one by `within` or more.

    Attributes:
        alpha: Chance of each error.
        within: Mean differences below this do not matter; None to go on to the end.
        live: Who still runs.
        dropped_by: For each candidate the look (from 1) at which it was dropped, 0 for the live ones.
        looks: How many blocks were seen.
        units: How many units were seen.
        totals: Sum of the scores of each candidate, as far as it ran.
        above: Log capital of "row beats column", per bet.
        near: Log capital of "row is not worse than column by `within`", per bet.
    """

    alpha: float
    within: float | None
    live: BoolArray
    dropped_by: tuple[int, ...]
    looks: int
    units: int
    totals: FloatArray
    above: FloatArray
    near: FloatArray

    @classmethod
    def of(cls, candidates: int, *, alpha: float = ALPHA, within: float | None = 0.02) -> "Race":
        """Return a race before its first unit.

        Raises:
            ValueError: where there is no candidate, alpha is not in (0, 1), or `within` not in [0, 1).
        """
        if candidates < 1 or not 0 < alpha < 1 or (within is not None and not 0 <= within < 1):
            raise ValueError(
                f"need a candidate, alpha in (0, 1) and within in [0, 1); got {candidates}, {alpha}, {within}"
            )
        blank = np.zeros((candidates, candidates, len(BETS)))
        return cls(
            alpha=alpha,
            within=within,
            live=np.ones(candidates, dtype=np.bool_),
            dropped_by=(0,) * candidates,
            looks=0,
            units=0,
            totals=np.zeros(candidates),
            above=blank,
            near=blank,
        )

    def after(self, scores: ArrayLike, sizes: ArrayLike | None = None) -> "Race":
        """Return the race after a block of units, and who drops out at the look that follows it.

        Args:
            scores: One row a unit, one column a candidate, in [0, 1]; what stands in the columns of candidates that
                were dropped before is not read. NaN is a score that is missing: the unit then tells nothing
                about pairs with this candidate. Cases in groups or with weights: `looks.unit_scores`.
            sizes: What each unit weighs, as a share of the largest (`looks.unit_sizes`); 1 each without. Needed with groups or
                weights, else `within` would be of the largest unit instead of the mean.

        Raises:
            ValueError: where a live candidate's score is not in [0, 1].

        >>> race = Race.of(3).after([[1, 0, 1]] * 20)
        >>> race.live.tolist(), race.dropped_by
        ([True, False, True], (0, 1, 0))
        """
        table = np.where(self.live, np.asarray(scores, dtype=np.float64), np.nan)
        if np.any((table < 0) | (table > 1)):
            raise ValueError("scores of a race lie in [0, 1]")
        above = self.above + _log_growth(table, 0.0)
        near = self.near if self.within is None else self.near + _log_growth(table, self.within, sizes)
        seen = replace(
            self,
            looks=self.looks + 1,
            units=self.units + table.shape[0],
            totals=self.totals + np.nansum(table, axis=0),
            above=above,
            near=near,
        )
        return _without_losers(seen)

    def evidence(self) -> FloatArray:
        """Return for each candidate the average capital of its rivals' bettors: evidence that it is not the best.

        Rivals that were dropped keep the capital that they had: a stopped e-process is one.
        """
        wealth = _mean_wealth(self.above)
        np.fill_diagonal(wealth, 0.0)
        return np.asarray(wealth.sum(axis=0) / max(1, wealth.shape[0] - 1))

    def leader(self) -> int:
        """Return the position of the live candidate with the highest total; the first of equals."""
        return int(np.argmax(np.where(self.live, self.totals, -np.inf)))

    def ending(self) -> Ending | None:
        """Return why the race is over, or None: one is left, or the leader is shown not to be worse by `within`.

        A tie asks for 1 / (alpha / (candidates - 1)) against every live rival, so that it holds whoever leads.
        """
        if int(self.live.sum()) == 1:
            return "one left"
        if self.within is None:
            return None
        rivals = self.live.copy()
        rivals[self.leader()] = False
        wealth = _mean_wealth(self.near[self.leader()])
        return "tie" if bool(np.all(wealth[rivals] >= (self.live.size - 1) / self.alpha)) else None


def _without_losers(race: Race) -> Race:
    """Return the race without those against whom the average capital of their rivals is 1 / alpha or more."""
    against = race.evidence()
    out = race.live & (against >= 1 / race.alpha)
    if np.all(out == race.live):  # somebody is best: the one against whom least is known stays
        out[np.argmin(np.where(race.live, against, np.inf))] = False
    places = zip(race.dropped_by, out.tolist(), strict=True)
    return replace(
        race,
        live=race.live & ~out,
        dropped_by=tuple(race.looks if gone else before for before, gone in places),
    )


def _mean_wealth(logs: FloatArray) -> FloatArray:
    """Return the mean over the bets of exp(log capital); as large as a float can be where it overflows."""
    top = logs.max(axis=-1)
    scaled = np.exp(logs - top[..., None]).mean(axis=-1)
    return np.asarray(np.exp(np.minimum(top, 600.0)) * scaled)


def _log_growth(table: FloatArray, room: float, sizes: ArrayLike | None = None) -> FloatArray:
    """Return by how much the log capital of each pair and bet grows over the units.

    A bet on d + room * size, d = row's score less column's, stakes lambda / (1 + room): it cannot lose more than lambda.
    """
    bets = np.asarray(BETS) / (1 + room)
    if sizes is None and np.all(np.isnan(table) | (table == 0) | (table == 1)):
        right, wrong = (table == 1).astype(np.float64), (table == 0).astype(np.float64)
        better = right.T @ wrong
        same = right.T @ right + wrong.T @ wrong
        won, lost, even = np.log1p(bets * (1 + room)), np.log1p(bets * (room - 1)), np.log1p(bets * room)
        return np.asarray(better[..., None] * won + better.T[..., None] * lost + same[..., None] * even)
    rooms = np.full(table.shape[0], room) if sizes is None else room * np.asarray(sizes, dtype=np.float64)
    grown = np.zeros((table.shape[1], table.shape[1], bets.size))
    rows = max(1, _CELLS // grown.size)
    for start in range(0, table.shape[0], rows):
        part, extra = table[start : start + rows], rooms[start : start + rows]
        gain = part[:, :, None] - part[:, None, :] + extra[:, None, None]
        missing = np.isnan(gain)
        logs = np.log1p(np.where(missing, 0.0, gain)[..., None] * bets)
        grown += np.where(missing[..., None], 0.0, logs).sum(axis=0)
    return grown


def confidence_sequence(
    values: ArrayLike,
    level: float = 0.95,
    *,
    weights: ArrayLike | None = None,
    largest: float | None = None,
) -> tuple[float, float]:
    """Return an interval of a mean of scores in [0, 1] that holds at every look at once.

    It may be read when a run was stopped for whatever reason, where an interval for a number of cases fixed
    beforehand covers less than it says. For each mean m a bettor against "the mean is m" stakes c (x - m) / m, another
    c (m - x) / (1 - m), over a grid of c; the interval holds the m against which both capitals stay below
    2 / (1 - level). Source: Waudby-Smith and Ramdas 2024, section 4 (hedged capital), with fixed bets, for which no order matters.

    Args:
        values: Means of the units seen: a case's score, or the mean over a group.
        level: Of confidence, over all looks together.
        weights: What each unit weighs (its number of cases, the sum of their weights); equal without.
        largest: Largest weight of a unit in the whole corpus; without it, of the units given.

    Raises:
        ValueError: where a value is not in [0, 1].

    >>> low, high = confidence_sequence([1.0] * 80 + [0.0] * 20)
    >>> print(f"{low:.3f} {high:.3f}")
    0.656 0.911
    """
    scores = np.asarray(values, dtype=np.float64)
    scores, own = scores[~np.isnan(scores)], np.ones(scores.size) if weights is None else np.asarray(weights)
    if np.any((scores < 0) | (scores > 1)):
        raise ValueError("values of a confidence sequence lie in [0, 1]")
    if scores.size == 0:
        return 0.0, 1.0
    own = own[~np.isnan(np.asarray(values, dtype=np.float64))].astype(np.float64)
    shares = own / (float(own.max()) if largest is None else largest)
    kinds, where = np.unique(np.stack([scores, shares], axis=1), axis=0, return_inverse=True)
    counts = np.bincount(where.ravel()).astype(np.float64)
    limit = math.log(2 / (1 - level))
    low = _crossing(kinds[:, 0], kinds[:, 1], counts, limit)
    return low, 1 - _crossing(1 - kinds[:, 0], kinds[:, 1], counts, limit)


def _crossing(scores: FloatArray, shares: FloatArray, counts: FloatArray, limit: float) -> float:
    """Return the least mean against which the bettor that it is higher has not grown to `limit` (a log)."""
    bets = np.asarray(BETS)
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        gains = np.log1p(bets[:, None] * shares * (scores / middle - 1)) @ counts
        top = gains.max()
        if top + math.log(np.exp(gains - top).mean()) >= limit:
            low = middle
        else:
            high = middle
    return low
