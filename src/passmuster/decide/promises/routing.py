"""Routing: no gain where there is none, judged by the same routes that `passmuster route` reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.measured import FloatArray
from passmuster.decide.promises.promise import Count, Promise
from passmuster.decide.routing.chains import Arms
from passmuster.decide.routing.choosing import Chooser, Family
from passmuster.decide.routing.families import BEST, look
from passmuster.decide.routing.ground import Ground, IntArray
from passmuster.decide.routing.held_out import Gain, HeldOut, cost_gain, gain, held_out
from passmuster.stats.clusters import ratio_sums
from passmuster.stats.margins import with_pseudo_differences
from passmuster.stats.student import student_quantile

BY_SLICE = "best of each stratum"
"""The route whose gain is luck where candidates are equal."""

MARGIN = 0.02

SLICES, EACH, CANDIDATES = 14, 40, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All routes of a ground, chosen and judged."""

    ground: Ground
    arms: Arms
    chooser: Chooser
    families: Mapping[str, Family]
    held: HeldOut

    def gain(self, name: str) -> Gain:
        """Return what a route gains over the best single candidate, where neither was chosen."""
        return gain(self.ground, self.arms.good, self.held.arms[name], self.held.arms[BEST])

    def cost(self, name: str) -> Gain | None:
        """Return the log of what it costs over what that one does; None where costs are unknown."""
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
    sure: Mapping[str, FloatArray] | None = None,
    names: Sequence[str] = (),
) -> Ground:
    """Return the ground of a table of right and wrong, a row for each candidate; costs are unknown unless given."""
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
    """Return all routes of a ground; `wanted` are cascades by the names of their candidates."""
    found = look(ground, wanted, "stratum" if len(ground.slice_names) > 1 else None)
    chooser = Chooser(ground, found.arms, MARGIN)
    held = held_out(ground, chooser, found.families, seed=seed)
    families = {each.name: each for each in found.families}
    return Study(ground=ground, arms=found.arms, chooser=chooser, families=families, held=held)


def usual_interval(found: Study, name: str, *, folds: int = 10, seed: int = 0) -> tuple[float, float]:
    """Return the interval of ordinary cross-validation: every fold judged with all others, cases taken as independent."""
    fold = np.random.default_rng(seed).permutation(found.ground.cases) % folds
    gaps = np.empty(found.ground.cases)
    for number in range(folds):
        judged = np.flatnonzero(fold == number)
        slices = found.ground.slices[judged]
        mine, best = (
            found.chooser.choose(found.families[each], fold != number).at(slices) for each in (name, BEST)
        )
        gaps[judged] = found.arms.good[mine, judged] - found.arms.good[best, judged]
    sums = with_pseudo_differences(ratio_sums(gaps, np.ones(gaps.size)))
    half = student_quantile(0.975, gaps.size) * float(sums.standard_error())
    return float(gaps.mean()) - half, float(gaps.mean()) + half


def right_and_wrong(
    rng: np.random.Generator, slices: IntArray, candidates: int, better: FloatArray | None = None
) -> FloatArray:
    """Draw candidates that are right in 0.7 of the cases, the same cases being hard for all of them.

    Args:
        rng: Draws.
        slices: The slice of each case.
        candidates: How many.
        better: How much better each (row) is in each slice (column), in standard deviations; None: all are equal.
    """
    hard = rng.normal(size=slices.size)
    own = rng.normal(size=(candidates, slices.size))
    shift = 0.0 if better is None else better[:, slices]
    right = (hard + own) / np.sqrt(2) < 0.524 + shift  # the normal quantile of 0.7
    return np.asarray(right, dtype=np.float64)


def equal_candidates(
    rng: np.random.Generator, runs: int, candidates: int = CANDIDATES, each: int = EACH
) -> Count:
    """Draw equal candidates on 14 slices: an error is an interval of the gain of the best of each slice that misses 0.

    The shortcut takes that gain on the cases that the route was chosen on. In `figures`: its mean (`seen`), the share of
    runs whose interval covers 0 for the route by slice of which it does least often (`covered`), in which ordinary
    cross-validation does (`usual`), and in which a gain is claimed at 5% (`claimed`).
    """
    slices = np.repeat(np.arange(SLICES), each)
    covered: dict[str, int] = {}
    naive = usual = claimed = 0
    seen = 0.0
    for run in range(runs):
        quality = right_and_wrong(rng, slices, candidates)
        found = study(ground_of(quality, slices, cost=rng.lognormal(0.0, 0.5, size=quality.shape)), seed=run)
        for name, family in found.families.items():
            if family.kind == "slices":
                covered[name] = covered.get(name, 0) + _covers(found.gain(name).interval())
        naive += found.seen(BY_SLICE) > 0
        seen += found.seen(BY_SLICE)
        usual += _covers(usual_interval(found, BY_SLICE, seed=run))
        claimed += found.gain(BY_SLICE).above(0.0) <= 0.05
    shares = {"covered": min(covered.values()), "usual": usual, "claimed": claimed, "seen": seen}
    return Count(
        runs=runs,
        errors=runs - covered[BY_SLICE],
        naive=naive,
        figures={name: count / runs for name, count in shares.items()},
    )


def _covers(interval: tuple[float, float]) -> bool:
    return interval[0] <= 0 <= interval[1]


PROMISES = (
    Promise(
        name="routing",
        says="The gain of asking the best of each slice is not an artefact of choosing it.",
        counts="95% intervals that miss 0 where candidates are equal",
        naive="the gain on the cases that the best of each slice was chosen on counts",
        used=("route",),
        limit=0.07,
        repetitions=40,
        simulate=equal_candidates,
    ),
)
