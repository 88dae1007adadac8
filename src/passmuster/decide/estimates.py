"""From one candidate's rows to the estimates of its line in the matrix."""

from dataclasses import replace

import numpy as np

from passmuster.decide.measured import Measured, Taken
from passmuster.decide.rates import quantile_estimate, rate_estimate
from passmuster.metrics.metric import Bounds
from passmuster.records.comparison import FailureReport, LatencyReport, Load, RetryReport
from passmuster.records.judged import UNCALIBRATED
from passmuster.records.score import Estimate
from passmuster.records.task import Success


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
    """Return the accuracy that the user states for the process of today, marked as stated: its share of successes."""
    manual = measured.candidate.manual
    if manual is None or manual.error_rate is None:
        return None
    return Estimate(value=1 - manual.error_rate, method="stated", note="stated")


def stated_metric(measured: Measured, success: Success) -> str | None:
    """Return the metric that a stated accuracy is a figure of: the one of success, where that is a share of which more is better.

    A length or a judge's 1 to 5 is no accuracy.
    """
    own = success.metric
    return None if success.at_most is not None or own in measured.layout.bounds else own
