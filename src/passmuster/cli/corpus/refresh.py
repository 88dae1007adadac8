"""`passmuster corpus refresh`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.cli.progress import told
from passmuster.errors import EXIT_INCOMPLETE, EXIT_OK, EXIT_UNDECIDED
from passmuster.project.corpus.refresh import Refreshed, RefreshWish, refresh
from passmuster.records.score import Estimate
from passmuster.records.version import VersionScores
from passmuster.report.escape import visible

_SHORT = 8


@click.command(name="refresh")
@click.argument("size", type=click.IntRange(min=1), metavar="[N]", default=100)
@click.option(
    "--from", "sources", multiple=True, metavar="IMPORT", help="Draw from this import; default: the newest."
)
@click.option("--strata", metavar="RULE", help="What makes the strata; default: the project's.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another sample.")
@click.option("--label-with", "labeller", metavar="CANDIDATE", help="Let this candidate label first.")
@click.option("--accept-machine", "accept", is_flag=True, help="Take its labels where no person has looked.")
@click.option("--blind", is_flag=True, help="Hide its labels from the people who label.")
@click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The sheet that people fill in; default: to_label-VERSION.csv beside the cases.",
)
@click.option("--unlabelled", is_flag=True, help="Go on with cases that nobody has labelled.")
@click.option("--run", "ask", is_flag=True, help="Ask the candidates the new cases, too.")
@click.option("--yes", "-y", "spend", is_flag=True, help="Spend what the labels are expected to cost.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="The most for the labels, and for the run.",
)
@corpus_options
def command(options: CorpusOptions, /, **given: Any) -> int:
    """Sample N cases of the newest traffic (default: 100), label, freeze, and score stored candidates on old and new.

    Stops where people must label first, with exit code 3; the same command goes on from there.
    """
    corpus = options.corpus()
    with told(options, corpus.clock) as progress:
        found = refresh(corpus, RefreshWish(**given), progress)
    if options.json:
        options.emit(found)
    else:
        _print(found, console_of(color=options.color))
    _say(options, found)
    if found.status == "waiting":
        return EXIT_UNDECIDED
    return EXIT_OK if found.run in (None, "complete") else EXIT_INCOMPLETE


def _print(found: Refreshed, console: Console) -> None:
    figures = [each for each in found.scores if each.metric == found.scores[0].metric]
    if figures:
        console.print(_table(figures))


def _table(figures: Sequence[VersionScores]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("candidate", overflow="fold")
    for head in (f"{figures[0].metric}, old", "all now", "common", "new cases"):
        table.add_column(head, justify="right")
    for each in figures:
        cells = (each.before, each.after, each.common_after, each.new)
        table.add_row(Text(visible(each.candidate)), *(_figure(cell) for cell in cells))
    return table


def _figure(figure: Estimate) -> str:
    if figure.value is None:
        return "-"
    ends = "" if figure.low is None or figure.high is None else f"\n[{figure.low:.2f}, {figure.high:.2f}]"
    return f"{figure.value:.2f} ({figure.n}){ends}"


def _say(options: CorpusOptions, found: Refreshed) -> None:
    options.say(f"{found.drawn:,} new cases; {found.machine:,} labelled by the model now")
    if found.status == "waiting":
        options.say(f"{found.people:,} cases wait for people: fill in {visible(found.sheet or 'the sheet')}")
        options.say("Then give the same command again: passmuster corpus refresh")
        return
    if found.people:
        options.say(f"{found.people:,} of them have no reference, and are not scored")
    options.say(f"frozen {(found.after or '')[:_SHORT]}, after {found.before[:_SHORT]}")
    if found.run is None:
        options.say("The candidates were not asked the new cases yet. Next: passmuster run")
    else:
        options.say(f"Next: passmuster corpus diff {found.before[:_SHORT]} {(found.after or '')[:_SHORT]}")
