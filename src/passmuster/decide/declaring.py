"""What a decision says of candidates that wait for nothing but a declaration."""

from collections.abc import Sequence

from passmuster.decide.phrases import counted, listed
from passmuster.records.comparison import CandidateReport
from passmuster.records.decision import NextStep

_NAMED = 5


def waits_for_declaration(report: CandidateReport) -> bool:
    """Return whether a candidate meets every bar and only has to declare what is required."""
    met = bool(report.checks) and all(check.status == "meets" for check in report.checks)
    return report.verdict.status == "undecided" and bool(report.verdict.undeclared) and met


def declaration_step(report: CandidateReport) -> NextStep:
    """Return the step where nothing is open but what a candidate declares: to write it into the project file."""
    names = report.verdict.undeclared
    return NextStep(
        candidate=report.name,
        metric=names[0],
        more_cases=0,
        cost=None,
        sentence=f"Cheapest step: declare {listed(names)} of {report.name} (attributes in the project file); it meets every bar.",
    )


def undeclared_sentence(reports: Sequence[CandidateReport]) -> list[str]:
    """Return a sentence that names who cannot be chosen before something is declared, and what; nothing without any.

    Who is shown to miss a bar is left out: no declaration would help it.
    """
    waiting = [report for report in reports if report.verdict.undeclared]
    if not waiting:
        return []
    named = [f"{report.name} ({', '.join(report.verdict.undeclared)})" for report in waiting[:_NAMED]]
    if len(waiting) > _NAMED:
        named.append(counted(len(waiting) - _NAMED, "more", "more"))
    return [f"Not to be chosen before it is declared in the project file: {listed(named)}."]
