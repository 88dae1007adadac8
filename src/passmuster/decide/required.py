"""Verdicts under requirements: who misses one fails, who does not declare what is asked for waits."""

from collections.abc import Iterable
from dataclasses import replace

from passmuster.decide.phrases import listed
from passmuster.decide.requirements import excluded, undeclared
from passmuster.decide.verdicts import Judged
from passmuster.records.comparison import VerdictReport
from passmuster.records.requirement import RequirementCheck


def with_requirements(judged: Iterable[Judged]) -> list[Judged]:
    """Return the verdicts, each with what its contender's requirements make of it.

    A requirement that is missed is a bar that is missed. One on what is not declared turns a pass into undecided; a
    fail stays one.
    """
    return [
        replace(item, verdict=_under(item.verdict, item.contender.requirements))
        if item.contender.requirements
        else item
        for item in judged
    ]


def _under(verdict: VerdictReport, checks: tuple[RequirementCheck, ...]) -> VerdictReport:
    if excluded(checks):
        return replace(
            verdict, status="fail", reason=_missed(verdict, checks), more_cases=None, more_ratings=None
        )
    open_ = undeclared(checks)
    if not open_ or verdict.status == "fail":
        return verdict
    told = f"does not declare {listed(open_)}"
    if verdict.status == "pass":
        reason = f"{verdict.reason}, but {told}: add it to its attributes"
    else:
        reason = f"{told} (add it to its attributes); {verdict.reason}"
    return replace(verdict, status="undecided", reason=reason, undeclared=open_)


def _missed(verdict: VerdictReport, checks: tuple[RequirementCheck, ...]) -> str:
    said = [f"{check.requirement} ({check.note})" for check in checks if check.status == "misses"]
    told = f"misses {listed(said)}"
    return f"{told}; it also {verdict.reason}" if verdict.status == "fail" else told
