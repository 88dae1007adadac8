"""What is said of public columns, in sentences."""

from collections.abc import Sequence

from passmuster.decide.phrases import counted
from passmuster.records.screening import FEWEST_MODELS, ColumnReport, FilterReport, Regret

_SATURATED = 0.2
"""By how much the agreement among the top must be lower for it to be worth a word."""


def column_sentence(report: ColumnReport) -> str:
    """Return what a column says of the own task."""
    where = f"{report.table}: {report.column}"
    if report.status == "too few":
        n = report.overall.models
        if n >= FEWEST_MODELS:
            return f"{where} puts all {n} models at one place: it says nothing."
        return f"{where} has {counted(n, 'of your models', 'of your models')}: no verdict on fewer than {FEWEST_MODELS}."
    tau, likely = report.overall.tau, report.overall.likely
    ends = "" if tau.low is None or tau.high is None else f" [{tau.low:+.2f}, {tau.high:+.2f}]"
    shown = (
        "orders models as your task does"
        if report.status == "agrees"
        else "is not shown to order models as your task does"
    )
    middle = (
        "" if likely is None or likely - (tau.value or 0) < 0.05 else f", without noise about {likely:+.2f}"
    )
    said = f"{where} {shown}: tau {tau.value or 0:+.2f}{ends} over {report.overall.models} models{middle}."
    return " ".join(
        [said, *_top(report), *([] if report.regret is None else [regret_sentence(report.regret)])]
    )


def _top(report: ColumnReport) -> list[str]:
    above = report.above
    if above is None or above.agreement.tau.value is None or above.agreement.models == report.overall.models:
        return []
    tau, n = above.agreement.tau.value, above.agreement.models
    if n < FEWEST_MODELS:
        return [f"Only {n} are above {above.limit:g}: no verdict on the top."]
    low = tau < (report.overall.tau.value or 0) - _SATURATED
    why = ": it is saturated there" if low else ""
    return [f"Among the {n} above {above.limit:g} it is {tau:+.2f}{why}."]


def regret_sentence(regret: Regret) -> str:
    """Return what it would have cost to take the leaderboard's first."""
    found = regret.regret
    if regret.first == regret.best:
        most = f"; it may be up to {found.high:.3f} short of the true best" if found.high else ""
        return f"Its first, {regret.first}, is your best, too{most}."
    luck = f", of which about {regret.luck:.3f} is the luck of your best" if regret.luck >= 0.0005 else ""
    shown = "" if (found.low or 0) > 0 else "; that it costs anything is not shown"
    return (
        f"Its first, {regret.first}, scores {found.value or 0:.3f} less than your best, {regret.best}"
        f" [{found.low or 0:.3f}, {found.high or 0:.3f}]{luck}{shown}."
    )


def agreement_sentence(columns: Sequence[ColumnReport], best: ColumnReport | None) -> str:
    """Return which column predicted best, and how sure that is."""
    able = [report for report in columns if report.status != "too few"]
    if not columns:
        return "No public column has any of your models: see the names that were not matched."
    if not able:
        most = max(report.overall.models for report in columns)
        return f"No verdict: at most {most} of your models are in a table, and {FEWEST_MODELS} are the fewest for one."
    if best is None:
        return (
            f"None of {counted(len(able), 'public column')} is shown to order models as your task does"
            " (corrected for having looked at all): choose on your own cases."
        )
    share = best.best_share or 0.0
    p = best.corrected_p or 0.0
    told = "<0.001" if p < 0.001 else f"{p:.3f}"
    sure = (
        f"it is the best in {share:.0%} of resamples of your cases" if len(able) > 1 else "it is the only one"
    )
    return (
        f"{best.table}: {best.column} predicted your task best, tau {best.overall.tau.value or 0:+.2f} over"
        f" {best.overall.models} models (p {told}, corrected for {counted(len(able), 'column')}); {sure}."
    )


def filter_sentence(report: FilterReport) -> str:
    """Return who is kept, at what risk, and what that rests on."""
    may = report.kept + report.dropped
    if not may:
        return f"Nobody is left: the limits drop all models of {report.table}."
    if not report.dropped:
        return f"All {counted(may, 'model')} that keep the limits are kept: nobody is dropped for rank."
    risk = report.risk
    low = "" if risk.low is None or risk.high is None else f" [{risk.low:+.2f}, {risk.high:+.2f}]"
    rests = (
        f"measured on {risk.models} of your models: correlation {risk.correlation or 0:+.2f}{low}"
        if risk.basis == "measured"
        else f"{risk.basis}: correlation {risk.correlation or 0:.2f}"
    )
    chance = "under 1%" if risk.risk < 0.01 else f"{risk.risk:.0%}"
    safe = "" if report.safe is None else f" For at most 5 % keep {report.safe} (--risk 5%)."
    return (
        f"{report.kept} of {counted(may, 'model')} are kept, {report.rule}, by {report.column}: the best on your task is"
        f" among the {report.dropped} dropped with a chance of {chance} ({rests}).{safe}"
    )
