"""`passmuster rate form`."""

import click

from passmuster.cli.options import Common, project_options
from passmuster.cli.terminal import fill_in, told
from passmuster.errors import EXIT_OK
from passmuster.project.rating.form import FormWish, RatingSession
from passmuster.workflows.rating.waiting import REPEATED

INSTEAD = "Sheets instead: passmuster rate export OUT --rater NAME, then passmuster rate import OUT"


@click.command(name="form")
@click.option("--rater", required=True, metavar="NAME", help="Who rates: it is kept with every rating.")
@click.option("--metric", metavar="NAME", help="Only what was drawn for this metric.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most N, repeated ones among them.")
@click.option(
    "--repeat",
    type=click.FloatRange(0, 1),
    default=REPEATED,
    show_default=True,
    help="The share that comes a second time, to see how far a rater agrees with themselves.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another order.")
@project_options
def command(
    common: Common, *, rater: str, metric: str | None, limit: int | None, repeat: float, seed: int
) -> int:
    """Rate what waits at the keyboard, blind, one reply or pair a screen. Each answer is saved at once.

    Leave with q and come back with the same command. Calls no model.
    """
    wish = FormWish(rater=rater, metric=metric, limit=limit, repeated=repeat, seed=seed)
    session = RatingSession(common.open(), wish)
    said = fill_in(session.cards, session.keep, instead=INSTEAD)
    waiting = session.waiting
    if common.json:
        common.emit({"rater": rater, **said._asdict(), "waiting": waiting})
    common.say(told(said, waiting))
    if said.finished and not waiting:
        common.say("Next: passmuster judge calibrate, or passmuster rate ranking for choices")
    return EXIT_OK
