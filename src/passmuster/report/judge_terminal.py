"""A calibrated judge in the terminal and in Markdown: what was found first, then the tables."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.calibration import Calibration
from passmuster.report.judge_view import (
    Grid,
    findings,
    grids,
    headline,
    next_step,
    notes,
    provenance,
    severity_mark,
)
from passmuster.report.markdown import cell, table

_STYLES = {"fault": "red", "caution": "yellow", "note": ""}
_WORDY = ("what it is", "method")


def render_calibration(found: Calibration, console: Console) -> None:
    """Print the headline, what was found, the figures, and what to do next."""
    console.print(Text(headline(found), style="bold"))
    console.print(Text(provenance(found)), soft_wrap=True)
    for severity, sentence in findings(found):
        said = Text(f"  {severity_mark(severity)} ", style=_STYLES[severity])
        console.print(said.append(sentence, style=""), soft_wrap=True)
    for grid in grids(found):
        console.print()
        console.print(Text(f"{grid.title}. ", style="bold").append(grid.hint, style="not bold"))
        console.print(_table(grid))
    for note in notes(found):
        console.print(Text(f"  {note}"), soft_wrap=True)


def _table(grid: Grid) -> Table:
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head, number in grid.heads:
        made.add_column(
            Text(head), justify="right" if number else "left", no_wrap=head not in _WORDY, overflow="fold"
        )
    for row in grid.rows:
        made.add_row(*(Text(text) for text in row))
    return made


def calibration_markdown(found: Calibration) -> str:
    """Return the same as Markdown; every cell is escaped."""
    blocks = [f"# {cell(headline(found))}", cell(provenance(found))]
    if found.findings:
        blocks.append(
            "\n".join(
                f"- **{cell(severity_mark(severity))}** {cell(sentence)}"
                for severity, sentence in findings(found)
            )
        )
    for grid in grids(found):
        heads = [head for head, _ in grid.heads]
        blocks.append(f"## {cell(grid.title)}\n\n{cell(grid.hint)}\n\n{table(heads, grid.rows)}")
    blocks += [cell(text) for text in (*notes(found), next_step(found))]
    return "\n\n".join(blocks) + "\n"
