"""What the repeats of its cases tell of a candidate."""

import numpy as np

from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.rates import mean_estimate
from passmuster.records.score import Estimate
from passmuster.records.spread import PlanReport, VarianceReport
from passmuster.records.task import Success
from passmuster.stats.variance import (
    Components,
    Plan,
    best_plan,
    case_values,
    flip_rate,
    variance_components,
)

FEW = 5
"""Up to so many repeats every k is shown."""

SHOWN_K = (1, 2, 3, 5, 10, 20, 50, 100)
ERRORS_AT = (1, 3, 10)


def variance_report(measured: Measured, metric: str, rule: Success) -> VarianceReport | None:
    """Return what the repeats tell; None where no case has two trials that could be scored.

    A trial without a reply is no success. The variances are of the metric's scores, so such a trial is not in them.
    """
    succeeded = _successes(measured, rule)
    known = ~np.isnan(succeeded)
    repeats = known.sum(axis=1)
    most = int(repeats.max(initial=0))
    if most < 2:
        return None
    right = np.nansum(succeeded, axis=1).astype(np.int64)
    scores = measured.columns.scores[metric].value
    scored = ~np.isnan(scores)
    cases = np.broadcast_to(np.arange(measured.cases)[:, None], scores.shape)
    found = variance_components(scores[scored], cases[scored])
    spread = None if found is None or found.share_between is None else found
    scored_cases = int(scored.any(axis=1).sum())
    budget = int(known.sum())
    flips = [flip_rate(int(n), int(c)) if n > 1 else np.nan for n, c in zip(repeats, right, strict=True)]
    shown = range(1, most + 1) if most <= FEW else sorted({k for k in SHOWN_K if k <= most} | {most})
    return VarianceReport(
        metric=metric,
        cases=int((repeats > 1).sum()),
        repeats=most,
        between=None if found is None else found.between,
        within=None if found is None else found.within,
        share_between=None if found is None else found.share_between,
        errors={} if spread is None else _errors(spread, scored_cases, most),
        best=_plan(None if spread is None else best_plan(spread, budget, most_cases=measured.receivable)),
        fresh=_plan(None if spread is None else best_plan(spread, budget)),
        pass_at={str(k): _passes(measured, right, repeats, k, every=False) for k in shown},
        pass_all={str(k): _passes(measured, right, repeats, k, every=True) for k in shown},
        flips=_mean(measured, np.array(flips)),
    )


def _successes(measured: Measured, rule: Success) -> FloatArray:
    if rule.metric not in measured.columns.scores:
        return np.full(measured.columns.state.shape, np.nan)
    return measured.succeeded(rule)


def _passes(measured: Measured, right: np.ndarray, repeats: np.ndarray, k: int, *, every: bool) -> Estimate:
    return _mean(measured, case_values(right.tolist(), repeats.tolist(), k, every=every))


def _mean(measured: Measured, values: FloatArray) -> Estimate:
    return mean_estimate(values, measured, measured.receivable - int((~np.isnan(values)).sum()))


def _errors(found: Components, cases: int, repeats: int) -> dict[str, float]:
    errors = {str(k): found.standard_error(cases, k) for k in sorted({*ERRORS_AT, repeats})}
    return errors | {"unlimited": found.standard_error(cases, float("inf"))}


def _plan(plan: Plan | None) -> PlanReport | None:
    if plan is None:
        return None
    return PlanReport(cases=plan.cases, repeats=plan.repeats, standard_error=plan.standard_error)
