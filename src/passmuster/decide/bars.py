"""The test of one bar for one candidate, by what the bar is on."""

from dataclasses import replace

import numpy as np

from passmuster.decide.bar_tests import BarTest, limit_of, not_testable
from passmuster.decide.costs.bars import COSTS, cost_test
from passmuster.decide.measured import FAILED, FloatArray, Measured
from passmuster.decide.outcomes import RATES
from passmuster.decide.phrases import counting
from passmuster.decide.rates import quantile_estimate
from passmuster.decide.readings import Readings, readings
from passmuster.decide.unbounded_bars import unbounded_test
from passmuster.decide.weighted_bars import weighted_share_test
from passmuster.records.task import Bar, Task
from passmuster.stats.clusters import (
    RatioSums,
    ratio_columns,
    student_tail,
    sums_of,
    with_effective_units,
    with_pseudo_scores,
)
from passmuster.stats.intervals import binomial_p_greater, binomial_p_less, effective_sample
from passmuster.stats.power import cases_to_fail, cases_to_fail_mean, cases_to_pass, cases_to_pass_mean

QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
FIRST_TOKEN_QUANTILES = {"first_token_p50": 0.5, "first_token_p95": 0.95}


def bar_test(bar: Bar, measured: Measured, task: Task) -> BarTest:
    """Make the test of `bar` for one candidate.

    Raises:
        KeyError: for a metric that the task does not have; the project file is checked before.
    """
    if bar.metric in QUANTILES:
        return _quantile_test(bar, measured, QUANTILES[bar.metric], first_token=False)
    if bar.metric in FIRST_TOKEN_QUANTILES:
        return _quantile_test(bar, measured, FIRST_TOKEN_QUANTILES[bar.metric], first_token=True)
    if bar.metric in COSTS:
        return cost_test(bar, measured, task)
    return _read_test(bar, measured)


def _read_test(bar: Bar, measured: Measured) -> BarTest:
    """Make the test of a share of the cases or of a mean score, by the worst and the best reading of each case."""
    found = readings(bar, measured)
    if found is None:
        return unbounded_test(bar, measured)
    if np.isnan(found.worst).all():
        note = "no trials of such cases" if bar.metric in RATES else "no scores"
        return not_testable(bar, None, note, len(found.worst))
    limit = found.sign * (limit_of(bar) - found.least) / found.width
    value = _mean(found.least + found.sign * found.width * found.worst, measured)
    operational = bar.metric == "failure_rate" or bar.metric in RATES
    make = _share_test if operational or measured.binary[bar.metric] else _mean_test
    test = make(bar, measured, (found.worst, found.best), limit, value)
    return replace(test, note=_rate_note(bar, found) if operational else _failure_note(measured, bar.metric))


def _rate_note(bar: Bar, found: Readings) -> str | None:
    unknown = int((found.best > found.worst).sum()) if bar.metric == "silent_failure_rate" else 0
    return counting(unknown, "unjudged case", "against either side") if unknown else None


def _failure_note(measured: Measured, metric: str) -> str | None:
    failed = int(measured.failed_on(metric).sum())
    unscored = measured.unscored(metric)
    parts = []
    if failed:
        parts.append(counting(failed, "failed trial", "as not met"))
    if unscored:
        parts.append(counting(unscored, "unscored trial", "against either side"))
    return "; ".join(parts) or None


def _quantile_test(bar: Bar, measured: Measured, q: float, *, first_token: bool) -> BarTest:
    seconds = measured.first_tokens() if first_token else measured.latencies()
    known = seconds[~np.isnan(seconds)]
    if known.size == 0:
        return not_testable(bar, None, "no times recorded", len(seconds))
    within = 1 - measured.over(limit_of(bar), first_token=first_token)
    shown = quantile_estimate(seconds, q, measured).value
    test = _share_test(bar, measured, (within, within), q, shown)
    failed = int((measured.columns.state == FAILED).sum())
    note = counting(failed, "failed trial", "as too slow") if failed else None
    return replace(test, method=f"exact binomial test of the share within {limit_of(bar):.3g} s", note=note)


def _share_test(
    bar: Bar, measured: Measured, shares: tuple[FloatArray, FloatArray], limit: float, value: float | None
) -> BarTest:
    """Test that the share of good cases is at least `limit`, with the worst and the best reading of it."""
    if measured.weights is not None:
        return weighted_share_test(bar, measured, shares, limit, value)
    worst, best = shares
    factor = _effective_share(measured, worst)
    columns = np.empty((len(worst), 3))
    for place, reading in enumerate((~np.isnan(worst), np.nan_to_num(worst), np.nan_to_num(best))):
        columns[:, place] = reading

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        n, low, high = (sums[..., index] * factor for index in range(3))
        return binomial_p_greater(low, n, limit), binomial_p_less(high, n, limit)

    n = float(columns[:, 0].sum())
    rate = float(columns[:, 1].sum() / n)
    best_rate = float(columns[:, 2].sum() / n)

    def more(level: float) -> int | None:
        if rate > limit:
            total = cases_to_pass(rate, limit, level)
        elif best_rate < limit:
            total = cases_to_fail(best_rate, limit, level)
        else:
            return None
        return None if total is None else max(1, int(np.ceil(total / factor - n)))

    method = "exact binomial test" if factor == 1 else "exact binomial test on the effective sample"
    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=value,
        method=method,
        more=more,
        share=limit if factor == 1 else None,
    )


def _mean_test(
    bar: Bar, measured: Measured, scores: tuple[FloatArray, FloatArray], limit: float, value: float | None
) -> BarTest:
    """Test that a mean score is at least `limit`, with the worst and the best reading of unknown scores."""
    worst, best = scores
    known = ~np.isnan(worst)
    sizes = known.astype(float) if measured.weights is None else known * measured.weights
    columns = np.hstack(
        [
            ratio_columns(np.nan_to_num(reading) * sizes, sizes, measured.groups, known)
            for reading in (worst, best)
        ]
    )

    def p_values(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        low, high = (_with_pseudo_scores(sums_of(part), measured) for part in np.split(sums, 2, axis=-1))
        return (
            student_tail(low.value() - limit, low.standard_error(), low.units - 1),
            student_tail(limit - high.value(), high.standard_error(), high.units - 1),
        )

    n = float(known.sum())
    mean = float(np.average(worst[known], weights=sizes[known]))
    error = float(sums_of(columns.sum(axis=0)[:6]).standard_error())
    deviation = error * n**0.5 if np.isfinite(error) else 0.5

    def more(level: float) -> int | None:
        search = cases_to_pass_mean if mean > limit else cases_to_fail_mean
        total = None if mean == limit else search(mean, deviation, limit, level)
        return None if total is None else max(1, int(np.ceil(total - n)))

    return BarTest(
        bar=bar,
        columns=columns,
        p_values=p_values,
        value=value,
        method="t test with two pseudo-scores",
        more=more,
    )


def _with_pseudo_scores(sums: RatioSums, measured: Measured) -> RatioSums:
    return with_pseudo_scores(sums if measured.weights is None else with_effective_units(sums))


def _effective_share(measured: Measured, values: FloatArray) -> float:
    """Return n_eff / n where cases are grouped, else 1."""
    if measured.groups is None:
        return 1.0
    known = ~np.isnan(values)
    return min(1.0, effective_sample(values[known], measured.groups[known]).size / float(known.sum()))


def _mean(values: FloatArray, measured: Measured) -> float | None:
    known = ~np.isnan(values)
    weights = None if measured.weights is None else measured.weights[known]
    return float(np.average(values[known], weights=weights)) if known.any() else None
