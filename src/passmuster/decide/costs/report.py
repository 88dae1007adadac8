"""What a candidate costs: per task, per success and per month, and each part of it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from passmuster.decide.costs.estimate import component_estimate, cost_estimate, costed, readings
from passmuster.decide.costs.machines import infrastructure_report
from passmuster.decide.costs.monthly import machines_for, month_estimate, upkeep_of
from passmuster.decide.estimates import stated_accuracy, stated_metric
from passmuster.decide.measured import Measured
from passmuster.decide.pricing.cells import Prices
from passmuster.decide.pricing.review import ReviewRules
from passmuster.decide.pricing.trial import labour
from passmuster.records.candidate import Candidate
from passmuster.records.costs import COMPONENTS, CostBasis, CostReport
from passmuster.records.judged import JudgeReport
from passmuster.records.score import Estimate
from passmuster.records.task import CostModel, ProductionCall, Success

_WHY = {"lower_bound": "reasoning tokens were not recorded", "unknown": "price or tokens unknown"}


def production_calls(
    calls: tuple[ProductionCall, ...], judges: tuple[JudgeReport, ...], candidate: Candidate
) -> dict[str, float]:
    """Return the US dollars a task of each further call by name, NaN where that is unknown.

    Only what a model says is guarded and judged: a baseline and people make none of these calls. The price of a
    scorer is what a question to it cost in the mean.
    """
    if candidate.kind != "llm":
        return {}
    paid = {scorer: usd for judge in judges for scorer, usd in judge.costs.items()}
    made: dict[str, float] = {}
    for call in calls:
        one = call.usd if call.usd is not None else paid.get(call.scorer or "")
        made[call.name] = float("nan") if one is None else one * call.share
    return made


def prices_of(
    candidate: Candidate, model: CostModel, judges: tuple[JudgeReport, ...], rules: ReviewRules | None
) -> Prices:
    """Return what a candidate's tasks cost besides tokens; nobody reviews the work of people."""
    return Prices(
        calls=production_calls(model.calls, judges, candidate),
        silent_failure=model.silent_failure,
        review=0.0 if rules is None or candidate.kind == "manual" else rules.most,
        volume=model.monthly_volume,
        peak=model.peak,
    )


def cost_report(measured: Measured, success: Success, model: CostModel) -> CostReport:
    """Describe what a task, a success and a month cost; unknown stays unknown."""
    asked = measured.account.asked
    basis = measured.basis if asked else "unknown"
    calls = {name: _stated(value, measured) for name, value in measured.cost.prices.calls.items()}
    price = measured.candidate.price
    report = CostReport(
        basis=basis,
        per_task=cost_estimate(costed(measured), measured, basis),
        per_success=cost_estimate(costed(measured, measured.successes(success)), measured, basis),
        marginal=cost_estimate(costed(measured, marginal=True), measured, basis),
        per_month=None,
        components=_components(measured, basis),
        token_parts=_token_parts(measured, basis),
        retries=component_estimate(measured.cost.retries + measured.cost.tokens * 0.0, measured)
        if basis != "unknown"
        else None,
        calls=calls,
        infrastructure=infrastructure_report(measured, model.peak, model.monthly_volume),
        upkeep=upkeep_of(measured.candidate.upkeep),
        input_tokens=_mean_tokens(measured, measured.account.input_tokens),
        output_tokens=_mean_tokens(measured, measured.account.output_tokens),
        tokens_estimated=basis in ("estimated", "lower_bound"),
        reviewed=component_estimate(measured.columns.reviewed.astype(np.float64), measured).value,
        note=_note(measured, basis, calls),
        at_risk=float(measured.columns.at_risk.sum()),
        price_source=None if price is None else price.source,
        price_date=None if price is None else price.date,
    )
    return _with_month(report, model.monthly_volume)


def _with_month(report: CostReport, volume: int | None) -> CostReport:
    if volume is None:
        return report
    machine = report.infrastructure
    return replace(
        report,
        volume=volume,
        per_month=month_estimate(report, volume),
        machines=None if machine is None else machines_for(machine, volume),
    )


def _note(measured: Measured, basis: CostBasis, calls: Mapping[str, Estimate]) -> str | None:
    if basis in _WHY:
        return _WHY[basis]
    unpriced = [name for name, each in calls.items() if each.value is None]
    if unpriced:
        return f"the cost of a call to {', '.join(unpriced)} is unknown"
    machine = measured.cost.machine
    if np.isnan(machine).all():
        return "tasks an hour of its machines are neither stated nor measured"
    silent = measured.cost.silent
    if silent is not None and measured.asked.any() and np.isnan(silent[measured.asked]).all():
        return "no reply could be judged, so what wrong answers cost is unknown"
    return None


def _components(measured: Measured, basis: CostBasis) -> dict[str, Estimate]:
    cells = measured.cost
    made = {
        name: component_estimate(table, measured, cells.prices.review if name == "review" else 0.0)
        for name, table in cells.components().items()
    }
    if basis == "unknown":
        made["tokens"] = replace(made["tokens"], value=None, low=None, high=None, note="unknown")
    elif made["tokens"].value is not None and basis != "reported":
        made["tokens"] = replace(made["tokens"], note=basis.replace("_", " "))
    if cells.silent is not None and cells.prices.silent_failure:
        loss = cells.prices.silent_failure
        low, middle, high = (
            component_estimate(cells.losses(reading), measured, loss)
            for reading in ("best", "expected", "worst")
        )
        made["silent_failure"] = readings(low, middle, high)
    return made


def _token_parts(measured: Measured, basis: CostBasis) -> dict[str, Estimate]:
    """Return the parts of the tokens; none where a trial's cost is known as a sum only."""
    if basis == "unknown":
        return {}
    made = {name: component_estimate(table, measured) for name, table in measured.cost.token_parts().items()}
    tokens = component_estimate(measured.cost.tokens, measured)
    return made if all(each.value is not None and each.n == tokens.n for each in made.values()) else {}


def _stated(value: float, measured: Measured) -> Estimate:
    if np.isnan(value):
        return Estimate(value=None, n_missing=measured.receivable, method="none", note="unknown")
    return Estimate(value=value, low=value, high=value, method="stated", note="stated")


def _mean_tokens(measured: Measured, total: int | None) -> float | None:
    replies = measured.account.replies
    return None if total is None or not replies else total / replies


def stated_costs(measured: Measured, model: CostModel) -> CostReport:
    """Return the cost of a process of which only its figures are stated.

    Its wrong answers go unnoticed as a model's do: where they have a price and the error rate is not stated, its cost is
    unknown.
    """
    work = labour(measured.candidate)
    accuracy = stated_accuracy(measured)
    wrong = None if accuracy is None or accuracy.value is None else 1 - accuracy.value
    loss = model.silent_failure
    lost = 0.0 if not loss else None if wrong is None else wrong * loss
    upkeep = upkeep_of(measured.candidate.upkeep)
    share = upkeep / model.monthly_volume if model.monthly_volume else 0.0
    per_task = None if lost is None else work + lost + share
    right = None if accuracy is None or not accuracy.value else accuracy.value
    per_success = None if right is None or per_task is None else per_task / right
    parts = dict.fromkeys(COMPONENTS, 0.0) | {"labour": work, "upkeep": share}
    components: dict[str, Estimate] = {name: _as_stated(value) for name, value in parts.items()}
    components["silent_failure"] = _as_stated(lost)
    report = CostReport(
        basis="stated",
        per_task=_as_stated(per_task),
        per_success=_as_stated(per_success),
        marginal=_as_stated(None if per_task is None else per_task - share),
        per_month=None,
        components=components,
        upkeep=upkeep,
        input_tokens=None,
        output_tokens=None,
        tokens_estimated=False,
        reviewed=None,
    )
    return _with_month(report, model.monthly_volume)


def _as_stated(value: float | None) -> Estimate:
    return Estimate(value=value, method="stated", note="stated")


def stated_figure(metric: str, measured: Measured, success: Success, model: CostModel) -> float | None:
    """Return what is stated of a process by hand for a metric or an operational bar; None where nothing is."""
    manual = measured.candidate.manual
    if manual is None:
        return None
    if metric.startswith("latency_"):
        return manual.turnaround
    costs = stated_costs(measured, model)
    accuracy = stated_accuracy(measured)
    known = {
        stated_metric(measured, success): None if accuracy is None else accuracy.value,
        "cost_per_task": costs.per_task.value,
        "cost_per_success": costs.per_success.value,
        "cost_per_month": None if costs.per_month is None else costs.per_month.value,
    }
    return known.get(metric)
