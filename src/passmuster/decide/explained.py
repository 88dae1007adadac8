"""A verdict in one sentence for people who read no tables: what was seen, what was asked for, and what is missing."""

from collections.abc import Collection, Sequence

from passmuster.decide.phrases import counted, dollars, figure, seconds
from passmuster.records.comparison import Check, VerdictReport
from passmuster.records.decision import HOPELESS
from passmuster.records.requirement import RequirementCheck

_SHARES = {"p50": "half of the replies", "p95": "95 of 100 replies", "p99": "99 of 100 replies"}
_RATES = {
    "failure_rate": "of the calls end without a reply",
    "silent_failure_rate": "of the replies are wrong without anything that shows it",
    "loud_failure_rate": "of the calls fail where everybody sees it",
    "refusal_rate": "of the calls end in a refusal",
}
_COSTS = {"cost_per_task": "a task", "cost_per_success": "a success", "cost_per_month": "a month"}


def explained(
    name: str,
    verdict: VerdictReport,
    checks: Sequence[Check],
    shares: Collection[str] = (),
    requirements: Sequence[RequirementCheck] = (),
) -> str:
    """Return a verdict as a sentence that a manager can read.

    Args:
        name: The candidate.
        verdict: What came of its bars.
        checks: The tests of the bars.
        shares: The metrics that hold in a case or do not, so that their figure is a share of cases.
        requirements: What became of what the task requires of declared attributes.

    Example:
        >>> slow = Check(metric="latency_p95", bar="latency_p95 <= 1.5 s", limit=1.5, direction="at_most",
        ...     value=2.2, status="misses", p=1.0, p_misses=0.001, more_cases=None, method="exact binomial test")
        >>> failed = VerdictReport(status="fail", p=1.0, adjusted_p=1.0, reason="misses latency_p95 <= 1.5 s")
        >>> explained("gpt-4o", failed, [slow])
        'gpt-4o fails: 95 of 100 replies come within 2.2 s, and 1.5 s is the limit.'
    """
    if verdict.status == "pass":
        seen = [_seen(check, shares) for check in checks]
        declared = " It declares what is required." if requirements else ""
        return (
            f"{name} passes: {'; '.join(seen)}. Chance is ruled out as the reason for each of them.{declared}"
        )
    if verdict.status == "fail":
        missed = [check for check in checks if check.status == "misses"]
        told = [required(check) for check in requirements if check.status == "misses"]
        told += [_seen(check, shares) for check in missed]
        return f"{name} fails: {'; '.join(told) or f'it {verdict.reason}'}."
    pending = [check for check in checks if check.status == "undecided"]
    told = [required(check) for check in requirements if check.status == "undeclared"]
    if not pending:
        return f"{name} is undecided: it {verdict.reason}."
    return f"{name} is undecided: {'; '.join([*told, *(_open(check, shares) for check in pending)])}."


def required(check: RequirementCheck) -> str:
    """Return what a requirement asks for, and what is declared.

    Example:
        >>> required(RequirementCheck(attribute="region", requirement="region is eu", status="misses", note="us is declared"))
        'region is eu is required, and us is declared'
    """
    if check.status == "undeclared":
        return f"{check.requirement} is required, and nothing that tells is declared"
    return f"{check.requirement} is required, and {check.note}"


def _seen(check: Check, shares: Collection[str]) -> str:
    """Return what was seen of a bar, and what it asks for."""
    if check.value is None:
        return f"{check.bar} {'is met' if check.status == 'meets' else 'is not met'}"
    told = _told(check, check.value, shares) if check.versus is None else _versus(check, check.value)
    return told if check.slice is None else f"of {check.slice} alone, {told}"


def _told(check: Check, value: float, shares: Collection[str]) -> str:
    if check.metric.startswith(("latency_", "first_token_")):
        return f"{_times(check.metric, value)}, and {seconds(check.limit)} is the limit"
    if check.metric in _COSTS:
        return f"{_COSTS[check.metric]} costs {dollars(value)}, and {dollars(check.limit)} is the limit"
    return _amount(check, value, shares)


def _times(metric: str, value: float) -> str:
    kind, _, quantile = metric.rpartition("_")
    return f"{_SHARES[quantile]} {'come' if kind == 'latency' else 'begin'} within {seconds(value)}"


def _versus(check: Check, value: float) -> str:
    """Return how it stands to the incumbent: costs and latencies by their ratio, everything else by the difference."""
    if check.metric.startswith(("latency_", "first_token_", "cost_")):
        asked = "more" if check.direction == "at_least" else "less"
        return f"{check.metric} is {value:.2f} times the incumbent's, and {check.limit:.3g} times or {asked} is asked for"
    asked = "at least" if check.direction == "at_least" else "at most"
    return f"{check.metric} differs from the incumbent's by {value:+.3f}, and {asked} {check.limit:+.3f} is asked for"


def _amount(check: Check, value: float, shares: Collection[str]) -> str:
    metric = check.metric
    asked = "at least" if check.direction == "at_least" else "at most"
    if metric in _RATES:
        return f"{_percent(value)} {_RATES[metric]}, and {asked} {_percent(check.limit)} is asked for"
    if metric in shares:
        held = f"{metric} holds in {_percent(value)} of the cases"
        return f"{held}, and {asked} {_percent(check.limit)} is asked for"
    return f"{metric} is {figure(metric, value)}, and {asked} {figure(metric, check.limit)} is asked for"


def _open(check: Check, shares: Collection[str]) -> str:
    """Return what was seen of a bar that is not settled, and what would settle it."""
    if check.p is None:
        return f"{check.bar} cannot be tested: {check.note or 'nothing is known of it'}"
    seen = _seen(check, shares)
    if check.more_ratings is not None:
        return f"{seen}; {counted(check.more_ratings, 'more reply', 'more replies')} rated by people would settle it"
    if check.more_cases is None or check.more_cases > HOPELESS:
        return f"{seen}; that is too close to tell"
    return f"{seen}; about {counted(check.more_cases, 'more case')} would settle it"


def _percent(share: float) -> str:
    text = f"{share * 100:.1f}".removesuffix(".0")
    return f"{text} %"
