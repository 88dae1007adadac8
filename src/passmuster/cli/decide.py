"""`passmuster decide`."""

import os
import textwrap
from datetime import timedelta

import click

from passmuster.cli.options import Common, project_options
from passmuster.project.api import exit_code
from passmuster.project.deciding import decide, keep
from passmuster.project.quantities import seconds
from passmuster.records.decided import DecisionRecord
from passmuster.report.decision_text import paragraphs
from passmuster.report.minutes_markdown import render_minutes

_WIDTH = 96
_DEFAULT = "\0"
"""What `--record` alone stands for: no path holds this character."""

_LONGEST = timedelta(days=3660)


class _Days(click.ParamType[int]):
    """A time of whole days."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            found = timedelta(seconds=seconds(value))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time; write 90 d.", param, ctx)
        if not timedelta(days=1) <= found <= _LONGEST:
            self.fail(f"{value!r} is not between a day and ten years; write 90 d.", param, ctx)
        return found.days


@click.command(name="decide")
@click.option(
    "--record",
    is_flag=False,
    flag_value=_DEFAULT,
    metavar="[PATH]",
    help="Write the record of the decision as Markdown; default: REPORTS/decisions/DATE-TASK.md.",
)
@click.option("--by", metavar="NAME", help="Who records it; default: the name that git knows.")
@click.option(
    "--review-in", type=_Days(), default="90 d", show_default=True, metavar="TIME", help="When to look again."
)
@project_options
def command(common: Common, record: str | None, by: str | None, review_in: int) -> int:
    """Say in sentences which candidate to use, and why; with --record, put it on record. Calls no model.

    Exits as `compare` does: 0 decided, 1 none passes, 3 undecided, 4 where a candidate has no trials yet.
    """
    project = common.open()
    comparison, minutes = decide(project, by=by, review_days=review_in)
    file = None
    if record is not None:
        path = None if record == _DEFAULT else record
        file = os.path.relpath(keep(project, minutes, render_minutes(minutes), path))
    if common.json:
        common.emit({"sentences": paragraphs(minutes), "record": minutes, "file": file})
    else:
        _print(minutes)
    if file is not None:
        common.say(f"Record: {file}")
    return exit_code(comparison)


def _print(minutes: DecisionRecord) -> None:
    for place, (title, said) in enumerate(paragraphs(minutes)):
        click.echo(("\n" if place else "") + title)
        for sentence in said:
            click.echo(
                textwrap.fill(
                    sentence, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
                )
            )
