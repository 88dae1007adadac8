"""The gate in a terminal: old beside new, what is behind it, and last, where the eye rests, the level and a sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from passmuster.records.gate import GateReport, Level
from passmuster.report.escape import label
from passmuster.report.gate_tables import flips_grid, lines_grid, modes_grid, slices_grid
from passmuster.report.gate_words import (
    HEADLINES,
    changes_said,
    commands,
    flips_by_interest,
    floor_said,
    gravest,
    header,
    left_out_said,
    notes,
    reasons,
    said,
    unsaid,
    verdict,
)
from passmuster.report.rows import Column
from passmuster.report.tables import packed, table, width_of
from passmuster.report.views import Grid, columns_of
from passmuster.report.wrapping import hang, say

SLICES_SHOWN = 12
FLIPS_SHOWN = 10
REASONS_SHOWN = 8
NOTES_SHOWN = 8

_STYLES: dict[Level, str] = {
    "pass": "bold green",
    "block": "bold red",
    "investigate": "bold yellow",
    "undecided": "bold yellow",
    "refused": "bold yellow",
}
_LINE_HEADS = ("figure", "old", "new", "change (95%)", "p", "level")
_ASKED_HEADS = ("case", "change", "old right", "new right", "fails for good")
_SLICE_HEADS = ("slice", "figure", "old", "new", "change (95%)", "level")
_RANGED, _P, _LEVEL = "change (95%)", "p", "level"
_ROOMY, _NARROW, _LEAST = 80, 28, 12
"""Letters of a name in a table: where there is room, where there is little, and where there is hardly any."""


def render_gate(report: GateReport, console: Console, *, report_path: str | None = None) -> None:
    """Print the table, the slices and cases that are worth a look, and the verdict with what it hangs on.

    Args:
        report: What the gate found out.
        console: Where to print; its width decides how many tables there are.
        report_path: Where the page lies, if it was written.
    """
    say(console, Text(header(report), style="bold"))
    console.print()
    _print_grid(console, lines_grid(report), _LINE_HEADS)
    why = unsaid(report)
    for name, text in why:
        hang(console, Text(f"  {name}: "), text, indent=4)
    if why:
        console.print()
    _print_modes(report, console)
    _print_slices(report, console)
    _print_flips(report, console)
    for about in (changes_said(report), floor_said(report), left_out_said(report)):
        if about is not None:
            hang(console, Text("  "), about, indent=2)
    for text in notes(report)[:NOTES_SHOWN]:
        hang(console, Text("Note: "), text, indent=2)
    console.print()
    _print_verdict(report, console)
    for what, command in commands(report):
        fits = len(f"  {what}: {command}") <= console.width
        # A command that is broken over two lines cannot be copied.
        console.print(Text(f"  {what}:{' ' if fits else chr(10) + '    '}{command}"), soft_wrap=True)
    say(
        console,
        Text(" · ".join((*([f"Page: {report_path}"] if report_path else []), "every number: --json"))),
    )


def _print_verdict(report: GateReport, console: Console) -> None:
    found = reasons(report)
    for text in found[:REASONS_SHOWN]:
        hang(console, Text("  - "), text, indent=4)
    if len(found) > REASONS_SHOWN:
        say(console, Text(f"  - and {len(found) - REASONS_SHOWN:,} more reasons"))
    head = Text(f"{HEADLINES[report.level]}: ", style=_STYLES[report.level])
    hang(console, head, f"{said(report.sentence)} ({verdict(report).partition(' · ')[2]})", indent=2)


def _print_modes(report: GateReport, console: Console) -> None:
    if report.modes:
        say(console, Text("Regression cases, by failure mode"))
        _print_grid(
            console, modes_grid(report.modes), ("failure mode", "severity", "cases", "level", "which")
        )


def _print_slices(report: GateReport, console: Console) -> None:
    """Print the slices that do not pass, the gravest first, and how many there are of the others."""
    if not report.slices:
        return
    grave = [row for row in gravest(report.slices) if row.level != "pass"]
    calm = len(report.slices) - len(grave)
    kept = grave[:SLICES_SHOWN]
    more = f", {len(grave) - len(kept):,} more do not" if len(grave) > len(kept) else ""
    say(console, Text(f"Slices: {calm:,} of {len(report.slices):,} pass{more}"))
    if kept:
        heads = _SLICE_HEADS if len({row.name for row in kept}) > 1 else _SLICE_HEADS[:1] + _SLICE_HEADS[2:]
        _print_grid(console, slices_grid(kept), heads)
    else:
        console.print()


def _print_flips(report: GateReport, console: Console) -> None:
    found = [flip for flip in flips_by_interest(report.flips) if flip.regressed is not False]
    found = [flip for flip in found if flip.regressed or flip.change in ("silent", "loud")][:FLIPS_SHOWN]
    if found:
        say(console, Text("Cases that are worth a look"))
        grid = flips_grid(found)
        brief = tuple(
            replace(line, cells=(replace(line.cells[0], text=flip.change), *line.cells[1:]))
            for line, flip in zip(grid.lines, found, strict=True)
        )
        asked = any(flip.asked for flip in found)
        heads = _ASKED_HEADS if asked else ("case", "change", "slice", "failure mode")
        _print_grid(console, replace(grid, lines=brief), heads)


def _print_grid(console: Console, grid: Grid, wanted: Sequence[str]) -> None:
    made = _fitting(grid, wanted, console.width)
    for group in packed(made[0], made[1:], max(console.width, 20)):
        console.print(table(group, console.width))
    console.print()


def _fitting(grid: Grid, wanted: Sequence[str], width: int) -> list[Column]:
    """Return the columns as one table where the width allows it.

    Names are shortened first, then the p-values go and what stands behind the levels, last the intervals, which say most.
    """
    made: list[Column] = []
    bare = [head for head in wanted if head != _P]
    for letters, heads, brief in (
        (_ROOMY, wanted, ()),
        (_NARROW, wanted, ()),
        (_NARROW, bare, (_LEVEL,)),
        *((letters, bare, (_LEVEL, _RANGED)) for letters in range(_NARROW, _LEAST - 1, -4)),
    ):
        made = [_brief(each, brief) for each in _columns(_shortened(grid, letters), heads)]
        if width_of(made) <= width:
            break
    return made


def _shortened(grid: Grid, letters: int) -> Grid:
    """Return a table whose names are no longer than so many letters; what stands behind a name stays."""
    titles = [head for head, _ in grid.heads[1:]]
    return replace(
        grid,
        lines=tuple(
            replace(
                line,
                name=label(line.name, letters),
                cells=tuple(
                    each if each.number or head == _LEVEL else replace(each, text=label(each.text, letters))
                    for each, head in zip(line.cells, titles, strict=True)
                ),
            )
            for line in grid.lines
        ),
    )


def _columns(grid: Grid, wanted: Sequence[str]) -> Iterator[Column]:
    """Yield the columns by their heads; intervals stand beside changes alone, and tags behind the names."""
    bare = Grid(
        heads=grid.heads,
        lines=tuple(
            replace(
                line,
                name=" · ".join((line.name, *line.tags)),
                cells=tuple(
                    cell if head == _RANGED else replace(cell, range="")
                    for cell, (head, _) in zip(line.cells, grid.heads[1:], strict=True)
                ),
            )
            for line in grid.lines
        ),
    )
    by_head = {column.title: column for column in columns_of(bare, "gate")}
    titles = dict(grid.heads)
    first = grid.heads[0][0]
    for head in wanted:
        column = by_head["candidate"] if head == first else by_head[head]
        yield replace(column, title=head, key="verdict" if head == _LEVEL else column.key, right=titles[head])


def _brief(column: Column, which: Sequence[str]) -> Column:
    """Return a column without what stands behind its figures or words, where it is one of these."""
    if column.title not in which:
        return column
    apart = " [" if column.title == _RANGED else " ("
    title = "change" if column.title == _RANGED else column.title
    return replace(column, title=title, cells=tuple(cell.partition(apart)[0] for cell in column.cells))
