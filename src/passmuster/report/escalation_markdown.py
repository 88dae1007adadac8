"""The report on escalation as Markdown, for a pull request or a wiki."""

from collections.abc import Iterator

from passmuster.records.escalation import EscalationReport
from passmuster.report.escalation_terminal import (
    chosen_signal,
    commands,
    head,
    notes,
    point_columns,
    signal_columns,
)
from passmuster.report.markdown import cell, code, table
from passmuster.report.rows import Column


def render_escalation_markdown(report: EscalationReport) -> str:
    """Return the report as Markdown; every word of it that came from outside is escaped."""
    return "\n\n".join(_blocks(report)) + "\n"


def _blocks(report: EscalationReport) -> Iterator[str]:
    yield f"# Which replies can go out unseen? {cell(report.candidate)}"
    yield cell(head(report))
    yield f"**{cell(report.sentence)}**"
    if report.signals:
        yield "## Signals\n\n" + _table(signal_columns(report))
    shown = chosen_signal(report)
    if shown is not None and shown.points:
        yield f"## {cell(shown.name)}: what follows from each threshold\n\n" + _table(point_columns(shown))
    yield "\n".join(
        [
            *(f"- {cell(text)}" for text in notes(report)),
            *(f"- {cell(what)}: {code(command)}" for what, command in commands(report)),
        ]
    )


def _table(columns: list[Column]) -> str:
    rows = zip(*(column.cells for column in columns), strict=True)
    return table([column.title for column in columns], rows)
