"""`passmuster rate import`."""

from pathlib import Path
from typing import Literal

import click

from passmuster.cli.options import Common, project_options
from passmuster.errors import EXIT_OK, UsageError
from passmuster.project.rating.importing import import_ratings
from passmuster.records.said import RatingForm
from passmuster.report.escape import line, visible
from passmuster.workflows.rating.intake import NAMED, RatingIntake


@click.command(name="import")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--by", metavar="NAME", help="Whose ratings these are, where the rows do not say.")
@click.option(
    "--kind",
    type=click.Choice(["human", "machine"]),
    default="human",
    show_default=True,
    help="Whether a person or a machine gave them, where the rows do not say.",
)
@click.option("--metric", metavar="NAME", help="Whose question they answer, where the rows do not say.")
@click.option(
    "--cost",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="What one of them cost, where the rows do not say.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column holds a field."
)
@click.option(
    "--drawn", is_flag=True, help="What is rated was drawn at random from the replies that are scored."
)
@click.option("--leave-out", is_flag=True, help="Leave out rows of cases that are not here or have changed.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and write nothing.")
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    files: tuple[Path, ...],
    by: str | None,
    kind: Literal["human", "machine"],
    metric: str | None,
    cost: float | None,
    columns: tuple[str, ...],
    drawn: bool,
    leave_out: bool,
    dry_run: bool,
) -> int:
    """Take ratings and choices in from FILES: filled-in sheets, exports of a labelling tool, any table that says what was rated."""
    form = RatingForm(kind=kind, rater=by, metric=metric, cost=cost, columns=_mapped(columns))
    intake = import_ratings(common.open(), files, form, keep=not dry_run, leave_out=leave_out, drawn=drawn)
    if common.json:
        common.emit(intake)
    _tell(common, intake, dry_run=dry_run)
    return EXIT_OK


def _mapped(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    for field, mark, column in pairs:
        if not (field and mark and column):
            raise UsageError(
                f"--column {field}{mark}{column} names no column",
                hint="Say FIELD=COLUMN, such as value=stars.",
            )
    return {field: column for field, _, column in pairs}


def _tell(common: Common, intake: RatingIntake, *, dry_run: bool) -> None:
    who = ", ".join(f"{visible(name)} {count:,}" for name, count in intake.who.items())
    verb = "would be taken in" if dry_run else "taken in"
    common.say(
        f"{len(intake.ratings):,} ratings and {len(intake.choices):,} choices {verb}{f': {who}' if who else ''}"
    )
    left = {
        "were here already": intake.again,
        "rows say nothing yet": intake.blank,
        f"name cases that are not here{_named(intake.unknown)}": len(intake.unknown),
        f"are of an input that has changed since{_named(intake.stale)}": len(intake.stale),
    }
    for words, count in left.items():
        if count:
            common.say(f"{count:,} {words}")
    for words, count in intake.left.items():
        common.say(f"{count:,} left out: {line(words, 200)}")
    if intake.ratings:
        common.say("Next: passmuster compare, or passmuster judge calibrate")
    elif intake.choices:
        common.say("Next: passmuster rate ranking")


def _named(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = ", ..." if len(names) > NAMED else ""
    return f" ({', '.join(line(name, 60) for name in names[:NAMED])}{more})"
