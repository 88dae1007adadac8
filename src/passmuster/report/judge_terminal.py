"""A calibrated judge in the terminal and in Markdown: what was found first, then the tables."""

from collections.abc import Iterator

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
from passmuster.report.markdown import cell
from passmuster.report.markdown import table as markdown_table
from passmuster.report.rows import Column
from passmuster.report.tables import packed, table, width_of

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
        for made in _tables(grid, console.width):
            console.print(made)
    for note in notes(found):
        console.print(Text(f"  {note}"), soft_wrap=True)


def _tables(grid: Grid, width: int) -> Iterator[Table]:
    """Yield a table, or several of fewer columns where it is too wide; what only explains is left out first."""
    made = [
        Column(key="figure", title=head, cells=tuple(row[place] for row in grid.rows), right=number)
        for place, (head, number) in enumerate(grid.heads)
    ]
    if width_of(made) > width:
        made = [column for column in made if column.title not in _WORDY]
    for group in packed(made[0], made[1:], width):
        yield table(group, width)


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
        blocks.append(f"## {cell(grid.title)}\n\n{cell(grid.hint)}\n\n{markdown_table(heads, grid.rows)}")
    blocks += [cell(text) for text in (*notes(found), next_step(found))]
    return "\n\n".join(blocks) + "\n"
