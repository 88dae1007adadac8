"""A route as a candidate of its own: for every case what it would have cost, how long it would have taken, and what it answered.

Its trials are put together from those of the candidates that it asks: the reply is that of the last one asked, costs and times
are the sums over all that were asked, one after another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.measured import (
    ABSENT,
    FAILED,
    NO_SCORE,
    NO_TURN,
    REPLIED,
    SOURCES,
    Account,
    BoolArray,
    Columns,
    FloatArray,
    Labelled,
    Measured,
    Scored,
)
from passmuster.decide.pricing.cells import CostCells
from passmuster.decide.rated import RatedCells
from passmuster.decide.routing.chains import Arms, walk
from passmuster.decide.routing.ground import Ground, IntArray
from passmuster.decide.routing.held_out import NOT_JUDGED
from passmuster.decide.tally import Counted
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Source

Table = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """For each case of the task and order: whose reply stands (-1: none), and who was asked (candidate x case x order)."""

    final: IntArray
    asked: BoolArray


def cells_of(ground: Ground, arms: Arms, chosen: IntArray, places: IntArray, cases: int) -> Cells:
    """Return what a route did in each order, from the arm of each case (`NOT_JUDGED`: not judged in that order).

    Args:
        ground: The cases that count.
        arms: The chains.
        chosen: The arm of each of these cases, a column for each order.
        places: Where these stand among all cases of the task.
        cases: How many cases the task has.
    """
    orders = chosen.shape[1]
    final = np.full((cases, orders), -1, dtype=np.int64)
    asked = np.zeros((len(ground.names), cases, orders), dtype=np.bool_)
    for arm in np.unique(chosen):
        if arm == NOT_JUDGED:
            continue
        found = walk(ground, arms.chains[arm])
        rows, columns = np.nonzero(chosen == arm)
        final[places[rows], columns] = found.final[rows]
        asked[:, places[rows], columns] = found.asked[:, rows]
    return Cells(final=final, asked=asked)


def routed(name: str, items: Sequence[Measured], cells: Cells) -> Measured:
    """Return a route as a candidate.

    Args:
        name: Its name.
        items: The candidates, as the rows of `cells` number them; of each the first repeat counts.
        cells: What it did.
    """
    picked = _Picked(items, cells)
    first = items[0]
    orders = cells.final.shape[1]
    columns = _columns(picked, items, source_of(items, cells))
    layout = replace(
        first.layout,
        repeats=orders,
        binary={metric: share and orders == 1 for metric, share in first.layout.binary.items()},
    )
    return Measured(
        candidate=Candidate(name=name, provider="route"),
        layout=layout,
        columns=columns,
        account=_account(columns),
        cost=_cost(picked, items),
    )


class _Picked:
    """Columns of the candidates, picked cell by cell."""

    def __init__(self, items: Sequence[Measured], cells: Cells) -> None:
        self.items, self.cells = items, cells
        self.rows = np.arange(cells.final.shape[0])[:, None]
        self.there = cells.final >= 0
        self.who = np.maximum(cells.final, 0)

    def last(self, tables: Sequence[Table], absent: float) -> Table:
        """Return the cells of whose reply stands; `absent` where there is none."""
        stacked = np.stack([table[:, 0] for table in tables])
        found = stacked[self.who, self.rows]
        return np.where(self._wide(self.there, found), found, np.array(absent, dtype=stacked.dtype))

    def total(self, tables: Sequence[Table]) -> FloatArray:
        """Return the sums over all who were asked; NaN as soon as one of them is unknown."""
        found = np.zeros(self.cells.final.shape)
        for asked, table in zip(self.cells.asked, tables, strict=True):
            if asked.any():
                found += np.where(asked, table[:, :1], 0.0)
        return np.where(self.there, found, np.nan)

    def earlier(self, tables: Sequence[Table]) -> FloatArray:
        """Return the sums over those who were asked and whose reply does not stand."""
        found = np.zeros(self.cells.final.shape)
        for row, (asked, table) in enumerate(zip(self.cells.asked, tables, strict=True)):
            found += np.where(asked & (self.cells.final != row), table[:, :1], 0.0)
        return found

    @staticmethod
    def _wide(there: BoolArray, found: Table) -> BoolArray:
        return there.reshape(there.shape + (1,) * (found.ndim - there.ndim))


def source_of(items: Sequence[Measured], cells: Cells) -> Source | None:
    """Return where the times of a route come from; None where they are of different kinds, which are not added up.

    A baseline answers on this machine in milliseconds: its times are added to whatever the others' are.
    """
    asked = [item for item, some in zip(items, cells.asked, strict=True) if some.any()]
    kinds = {item.source for item in asked if item.candidate.kind != "baseline"}
    kinds = kinds or {item.source for item in asked}
    return kinds.pop() if len(kinds) == 1 else None


def _columns(picked: _Picked, items: Sequence[Measured], source: Source | None) -> Columns:
    each = [item.columns for item in items]
    first = each[0]
    basis = np.full(picked.cells.final.shape, np.iinfo(np.int8).max, dtype=np.int8)
    for asked, columns in zip(picked.cells.asked, each, strict=True):
        basis = np.where(asked, np.minimum(basis, columns.basis[:, :1]), basis)
    unknown = np.nan if source is None else 0.0
    seconds = [columns.seconds + unknown for columns in each]
    first_tokens = picked.last([columns.first_token for columns in each], np.nan)
    return Columns(
        state=picked.last([columns.state for columns in each], ABSENT),
        source=np.full(basis.shape, SOURCES.index(source or "measured"), dtype=np.int8),
        basis=np.where(picked.there, basis, 0).astype(np.int8),
        reviewed=picked.last([columns.reviewed for columns in each], 0),
        turn=picked.last([columns.turn for columns in each], NO_TURN),
        seconds=picked.total(seconds),
        first_token=picked.earlier(seconds) + first_tokens,
        retried=np.nan_to_num(picked.total([columns.retried for columns in each])),
        at_risk=np.nan_to_num(picked.total([columns.at_risk for columns in each])),
        scores={metric: _scored(picked, each, metric) for metric in first.scores},
        labels={
            metric: Labelled(
                right=picked.last([columns.labels[metric].right for columns in each], -1),
                answered=picked.last([columns.labels[metric].answered for columns in each], -1),
            )
            for metric in first.labels
        },
        counts={
            metric: Counted(
                sums=picked.last([columns.counts[metric].sums for columns in each], np.nan), kinds={}
            )
            for metric in first.counts
        },
        rated={metric: _rated(picked, each, metric) for metric in first.rated},
    )


def _scored(picked: _Picked, each: Sequence[Columns], metric: str) -> Scored:
    return Scored(
        value=picked.last([columns.scores[metric].value for columns in each], np.nan),
        code=picked.last([columns.scores[metric].code for columns in each], NO_SCORE),
    )


def _rated(picked: _Picked, each: Sequence[Columns], metric: str) -> RatedCells:
    """Return what people said of the replies that stand; a draw was one of each candidate's replies, not of these."""
    value = picked.last([columns.rated[metric].value for columns in each], np.nan)
    return RatedCells(value=value, stands=np.zeros_like(value))


def _account(columns: Columns) -> Account:
    replied = columns.state == REPLIED
    there = replied | (columns.state == FAILED)
    return Account(asked=int(there.sum()), replies=int(replied.sum()))


def _cost(picked: _Picked, items: Sequence[Measured]) -> CostCells:
    """Return what the cells cost: tokens and machines of all who were asked, and what becomes of the reply that stands.

    What is paid whatever the volume is paid for every candidate that the route may ask.
    """
    costs = [item.cost for item in items]
    used = [bool(asked.any()) for asked in picked.cells.asked]
    silent = [cost.silent for cost in costs]
    whole = [each for each in silent if each is not None]
    machines = [
        np.broadcast_to(np.asarray(cost.machine, dtype=np.float64), cost.tokens.shape) for cost in costs
    ]
    prices = next((cost.prices for cost, some in zip(costs, used, strict=True) if some), costs[0].prices)
    labour = [np.full_like(cost.tokens, cost.prices.labour) for cost in costs]
    parts: Mapping[str, FloatArray] = {
        name: picked.total([cost.parts[name] for cost in costs]) for name in costs[0].parts
    }
    return CostCells(
        tokens=picked.total([cost.tokens for cost in costs]) + picked.total(labour),
        parts=parts,
        retries=np.nan_to_num(picked.total([cost.retries for cost in costs])),
        review=np.nan_to_num(picked.last([cost.review for cost in costs], 0.0)),
        prices=replace(prices, labour=0.0),
        machine=picked.total(machines),
        upkeep=sum(cost.upkeep for cost, some in zip(costs, used, strict=True) if some),
        silent=picked.last(whole, np.nan) if len(whole) == len(costs) else None,
    )
