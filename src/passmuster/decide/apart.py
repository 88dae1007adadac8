"""How candidates do on cases that do not estimate production: pools, and cases of other origins."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from passmuster.decide.classes import class_columns, macro_f1_estimate
from passmuster.decide.judging.corrected import judged_estimate
from passmuster.decide.measured import Measured
from passmuster.decide.outcomes import outcome_report
from passmuster.decide.phrases import counted
from passmuster.decide.rates import metric_estimate, rate_estimate
from passmuster.records.comparison import ApartReport, PopulationReport
from passmuster.records.score import Estimate
from passmuster.records.task import Success


def population_report(
    name: str,
    measured: Sequence[Measured],
    metrics: Sequence[str],
    rule: Success,
    severity: Mapping[str, float] | None = None,
) -> PopulationReport:
    """Return each candidate's figures on the cases of one population; candidates that were not asked have none."""
    return PopulationReport(
        name=name,
        cases=measured[0].cases if measured else 0,
        candidates=tuple(
            _report(item, metrics, rule, severity or {}) for item in measured if item.account.asked
        ),
    )


def _report(
    item: Measured, metrics: Sequence[str], rule: Success, severity: Mapping[str, float]
) -> ApartReport:
    missing = item.receivable - int(item.present.sum())
    success = item.successes(rule)
    return ApartReport(
        candidate=item.candidate.name,
        metrics={metric: _estimate(item, metric) for metric in metrics},
        success=rate_estimate(success, item, missing),
        failures=rate_estimate(item.failed, item, missing),
        outcomes=outcome_report(item, severity),
    )


def _estimate(item: Measured, metric: str) -> Estimate:
    """Return the figure that the metric has in the main table too: macro F1 where its answers are labels."""
    if metric in item.layout.judged:
        return judged_estimate(item, metric)
    classes = item.layout.classes.get(metric)
    if classes is None:
        return metric_estimate(item, metric)
    found = macro_f1_estimate(class_columns(item, classes), item.groups)
    return replace(found, n_missing=item.receivable - found.n)


def pool_cautions(chosen: str | None, apart: Sequence[PopulationReport]) -> list[str]:
    """Return where the chosen candidate clearly does worse than another on cases that are measured apart.

    Clearly: the other's interval lies above its own. What is chosen meets the bars on typical cases; whether the
    rest matters is for people to say.
    """
    found = []
    for part in apart:
        own = next((each for each in part.candidates if each.candidate == chosen), None)
        others = [each for each in part.candidates if each.candidate != chosen]
        best = max(others, key=lambda each: each.success.value or 0.0, default=None)
        if own is None or best is None or own.success.value is None or best.success.value is None:
            continue
        if (best.success.low or 0.0) > (own.success.high or 1.0):
            found.append(
                f"On {counted(part.cases, f'{part.name} case')} {chosen} succeeds in {own.success.value:.0%},"
                f" {best.candidate} in {best.success.value:.0%}: no bar looks at these."
            )
    return found
