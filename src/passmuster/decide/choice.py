"""The decision: the cheapest candidate that meets every bar, or none does, or it cannot be told yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from passmuster.decide.declaring import declaration_step, undeclared_sentence, waits_for_declaration
from passmuster.decide.long_tail import long_tail
from passmuster.decide.phrases import cases_needed, checked, counted, dollars, listed, points
from passmuster.decide.verdicts import promising
from passmuster.records.choice import Weighing
from passmuster.records.comparison import CandidateReport, Check
from passmuster.records.decision import HOPELESS, DecisionReport, Leading, NextStep, RunnerUp, Worth
from passmuster.records.score import Difference

KNOWN_COST = ("reported", "estimated", "stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a decision rests on besides the verdicts; `weighing` only where the weights choose.

    `share` says that the primary metric's values are shares, whose differences are told in points.
    """

    primary: str
    alpha: float
    leading: tuple[Leading, ...]
    resamples: int
    worth: Worth | None
    warnings: tuple[str, ...]
    family: int
    difference: Callable[[str, str], Difference]
    versus_manual: Callable[[str], str | None]
    weighing: Weighing | None = None
    share: bool = True
    lower_is_better: bool = False


def decide(reports: Sequence[CandidateReport], context: Context) -> DecisionReport:
    """Choose the cheapest of those that pass, or the best by weight, and say why in sentences whose numbers stand in the reports."""
    passing = sorted((report for report in reports if report.verdict.status == "pass"), key=_order(context))
    if passing:
        return _decided(reports, passing, context)
    if reports and all(report.verdict.status == "fail" for report in reports):
        return _report("none", None, _none_reason(reports), context)
    step = next_step(reports)
    reason = " ".join([_undecided_reason(reports, context, step), *undeclared_sentence(reports)])
    return _report("undecided", None, reason, context, step)


def _order(context: Context) -> Callable[[CandidateReport], tuple[float, tuple[int, float, str]]]:
    """Sort by place where the weights choose; who has none, for want of a figure, comes last."""
    if context.weighing is None:
        return lambda report: (0.0, _price(report))
    places = {row.name: float(row.place) for row in context.weighing.ranking if row.place is not None}
    return lambda report: (places.get(report.name, inf), _price(report))


def _price(report: CandidateReport) -> tuple[int, float, str]:
    """Sort known costs first; a lower bound never wins "cheapest" silently, an unknown cost never wins."""
    cost = report.cost.per_success.value
    rank = 0 if report.cost.basis in KNOWN_COST else 1 if report.cost.basis == "lower_bound" else 2
    return (3 if cost is None else rank, cost or 0.0, report.name)


def _report(
    status: Literal["decided", "none", "undecided"],
    chosen: str | None,
    reason: str,
    context: Context,
    step: NextStep | None = None,
) -> DecisionReport:
    first = chosen or (context.leading[0].name if context.leading else None)
    manual = None if first is None else context.versus_manual(first)
    return DecisionReport(
        status=status,
        chosen=chosen,
        reason=f"{manual} {reason}" if manual else reason,
        leading=context.leading,
        passing=(),
        ties=(),
        next_step=step,
        worth=context.worth,
        versus_manual=manual,
        warnings=context.warnings,
        resamples=context.resamples,
        family=context.family,
    )


def _decided(
    reports: Sequence[CandidateReport], passing: Sequence[CandidateReport], context: Context
) -> DecisionReport:
    chosen = passing[0]
    weighing = context.weighing
    ties = tuple(report.name for report in passing[1:] if _overlap(chosen, report))
    ties = ties if weighing is None else weighing.ties
    second = _runner_up(chosen, passing[1], context) if len(passing) > 1 else None
    sentences = [_chosen_sentence(chosen, passing, context)]
    if chosen.n_withheld:
        sentences.append(
            f"{counted(chosen.n_withheld, 'case')} may not be sent to it: this holds on the cases it may receive."
        )
    if ties:
        cost = f"In cost it is tied with {listed(ties)}: their intervals overlap, so let quality or speed break the tie."
        sentences.append(cost if weighing is None else f"Its lead over {listed(ties)} is within noise.")
    sentences += [_runner_up_sentence(second, passing[1], context)] if second is not None else []
    sentences += _cheaper_but_open(reports, chosen) if weighing is None else []
    sentences += undeclared_sentence(reports)
    sentences += _bounded(passing, chosen) if weighing is None else []
    tail = long_tail(chosen.latency)
    sentences += [f"Mind {tail.told}."] if tail is not None else []
    decision = _report("decided", chosen.name, " ".join(sentences), context)
    return replace(decision, passing=tuple(report.name for report in passing), ties=ties, runner_up=second)


def _chosen_sentence(chosen: CandidateReport, passing: Sequence[CandidateReport], context: Context) -> str:
    count = f"all {context.family}" if context.family > 1 else "the one candidate"
    risk = f"(risk of any false pass held at {context.alpha:.0%} over {count})"
    if len(passing) == 1:
        return f"{chosen.name} is the only candidate shown to meet every bar {risk}{_at_cost(chosen)}."
    best = "cheapest" if context.weighing is None else "best by weight"
    if not _known_best(chosen, context):
        return (
            f"{chosen.name} is one of the {len(passing)} candidates shown to meet every bar {risk}{_at_cost(chosen)}:"
            f" which of them is the {best} cannot be told, and it is the first by name."
        )
    return f"{chosen.name} is the {best} of the {len(passing)} candidates shown to meet every bar {risk}{_at_cost(chosen)}."


def _known_best(chosen: CandidateReport, context: Context) -> bool:
    """Say whether the chosen one has the figure that it was chosen by."""
    if context.weighing is None:
        return chosen.cost.per_success.value is not None
    return any(row.name == chosen.name and row.place is not None for row in context.weighing.ranking)


def _at_cost(report: CandidateReport) -> str:
    cost = report.cost.per_success.value
    if cost is None:
        return "; its cost is unknown"
    about = {"estimated": "about ", "lower_bound": "at least "}.get(report.cost.basis, "")
    return f", at {about}{dollars(cost)} a success"


def _overlap(first: CandidateReport, second: CandidateReport) -> bool:
    a, b = first.cost.per_success, second.cost.per_success
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return a.value is not None and a.value == b.value
    return a.low <= b.high and b.low <= a.high


def _runner_up(chosen: CandidateReport, other: CandidateReport, context: Context) -> RunnerUp:
    ours, theirs = chosen.cost.per_success.value, other.cost.per_success.value
    return RunnerUp(
        name=other.name,
        difference=context.difference(other.name, chosen.name),
        times_the_price=theirs / ours if ours and theirs else None,
    )


def _runner_up_sentence(second: RunnerUp, report: CandidateReport, context: Context) -> str:
    gap = second.difference
    if gap.value is None or gap.low is None or gap.high is None:
        return f"Next is {second.name}{_at_cost(report)}."
    times = "" if second.times_the_price is None else f" for {second.times_the_price:.1f} times the price"
    written = points if context.share else "{:+.3g}".format
    unit = " points" if context.share else ""
    span = f"{written(gap.low)} to {written(gap.high)}"
    if gap.low <= 0 <= gap.high:
        return (
            f"{second.name} differs by {written(gap.value)}{unit} ({span}){times}:"
            f" this corpus cannot tell the two apart in {context.primary}."
        )
    word = "better" if (gap.value > 0) != context.lower_is_better else "worse"
    size = f"{written(abs(gap.value)).lstrip('+')}{unit}"
    return (
        f"{second.name} is {size} {word} ({span}){times}."
        if context.share
        else f"{second.name} is {word} by {size} in {context.primary} ({span}){times}."
    )


def _cheaper_but_open(reports: Sequence[CandidateReport], chosen: CandidateReport) -> list[str]:
    cheaper = [
        report
        for report in reports
        if report.verdict.status == "undecided"
        and report.verdict.p is not None
        and _price(report) < _price(chosen)
    ]
    if not cheaper:
        return []
    best = min(cheaper, key=_price)
    more = best.verdict.more_cases
    if best.verdict.more_ratings is not None:
        return [f"{best.name} is cheaper, and waits for people only: it {best.verdict.reason}."]
    if waits_for_declaration(best):
        return []  # the next sentence names it
    return [f"{best.name} is cheaper and still open: {_open_need(more)}."]


def _open_need(more: int | None) -> str:
    if more is None:
        return "no number of cases would settle it"
    return cases_needed(more) if more > HOPELESS else f"{cases_needed(more)} would settle it"


def _bounded(passing: Sequence[CandidateReport], chosen: CandidateReport) -> list[str]:
    price = chosen.cost.per_success.value
    return [
        f"{report.name} passes too, but only a lower bound of its cost is known ({_bound(report)}), so it cannot win."
        for report in passing
        if report.cost.basis == "lower_bound"
        and report.name != chosen.name
        and price is not None
        and (report.cost.per_success.value or 0.0) < price
    ]


def _bound(report: CandidateReport) -> str:
    return f">= {dollars(report.cost.per_success.value or 0.0)}"


def _none_reason(reports: Sequence[CandidateReport]) -> str:
    nearest = max(reports, key=lambda report: max(_misses(report), default=0.0))
    alone = len(reports) == 1
    count = "The one candidate does not meet" if alone else f"None of the {len(reports)} candidates meets"
    return f"{count} every bar. The nearest is {nearest.name}: it {nearest.verdict.reason}."


def _misses(report: CandidateReport) -> list[float]:
    return (
        [min(check.p_misses for check in report.checks if check.p_misses is not None)]
        if report.checks
        else []
    )


def _undecided_reason(reports: Sequence[CandidateReport], context: Context, step: NextStep | None) -> str:
    if not any(report.checks for report in reports):
        return "It cannot be told: no bars are set."
    if not context.leading:
        told = "It cannot be told: no candidate could be tested against every bar."
        return told if step is None else f"{told} {step.sentence}"
    first = context.leading[0]
    share = f"{first.share:.0%} of {context.resamples:,} resamples of the cases"
    leads = f"{first.name} leads and would be chosen in {share}"
    if first.share == 0:
        leads = f"{first.name} comes closest, and none is chosen in any of {context.resamples:,} resamples of the cases"
    sentence = f"It cannot be told yet which candidate meets every bar: {leads}."
    return sentence if step is None else f"{sentence} {step.sentence}"


def next_step(reports: Sequence[CandidateReport]) -> NextStep | None:
    """Return the cheapest step that would settle the decision: more cases or ratings for the candidate that needs least.

    Only candidates whose observed figures are on the right side of every bar are worth more cases.
    """
    steps = [step for report in reports if (step := _step(report)) is not None]
    return min(steps, key=_effort, default=None)


def _effort(step: NextStep) -> tuple[int, float, str]:
    return step.more_cases + (step.more_ratings or 0), step.cost or 0.0, step.candidate


def _step(report: CandidateReport) -> NextStep | None:
    verdict = report.verdict
    if waits_for_declaration(report):
        return declaration_step(report)
    open_checks = [check for check in report.checks if check.status == "undecided"]
    if verdict.status != "undecided" or not all(map(promising, open_checks)):
        return None
    if verdict.more_ratings is not None:
        return _stakes_step(report, verdict.more_ratings)
    if open_checks and all(check.more_ratings is not None for check in open_checks):
        return _rating_step(report, max(open_checks, key=lambda check: check.more_ratings or 0))
    if verdict.more_cases is None:
        return None
    hardest = max(open_checks, key=lambda check: check.more_cases or 0)
    paid = report.cost.components.get("tokens")  # reviews and wrong answers are no cost of asking
    cost = None if paid is None or paid.value is None else paid.value * verdict.more_cases
    price = "cost unknown" if cost is None else f"about {dollars(cost)} for its calls"
    value = checked(hardest, hardest.value or 0.0)
    return NextStep(
        candidate=report.name,
        metric=hardest.metric,
        more_cases=verdict.more_cases,
        cost=cost,
        sentence=(
            f"{report.name} is too close to tell: at its observed {value}, {hardest.bar} would take more than"
            f" {HOPELESS:,} cases to settle."
            if verdict.more_cases > HOPELESS
            else f"Cheapest step: {cases_needed(verdict.more_cases)}{_of(hardest)} would settle {hardest.bar} for {report.name}"
            f" with 80% power if its observed {value} is its true rate ({price})."
        ),
    )


def _of(check: Check) -> str:
    return "" if check.slice is None else f" of {check.slice}"


def _rating_step(report: CandidateReport, check: Check) -> NextStep:
    """Return the step where nothing is open but what a judge says: people rate more replies."""
    replies = counted(check.more_ratings or 0, "more reply", "more replies")
    would = (
        f"would settle {check.bar} for {report.name} with 80% power if its observed"
        f" {checked(check, check.value or 0.0)} is its true figure"
    )
    if check.p is None:
        would = f"of {report.name} would make the judge of {check.metric} count"
    return NextStep(
        candidate=report.name,
        metric=check.metric,
        more_cases=0,
        cost=None,
        sentence=f"Cheapest step: {replies} rated by people {would} (passmuster judge calibrate).",
        more_ratings=check.more_ratings,
    )


def _stakes_step(report: CandidateReport, more: int) -> NextStep:
    """Return the step where nothing is open but that people look, as high stakes ask."""
    replies = counted(more, "more reply", "more replies")
    return NextStep(
        candidate=report.name,
        metric=report.checks[0].metric,
        more_cases=0,
        cost=None,
        sentence=f"Cheapest step: {replies} of {report.name} rated by people; it meets every bar (passmuster rate draw).",
        more_ratings=more,
    )
