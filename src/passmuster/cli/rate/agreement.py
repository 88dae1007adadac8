"""`passmuster rate agreement`."""

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.errors import EXIT_OK, EXIT_UNDECIDED
from passmuster.project.rating.agreement import RaterReport, agreement
from passmuster.report.raters_view import render_raters


@click.command(name="agreement")
@click.option(
    "--metric", metavar="NAME", help="Only the question of this metric; default: all that were answered."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the resamples behind the intervals.")
@project_options
def command(common: Common, *, metric: str | None, seed: int) -> int:
    """Say how far raters agree with one another and with themselves, and who is more severe. Calls no model."""
    report = agreement(common.open(), metric, seed=seed)
    if common.json:
        common.emit(report)
    else:
        _tell(common, report)
    return EXIT_OK if report.measured else EXIT_UNDECIDED


def _tell(common: Common, report: RaterReport) -> None:
    console = console_of(color=common.color)
    for found in report.questions:
        render_raters(found, console)
    if not report.questions:
        common.say(
            "Nobody has rated anything yet. Next: passmuster rate draw, then passmuster rate form --rater NAME"
        )
    elif not report.measured:
        common.say("Next: passmuster rate export OUT --rater ANA --rater BEN, with an overlap")
