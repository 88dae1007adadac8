"""The costs in a terminal, part by part: what `passmuster compare --costs` adds."""

from rich.console import Console
from rich.text import Text

from passmuster.records.comparison import Comparison
from passmuster.report.costs_view import cost_columns, notes_of
from passmuster.report.tables import packed, table


def render_costs(comparison: Comparison, console: Console) -> None:
    """Print the costs of all candidates and their parts, in as many tables as the width takes."""
    made = cost_columns(comparison)
    console.print(Text("Costs, in US dollars (95%)", style="bold"))
    console.print()
    for group in packed(made[0], made[1:], console.width):
        console.print(table(group, console.width))
        console.print()
    for note in notes_of(comparison.candidates):
        console.print(Text(note))
