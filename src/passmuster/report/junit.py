"""The gate as JUnit XML: one suite, a test case for the whole gate and for each row, mode, slice and case that fails for good.

JUnit has no schema of its own. What is written keeps to the element descriptions of Ant's JUnitReport and of Jenkins'
xUnit plug-in at once, so it has `id`, `package`, `hostname` and `time` although a gate has no use for them.
"""

import re

# only written here, never read
from xml.etree import ElementTree as ET  # see above

from passmuster.records.gate import GateReport
from passmuster.report.gate_entries import Entry, Outcome, entries, outcome, printable
from passmuster.report.gate_words import header, provenance, reasons, said, shown, verdict

CASES_LIMIT = 1000
"""Test cases of one file; the gravest are kept, and the rest is counted in `system-out`."""

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", re.ASCII)


def junit_xml(report: GateReport, *, allow_undecided: bool = False) -> str:
    """Return the gate as JUnit XML.

    A blocked entry is a `failure`, one that cannot be decided or compared an `error`, and what is to be looked into and
    holds nothing up is `skipped` with its reason; so a gate that lets a change through has nothing red in its file, and
    nothing undecided is green.

    Args:
        report: What the gate found out.
        allow_undecided: Whether the gate lets through what it cannot tell.

    Example:
        >>> from passmuster.records.gate import GatePolicy, GateReport, GateSide
        >>> side = GateSide(name="a", digest="0")
        >>> found = GateReport(schema_version=1, task="t", generated="", old=side, new=side, corpus="", cases=0,
        ...     level="pass", finding="noise", sentence="Nothing is worse.", policy=GatePolicy())
        >>> 'tests="1" failures="0"' in junit_xml(found)
        True
    """
    every = entries(report)
    kept = every[:CASES_LIMIT]
    ends = [outcome(report, each.weight, allow_undecided=allow_undecided) for each in kept]
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", _attributes(report, ends))
    properties = ET.SubElement(suite, "properties")
    for name, value in provenance(report):
        ET.SubElement(properties, "property", {"name": name.lower(), "value": printable(value)})
    names: dict[tuple[str, str], int] = {}
    for entry, end in zip(kept, ends, strict=True):
        _test_case(suite, report, entry, end, names)
    ET.SubElement(suite, "system-out").text = printable(_story(report, len(every) - len(kept)))
    ET.SubElement(suite, "system-err").text = ""
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _attributes(report: GateReport, ends: list[Outcome]) -> dict[str, str]:
    moment = _MOMENT.match(report.generated)
    return {
        "id": "0",
        "package": "passmuster",
        "name": printable(f"passmuster gate: {shown(report.task)}"),
        **({} if moment is None else {"timestamp": moment[0]}),
        "hostname": "localhost",
        "tests": str(len(ends)),
        "failures": str(ends.count("failure")),
        "errors": str(ends.count("error")),
        "skipped": str(ends.count("skipped")),
        "time": "0",
    }


def _test_case(
    suite: ET.Element, report: GateReport, entry: Entry, end: Outcome, names: dict[tuple[str, str], int]
) -> None:
    kind, name = f"passmuster.{shown(report.task)}.{entry.kind}", entry.name
    names[kind, name] = names.get((kind, name), 0) + 1
    if names[kind, name] > 1:  # two that are alike once they are cut stay two
        name = f"{name} ({entry.key[:8]})"
    made = ET.SubElement(
        suite, "testcase", {"classname": printable(kind), "name": printable(name), "time": "0"}
    )
    if end != "passed":
        message = printable(entry.message)
        ET.SubElement(made, end, {"type": entry.level, "message": message}).text = message


def _story(report: GateReport, beyond: int) -> str:
    told = [
        header(report),
        verdict(report),
        said(report.sentence),
        *(f"- {each}" for each in reasons(report)),
    ]
    if beyond > 0:
        told.append(f"{beyond:,} more entries are left out here; passmuster gate --json has all.")
    return "\n".join(told)
