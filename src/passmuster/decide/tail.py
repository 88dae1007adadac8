"""Where a candidate does worst: in which slice of the cases, and on the worst tenth of them."""

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.measured import BoolArray, FloatArray, Measured
from passmuster.decide.seed import SEED
from passmuster.decide.trial_rows import TrialRows, trial_rows
from passmuster.records.case import Case
from passmuster.records.score import Direction, Estimate
from passmuster.records.spread import SliceReport, TailReport
from passmuster.records.task import Success
from passmuster.stats.tail import rate_bounds, simultaneous_level, tail_mean_interval

FEWEST_CASES = 10
"""A slice with fewer is left out: its bounds would say nothing, and would widen those of all others."""

MOST_SLICES = 100
WORST_SHARE = 0.1


def slices_of(cases: Sequence[Case]) -> dict[str, NDArray[np.int64]]:
    """Return the places of the cases of each stratum and of each tag, in the order in which these appear.

    Example:
        >>> found = slices_of([Case(id="1", input="", stratum="a", tags=("b",)), Case(id="2", input="", stratum="a")])
        >>> {name: places.tolist() for name, places in found.items()}
        {'stratum a': [0, 1], 'tag b': [0]}
    """
    found: dict[str, array[int]] = {}
    for place, case in enumerate(cases):
        if case.stratum is not None:
            found.setdefault(f"stratum {case.stratum}", array("q")).append(place)
        for tag in dict.fromkeys(case.tags):
            found.setdefault(f"tag {tag}", array("q")).append(place)
    return {name: np.frombuffer(places, dtype=np.int64) for name, places in found.items()}


def tail_report(
    measured: Measured,
    metric: str,
    direction: Direction,
    rule: Success,
    slices: Mapping[str, NDArray[np.int64]],
) -> TailReport | None:
    """Return where the candidate does worst; None where nothing can be said.

    Bounds are Clopper and Pearson's, on the effective sample where trials are not independent, and hold for all
    slices at once (Bonferroni). A trial without a reply is no success.
    """
    if rule.metric not in measured.columns.scores:
        return None
    succeeded = measured.succeeded(rule)
    used = ~np.isnan(succeeded)
    success = succeeded[used]
    rows = trial_rows(measured, used)
    large, left_out = _large(rows, measured.cases, slices)
    level = simultaneous_level(len(large))
    reports = [_slice(name, success, rows, members, level) for name, members in large]
    tenth = _worst_tenth(measured, metric, direction)
    if len(reports) < 2 and tenth is None:
        return None
    ranked = sorted(reports, key=lambda each: (each.success.value or 0.0, -each.success.n))
    return TailReport(
        metric=metric,
        slices=tuple(ranked) if len(ranked) > 1 else (),
        left_out=left_out,
        worst_tenth=tenth,
    )


def _large(
    rows: TrialRows, cases: int, slices: Mapping[str, NDArray[np.int64]]
) -> tuple[list[tuple[str, BoolArray]], int]:
    """Return the trials of each slice that has enough cases with a trial, the largest slices only, and the rest's number."""
    asked = np.bincount(rows.cases, minlength=cases) > 0
    sizes = {name: int(asked[places].sum()) for name, places in slices.items()}
    kept = sorted(
        (name for name, size in sizes.items() if size >= FEWEST_CASES), key=lambda name: -sizes[name]
    )
    kept = kept[:MOST_SLICES]
    made = []
    for name in kept:
        inside = np.zeros(cases, dtype=np.bool_)
        inside[slices[name]] = True
        made.append((name, inside[rows.cases]))
    return made, len(slices) - len(kept)


def _slice(name: str, success: FloatArray, rows: TrialRows, members: BoolArray, level: float) -> SliceReport:
    own = rows.where(members)
    hits = success[members]
    low, high = rate_bounds(hits, own.weights, own.clusters, level)
    plain = "Clopper-Pearson" if own.clusters is None and own.weights is None else "Korn-Graubard"
    return SliceReport(
        name=name,
        success=Estimate(
            value=float(np.average(hits, weights=own.weights)),
            low=float(low),
            high=float(high),
            n=int(np.unique(own.cases).size),
            method=f"{plain}, simultaneous over the slices",
        ),
    )


def _worst_tenth(measured: Measured, metric: str, direction: Direction) -> Estimate | None:
    sign = 1.0 if direction == "higher" else -1.0
    end = measured.bounds(metric)[0 if direction == "higher" else 1]
    failed = end if np.isfinite(end) else np.nan  # without a worst score there is none for a failed trial
    values = sign * measured.tested(metric, failed=failed, unknown=np.nan)
    known = ~np.isnan(values)
    if np.isin(np.abs(values[known]), (0.0, 1.0)).all():
        return None
    found = tail_mean_interval(
        values[known],
        WORST_SHARE,
        np.random.default_rng(SEED),
        weights=None if measured.weights is None else measured.weights[known],
        clusters=None if measured.groups is None else measured.groups[known],
    )
    if found is None:
        return None
    low, high = sorted((sign * found.low, sign * found.high))
    return Estimate(
        value=sign * found.value,
        low=low,
        high=high,
        n=found.n,
        n_missing=measured.receivable - measured.inapplicable(metric) - found.n,
        method="mean of the worst tenth of the cases, bootstrap",
    )
