"""What routes are chosen on: how good each candidate was on each case, and what that cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import FAILED, SCORED, BoolArray, FloatArray, Measured
from passmuster.records.task import Success

IntArray: TypeAlias = NDArray[np.int64]

COVERED = 0.9
"""A candidate that fewer of the cases know about is left out: else the cases common to all would be few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a good answer is: the mean of a metric that is a share, or how many trials succeed; `name` is how that is shown."""

    name: str
    metric: str | None
    success: Success

    def of(self, measured: Measured) -> FloatArray:
        """Return how good each cell is, in [0, 1]; a failed trial is not good, NaN is unknown."""
        if self.metric is None:
            return measured.succeeded(self.success)
        scored = measured.columns.scores[self.metric]
        values = np.where(scored.code == SCORED, scored.value, np.nan)
        return np.where(measured.failed_on(self.metric), 0.0, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """How good (0 to 1) and how dear (US dollars) the first reply of each candidate (row) was on each case (column).

    `cost` is NaN where unknown. `failed` are trials without a reply. `slices` numbers the slice of each case, -1 for
    none. `sure` is what the signal of a candidate (by name) says of each case, NaN where nothing; `beside` names the
    candidates that are asked only to tell it. Every case is known of every candidate.
    """

    names: tuple[str, ...]
    quality: FloatArray
    cost: FloatArray
    failed: BoolArray
    slices: IntArray
    slice_names: tuple[str, ...] = ()
    groups: IntArray | None = None
    weights: FloatArray | None = None
    sure: Mapping[str, FloatArray] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return int(self.quality.shape[1])

    @property
    def priced(self) -> bool:
        """Whether the cost of every trial is known."""
        return not bool(np.isnan(self.cost).any())

    @property
    def worth(self) -> FloatArray:
        """How many cases of traffic each stands for."""
        return np.ones(self.cases) if self.weights is None else self.weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """The ground with the places of its cases among all, the candidates on these, and whom it leaves out, with the reason."""

    ground: Ground
    places: IntArray
    measured: tuple[Measured, ...]
    left_out: Mapping[str, str]


def lay(
    measured: Sequence[Measured],
    judged: Judged,
    slices: tuple[IntArray, tuple[str, ...]],
    sure: Mapping[str, FloatArray],
    beside: Mapping[str, tuple[str, ...]],
) -> Laid:
    """Lay out the candidates over the cases that are known of all of them.

    A case counts where every candidate was asked it the first time and its reply could be judged, or it failed. Whom
    fewer than nine in ten of the cases know that are known of anyone is left out, so that one that was asked little does not take the others' cases.

    Args:
        measured: The candidates.
        judged: What a good answer is.
        slices: The number of each case's slice, -1 for none, and their names.
        sure: What a candidate's signal says of each case, by name.
        beside: Who is asked only to tell that signal, by name.
    """
    quality = {item.candidate.name: judged.of(item)[:, 0] for item in measured}
    known = {name: ~np.isnan(values) for name, values in quality.items()}
    most = max((int(each.sum()) for each in known.values()), default=0)
    short = {name: int(each.sum()) for name, each in known.items() if each.sum() < max(1, COVERED * most)}
    kept = tuple(item for item in measured if item.candidate.name not in short)
    cases = measured[0].cases if measured else 0
    common = np.ones(cases, dtype=np.bool_)
    for item in kept:
        common &= known[item.candidate.name]
    places = np.flatnonzero(common)
    ground = _ground(kept, quality, places, slices)
    names = set(ground.names)
    told = [name for name in ground.names if name in sure and names.issuperset(beside.get(name, ()))]
    return Laid(
        ground=replace(
            ground,
            sure={name: sure[name][places] for name in told},
            beside={name: beside.get(name, ()) for name in told},
        ),
        places=places,
        measured=kept,
        left_out={
            name: "not asked yet" if not count else f"known of {count:,} cases, others of up to {most:,}"
            for name, count in short.items()
        },
    )


def _ground(
    kept: Sequence[Measured],
    quality: Mapping[str, FloatArray],
    places: IntArray,
    slices: tuple[IntArray, tuple[str, ...]],
) -> Ground:
    shape = (len(kept), places.size)
    good, cost, failed = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.bool_)
    for row, item in enumerate(kept):
        good[row] = quality[item.candidate.name][places]
        cost[row] = np.nan if item.basis == "unknown" else item.cost.total()[places, 0]
        failed[row] = item.columns.state[places, 0] == FAILED
    first = kept[0] if kept else None
    groups = None if first is None or first.groups is None else first.groups[places]
    weights = None if first is None or first.weights is None else first.weights[places]
    return Ground(
        names=tuple(item.candidate.name for item in kept),
        quality=good,
        cost=cost,
        failed=failed,
        slices=slices[0][places],
        slice_names=slices[1],
        groups=groups,
        weights=None if weights is None else weights / weights.mean(),
    )
