"""The gate as GitLab's code quality report: what did not pass, each with a fingerprint that lasts."""

import json

from passmuster.errors import Place
from passmuster.records.gate import GateReport
from passmuster.report.gate_entries import Entry, Outcome, Places, entries, lasting, outcome

ENTRIES_LIMIT = 1000
"""Entries of one file, the gravest; GitLab shows far fewer."""

_OF_CASES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}
_SEVERITY: dict[Outcome, str] = {
    "failure": "critical",
    "error": "major",
    "skipped": "minor",
    "passed": "info",
}


def code_quality(report: GateReport, places: Places, *, allow_undecided: bool = False) -> str:
    """Return the JSON array that GitLab takes as `artifacts:reports:codequality`; empty where everything passes.

    A fingerprint is made of the task and of what is looked at, never of its value: the same slice that drops by another
    amount tomorrow is the same entry in the merge request.

    Args:
        report: What the gate found out.
        places: Where the entries point at; paths relative to the repository.
        allow_undecided: Whether the gate lets through what it cannot tell.
    """
    found = [each for each in entries(report) if each.level != "pass"][:ENTRIES_LIMIT]
    seen: dict[str, int] = {}
    made = []
    for each in found:
        seen[each.key] = seen.get(each.key, 0) + 1
        end = outcome(report, each.weight, allow_undecided=allow_undecided)
        made.append(_entry(each, end, places.of(each.case), seen[each.key]))
    return json.dumps(made, indent=2, ensure_ascii=True) + "\n"


def _entry(entry: Entry, end: Outcome, place: Place, number: int) -> dict[str, object]:
    severity = _SEVERITY[end]
    if entry.severity in _OF_CASES and end == "failure":
        severity = _OF_CASES[entry.severity]
    return {
        "description": f"{entry.title}: {entry.message}",
        "check_name": f"passmuster-gate-{entry.kind}",
        "fingerprint": entry.key if number == 1 else lasting(entry.key, str(number)),
        "severity": severity,
        "location": {"path": place.path.removeprefix("./"), "lines": {"begin": place.line or 1}},
    }
