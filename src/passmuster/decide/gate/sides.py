"""Both versions on the cases that both were asked, and the differences of what each case says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.gate.compared import Laid
from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.relative.pairs import Pair
from passmuster.decide.slices import restricted
from passmuster.records.score import Estimate
from passmuster.stats.paired import paired_mean_interval, tango_interval

TANGO = "Tango interval"
ASKED_OF_ONE = "asked of one version only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The old and the new version on their common cases; columns keep a row for every case.

    The old one has another name where both had the same: the same candidate at two times.
    """

    old: Measured
    new: Measured
    common: BoolArray
    left_out: Mapping[str, int]

    @property
    def pair(self) -> Pair:
        """The two as the tests against an incumbent take them."""
        return Pair(candidate=self.new, incumbent=self.old)

    @property
    def cases(self) -> int:
        """How many cases both were asked."""
        return int(self.common.sum())


def sides_of(laid: Laid) -> Sides:
    """Return both versions on the cases that both were asked, and how many are left out because only one was."""
    before, now = (np.asarray(item.present > 0) for item in (laid.old, laid.new))
    common = np.logical_and(before, now)
    alone = int(np.logical_xor(before, now).sum())
    old, new = (restricted(item, common) if alone else item for item in (laid.old, laid.new))
    renamed = replace(old.candidate, name=f"{old.candidate.name} (old)")
    return Sides(
        old=replace(old, candidate=renamed),
        new=new,
        common=common,
        left_out={ASKED_OF_ONE: alone} if alone else {},
    )


def change_of(
    new: FloatArray, old: FloatArray, measured: Measured, width: float = 1.0, *, score: bool = True
) -> Estimate:
    """Estimate the mean of new minus old over the cases where both say something.

    Pass/fail cases, each of them alone: Tango's score interval; else that of a paired t, over groups and with weights where
    there are any.

    Args:
        new: One value per case, NaN where there is none.
        old: The same of the other version.
        measured: Either version, for groups and weights.
        width: How far apart the least and the greatest value are.
        score: Whether Tango's interval is worked out; of many slices it is better made for all at once.
    """
    gaps = (new - old) / width
    known = ~np.isnan(gaps)
    n = int(known.sum())
    missing = int((np.isnan(gaps) & ~(np.isnan(new) & np.isnan(old))).sum())
    if n == 0:
        return Estimate(value=None, n_missing=missing, method="no common cases")
    groups = None if measured.groups is None else measured.groups[known]
    weights = None if measured.weights is None else measured.weights[known]
    some = gaps[known]
    if groups is None and weights is None and np.isin(some, (-1.0, 0.0, 1.0)).all():
        counts = float((some > 0).sum()), float((some < 0).sum())
        ends: tuple[float, float] | None = tango_interval(*counts, n) if score else None
        method = TANGO
    else:
        ends = paired_mean_interval(some, clusters=groups, weights=weights)
        method = ("" if weights is None else "weighted ") + "paired t"
        method += "" if groups is None else ", clustered by group"
    low, high = (None, None) if ends is None else (float(ends[0]) * width, float(ends[1]) * width)
    value = float(np.average(some, weights=weights)) * width
    return Estimate(value=value, low=low, high=high, n=n, n_missing=missing, method=method)
