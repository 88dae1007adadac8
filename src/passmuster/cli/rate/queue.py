"""`passmuster rate queue`."""

from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.errors import EXIT_OK
from passmuster.project.rating.listing import QueueReport, queue_report
from passmuster.report.escape import visible

_NUMBERS = ("drawn", "rated", "waiting", "gone")


@click.command(name="queue")
@click.option("--rater", metavar="NAME", help="What waits for this person; default: what nobody has rated.")
@click.option("--metric", metavar="NAME", help="Only what was drawn for this metric.")
@click.option("--each", type=click.IntRange(min=1), metavar="N", help="Until N people have rated each reply.")
@project_options
def command(common: Common, *, rater: str | None, metric: str | None, each: int | None) -> int:
    """Say what waits to be rated, draw by draw. Calls no model."""
    report = queue_report(common.open(), rater, metric, each=each)
    if common.json:
        common.emit(report)
    else:
        _tell(common, report)
    return EXIT_OK


def _tell(common: Common, report: QueueReport) -> None:
    if not report.draws:
        common.say("Nothing was drawn yet. Next: passmuster rate draw, or passmuster judge calibrate")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in ("draw", "metric", "for", "date"):
        table.add_column(head, overflow="fold")
    for head in _NUMBERS:
        table.add_column(head, justify="right")
    for draw in report.draws:
        date = datetime.fromtimestamp(draw.time, UTC).date().isoformat()
        words = (draw.id, draw.metric, draw.purpose, date)
        figures = (f"{getattr(draw, name):,}" for name in _NUMBERS)
        table.add_row(*(Text(visible(word)) for word in words), *figures)
    console = console_of(color=common.color)
    console.print(table)
    who = "" if report.rater is None else f" for {visible(report.rater)}"
    console.print(Text(f"{report.waiting:,} wait{who}"), soft_wrap=True)
    if report.gone:
        common.say(f"{report.gone:,} are gone: the case changed, or the candidate replies otherwise today.")
    if report.waiting:
        common.say("Next: passmuster rate form --rater NAME, or passmuster rate export OUT --rater NAME")
