"""From one candidate's rows to the estimates of its line in the matrix."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import repeat

import numpy as np

from passmuster.decide.cost import labour
from passmuster.decide.measured import REPLIED, FloatArray, Measured, Taken
from passmuster.decide.rates import quantile_estimate, rate_estimate
from passmuster.metrics.metric import Bounds
from passmuster.records.comparison import CostReport, FailureReport, LatencyReport, Load, RetryReport
from passmuster.records.judged import UNCALIBRATED
from passmuster.records.score import Estimate
from passmuster.records.task import Success
from passmuster.stats.ratio import ratio_interval


def latency_report(measured: Measured) -> LatencyReport:
    """Describe how long the candidate took, and under which load; all of it from trials of one source."""
    seconds, first = measured.latencies(), measured.first_tokens()
    streamed = bool((~np.isnan(first)).any())
    source = measured.source
    taken = measured.account.taken.get(source, Taken())
    return LatencyReport(
        p50=quantile_estimate(seconds, 0.5, measured),
        p95=quantile_estimate(seconds, 0.95, measured),
        p99=quantile_estimate(seconds, 0.99, measured),
        first_token_p50=quantile_estimate(first, 0.5, measured) if streamed else None,
        first_token_p95=quantile_estimate(first, 0.95, measured) if streamed else None,
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
    return FailureReport(
        rate=rate_estimate(measured.failed, measured, missing),
        kinds=dict(sorted(measured.account.kinds.items())),
        retried=measured.account.retried,
        score_failures={metric: count for metric, count in unscored.items() if count},
    )


def cost_report(measured: Measured, success: Success, volume: int | None) -> CostReport:
    """Describe what a task and a success cost; unknown stays unknown."""
    costs, successes = measured.costs(), measured.successes(success)
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
    weights = None if measured.weights is None else measured.weights[known]
    low, high = ratio_interval(costs[known], successes[known], groups, weights=weights) or (None, None)
    own = np.ones(n) if weights is None else weights
    value = float((costs[known] * own).sum() / (successes[known] * own).sum())
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


def part_estimates(measured: Measured, metric: str) -> dict[str, Estimate]:
    """Estimate the mean of each part over the cases that have it; the others are not concerned, so none is missing.

    What a judge says of a criterion is in the unit of its rubric, and marked: people's ratings correct no part.
    """
    shape = measured.cases, measured.layout.repeats
    found = {
        name: rate_estimate(part.per_case(*shape), measured, 0)
        for name, part in measured.columns.parts.get(metric, {}).items()
    }
    if metric not in measured.layout.judged:
        return found
    return {name: _in_unit(each, measured.bounds(metric)) for name, each in found.items()}


def _in_unit(share: Estimate, bounds: Bounds) -> Estimate:
    """Return what a judge says as a share of its scale as a value on the scale."""
    low, high = bounds
    value, least, most = (
        None if each is None else low + (high - low) * each for each in (share.value, share.low, share.high)
    )
    return replace(share, value=value, low=least, high=most, note=share.note or UNCALIBRATED)


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
