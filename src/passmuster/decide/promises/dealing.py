"""Two versions that cannot differ, made of one's own trials: repeats dealt to two sides, or labels swapped by chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from passmuster.decide.loads import Loads
from passmuster.decide.measured import Columns, Labelled, Measured, Scored
from passmuster.decide.pricing.cells import CostCells, Prices
from passmuster.decide.tally import Counted
from passmuster.stats.arrays import FloatArray, IntArray

OLD, NEW = "old", "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deck:
    """The cells that two sides are dealt from: those of one candidate, or of two beside one another.

    `hands` has a row a case: the columns of its cells that the one side gets, and those that the other gets, before
    chance swaps or shuffles them. `units` number what is dealt as a whole: a case, or its group.
    """

    sources: tuple[Measured, ...]
    hands: tuple[IntArray, IntArray]
    units: IntArray
    shuffled: bool

    @property
    def cases(self) -> int:
        """How many cases both sides have an answer to."""
        asked = np.concatenate([item.asked for item in self.sources], axis=1)
        both = [np.take_along_axis(asked, hand, axis=1).any(axis=1) for hand in self.hands]
        return int((both[0] & both[1]).sum())

    @property
    def groups(self) -> int | None:
        """How many groups there are, None where no cases are grouped."""
        found = self.sources[0].groups
        return None if found is None else int(np.unique(found).size)


def repeats_deck(measured: Measured) -> Deck | None:
    """Return the repeats of a candidate as two hands; None where too few cases were answered twice.

    Cases of one group are dealt alike, so that what they share does not look like many differences.
    """
    repeats = measured.layout.repeats
    half = repeats // 2
    if half < 1:
        return None
    places = np.arange(2 * half)
    rows = np.broadcast_to(places, (measured.cases, 2 * half))
    return Deck(
        sources=(measured,), hands=(rows[:, :half], rows[:, half:]), units=_units(measured), shuffled=True
    )


def swap_deck(first: Measured, second: Measured) -> Deck:
    """Return two candidates on the same cases as two hands, whose labels chance will swap."""
    repeats = first.layout.repeats
    mine = np.broadcast_to(np.arange(repeats), (first.cases, repeats))
    return Deck(sources=(first, second), hands=(mine, mine + repeats), units=_units(first), shuffled=False)


def _units(measured: Measured) -> IntArray:
    groups = measured.groups
    return np.arange(measured.cases) if groups is None else np.unique(groups, return_inverse=True)[1]


def dealt(deck: Deck, rng: np.random.Generator) -> tuple[Measured, Measured]:
    """Deal the cells of each unit to the new and the old side by chance.

    Both sides have the same distribution whatever the data are: a test that sees a difference errs.
    """
    one, other = deck.hands
    units = int(deck.units.max()) + 1 if deck.units.size else 0
    if deck.shuffled:
        cells = np.concatenate([one, other], axis=1)
        orders = rng.permuted(np.broadcast_to(np.arange(cells.shape[1]), (units, cells.shape[1])), axis=1)
        cells = np.take_along_axis(cells, orders[deck.units], axis=1)
        one, other = cells[:, : one.shape[1]], cells[:, one.shape[1] :]
    else:
        swapped = (rng.random(units) < 0.5)[deck.units][:, None]
        one, other = np.where(swapped, other, one), np.where(swapped, one, other)
    return _side(deck.sources, one, NEW), _side(deck.sources, other, OLD)


def _side(sources: Sequence[Measured], hand: IntArray, name: str) -> Measured:
    first = sources[0]
    columns = _columns([item.columns for item in sources], hand)
    layout = replace(
        first.layout,
        repeats=hand.shape[1],
        binary={metric: _whole(columns.scores.get(metric), hand) for metric in first.layout.binary},
    )
    costs = [np.where(item.asked, item.cost.total(), np.nan) for item in sources]
    withheld = [item.withheld for item in sources if item.withheld is not None]
    return replace(
        first,
        candidate=replace(first.candidate, name=name),
        layout=layout,
        columns=columns,
        cost=_as_tokens(np.take_along_axis(np.concatenate(costs, axis=1), hand, axis=1)),
        withheld=np.logical_or.reduce(withheld) if withheld else None,
    )


def _whole(scored: Scored | None, hand: IntArray) -> bool:
    """Return whether a metric is pass or fail where a case is answered once."""
    if scored is None or hand.shape[1] != 1:
        return False
    known = scored.value[~np.isnan(scored.value)]
    return bool(np.isin(known, (0.0, 1.0)).all())


def _as_tokens(values: FloatArray) -> CostCells:
    """Return costs of which only the whole is known: what they are made of does not matter to a ratio."""
    unknown = np.full(values.shape, np.nan)
    nothing = np.zeros(values.shape)
    return CostCells(
        tokens=values, parts={"input": unknown}, retries=nothing, review=nothing, prices=Prices()
    )


def _columns(columns: Sequence[Columns], hand: IntArray) -> Columns:
    first = columns[0]
    plain: dict[str, Any] = {
        each.name: _taken([getattr(item, each.name) for item in columns], hand)
        for each in fields(first)
        if isinstance(getattr(first, each.name), np.ndarray) and getattr(first, each.name).size
    }
    loads = [item.loads for item in columns]
    return replace(
        first,
        **plain,
        scores=_each(Scored, [item.scores for item in columns], hand),
        labels=_each(Labelled, [item.labels for item in columns], hand),
        counts={
            name: Counted(sums=_taken([item.counts[name].sums for item in columns], hand), kinds={})
            for name in first.counts
        },
        parts={},
        rated={},
        loads=None if any(each is None for each in loads) else _one(Loads, loads, hand),
    )


def _each(kind: Any, tables: Sequence[Mapping[str, Any]], hand: IntArray) -> dict[str, Any]:
    return {name: _one(kind, [table[name] for table in tables], hand) for name in tables[0]}


def _one(kind: Any, found: Sequence[Any], hand: IntArray) -> Any:
    return kind(
        **{each.name: _taken([getattr(item, each.name) for item in found], hand) for each in fields(kind)}
    )


def _taken(arrays: Sequence[Any], hand: IntArray) -> Any:
    whole = np.concatenate(arrays, axis=1)
    rows = np.arange(len(hand))[:, None]
    return whole[rows, hand]
