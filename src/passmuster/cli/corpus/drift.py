"""`passmuster corpus drift`."""

from datetime import UTC, datetime

import click

from passmuster.cli.console import console_of
from passmuster.cli.corpus.drift_tables import print_drift
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.corpus.drift.report import Drift
from passmuster.corpus.drift.verdict import Level
from passmuster.errors import EXIT_FAIL, EXIT_OK, EXIT_UNDECIDED
from passmuster.project.corpus.drift import DriftWish, corpus_drift
from passmuster.workflows.corpus.drift import MOST, MOST_TEXTS, By, DriftOptions

_CODES = {"none": EXIT_OK, "found": EXIT_FAIL, "unknown": EXIT_UNDECIDED}
_SHARE = click.FloatRange(0, 1)
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command(name="drift")
@click.option(
    "--against",
    multiple=True,
    metavar="TRAFFIC",
    help="The name of an import; may be repeated. Default: the newest one.",
)
@click.option(
    "--strata", "rule", metavar="RULE", help="What makes strata of traffic; default: the project's."
)
@click.option(
    "--by", type=click.Choice(["strata", "topics"]), help="What is compared; default: strata where there are."
)
@click.option("--since", type=_MOMENT, help="Only traffic from this date on (UTC).")
@click.option("--until", type=_MOMENT, help="Only traffic before this date (UTC).")
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.05,
    show_default=True,
    help="The chance to find drift where there is none, over all tests.",
)
@click.option(
    "--ignore-below",
    type=_SHARE,
    default=0.02,
    show_default=True,
    help="A shift of less than this share of traffic is none.",
)
@click.option(
    "--most", type=click.IntRange(min=1), default=MOST, show_default=True, help="Records compared, at most."
)
@click.option(
    "--most-texts",
    type=click.IntRange(min=20, max=5_000),
    default=MOST_TEXTS,
    show_default=True,
    help="Texts of each side compared word by word, at most.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of samples and tests."
)
@click.option(
    "--scores/--no-scores", default=True, help="Score stored candidates in today's mix; default: yes."
)
@corpus_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    options: CorpusOptions,
    *,
    against: tuple[str, ...],
    rule: str | None,
    by: By | None,
    since: datetime | None,
    until: datetime | None,
    alpha: float,
    ignore_below: float,
    most: int,
    most_texts: int,
    seed: int,
    scores: bool,
) -> int:
    """Tell whether today's traffic still looks like the corpus, and what that does to stored scores.

    Exits with 0 no drift found, 1 drift found, 3 too few cases to tell.
    """
    asked = DriftOptions(
        level=Level(alpha=alpha, ignore_below=ignore_below),
        rule=rule,
        by=by,
        since=_seconds(since),
        until=_seconds(until),
        most=most,
        most_texts=most_texts,
        seed=seed,
    )
    found = corpus_drift(options.corpus(), DriftWish(against=against, options=asked, scores=scores))
    if options.json:
        options.emit(found)
    else:
        print_drift(found, console_of(color=options.color))
    _say(options, found)
    return _CODES[found.status]


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.replace(tzinfo=UTC).timestamp()


def _say(options: CorpusOptions, found: Drift) -> None:
    for note in found.notes:
        options.say(note)
    if found.status == "found":
        options.say("Next: passmuster corpus refresh")
    elif found.status == "unknown":
        options.say("Next: import more traffic, or passmuster corpus sample N")
