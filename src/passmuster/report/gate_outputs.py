"""Every form of the gate's report that goes into a file, from one record."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from passmuster.records.gate import GateReport
from passmuster.records.record import Record
from passmuster.report.gate_entries import Places
from passmuster.report.gate_markdown import gate_markdown
from passmuster.report.gate_page import render_gate_page
from passmuster.report.github import COMMENT_LIMIT
from passmuster.report.gitlab import code_quality
from passmuster.report.junit import junit_xml
from passmuster.report.openmetrics import gate_metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFiles(Record):
    """The files that are wanted, by the paths to write them to; None: not wanted. No two may be the same."""

    junit: str | None = None
    markdown: str | None = None
    gitlab: str | None = None
    html: str | None = None
    metrics: str | None = None


def gate_outputs(
    report: GateReport,
    wanted: GateFiles,
    places: Places | None = None,
    *,
    allow_undecided: bool = False,
) -> Mapping[str, str]:
    """Return the text of every file that is wanted, by its path.

    Args:
        report: What the gate found out.
        wanted: Which forms, and where to.
        places: Where findings point at in the repository; None: at the first line of passmuster.yaml.
        allow_undecided: Whether the gate lets through what it cannot tell: such entries are then not red.

    Example:
        >>> from passmuster.records.gate import GatePolicy, GateReport, GateSide
        >>> side = GateSide(name="a", digest="0")
        >>> found = GateReport(schema_version=1, task="t", generated="", old=side, new=side, corpus="", cases=0,
        ...     level="pass", finding="noise", sentence="Nothing is worse.", policy=GatePolicy())
        >>> sorted(gate_outputs(found, GateFiles(junit="gate.xml", gitlab="quality.json")))
        ['gate.xml', 'quality.json']
    """
    at = places or Places()
    return {
        path: render()
        for path, render in _wanted(report, wanted, at, allow_undecided=allow_undecided)
        if path
    }


def _wanted(
    report: GateReport, wanted: GateFiles, places: Places, *, allow_undecided: bool
) -> Iterator[tuple[str | None, Callable[[], str]]]:
    yield wanted.junit, lambda: junit_xml(report, allow_undecided=allow_undecided)
    yield wanted.markdown, lambda: gate_markdown(report, limit=COMMENT_LIMIT)
    yield wanted.gitlab, lambda: code_quality(report, places, allow_undecided=allow_undecided)
    yield wanted.html, lambda: render_gate_page(report)
    yield wanted.metrics, lambda: gate_metrics(report)
