"""Routes on cases that they were not chosen on: what they would have done there, and what they gain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.routing.chains import Arms
from passmuster.decide.routing.choosing import FEWEST_OF_ALL, Chooser, Chosen, Family
from passmuster.decide.routing.folds import FIRST, FOLDS, folds_of, steps
from passmuster.decide.routing.ground import Ground, IntArray
from passmuster.decide.seed import SEED
from passmuster.records.routing import Ratio
from passmuster.records.score import Difference
from passmuster.stats.clusters import ratio_sums, student_tail, with_effective_units
from passmuster.stats.margins import with_pseudo_differences
from passmuster.stats.student import student_quantile
from passmuster.stats.two_ratios import TwoRatios, two_ratio_columns

NOT_JUDGED = -1
"""What stands in place of an arm where a case was chosen on."""

_ROUNDING = 1e-12

METHOD = "t with two pseudo-differences, chosen on earlier folds, mean of all orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """The arm of every case (rows) in every order (columns), by family; `NOT_JUDGED` where it was chosen on.

    `whole` is what each family chooses on all cases.
    """

    arms: Mapping[str, IntArray]
    whole: Mapping[str, Chosen]
    orders: int


def held_out(
    ground: Ground, chooser: Chooser, families: Sequence[Family], *, seed: int = SEED, folds: int = FOLDS
) -> HeldOut:
    """Choose each family on the folds before each fold, in every order.

    Args:
        ground: The cases.
        chooser: Chooses on parts of them.
        families: What is chosen from.
        seed: Of the folds.
        folds: How many; each is judged in all orders but the few in which it comes first.
    """
    rng = np.random.default_rng(seed)
    fold = folds_of(ground.slices, ground.groups, rng, folds)
    first = max(1, FIRST * folds // FOLDS)
    arms = {each.name: np.full((ground.cases, folds), NOT_JUDGED, dtype=np.int64) for each in families}
    for step in steps(folds, first):
        cases = np.isin(fold, step.chosen_on)
        judged = np.flatnonzero(fold == step.judged)
        for family in families:
            chosen = chooser.choose(family, cases)
            arms[family.name][judged, step.order] = chosen.at(ground.slices[judged])
    everything = np.ones(ground.cases, dtype=np.bool_)
    whole = {family.name: chooser.choose(family, everything, FEWEST_OF_ALL) for family in families}
    return HeldOut(arms=arms, whole=whole, orders=folds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A mean over orders with the standard error of one order: no less than that of the mean (Jensen)."""

    value: float
    error: float
    units: float

    def interval(self) -> tuple[float, float]:
        """Return the 95% interval."""
        half = student_quantile(0.975, max(1, int(self.units) - 1)) * self.error
        return self.value - half, self.value + half

    def above(self, limit: float) -> float:
        """Return the one-sided p-value of "it is at most `limit`"."""
        return self._tail(self.value - limit)

    def below(self, limit: float) -> float:
        """Return the one-sided p-value of "it is at least `limit`"."""
        return self._tail(limit - self.value)

    def _tail(self, distance: float) -> float:
        far = distance if abs(distance) > _ROUNDING else 0.0
        return float(student_tail(np.array(far), np.array(self.error), np.array(self.units - 1)))


def gain(ground: Ground, table: FloatArray, route: IntArray, rival: IntArray) -> Gain:
    """Return how much larger a figure (arm x case) is of a route than of its rival, where both are judged."""
    values, squares, units = [], [], []
    for mine, theirs in zip(route.T, rival.T, strict=True):
        judged = np.flatnonzero((mine != NOT_JUDGED) & (theirs != NOT_JUDGED))
        gaps = table[mine[judged], judged] - table[theirs[judged], judged]
        worth = ground.worth[judged]
        groups = None if ground.groups is None else ground.groups[judged]
        sums = ratio_sums(gaps * worth, worth, groups)
        found = with_pseudo_differences(sums if ground.weights is None else with_effective_units(sums))
        values.append(float(sums.value()))
        squares.append(float(found.standard_error()) ** 2)
        units.append(float(found.units))
    return Gain(value=float(np.mean(values)), error=float(np.sqrt(np.mean(squares))), units=min(units))


def difference(found: Gain, cases: int) -> Difference:
    """Return a gain as a difference with its interval and two-sided p-value."""
    low, high = found.interval()
    p = min(1.0, 2 * min(found.above(0.0), found.below(0.0)))
    return Difference(value=found.value, low=max(-1.0, low), high=min(1.0, high), p=p, n=cases, method=METHOD)


def p_cheaper(ground: Ground, arms: Arms, route: IntArray, rival: IntArray) -> float | None:
    """Return the one-sided p-value of "a route costs as much as its rival, or more"; None where costs are unknown.

    By t on the log of the ratio, or where that is not to be had, as a part that costs nothing has none, on the difference.
    """
    if not ground.priced:
        return None
    found = cost_gain(ground, arms, route, rival)
    if found is None:
        scale = float(arms.dear.max())
        found = gain(ground, arms.dear / scale, route, rival) if scale > 0 else None
    return None if found is None else found.below(0.0)


def cost_gain(ground: Ground, arms: Arms, route: IntArray, rival: IntArray) -> Gain | None:
    """Return the log of what a route costs over what its rival does; None where either is unknown, or nothing."""
    if not ground.priced:
        return None
    values, squares, units = [], [], []
    for mine, theirs in zip(route.T, rival.T, strict=True):
        judged = np.flatnonzero((mine != NOT_JUDGED) & (theirs != NOT_JUDGED))
        ones = np.ones(judged.size)
        columns = two_ratio_columns(
            (arms.dear[mine[judged], judged], ones),
            (arms.dear[theirs[judged], judged], ones),
            ones,
            None if ground.groups is None else ground.groups[judged],
            None if ground.weights is None else ground.weights[judged],
        )
        sums = TwoRatios(columns.sum(axis=0))
        value, error = (float(each) for each in sums.log_quotient())
        if not np.isfinite(value) or not np.isfinite(error):
            return None
        values.append(value)
        squares.append(error**2)
        units.append(float(sums.units))
    return Gain(value=float(np.mean(values)), error=float(np.sqrt(np.mean(squares))), units=min(units))


def ratio_of(found: Gain | None) -> Ratio:
    """Return a gain on the log scale as a ratio with its interval."""
    if found is None:
        return Ratio(value=None)
    low, high = found.interval()
    return Ratio(value=float(np.exp(found.value)), low=float(np.exp(low)), high=float(np.exp(high)))
