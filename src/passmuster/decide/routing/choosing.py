"""How a route is chosen on some of the cases: the best candidate, the best of each slice, the cheapest threshold."""

from dataclasses import dataclass

import numpy as np
import scipy

from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.routing.chains import Arms
from passmuster.decide.routing.ground import Ground, IntArray
from passmuster.records.routing import RouteAim, RouteKind

FEWEST = 20
"""Cases of a slice below which it keeps what all others get, on the part of the cases that is chosen on."""

FEWEST_OF_ALL = 34
"""The same where all cases choose: such a slice has `FEWEST` in most of the parts that routes are judged by.

Else rules would be written out that were never judged, as their slices are too small in every part.
"""

SHOWN = 0.05
"""Level at which another candidate must be shown better in a slice, or what saves money not worse by the margin."""

_TIE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What may be chosen from, and what for; `arms` are rows of the `Arms` beside the single candidates.

    With `shown` a slice goes elsewhere only where another candidate is shown to be better there.
    """

    name: str
    kind: RouteKind
    aim: RouteAim = "quality"
    arms: tuple[int, ...] = ()
    shown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A route: the arm for all cases, and the arm of each slice (the same one where it has none of its own)."""

    default: int
    of_slice: IntArray

    def at(self, slices: IntArray) -> IntArray:
        """Return the arm of each case, by the number of its slice."""
        if not self.of_slice.size:
            return np.full(slices.size, self.default, dtype=np.int64)
        return np.where(slices < 0, self.default, self.of_slice[np.maximum(slices, 0)])


class Chooser:
    """Chooses routes on parts of the cases, from sums over units: the cases of a group in a slice are one.

    Args:
        ground: The cases.
        arms: All chains; the first of them are the single candidates.
        margin: How much worse is about as good: what saves money must be shown, where it is chosen, not to be worse by that.
    """

    def __init__(self, ground: Ground, arms: Arms, margin: float) -> None:
        self.arms = arms
        self.single = len(ground.names)
        self.priced = ground.priced
        self._margin = margin
        self._slices = max(len(ground.slice_names), 0)
        groups = np.arange(ground.cases) if ground.groups is None else ground.groups
        keys = np.stack([groups, ground.slices])
        _, first, self.unit = np.unique(keys, axis=1, return_index=True, return_inverse=True)
        self.unit = self.unit.reshape(-1)
        self._slice = ground.slices[first]
        order = np.argsort(self.unit, kind="stable")
        starts = np.searchsorted(self.unit[order], np.arange(first.size))
        worth = ground.worth
        self._good, self._dear = (
            np.add.reduceat((table * worth)[:, order], starts, axis=1) for table in (arms.good, arms.dear)
        )
        self._size = np.add.reduceat(worth[order], starts)

    def choose(self, family: Family, cases: BoolArray, fewest: int = FEWEST) -> Chosen:
        """Return what a family chooses on these cases; groups must be in or out of them as a whole.

        A slice of fewer than `fewest` independent cases keeps what all others get.
        """
        units = np.zeros(self._size.size, dtype=np.bool_)
        units[self.unit[cases]] = True
        best = self._best(units)
        if family.kind == "slices":
            return Chosen(default=best, of_slice=self._by_slice(family, units, best, fewest))
        rows = np.asarray(family.arms or range(self.single))
        chosen = best if family.aim == "quality" else self._cheapest(rows, units, best)
        return Chosen(default=chosen, of_slice=np.empty(0, dtype=np.int64))

    def _mean(self, table: FloatArray, rows: IntArray, units: BoolArray) -> FloatArray:
        size = float(self._size[units].sum())
        return np.asarray(table[rows][:, units].sum(axis=1) / max(size, _TIE))

    def _best(self, units: BoolArray) -> int:
        """Return the best single candidate; of equals the cheapest."""
        rows = np.arange(self.single)
        good, dear = (self._mean(table, rows, units) for table in (self._good, self._dear))
        equal = np.flatnonzero(good >= good.max() - _TIE)
        return int(equal[dear[equal].argmin()])

    def _cheapest(self, rows: IntArray, units: BoolArray, best: int) -> int:
        """Return the cheapest arm that is shown not to be worse by the margin; where none is, the best one.

        Of several that are as good the cheapest, of several that are as cheap the best.
        """
        mean, error, limit = self._gaps(rows, units, best, SHOWN)
        able = np.flatnonzero(mean + self._margin > limit * error)
        good, dear = (self._mean(table, rows, units) for table in (self._good, self._dear))
        if not able.size:
            able = np.flatnonzero(good >= good.max() - _TIE)
        equal = able[dear[able] <= dear[able].min() + _TIE]
        return int(rows[equal[good[equal].argmax()]])

    def _gaps(
        self, rows: IntArray, units: BoolArray, best: int, level: float
    ) -> tuple[FloatArray, FloatArray, float]:
        """Return how much better each arm is than the best single candidate, its standard error, and t at a level.

        Over units, with two pseudo-differences: one unit of average size that is better throughout, one that is worse.
        """
        gaps = self._good[np.ix_(rows, np.flatnonzero(units))] - self._good[best, units]
        n, size = int(units.sum()), float(self._size[units].sum())
        if n == 0 or size <= 0:
            return np.zeros(len(rows)), np.full(len(rows), np.inf), 1.0
        mean = gaps.sum(axis=1) / size
        squares = ((gaps - mean[:, None] * self._size[units]) ** 2).sum(axis=1) + 2 * (size / n) ** 2
        error = np.sqrt(squares * (n + 2) / (n + 1)) / (size * (n + 2) / n)
        return mean, error, float(scipy.special.stdtrit(float(n + 1), 1 - level))

    def _by_slice(self, family: Family, units: BoolArray, best: int, fewest: int) -> IntArray:
        counts = np.bincount(self._slice[units & (self._slice >= 0)], minlength=self._slices)
        chosen = np.full(self._slices, best, dtype=np.int64)
        for number in np.flatnonzero(counts >= fewest):
            own = units & (self._slice == number)
            if family.aim == "cost":
                chosen[number] = self._cheapest(np.arange(self.single), own, best)
            elif family.shown:
                chosen[number] = self._shown(own, best)
            else:
                good = self._mean(self._good, np.arange(self.single), own)
                chosen[number] = best if good[best] >= good.max() - _TIE else good.argmax()
        return chosen

    def _shown(self, units: BoolArray, best: int) -> int:
        """Return who is shown to be better than the best one of all, the clearest of several; else that one.

        The level is parted among those that could be (Bonferroni).
        """
        mean, error, limit = self._gaps(np.arange(self.single), units, best, SHOWN / max(1, self.single - 1))
        clear = mean / error
        return int(clear.argmax()) if float(clear.max()) > limit else best
