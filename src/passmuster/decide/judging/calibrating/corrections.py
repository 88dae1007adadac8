"""Figures of candidates by a judge alone and with people's ratings, and their differences."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np

from passmuster.decide.judging.calibrating.people import pearson
from passmuster.decide.judging.calibrating.rows import (
    JudgedReply,
    Unit,
    beside,
    drawn_at_random,
    judged,
    moments,
    trusted,
)
from passmuster.decide.judging.corrected import LEAST_RATINGS
from passmuster.records.calibration import CalibratedCandidate, CalibratedDifference
from passmuster.records.score import Difference, Estimate
from passmuster.stats.arrays import FloatArray
from passmuster.stats.clusters import ratio_sums, whole_degrees, with_pseudo_scores
from passmuster.stats.judged.corrected import corrected
from passmuster.stats.judged.differences import corrected_difference
from passmuster.stats.judged.worth import worth
from passmuster.stats.paired import paired_mean_interval, paired_mean_p
from passmuster.stats.student import student_quantile

MOST_PAIRS = 45
"""Pairs of candidates that are compared; the first ones, where there are more."""

Place: TypeAlias = tuple[str, int]
"""A case and the number of the reply to it: what two candidates have in common."""


class _Columns(NamedTuple):
    judge: FloatArray
    human: FloatArray
    stands: FloatArray | None
    weights: FloatArray
    groups: list[str] | None
    strata: list[str]
    drawn: bool


def by_candidate(rows: Iterable[JudgedReply]) -> dict[str, list[JudgedReply]]:
    """Return the rows of each candidate, in the order in which they first appear."""
    found: dict[str, list[JudgedReply]] = {}
    for row in rows:
        found.setdefault(row.candidate, []).append(row)
    return found


def calibrated_candidate(name: str, rows: Sequence[JudgedReply], unit: Unit) -> CalibratedCandidate | None:
    """Return a candidate's figure by the judge alone and corrected; None where the judge said nothing of it.

    The corrected one is None for fewer than 20 rated replies, and where the rated ones were not drawn at random and the
    judge grades: then nobody knows what they stand for.
    """
    own = judged(rows)
    if not own:
        return None
    rated = trusted(rows)
    told = CalibratedCandidate(
        candidate=name,
        raw=_raw(own, len(rows) - len(own), unit),
        judged=len(own),
        labels=len(rated),
        drawn=sum(row.drawn for row in rated),
    )
    if len(rated) < LEAST_RATINGS:
        return told
    correlation = _correlation(rows)
    known = None if correlation is None else worth(correlation, len(rated), len(own) - len(rated))
    return replace(
        told,
        corrected=_corrected(rows, unit),
        correlation=correlation,
        ratio=None if known is None else known.width_ratio,
        worth=None if known is None else known.extra,
    )


def _corrected(rows: Sequence[JudgedReply], unit: Unit) -> Estimate | None:
    columns = _columns(rows)
    found = corrected(
        columns.judge,
        columns.human,
        bounds=unit.bounds,
        drawn=columns.drawn,
        stands=columns.stands,
        weights=columns.weights,
        groups=columns.groups,
        strata=columns.strata,
    )
    if found is None:
        return None
    return Estimate(
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.total,
        n_missing=len(rows) - found.total,
        method=f"{found.method}, {found.n:,} rated of {found.total:,}",
    )


def calibrated_differences(rows: Sequence[JudgedReply], unit: Unit) -> tuple[CalibratedDifference, ...]:
    """Return every candidate minus every later one on the cases of both, by the judge alone and corrected."""
    pairs = list(combinations(by_candidate(rows).items(), 2))[:MOST_PAIRS]
    found = (
        _difference((first, _placed(own)), (second, _placed(other)), unit)
        for (first, own), (second, other) in pairs
    )
    return tuple(each for each in found if each is not None)


def _difference(
    first: tuple[str, dict[Place, JudgedReply]], second: tuple[str, dict[Place, JudgedReply]], unit: Unit
) -> CalibratedDifference | None:
    both = [place for place in first[1] if place in second[1]]
    one, other = [first[1][place] for place in both], [second[1][place] for place in both]
    if not any(a.value is not None and b.value is not None for a, b in zip(one, other, strict=True)):
        return None
    return CalibratedDifference(
        candidate=first[0],
        versus=second[0],
        raw=_raw_difference(one, other, unit),
        corrected=_corrected_difference(one, other, unit),
    )


def _corrected_difference(
    one: Sequence[JudgedReply], other: Sequence[JudgedReply], unit: Unit
) -> Difference | None:
    # As in `decide.judging.corrected`: on cases of which both were judged, or the one not read on hard ones looks better.
    common = frozenset.intersection(*(frozenset(row.case for row in judged(side)) for side in (one, other)))
    sides = [[row for row in side if row.case in common] for side in (one, other)]
    if min(len(trusted(side)) for side in sides) < LEAST_RATINGS or not all(map(drawn_at_random, sides)):
        return None
    a, b = (_columns(side, whole=True) for side in sides)
    found = corrected_difference(
        a.judge,
        a.human,
        b.judge,
        b.human,
        bounds=unit.bounds,
        weights=a.weights,
        groups=a.groups,
        stands_a=a.stands,
        stands_b=b.stands,
        strata_a=a.strata,
        strata_b=b.strata,
    )
    return None if found.value is None else found


def _placed(rows: Sequence[JudgedReply]) -> dict[Place, JudgedReply]:
    return {(row.case, row.repeat): row for row in rows}


def _columns(rows: Sequence[JudgedReply], *, whole: bool = False) -> _Columns:
    """Return the columns of judged rows; `whole` keeps those without a judgement, so that two sides stay row by row."""
    drawn = drawn_at_random(rows)
    kept = list(rows) if whole else judged(rows)
    alone = len({row.group for row in kept}) == len(kept)
    return _Columns(
        judge=np.array([np.nan if row.value is None else row.value for row in kept]),
        human=np.array([_said(row, drawn=drawn) for row in kept]),
        stands=np.array([row.stands for row in kept]) if drawn else None,
        weights=np.array([row.weight for row in kept]),
        groups=None if alone else [row.group for row in kept],
        strata=[row.stratum for row in kept],
        drawn=drawn,
    )


def _said(row: JudgedReply, *, drawn: bool) -> float:
    return np.nan if row.human is None or row.value is None or (drawn and not row.drawn) else row.human


def _correlation(rows: Sequence[JudgedReply]) -> float | None:
    found = beside(rows)
    value = float(pearson(found.weights @ moments(found)))
    return value if np.isfinite(value) else None


def _raw(rows: Sequence[JudgedReply], missing: int, unit: Unit) -> Estimate:
    """Return the judge's own mean with a t interval over cases, after a pseudo-case at either end of the scale."""
    weights = np.array([row.weight for row in rows])
    shares = unit.share(np.array([row.value for row in rows], dtype=np.float64))
    plain = ratio_sums(shares * weights, weights, [row.group for row in rows])
    sums = with_pseudo_scores(plain)
    half = student_quantile(0.975, whole_degrees(sums)) * float(sums.standard_error())
    centre, (low, high) = float(sums.value()), unit.bounds
    return Estimate(
        value=low + unit.width * float(plain.value()),
        low=max(low, low + unit.width * (centre - half)),
        high=min(high, low + unit.width * (centre + half)),
        n=len(rows),
        n_missing=missing,
        method="the judge alone, t over cases",
        note="uncorrected",
    )


def _raw_difference(one: Sequence[JudgedReply], other: Sequence[JudgedReply], unit: Unit) -> Difference:
    both = [
        (a, a.value - b.value)
        for a, b in zip(one, other, strict=True)
        if a.value is not None and b.value is not None
    ]
    shares = np.array([gap for _, gap in both]) / unit.width
    weights = np.array([row.weight for row, _ in both])
    groups = [row.group for row, _ in both]
    alike = None if float(np.ptp(weights)) == 0 else weights
    within = paired_mean_interval(shares, clusters=groups, weights=alike)
    return Difference(
        value=float(np.average(shares, weights=weights)) * unit.width,
        low=None if within is None else within[0] * unit.width,
        high=None if within is None else within[1] * unit.width,
        p=paired_mean_p(shares, clusters=groups, weights=alike),
        n=len(both),
        n_missing=len(one) - len(both),
        method="the judge alone, paired t",
    )
