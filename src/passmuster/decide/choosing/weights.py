"""Candidates by weight: who is the best of those that pass, and in how much of all ways to weigh them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from passmuster.decide.choosing.figures import Figures
from passmuster.decide.measured import BoolArray, FloatArray
from passmuster.decide.phrases import listed
from passmuster.decide.seed import SEED
from passmuster.records.choice import DimensionReport, Weighed, Weighing
from passmuster.records.task import Dimension

DRAWS = 2000
"""Points of the weight space: Dirichlet with all parameters 1, which is even over all weights that sum to one."""

NOISE = 0.025
"""A lead is within noise where the other is ahead in more resamples than this: the 95% interval holds no lead."""

_BLOCK = 50
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One dimension on a scale from 0 (worst) to 1 (best)."""

    dimension: Dimension
    best: float
    worst: float

    @property
    def stated(self) -> bool:
        """Whether the project states both ends."""
        return self.dimension.best is not None and self.dimension.worst is not None

    def of(self, values: FloatArray) -> FloatArray:
        """Return values on the scale; beyond an end that the project states nothing counts any more."""
        top, bottom = self.dimension.best is not None, self.dimension.worst is not None
        if self.best == self.worst:  # all are beyond the one end that is stated, or are equal
            return np.where(np.isnan(values), np.nan, 0.0 if bottom else 1.0)
        made = (values - self.worst) / (self.best - self.worst)
        return np.clip(made, 0.0 if bottom else -np.inf, 1.0 if top else np.inf)


def scales_of(dimensions: Sequence[Dimension], figures: Figures) -> list[Scale]:
    """Return the scale of each dimension; what the project does not state are the ends that were observed."""
    return [_scale(each, figures.observed(each.metric), figures) for each in dimensions]


def _scale(dimension: Dimension, values: FloatArray, figures: Figures) -> Scale:
    known = values[~np.isnan(values)]
    least, most = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    higher = figures.direction(dimension.metric) == "higher"
    better, less = (max, min) if higher else (min, max)
    best, worst = (most, least) if higher else (least, most)
    # What was seen is no end where all of it lies beyond the one that is stated: the scale would be upside down.
    if dimension.best is not None:
        best, worst = dimension.best, less(worst, dimension.best)
    if dimension.worst is not None:
        best, worst = better(best, dimension.worst), dimension.worst
    return Scale(
        dimension=dimension,
        best=best if dimension.best is None else dimension.best,
        worst=worst,
    )


class Weights:
    """The dimensions of a task with their weights, over the figures of its candidates.

    Args:
        dimensions: At least one, with weights of zero or more that do not sum to zero.
        figures: The candidates' figures.
    """

    def __init__(self, dimensions: Sequence[Dimension], figures: Figures) -> None:
        self.figures = figures
        self.scales = scales_of(dimensions, figures)
        stated = np.array([each.weight for each in dimensions])
        stated = stated / stated.max()  # so that no sum is too large to be a number
        self.weights: FloatArray = stated / stated.sum()
        self.parts: FloatArray = np.column_stack(
            [scale.of(figures.observed(scale.dimension.metric)) for scale in self.scales]
        )

    @property
    def values(self) -> FloatArray:
        """The weighted mean of each candidate; NaN where one of its figures is unknown."""
        return np.asarray(self.parts @ self.weights)

    def drawn(self) -> FloatArray:
        """Return the parts in resamples of the cases: resample, candidate, dimension."""
        return np.stack(
            [scale.of(self.figures.draws(scale.dimension.metric)) for scale in self.scales], axis=-1
        )

    def at(self, blocks: Sequence[FloatArray]) -> FloatArray:
        """Return the weighted mean of each candidate (columns) in given resamples of the cases (rows)."""
        parts = [scale.of(self.figures.at(scale.dimension.metric, blocks)) for scale in self.scales]
        return np.asarray(np.stack(parts, axis=-1) @ self.weights)


def weigh(weights: Weights, passes: BoolArray, *, decides: bool = False) -> Weighing:
    """Rank all candidates by weight; only those that pass have a place, and can win.

    Source: METHODS of multi-criteria choice under imprecise weights (SMAA: Lahdelma, Hokkanen & Salminen 1998).

    Args:
        weights: Dimensions and figures.
        passes: Who passes.
        decides: Whether the project says that the weights choose.
    """
    values = weights.values
    drawn = weights.drawn()
    totals = np.asarray(drawn @ weights.weights)
    able = np.flatnonzero(passes & ~np.isnan(values)).tolist()
    order = sorted(able, key=lambda index: (-values[index], weights.figures.names[index]))
    best = order[0] if order else None
    first = _shares(totals[:, able])
    share, clear = _weight_space(weights.parts[able], drawn[:, able])
    names = weights.figures.names
    ties = () if best is None else tuple(names[index] for index in order[1:] if _tied(totals, best, index))
    known = {index: place for place, index in enumerate(able)}
    rows = [
        _weighed(
            weights,
            index,
            values[index],
            totals[:, index],
            place=order.index(index) + 1 if index in known else None,
            shares=None
            if index not in known
            else [float(each[known[index]]) for each in (first, share, clear)],
        )
        for index in range(len(names))
    ]
    return Weighing(
        dimensions=tuple(_report(weights, index) for index in range(len(weights.scales))),
        ranking=tuple(sorted(rows, key=_by_place)),
        best=None if best is None else names[best],
        ties=ties,
        draws=DRAWS,
        resamples=len(totals),
        decides=decides,
        sentence=_sentence(weights, order, ties, (share, clear), known),
    )


def _by_place(row: Weighed) -> tuple[bool, int, float, str]:
    return row.place is None, row.place or 0, -(row.value if row.value is not None else -np.inf), row.name


def _report(weights: Weights, index: int) -> DimensionReport:
    scale = weights.scales[index]
    return DimensionReport(
        metric=scale.dimension.metric,
        direction=weights.figures.direction(scale.dimension.metric),
        weight=float(weights.weights[index]),
        best=scale.best,
        worst=scale.worst,
        stated=scale.stated,
    )


def _weighed(
    weights: Weights,
    index: int,
    value: float,
    drawn: FloatArray,
    *,
    place: int | None,
    shares: Sequence[float] | None,
) -> Weighed:
    parts = {
        scale.dimension.metric: float(part)
        for scale, part in zip(weights.scales, weights.parts[index], strict=True)
    }
    known = not np.isnan(value)
    low, high = np.quantile(drawn, (0.025, 0.975)) if known else (np.nan, np.nan)
    first, share, clear = (None, None, None) if shares is None else shares
    return Weighed(
        name=weights.figures.names[index],
        place=place,
        value=float(value) if known else None,
        low=float(low) if known else None,
        high=float(high) if known else None,
        parts={metric: part for metric, part in parts.items() if not np.isnan(part)},
        unknown=tuple(metric for metric, part in parts.items() if np.isnan(part)),
        first=first,
        share=share,
        clear=clear,
    )


def _shares(totals: FloatArray) -> FloatArray:
    """Return in which share of the rows each column is the greatest; who are equal share it."""
    if not totals.size:
        return np.zeros(totals.shape[1])
    most = totals >= totals.max(axis=1, keepdims=True) - _ROUNDING
    return np.asarray((most / most.sum(axis=1, keepdims=True)).mean(axis=0))


def _tied(totals: FloatArray, best: int, other: int) -> bool:
    return bool((totals[:, other] >= totals[:, best] - _ROUNDING).mean() > NOISE)


def _weight_space(parts: FloatArray, drawn: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return in which share of all weights each candidate wins, and in which no other is within noise of it.

    Args:
        parts: Candidate, dimension: as observed.
        drawn: Resample, candidate, dimension.
    """
    count, width = parts.shape
    if not count:
        return np.zeros(0), np.zeros(0)
    points = np.random.default_rng(SEED).dirichlet(np.ones(width), size=DRAWS)
    reached = points @ parts.T
    winners = reached.argmax(axis=1)
    alone = np.empty(DRAWS, dtype=np.bool_)
    for start in range(0, DRAWS, _BLOCK):
        some = slice(start, start + _BLOCK)
        totals = np.einsum("rcd,pd->prc", drawn, points[some], optimize=True)
        own = np.take_along_axis(totals, winners[some, None, None], axis=2)
        ahead = (totals >= own - _ROUNDING).mean(axis=1)
        np.put_along_axis(ahead, winners[some, None], 0.0, axis=1)
        alone[some] = (ahead <= NOISE).all(axis=1)
    return _shares(reached), np.bincount(winners[alone], minlength=count) / DRAWS


def _sentence(
    weights: Weights,
    order: Sequence[int],
    ties: Sequence[str],
    shares: tuple[FloatArray, FloatArray],
    known: dict[int, int],
) -> str:
    said = listed(
        [
            f"{each.dimension.metric} {weight:.0%}"
            for each, weight in zip(weights.scales, weights.weights, strict=True)
        ]
    )
    if not order:
        return f"With {said} of the weight nobody is chosen: no candidate that passes has all these figures."
    names, values, best = weights.figures.names, weights.values, order[0]
    if len(order) == 1:
        return f"With {said} of the weight there is nothing to choose: {names[best]} is the only one that passes."
    lead = f"{names[best]} is the best of the {len(order)} that pass, with {values[best]:.2f} of 1"
    second = f"{names[order[1]]} has {values[order[1]]:.2f}"
    share, clear = (float(each[known[best]]) for each in shares)
    won = f"It wins in {share:.0%} of all ways to weigh these figures, in {clear:.0%} by more than noise."
    if not ties:
        return f"With {said} of the weight {lead}; {second}. {won}"
    return f"With {said} of the weight {lead}; {second}. Within noise of it: {listed(list(ties))}. {won}"


def turning_weights(weighing: Weighing) -> list[tuple[str, str, float, float]]:
    """Return (dimension, who wins beyond it, share of the weights now, share at which it turns), solved exactly.

    The other weights keep their proportions. Only the next turn in each direction is returned.
    """
    places = {row.name: row for row in weighing.ranking if row.place is not None}
    best = places.get(weighing.best or "")
    if best is None:
        return []
    found = []
    for dimension in weighing.dimensions:
        turns = [
            (share, row.name)
            for row in places.values()
            if row is not best and (share := _turn(best, row, dimension, weighing)) is not None
        ]
        now = dimension.weight
        above = min((each for each in turns if each[0] > now), default=None)
        below = max((each for each in turns if each[0] < now), default=None)
        found += [(dimension.metric, turn[1], now, turn[0]) for turn in (below, above) if turn is not None]
    return found


def _turn(best: Weighed, other: Weighed, dimension: DimensionReport, weighing: Weighing) -> float | None:
    """Return the share of the weights of one dimension at which two are equal: linear in it; None outside 0 to 1."""
    rest = 1 - dimension.weight
    if rest <= 0:
        return None
    others = [each for each in weighing.dimensions if each.metric != dimension.metric]
    ahead = sum(each.weight / rest * (best.parts[each.metric] - other.parts[each.metric]) for each in others)
    own = best.parts[dimension.metric] - other.parts[dimension.metric]
    if ahead == own:
        return None
    share = ahead / (ahead - own)
    return share if 0 < share < 1 else None
