"""How reliably candidates meet a pass/fail metric: over repeats, prompt variants and the variants of a case.

An average hides whether a candidate fails the same cases always or every case sometimes: these are the shares of
cases that it meets every time (as in Dong and others 2025, "Revisiting the Reliability of Language Models in
Instruction-Following", arXiv:2512.14754, there called reliable@k).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.consistency import Families, siblings_of
from passmuster.decide.measured import SCORED, FloatArray, Measured
from passmuster.decide.rates import plain_share, share_estimate
from passmuster.records.reliability import ReliabilityReport
from passmuster.records.score import Estimate
from passmuster.stats.intervals import korn_graubard

_NAN = float("nan")


def reliability_reports(
    parts: Sequence[tuple[Sequence[int], Sequence[Measured]]],
    metrics: Sequence[str],
    cases: int,
    families: Families,
) -> tuple[ReliabilityReport, ...]:
    """Return how reliably each candidate meets each metric; nothing where nothing was asked twice.

    Args:
        parts: The cases that are measured together, by their positions in the corpus, with the candidates on
            them; repeats and prompts are of the first part, but families may lie in several.
        metrics: Names of pass/fail metrics.
        cases: How many cases the corpus has.
        families: The cases that were made from the same one.
    """
    measured = parts[0][1]
    siblings = siblings_of([item.candidate for item in measured])
    found = []
    for metric in metrics:
        met = [met_in_cells(item, metric) for item in measured]
        held = [every(cells) for cells in met]
        for number, item in enumerate(measured):
            report = ReliabilityReport(
                candidate=item.candidate.name,
                metric=metric,
                single=_mean(met[number], item.weights),
                repeats=_over_repeats(met[number], held[number], item),
                prompts=_over_prompts(held, [number, *siblings[number]], item),
            )
            if families.count:
                whole = np.full((cases, met[number].shape[1]), _NAN)
                for positions, items in parts:
                    whole[np.asarray(positions, dtype=np.int64)] = met_in_cells(items[number], metric)
                variants = _over_families(every(whole), families)
                if variants is not None:
                    report = replace(report, single=_mean(whole[families.positions]), variants=variants)
            if any(each is not None for each in (report.repeats, report.prompts, report.variants)):
                found.append(report)
    return tuple(found)


def met_in_cells(item: Measured, metric: str) -> FloatArray:
    """Return whether each trial (case by repeat) meets a metric: 1, 0, or NaN where that is not known.

    A trial without a reply meets none; what has no score is not known.
    """
    scored = item.columns.scores[metric]
    values = np.where(scored.code == SCORED, scored.value, _NAN)
    values = np.where(item.failed_on(metric), 0.0, values)
    if item.withheld is not None:
        values[item.withheld] = _NAN
    return values


def every(met: FloatArray) -> FloatArray:
    """Return for each row 1 where all that is known in it is met, 0 where something is not, NaN without any.

    Example:
        >>> every(np.array([[1, 1], [1, 0], [1, np.nan], [np.nan, np.nan]])).tolist()
        [1.0, 0.0, 1.0, nan]
    """
    known = ~np.isnan(met)
    broken = (met == 0.0).any(axis=1)
    return np.where(known.any(axis=1), np.where(broken, 0.0, 1.0), _NAN)


def _mean(met: FloatArray, weights: FloatArray | None = None) -> float:
    known = ~np.isnan(met)
    own = None if weights is None else np.broadcast_to(weights[:, None], met.shape)[known]
    return float(np.average(met[known], weights=own)) if known.any() else _NAN


def _over_repeats(met: FloatArray, held: FloatArray, item: Measured) -> Estimate | None:
    """Return the share of the cases that were asked more than once and are met each time."""
    again = (~np.isnan(met)).sum(axis=1) > 1
    return _share(np.where(again, held, _NAN), item)


def _over_prompts(held: Sequence[FloatArray], variants: Sequence[int], item: Measured) -> Estimate | None:
    """Return the share of the cases asked under every prompt that are met under every one."""
    if len(variants) == 1:
        return None
    together: NDArray[np.float64] = np.stack([held[each] for each in variants], axis=1)
    asked = ~np.isnan(together).any(axis=1)
    return _share(np.where(asked, every(together), _NAN), item)


def _share(values: FloatArray, item: Measured) -> Estimate | None:
    known = int((~np.isnan(values)).sum())
    return share_estimate(values, item, item.receivable - known) if known else None


def _over_families(held: FloatArray, families: Families) -> Estimate | None:
    """Return the share of families in which every case is met; one of which fewer than two are known has no say."""
    own = held[families.positions]
    known = ~np.isnan(own)
    sizes = np.bincount(families.family[known], minlength=families.count)
    broken = np.bincount(families.family[known & (own == 0.0)], minlength=families.count) > 0
    several = sizes > 1
    n = int(several.sum())
    if not n:
        return None
    met = (~broken[several]).astype(np.float64)
    if families.groups is None:
        return plain_share(float(met.sum()), n, families.count - n)
    low, high = korn_graubard(met, families.groups[several])
    return Estimate(
        value=float(met.mean()),
        low=float(low),
        high=float(high),
        n=n,
        n_missing=families.count - n,
        method="Korn-Graubard, clustered by group",
    )
