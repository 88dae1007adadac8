"""`passmuster corpus label form`."""

from pathlib import Path
from typing import Literal

import click

from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.cli.terminal import fill_in, told
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.label import PLACES
from passmuster.project.corpus.label_exchange import read_ids
from passmuster.project.corpus.label_form import LabelFormWish, LabelSession
from passmuster.workflows.corpus.label import Wanted

INSTEAD = "Sheets instead: passmuster corpus label export OUT --annotator NAME, then passmuster corpus label import OUT"


@click.command(name="form")
@click.option("--annotator", required=True, metavar="NAME", help="Who labels: it is kept with every label.")
@click.option(
    "--which",
    type=click.Choice(["unlabelled", "disputed", "all"]),
    default="unlabelled",
    show_default=True,
    help="Cases that no person has labelled, those in dispute, or all; never those that NAME has labelled.",
)
@click.option(
    "--ids",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Only the cases in this file: ids, or rows with `case`.",
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="N of them, drawn by the seed.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another order.")
@click.option(
    "--split", "splits", multiple=True, type=click.Choice(PLACES), help="Only these cases; may be repeated."
)
@corpus_options
def form(  # noqa: PLR0913 - what the command line offers, under the same names
    common: CorpusOptions,
    *,
    annotator: str,
    which: Literal["unlabelled", "disputed", "all"],
    ids: Path | None,
    limit: int | None,
    seed: int,
    splits: tuple[str, ...],
) -> int:
    """Label cases at the keyboard, one a screen. Each label is saved at once; leave with q, and come back."""
    wanted = Wanted(which=which, ids=None if ids is None else read_ids(ids), limit=limit, seed=seed)
    session = LabelSession(common.corpus(), LabelFormWish(annotator=annotator, wanted=wanted, splits=splits))
    said = fill_in(session.cards, session.keep, instead=INSTEAD)
    waiting = session.waiting
    if common.json:
        common.emit({"annotator": annotator, **said._asdict(), "waiting": waiting})
    common.say(told(said, waiting))
    return EXIT_OK
