"""`passmuster rate draw`."""

from collections import Counter

import click

from passmuster.cli.options import Common, only_option, project_options
from passmuster.decide.judging.strata import owner
from passmuster.errors import EXIT_OK, UsageError
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.questions import asked_metric
from passmuster.report.escape import line


@click.command(name="draw")
@click.option("--metric", metavar="NAME", help="Whose question people answer; default: the only judge.")
@click.option(
    "--replies",
    type=click.IntRange(min=1),
    metavar="N",
    help="N replies; default: a pilot of 20 a candidate.",
)
@click.option(
    "--pairs", type=click.IntRange(min=1), metavar="N", help="N pairs of replies to choose between."
)
@click.option("--fresh", is_flag=True, help="Without regard to verdicts: a small picture of all replies.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another draw.")
@only_option
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    metric: str | None,
    replies: int | None,
    pairs: int | None,
    fresh: bool,
    seed: int,
    only: tuple[str, ...],
) -> int:
    """Draw replies for people to rate, or pairs of them to choose between. Calls no model."""
    if pairs is not None and (replies is not None or fresh):
        raise UsageError("a draw is of single replies or of pairs", hint="Leave --pairs or the others out.")
    project = common.open()
    draw = draw_replies(
        project,
        asked_metric(project, metric).name,
        number=replies if pairs is None else pairs,
        purpose="pairs" if pairs is not None else "fresh" if fresh else "calibration",
        seed=seed,
        only=only,
        pairs=pairs is not None,
    )
    if common.json:
        common.emit(draw)
    what = "pairs" if pairs is not None else "replies"
    common.say(f"Drawn for {line(draw.metric, 60)}: {len(draw.items):,} {what}")
    for name, count in sorted(Counter(owner(item) for item in draw.items).items()):
        strata = Counter(item.stratum for item in draw.items if owner(item) == name)
        told = ", ".join(
            f"{number:,} judged {stratum}" for stratum, number in sorted(strata.items()) if stratum
        )
        common.say(f"  {line(name, 80)}: {count:,}{f' ({told})' if told else ''}")
    common.say("Next: passmuster rate form --rater NAME, or passmuster rate export OUT --rater NAME")
    return EXIT_OK
