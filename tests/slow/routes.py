"""Routes over plain tables of right and wrong: what the tests of routing share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.routing.chains import Arms
from passmuster.decide.routing.choosing import Chooser, Family
from passmuster.decide.routing.families import BEST, look
from passmuster.decide.routing.ground import Ground, IntArray
from passmuster.decide.routing.held_out import Gain, HeldOut, cost_gain, gain, held_out
from passmuster.stats.clusters import ratio_sums
from passmuster.stats.margins import with_pseudo_differences
from passmuster.stats.student import student_quantile


@dataclass(frozen=True)
class Study:
    """All routes of a table, chosen and judged."""

    ground: Ground
    arms: Arms
    chooser: Chooser
    families: dict[str, Family]
    held: HeldOut

    def gain(self, name: str) -> Gain:
        """Return what a route gains over the best single candidate, where neither was chosen."""
        return gain(self.ground, self.arms.good, self.held.arms[name], self.held.arms[BEST])

    def cost(self, name: str) -> Gain | None:
        """Return the log of what it costs over what that one does."""
        return cost_gain(self.ground, self.arms, self.held.arms[name], self.held.arms[BEST])

    def seen(self, name: str) -> float:
        """Return what it gains on the cases that it was chosen on."""
        every = np.arange(self.ground.cases)
        mine, best = (self.held.whole[each].at(self.ground.slices) for each in (name, BEST))
        return float((self.arms.good[mine, every] - self.arms.good[best, every]).mean())


def ground_of(
    quality: FloatArray,
    slices: IntArray,
    *,
    cost: FloatArray | None = None,
    sure: dict[str, FloatArray] | None = None,
    names: Sequence[str] = (),
) -> Ground:
    """Return the ground of a table of right and wrong, a row for each candidate."""
    return Ground(
        names=tuple(names) or tuple(f"m{row}" for row in range(len(quality))),
        quality=quality,
        cost=np.full(quality.shape, np.nan) if cost is None else cost,
        failed=np.zeros(quality.shape, dtype=np.bool_),
        slices=slices,
        slice_names=tuple(str(number) for number in range(int(slices.max()) + 1)),
        sure=sure or {},
    )


def study(ground: Ground, wanted: Sequence[Sequence[str]] = (), *, seed: int = 0) -> Study:
    """Return all routes of a ground."""
    found = look(ground, wanted, "stratum" if len(ground.slice_names) > 1 else None)
    chooser = Chooser(ground, found.arms, 0.02)
    held = held_out(ground, chooser, found.families, seed=seed)
    return Study(ground, found.arms, chooser, {each.name: each for each in found.families}, held)


def usual_interval(found: Study, family: str, *, folds: int = 10, seed: int = 0) -> tuple[float, float]:
    """Return the interval of ordinary cross-validation: every fold judged with all others, cases taken as independent."""
    fold = np.random.default_rng(seed).permutation(found.ground.cases) % folds
    gaps = np.empty(found.ground.cases)
    for number in range(folds):
        judged = np.flatnonzero(fold == number)
        slices = found.ground.slices[judged]
        mine, best = (
            found.chooser.choose(found.families[name], fold != number).at(slices) for name in (family, BEST)
        )
        gaps[judged] = found.arms.good[mine, judged] - found.arms.good[best, judged]
    sums = with_pseudo_differences(ratio_sums(gaps, np.ones(gaps.size)))
    half = student_quantile(0.975, gaps.size) * float(sums.standard_error())
    return float(gaps.mean()) - half, float(gaps.mean()) + half
