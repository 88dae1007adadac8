"""Is the LLM worth it, against the best baseline and against the process of today?"""

from collections.abc import Callable, Sequence

from passmuster.decide.phrases import dollars, points
from passmuster.records.comparison import CandidateReport
from passmuster.records.decision import Worth
from passmuster.records.score import Difference


def worth(
    reports: Sequence[CandidateReport],
    primary: str,
    margin: float,
    difference: Callable[[str, str], Difference],
) -> Worth | None:
    """Compare the best LLM with the best baseline; None where one of the two is missing.

    `yes` needs the lower end of the paired difference above the margin, `no` its upper end below it.
    """
    llm, baseline = _best(reports, primary, "llm"), _best(reports, primary, "baseline")
    if llm is None or baseline is None:
        return None
    gap = difference(llm.name, baseline.name)
    if gap.value is None or gap.low is None or gap.high is None:
        return None
    if gap.low > margin:
        status, verdict = "yes", "worth an LLM"
    elif gap.high < margin:
        status, verdict = "no", "a poor candidate for an LLM"
    else:
        status, verdict = "narrow", "narrow, look before you commit"
    sentence = (
        f"{llm.name} adds {points(gap.value)} points over {baseline.name}"
        f" ({points(gap.low)} to {points(gap.high)}; margin {margin * 100:.3g}): {verdict}."
    )
    return Worth(
        status="yes" if status == "yes" else "no" if status == "no" else "narrow",
        llm=llm.name,
        baseline=baseline.name,
        difference=gap,
        margin=margin,
        sentence=sentence,
    )


def _best(reports: Sequence[CandidateReport], primary: str, kind: str) -> CandidateReport | None:
    scored = [
        report
        for report in reports
        if report.kind == kind and primary in report.metrics and report.metrics[primary].value is not None
    ]
    return max(scored, key=lambda report: report.metrics[primary].value or 0.0, default=None)


def versus_manual(name: str, reports: Sequence[CandidateReport]) -> str | None:
    """Say so where this candidate, reviews included, costs more per success than the process of today."""
    manual = next((report for report in reports if report.kind == "manual"), None)
    chosen = next((report for report in reports if report.name == name), None)
    if manual is None or chosen is None or name == manual.name:
        return None
    ours, today = chosen.cost.per_success.value, manual.cost.per_success.value
    if ours is None or today is None or ours <= today:
        return None
    return (
        f"Costs more than doing it by hand: {dollars(ours)} a success for {chosen.name}, reviews included,"
        f" against {dollars(today)} for {manual.name}."
    )


def dominated_by(
    report: CandidateReport, reports: Sequence[CandidateReport], primary: str
) -> tuple[str, ...]:
    """Return who is at least as good in quality, cost per success and p95, and better in one of them."""
    mine = _position(report, primary)
    if mine is None:
        return ()
    positions = {other.name: _position(other, primary) for other in reports if other.name != report.name}
    return tuple(
        name
        for name, theirs in positions.items()
        if theirs is not None and theirs != mine and all(a >= b for a, b in zip(theirs, mine, strict=True))
    )


def _position(report: CandidateReport, primary: str) -> tuple[float, float, float] | None:
    quality = report.metrics.get(primary)
    cost, p95 = report.cost.per_success.value, report.latency.p95.value
    if quality is None or quality.value is None or cost is None or p95 is None:
        return None
    if report.cost.basis in ("unknown", "lower_bound"):
        return None
    return (quality.value, -cost, -p95)
