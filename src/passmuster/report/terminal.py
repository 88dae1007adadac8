"""The comparison in a terminal: plain words and aligned figures; colour only repeats what a word says."""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from passmuster.records.comparison import Comparison
from passmuster.report import figures, notes
from passmuster.report.alike import said_once
from passmuster.report.break_even_view import break_even_note
from passmuster.report.choice_view import turning_note, weighing_columns, weighing_note
from passmuster.report.consistency_view import consistency_note
from passmuster.report.corpus_view import apart_columns, summary
from passmuster.report.judged_view import has_unchecked, judge_note
from passmuster.report.outcomes_view import outcome_note
from passmuster.report.prompts_view import best_note
from passmuster.report.reliability_view import reliability_note
from passmuster.report.rows import Column, columns, header, purpose, reasons
from passmuster.report.spread_view import repeat_note, tail_note
from passmuster.report.stopped_view import KEY, has_cut_short
from passmuster.report.tables import GAP, packed, table, verdict_word, width_of
from passmuster.report.wrapping import hang, say

NARROW = 100
REASONS_SHOWN = 20
WEIGHING_SHOWN = 6
"""Columns of the weighing: the name, the place, the value, and three shares."""
_STATUS_STYLES = {"decided": "bold green", "none": "bold red", "undecided": "bold yellow"}


def render_terminal(
    comparison: Comparison, console: Console, *, report_path: str | None = None, of_judges: bool = False
) -> None:
    """Print the matrix, why others do not pass, what to mind, and last, where the eye rests, the decision.

    Args:
        comparison: What was found out.
        console: Where to print; its width decides how many tables the matrix takes.
        report_path: Where the HTML report lies, if it was written.
        of_judges: Whether judges are compared: `passmuster show` knows the cases of candidates only.
    """
    say(console, Text(header(comparison), style="bold"))
    said = purpose(comparison)
    if said is not None:
        hang(console, Text(), said, indent=0)
    console.print()
    for group in _tables(comparison, console.width):
        console.print(table(group, console.width))
        console.print()
    _print_apart(comparison, console)
    _print_weights(comparison, console)
    _print_reasons(comparison, console)
    _print_details(comparison, console)
    _print_warnings(comparison, console)
    _print_decision(comparison, console)
    say(console, Text(_footer(report_path, of_judges=of_judges)))


def _tables(comparison: Comparison, width: int) -> Sequence[Sequence[Column]]:
    made = columns(comparison, compact=width < NARROW)
    first, verdict, rest = made[0], made[-1], made[1:-1]
    brief = Column(key="verdict", title="verdict", cells=tuple(verdict_word(cell) for cell in verdict.cells))
    for ending in (verdict, brief):
        if width_of((*made[:-1], ending)) <= width:
            return [(*made[:-1], ending)]
    return packed(first, rest, width, brief)


def _print_apart(comparison: Comparison, console: Console) -> None:
    found = apart_columns(comparison)
    if not found:
        return
    say(console, Text("Measured apart: successes (95%)"))
    for group in packed(found[0], found[1:], console.width):
        console.print(table(group, console.width))
    console.print()


def _print_weights(comparison: Comparison, console: Console) -> None:
    """Print who has a place by weight; what each figure adds to it, and the others, stand in the report."""
    made = weighing_columns(comparison)
    if not made:
        return
    placed = [row for row, place in enumerate(made[1].cells) if place != figures.MISSING]
    if not placed:
        return
    say(console, Text("By weight (95%), those that pass"))
    brief = [replace(each, cells=tuple(each.cells[row] for row in placed)) for each in made[:WEIGHING_SHOWN]]
    for group in packed(brief[0], brief[1:], console.width):
        console.print(table(group, console.width))
    console.print()


def _print_reasons(comparison: Comparison, console: Console) -> None:
    found = said_once(reasons(comparison))
    if not found:
        return
    shown = found[:REASONS_SHOWN]
    wide = max(cell_len(who) for who, _ in shown)
    say(console, Text("Why the others do not pass" if comparison.decision.passing else "Why none passes"))
    for who, why in shown:
        hang(console, Text("  " + who + " " * (wide - cell_len(who) + GAP)), why)
    if len(found) > len(shown):
        say(console, Text(f"  and {len(found) - len(shown):,} more in the report"))
    console.print()


def _print_details(comparison: Comparison, console: Console) -> None:
    """Print a line of each part of the report that has something to say."""
    for title, text in (
        *((f"{note.title}: ", note.text) for note in notes.details(comparison)),
        ("Weights: ", weighing_note(comparison)),
        ("Best of many: ", best_note(comparison)),
        ("Break-even: ", break_even_note(comparison)),
        ("Judges: ", judge_note(comparison)),
        ("Repeats: ", repeat_note(comparison)),
        ("Worst slice: ", tail_note(comparison)),
        ("Form: ", consistency_note(comparison)),
        ("Every time: ", reliability_note(comparison)),
        ("How it fails: ", outcome_note(comparison)),
    ):
        if text is not None:
            hang(console, Text(title, style="bold"), text, indent=2)
    hang(console, Text("Cases: "), summary(comparison.corpus), indent=2)
    times = notes.load(comparison)
    if times is not None:
        hang(console, Text("Times: "), times, indent=2)
    _print_marks(comparison, console)
    console.print()


def _print_decision(comparison: Comparison, console: Console) -> None:
    for note in notes.notes(comparison):
        first = note.title == "Decision"
        style = _STATUS_STYLES[comparison.decision.status] if first else "bold"
        mark = " " if note.title.endswith("?") else ": "
        hang(console, Text(note.title + mark, style=style), note.text, indent=2)
    turning = turning_note(comparison)
    if turning is not None:
        hang(console, Text("What would change it: ", style="bold"), turning, indent=2)
    console.print()


def _print_marks(comparison: Comparison, console: Console) -> None:
    if any("*" in cell for cell in columns(comparison)[0].cells):
        hang(console, Text("* "), "the chosen candidate. $ / 1k ok: dollars per 1,000 successes.", indent=2)
    if has_unchecked(comparison):
        hang(console, Text("? "), "an uncalibrated judge: nobody has checked this figure.", indent=2)
    if has_cut_short(comparison):
        hang(console, Text("† "), KEY, indent=2)
    if any(row.simulated for row in comparison.candidates):
        hang(console, Text("(sim) "), "simulated, not a real endpoint.", indent=2)


def _print_warnings(comparison: Comparison, console: Console) -> None:
    lines = notes.warnings(comparison)
    gaps = notes.missing(comparison)
    for text in lines:
        hang(console, Text("Warning: ", style="yellow"), text, indent=2)
    for text in gaps:
        hang(console, Text("Missing (-): "), text, indent=2)
    if lines or gaps:
        console.print()


def _footer(report_path: str | None, *, of_judges: bool) -> str:
    parts = [] if report_path is None else [f"Report: {report_path}"]
    if not of_judges:
        parts.append("cases where they differ: passmuster show --disagreements")
    return " · ".join((*parts, "every number: --json"))
