"""What a candidate brings with it besides its quality: time, money, replies that change, outages, upkeep."""

from collections.abc import Callable

from passmuster.decide.measured import Measured
from passmuster.decide.phrases import dollars, seconds
from passmuster.records.comparison import CandidateReport
from passmuster.records.worth import Burden


def burden(report: CandidateReport, measured: Measured) -> Burden:
    """Return what a candidate brings with it; outages are not known of replies that were recorded elsewhere."""
    account = measured.account
    known = account.asked > 0 and measured.source != "recorded"
    return Burden(
        name=report.name,
        latency_p50=report.latency.p50,
        latency_p95=report.latency.p95,
        cost_per_task=report.cost.per_task,
        cost_per_month=report.cost.per_month,
        flips=None if report.variance is None else report.variance.flips,
        trials=account.asked,
        outages=account.outages / account.asked if known else None,
        rate_limited=account.rate_limited / account.asked if known else None,
        upkeep=report.cost.upkeep,
    )


def burden_sentence(llm: Burden, rival: Burden) -> str:
    """Return in a sentence what the LLM brings with it, beside the rival's where both are known."""
    parts = [
        _beside("p95", llm.latency_p95.value, rival.latency_p95.value, _time),
        _beside("cost a task", llm.cost_per_task.value, rival.cost_per_task.value, dollars),
        _beside(
            "cost a month",
            None if llm.cost_per_month is None else llm.cost_per_month.value,
            None if rival.cost_per_month is None else rival.cost_per_month.value,
            dollars,
        ),
        _beside("upkeep a month", llm.upkeep or None, rival.upkeep, dollars),
        _share("of replies flip when asked again", None if llm.flips is None else llm.flips.value),
        _share("of tasks met an outage", llm.outages),
        _share("of tasks met a rate limit", llm.rate_limited),
    ]
    said = [part for part in parts if part]
    return f"It brings: {', '.join(said)}." if said else ""


def _time(value: float) -> str:
    return "under 1 ms" if value < 0.001 else seconds(value)


def _beside(what: str, ours: float | None, theirs: float | None, written: Callable[[float], str]) -> str:
    if ours is None:
        return ""
    return f"{what} {written(ours)}" + ("" if theirs is None else f" (against {written(theirs)})")


def _share(what: str, value: float | None) -> str:
    return "" if value is None else f"{value:.1%} {what}"
