"""A judge's figures, corrected by what people said of some of the same replies."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.judging.strata import stratum_of
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.rates import metric_estimate
from passmuster.metrics.metric import Bounds
from passmuster.records.judged import UNCALIBRATED
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate
from passmuster.stats.judged.corrected import Corrected, corrected
from passmuster.stats.judged.differences import corrected_difference

LEAST_RATINGS = 20
"""Rated replies of a candidate from which its figure by a judge is corrected: with fewer there is no telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRows(Record):
    """The judged replies of one candidate in rows: what the judge says, what people say (NaN: nobody), and where they belong.

    `drawn` says that every rating counted here is of a reply that a random draw chose; `stands` is then as in
    `RatedCells`. `cells` are the rows' places among all cells.
    """

    judged: FloatArray
    human: FloatArray
    cells: NDArray[np.int64]
    drawn: bool
    stands: FloatArray | None
    weights: FloatArray | None
    groups: NDArray[np.int64] | None
    strata: NDArray[np.str_]
    bounds: Bounds
    repeats: int = 1

    @property
    def labels(self) -> int:
        """On how many cases people rated a reply: one that stands in several repeats was looked at once."""
        return len(np.unique(self.cells[~np.isnan(self.human)] // self.repeats))


def judged_rows(measured: Measured, metric: str) -> JudgedRows:
    """Return the judged replies of a candidate.

    Where enough of the rated ones were drawn at random, the others are left aside: nobody knows what they stand for.
    """
    judged = measured.scores_by_cell(metric).reshape(-1)
    found = measured.columns.rated.get(metric)
    human = np.full(judged.shape, np.nan) if found is None else found.value.reshape(-1)
    stands = np.zeros(judged.shape) if found is None else found.stands.reshape(-1)
    cells = np.flatnonzero(~np.isnan(judged))
    human, stands = human[cells], stands[cells]
    chosen = stands > 0
    rated = ~np.isnan(human)
    drawn = int((rated & chosen).sum()) >= LEAST_RATINGS or bool((chosen | ~rated).all())
    if drawn:
        human = np.where(chosen, human, np.nan)
    case = cells // measured.layout.repeats
    bounds, binary = measured.bounds(metric), measured.binary[metric]
    return JudgedRows(
        judged=judged[cells],
        human=human,
        cells=cells,
        drawn=drawn,
        stands=stands if drawn else None,
        weights=_weights(measured, case),
        groups=_groups(measured, case),
        strata=np.array([stratum_of(value, bounds, binary=binary) for value in judged[cells].tolist()]),
        bounds=bounds,
        repeats=measured.layout.repeats,
    )


def corrected_of(measured: Measured, metric: str) -> Corrected | None:
    """Return the corrected figure of a candidate; None where too few of its replies were rated, or none will do."""
    rows = judged_rows(measured, metric)
    if rows.labels < LEAST_RATINGS:
        return None
    return corrected(
        rows.judged,
        rows.human,
        bounds=rows.bounds,
        drawn=rows.drawn,
        stands=rows.stands,
        weights=rows.weights,
        groups=rows.groups,
        strata=rows.strata,
    )


def corrected_estimate(measured: Measured, metric: str) -> Estimate | None:
    """Return the corrected figure as an estimate over the cases; None as in `corrected_of`."""
    found = corrected_of(measured, metric)
    if found is None:
        return None
    n = int((~np.isnan(measured.scores(metric))).sum())
    concerned = measured.receivable - measured.inapplicable(metric)
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=n,
        n_missing=concerned - n,
        method=f"{found.method}, {judged_rows(measured, metric).labels:,} rated of {found.total:,}",
        note="corrected by people's ratings",
    )


def judged_estimate(measured: Measured, metric: str) -> Estimate:
    """Return the corrected figure of a candidate, or what the judge says alone, marked as such."""
    found = corrected_estimate(measured, metric)
    return found or replace(metric_estimate(measured, metric), note=UNCALIBRATED)


def judged_difference(first: Measured, second: Measured, metric: str) -> Difference | None:
    """Return how much better `first` is than `second` where both are corrected; None where one is not."""
    one, other = judged_rows(first, metric), judged_rows(second, metric)
    if min(one.labels, other.labels) < LEAST_RATINGS or not (one.drawn and other.drawn):
        return None
    size = first.cases * first.layout.repeats
    (judged_a, human_a, stands_a, strata_a), (judged_b, human_b, stands_b, strata_b) = (
        _spread(side, size) for side in (one, other)
    )
    either = _on_cases_of_both(~np.isnan(judged_a), ~np.isnan(judged_b), first.layout.repeats)
    case = either // first.layout.repeats
    return corrected_difference(
        judged_a[either],
        human_a[either],
        judged_b[either],
        human_b[either],
        bounds=one.bounds,
        weights=_weights(first, case),
        groups=_groups(first, case),
        stands_a=stands_a[either],
        stands_b=stands_b[either],
        strata_a=strata_a[either],
        strata_b=strata_b[either],
    )


def _on_cases_of_both(one: NDArray[np.bool_], other: NDArray[np.bool_], repeats: int) -> NDArray[np.int64]:
    """Return the cells with a judgement of either side, of cases with one of both.

    A side that was not judged on the hard cases would else be compared with one that was.
    """
    both = one.reshape(-1, repeats).any(axis=1) & other.reshape(-1, repeats).any(axis=1)
    return np.flatnonzero((one | other) & np.repeat(both, repeats))


def _spread(rows: JudgedRows, size: int) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.str_]]:
    """Return the judge's values, people's, how many replies each of these stands for, and the strata over all cells."""
    judged, human, stands = np.full(size, np.nan), np.full(size, np.nan), np.zeros(size)
    if rows.stands is not None:
        stands[rows.cells] = rows.stands
    strata = np.full(size, "", dtype=rows.strata.dtype)
    judged[rows.cells], human[rows.cells], strata[rows.cells] = rows.judged, rows.human, rows.strata
    return judged, human, stands, strata


def _weights(measured: Measured, case: NDArray[np.int64]) -> FloatArray | None:
    """Return the weights of rows: the case's, shared out among its rows."""
    if measured.weights is None and measured.layout.repeats == 1:
        return None
    rows = np.bincount(case, minlength=measured.cases)
    own = np.ones(measured.cases) if measured.weights is None else measured.weights
    found: FloatArray = (own / np.maximum(rows, 1))[case]
    if measured.weights is None and np.unique(found).size <= 1:
        return None
    return np.asarray(found / found.mean(), dtype=np.float64)


def _groups(measured: Measured, case: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return the groups of rows: replies to one case belong together."""
    if measured.groups is not None:
        return measured.groups[case]
    return case if measured.layout.repeats > 1 else None
