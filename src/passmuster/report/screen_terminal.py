"""What `screen` found, in the terminal and in Markdown."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.records.screening import ScreenReport
from passmuster.report.escape import visible
from passmuster.report.figures import MISSING
from passmuster.report.judge_view import Grid
from passmuster.report.markdown import cell
from passmuster.report.markdown import table as markdown_table
from passmuster.report.rows import Column
from passmuster.report.screen_tables import SHOWN, best_column, grids
from passmuster.report.tables import packed, table, width_of

SANITY = "Public scores are for sanity: no part of any verdict."
_WORDY = ("assumes", "not known", "rho", "without noise")


def headlines(report: ScreenReport) -> Iterator[str]:
    """Yield what was found, in a sentence each."""
    if report.filter is None:
        yield "No column of a table is known to be better at one end: nothing is filtered."
    else:
        yield visible(report.filter.sentence)
    if report.agreement is not None:
        yield visible(report.agreement.sentence)


def what_was_read(report: ScreenReport) -> str:
    """Return which tables were read, in a line."""
    tables = ", ".join(f"{table.name} ({len(table.rows):,} models)" for table in report.tables)
    return visible(tables if report.task is None else f"{report.task} · {tables}")


def remarks(report: ScreenReport) -> Iterator[str]:
    """Yield what a person must know of the tables, the names and the best column."""
    for found in report.tables:
        yield from (visible(f"{found.name}: {note}") for note in found.notes)
    yield from (visible(note) for note in report.notes)
    if report.agreement is not None:
        best = best_column(report.agreement)
        yield from ([] if best is None else [visible(best.sentence)])
        yield from (visible(note) for note in report.agreement.notes)
    yield SANITY


def render_screen(report: ScreenReport, console: Console) -> None:
    """Print what was found: sentences, tables, remarks, and the candidates to paste."""
    console.print(Text(what_was_read(report)), soft_wrap=True)
    for said in headlines(report):
        console.print(Text(said, style="bold"), soft_wrap=True)
    for grid in grids(report, SHOWN):
        console.print()
        hint = f". {grid.hint}" if grid.hint else ""
        console.print(Text(grid.title, style="bold").append(hint, style="not bold"))
        for made in _tables(grid, console.width):
            console.print(made)
    console.print()
    for said in remarks(report):
        console.print(Text(f"  {said}"), soft_wrap=True)
    if report.filter is not None and report.filter.kept:
        console.print()
        console.print(Text("To paste into passmuster.yaml:", style="bold"))
        console.print(Text(visible(report.filter.yaml, block=True)), soft_wrap=True, end="")


def _tables(grid: Grid, width: int) -> Iterator[Table]:
    """Yield a table, or several of fewer columns where it is too wide; what only explains is left out first."""
    made = [
        Column(key="figure", title=head, cells=tuple(row[place] for row in grid.rows), right=number)
        for place, (head, number) in enumerate(grid.heads)
    ]
    made = [made[0], *(column for column in made[1:] if set(column.cells) - {"", MISSING})]
    if width_of(made) > width:
        made = [column for column in made if column.title not in _WORDY]
    for group in packed(made[0], made[1:], width):
        yield table(group, width)


def screen_markdown(report: ScreenReport) -> str:
    """Return the same as Markdown; every cell is escaped."""
    blocks = ["# " + cell("Leaderboards, used honestly"), cell(what_was_read(report))]
    blocks += [f"**{cell(said)}**" for said in headlines(report)]
    for grid in grids(report):
        heads = [head for head, _ in grid.heads]
        hint = f"\n\n{cell(grid.hint)}" if grid.hint else ""
        blocks.append(f"## {cell(grid.title)}{hint}\n\n{markdown_table(heads, grid.rows)}")
    blocks.append("\n".join(f"- {cell(said)}" for said in remarks(report)))
    if report.filter is not None and report.filter.kept:
        fence = "`" * 4
        blocks.append(f"{fence}yaml\n{visible(report.filter.yaml, block=True).replace(fence, '')}{fence}")
    return "\n\n".join(blocks) + "\n"
