"""How candidates do on cases that do not estimate production: pools, and cases of other origins."""

from collections.abc import Sequence

from passmuster.decide.measured import Measured
from passmuster.decide.rates import metric_estimate, rate_estimate
from passmuster.records.comparison import ApartReport, PopulationReport
from passmuster.records.task import Success


def population_report(
    name: str, measured: Sequence[Measured], metrics: Sequence[str], rule: Success
) -> PopulationReport:
    """Return each candidate's figures on the cases of one population; candidates that were not asked have none."""
    return PopulationReport(
        name=name,
        cases=measured[0].cases if measured else 0,
        candidates=tuple(_report(item, metrics, rule) for item in measured if item.account.asked),
    )


def _report(item: Measured, metrics: Sequence[str], rule: Success) -> ApartReport:
    missing = item.receivable - int(item.present.sum())
    success = item.successes(rule.metric, rule.at_least)
    return ApartReport(
        candidate=item.candidate.name,
        metrics={metric: metric_estimate(item, metric) for metric in metrics},
        success=rate_estimate(success, item, missing),
        failures=rate_estimate(item.failed, item, missing),
    )
