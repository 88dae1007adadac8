"""The report on routes as Markdown."""

from collections.abc import Iterator, Sequence

from passmuster.records.routing import RoutingReport
from passmuster.report.markdown import cell, table
from passmuster.report.route_terminal import curve_words
from passmuster.report.route_view import (
    asked,
    beside,
    candidate_columns,
    columns,
    header,
    rows,
    rule_lines,
)
from passmuster.report.rows import Column


def render_routing_markdown(report: RoutingReport) -> str:
    """Return the report as Markdown; every word of it that came from outside is escaped."""
    return "\n\n".join(_blocks(report)) + "\n"


def _blocks(report: RoutingReport) -> Iterator[str]:
    yield f"# Routes: {cell(report.task)}"
    yield cell(header(report))
    yield f"**{cell(report.sentence)}**"
    yield "## Routes\n\n" + _table(columns(report))
    for row in rows(report):
        lines = [*rule_lines(row)]
        if row.kind != "single":
            lines += [f"asked: {asked(row)}", *beside(row), row.sentence]
        yield f"### {cell(row.name)}\n\n" + "\n".join(f"- {cell(line)}" for line in lines)
    yield "## Candidates on the same cases\n\n" + _table(candidate_columns(report))
    said = [*(curve_words(report, curve.stages) for curve in report.curves), *report.notes]
    if said:
        yield "\n".join(f"- {cell(text)}" for text in said)


def _table(made: Sequence[Column]) -> str:
    lines = zip(*(column.cells for column in made), strict=True)
    return table([column.title for column in made], list(lines))
