"""From one candidate's rows to the estimates of its line in the matrix."""

from collections.abc import Mapping
from itertools import repeat

import numpy as np

from passmuster.decide.cost import labour
from passmuster.decide.measured import REPLIED, BoolArray, FloatArray, Measured, Taken
from passmuster.records.comparison import CostReport, FailureReport, LatencyReport, Load, RetryReport
from passmuster.records.score import Difference, Estimate
from passmuster.stats.intervals import (
    cluster_mean_interval,
    korn_graubard,
    mean_interval,
    wilson,
)
from passmuster.stats.paired import mcnemar_mid_p, paired_mean_interval, paired_mean_p, tango_interval
from passmuster.stats.quantiles import measurable, quantile, quantile_interval
from passmuster.stats.ratio import ratio_interval


def share_estimate(values: FloatArray, groups: np.ndarray | None, missing: int) -> Estimate:
    """Estimate a share from one 0 or 1 per case."""
    known = ~np.isnan(values)
    n = int(known.sum())
    if groups is None or n == 0:
        return _share(float(values[known].sum()), n, missing)
    low, high = korn_graubard(values[known], groups[known])
    return Estimate(
        value=float(values[known].mean()),
        low=float(low),
        high=float(high),
        n=n,
        n_missing=missing,
        method="Korn-Graubard, clustered by group",
    )


def _share(total: float, n: int, missing: int) -> Estimate:
    if n == 0:
        return Estimate(value=None, n=0, n_missing=missing, method="no data")
    low, high = wilson(total, n)
    return Estimate(
        value=total / n, low=float(low), high=float(high), n=n, n_missing=missing, method="Wilson"
    )


def mean_estimate(values: FloatArray, groups: np.ndarray | None, missing: int) -> Estimate:
    """Estimate the mean of one score in [0, 1] per case."""
    known = ~np.isnan(values)
    n = int(known.sum())
    if n == 0:
        return Estimate(value=None, n=0, n_missing=missing, method="no data")
    if groups is None:
        low, high = mean_interval(float(values[known].sum()), float((values[known] ** 2).sum()), n)
        method = "t with two pseudo-scores"
    else:
        low, high = cluster_mean_interval(values[known], groups[known])
        method = "t, clustered by group"
    return Estimate(
        value=float(values[known].mean()),
        low=max(0.0, float(low)),
        high=min(1.0, float(high)),
        n=n,
        n_missing=missing,
        method=method,
    )


def metric_estimate(measured: Measured, metric: str) -> Estimate:
    """Estimate a metric over the cases; cases without a score are counted as missing, never as zero."""
    values = measured.scores(metric)
    missing = measured.receivable - int((~np.isnan(values)).sum())
    estimate = share_estimate if measured.binary[metric] else mean_estimate
    return estimate(values, measured.groups, missing)


def metric_difference(first: Measured, second: Measured, metric: str) -> Difference:
    """Estimate how much better `first` is than `second` on the cases where both have a score."""
    a, b = first.scores(metric), second.scores(metric)
    known = ~np.isnan(a) & ~np.isnan(b)
    n = int(known.sum())
    missing = receivable_by_both(first, second) - n
    if n == 0:
        return Difference(value=None, n=0, n_missing=missing, method="no common cases")
    differences = a[known] - b[known]
    binary = first.binary[metric] and second.binary[metric]
    better, worse = int((differences > 0).sum()), int((differences < 0).sum())
    groups = None if first.groups is None else first.groups[known]
    p: float | None
    if binary and groups is None:
        interval: tuple[float, float] | None = tango_interval(better, worse, n)
        p, method = mcnemar_mid_p(better, worse), "Tango interval, mid-p McNemar"
    else:
        interval, p = (
            paired_mean_interval(differences, clusters=groups),
            paired_mean_p(differences, clusters=groups),
        )
        method = "paired t" if groups is None else "paired t, clustered by group"
    low, high = interval or (None, None)
    return Difference(
        value=float(differences.mean()),
        low=low,
        high=high,
        p=p,
        n=n,
        n_missing=missing,
        better=better if binary else None,
        worse=worse if binary else None,
        method=method,
    )


def receivable_by_both(first: Measured, second: Measured) -> int:
    """Return how many cases both candidates may receive."""
    held = [item.withheld for item in (first, second) if item.withheld is not None]
    if not held:
        return first.cases
    either: BoolArray = np.logical_or.reduce(held)
    return first.cases - int(either.sum())


def quantile_estimate(seconds: FloatArray, q: float, withheld: int = 0) -> Estimate:
    """Estimate a quantile; where the cases are too few to bound it, it is not measurable.

    `withheld` of the cases may not be sent to the candidate, and are not missing.
    """
    known = seconds[~np.isnan(seconds)]
    missing = len(seconds) - len(known) - withheld
    if not measurable(len(known), q):
        note = "not measurable" if len(known) else "no times recorded"
        return Estimate(value=None, n=len(known), n_missing=missing, method="order statistics", note=note)
    low, high = quantile_interval(known, q)
    return Estimate(
        value=quantile(known, q),
        low=low,
        high=high,
        n=len(known),
        n_missing=missing,
        method="order statistics",
    )


def latency_report(measured: Measured) -> LatencyReport:
    """Describe how long the candidate took, and under which load; all of it from trials of one source."""
    seconds, first = measured.latencies(), measured.first_tokens()
    streamed = bool((~np.isnan(first)).any())
    held, source = measured.n_withheld, measured.source
    taken = measured.account.taken.get(source, Taken())
    return LatencyReport(
        p50=quantile_estimate(seconds, 0.5, held),
        p95=quantile_estimate(seconds, 0.95, held),
        p99=quantile_estimate(seconds, 0.99, held),
        first_token_p50=quantile_estimate(first, 0.5, held) if streamed else None,
        first_token_p95=quantile_estimate(first, 0.95, held) if streamed else None,
        load=Load(
            source=source,
            mean_in_flight=taken.in_flight / taken.loaded if taken.loaded else None,
            max_in_flight=taken.most_in_flight,
        ),
        retries=_retries(measured, taken),
        gaps=None if taken.gaps is None else taken.gaps.report(),
        replies=measured.account.replies,
        cached=measured.cached,
    )


def _retries(measured: Measured, taken: Taken) -> RetryReport | None:
    if not taken.calls:
        return None
    return RetryReport(
        share=taken.retried / taken.trials,
        attempts=taken.calls / taken.trials,
        seconds=measured.retry_seconds(),
    )


def failure_report(measured: Measured, metrics: tuple[str, ...]) -> FailureReport:
    """Count failed trials by kind, retried trials, and scores that could not be computed."""
    unscored = {metric: measured.score_failures(metric) for metric in metrics}
    missing = measured.receivable - int(measured.present.sum())
    failed = measured.failed
    whole = bool(np.isin(failed[~np.isnan(failed)], (0.0, 1.0)).all())
    return FailureReport(
        rate=(share_estimate if whole else mean_estimate)(failed, measured.groups, missing),
        kinds=dict(sorted(measured.account.kinds.items())),
        retried=measured.account.retried,
        score_failures={metric: count for metric, count in unscored.items() if count},
    )


def cost_report(measured: Measured, success: tuple[str, float], volume: int | None) -> CostReport:
    """Describe what a task and a success cost; unknown stays unknown."""
    costs, successes = measured.costs(), measured.successes(*success)
    asked = measured.account.asked
    basis = measured.basis if asked else "unknown"
    per_task = _cost_estimate(costs, np.ones(len(costs)), measured, basis)
    return CostReport(
        basis=basis,
        per_task=per_task,
        per_success=_cost_estimate(costs, successes, measured, basis),
        per_month=None if volume is None or per_task.value is None else per_task.value * volume,
        components=_components(measured),
        input_tokens=_mean_tokens(measured, measured.account.input_tokens),
        output_tokens=_mean_tokens(measured, measured.account.output_tokens),
        tokens_estimated=basis in ("estimated", "lower_bound"),
        reviewed=int(measured.columns.reviewed.sum()) / asked if asked else None,
        note={"lower_bound": "reasoning tokens were not recorded", "unknown": "price or tokens unknown"}.get(
            basis
        ),
        at_risk=float(measured.columns.at_risk.sum()),
    )


def _cost_estimate(costs: FloatArray, successes: FloatArray, measured: Measured, basis: str) -> Estimate:
    known = ~np.isnan(costs) & ~np.isnan(successes)
    n = int(known.sum())
    missing = measured.receivable - n
    note = {"lower_bound": "lower bound", "estimated": "estimated tokens"}.get(basis)
    if n == 0 or basis == "unknown" or successes[known].sum() == 0:
        reason = "no success" if n and basis != "unknown" else "unknown"
        return Estimate(value=None, n=n, n_missing=missing, method="ratio", note=reason)
    groups = None if measured.groups is None else measured.groups[known]
    low, high = ratio_interval(costs[known], successes[known], groups) or (None, None)
    value = float(costs[known].sum() / successes[known].sum())
    return Estimate(
        value=value, low=low, high=high, n=n, n_missing=missing, method="log-delta ratio", note=note
    )


def _components(measured: Measured) -> Mapping[str, float | None]:
    """Return the mean of each part of the cost per task; that of tokens is over the trials with a reply."""
    asked, columns = measured.account.asked, measured.columns
    tokens = columns.tokens[columns.state == REPLIED].tolist()
    unknown = np.isnan(tokens).any() or not tokens
    reviewed = int(columns.reviewed.sum())
    infrastructure = (
        None if np.isnan(measured.infrastructure) else _equal_mean(measured.infrastructure, asked)
    )
    return {
        "tokens": None if unknown else sum(tokens) / len(tokens),
        "infrastructure": infrastructure,
        "review": sum(repeat(measured.review, reviewed)) / asked if asked else None,
        "labour": _equal_mean(measured.labour, asked),
    }


def _equal_mean(value: float, count: int) -> float | None:
    return sum(repeat(value, count)) / count if count else None


def _mean_tokens(measured: Measured, total: int | None) -> float | None:
    replies = measured.account.replies
    return None if total is None or not replies else total / replies


def field_estimates(measured: Measured, metric: str) -> dict[str, Estimate]:
    """Estimate each field's share of right answers, for a metric that scores fields."""
    return {
        name: _share(total, count, 0)
        for name, (total, count) in sorted(measured.account.fields.get(metric, {}).items())
    }


def stated_accuracy(measured: Measured) -> Estimate | None:
    """Return the accuracy that the user states for the process of today, marked as stated."""
    manual = measured.candidate.manual
    if manual is None or manual.error_rate is None:
        return None
    return Estimate(value=1 - manual.error_rate, method="stated", note="stated")


def stated_costs(measured: Measured, volume: int | None) -> CostReport:
    """Return the cost of a process of which only its figures are stated."""
    per_task = labour(measured.candidate)
    accuracy = stated_accuracy(measured)
    right = None if accuracy is None or not accuracy.value else accuracy.value
    per_success = None if right is None else per_task / right
    return CostReport(
        basis="stated",
        per_task=Estimate(value=per_task, method="stated", note="stated"),
        per_success=Estimate(value=per_success, method="stated", note="stated"),
        per_month=None if volume is None else per_task * volume,
        components={"tokens": 0.0, "infrastructure": 0.0, "review": 0.0, "labour": per_task},
        input_tokens=None,
        output_tokens=None,
        tokens_estimated=False,
        reviewed=None,
    )


def stated_figure(metric: str, measured: Measured, primary: str, volume: int | None) -> float | None:
    """Return what is stated of a process by hand for a metric or an operational bar; None where nothing is."""
    manual = measured.candidate.manual
    if manual is None:
        return None
    if metric.startswith("latency_"):
        return manual.turnaround
    costs = stated_costs(measured, volume)
    accuracy = stated_accuracy(measured)
    known = {
        primary: None if accuracy is None else accuracy.value,
        "cost_per_task": costs.per_task.value,
        "cost_per_success": costs.per_success.value,
        "cost_per_month": costs.per_month,
    }
    return known.get(metric)
