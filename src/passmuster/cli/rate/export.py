"""`passmuster rate export`."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passmuster.cli.options import Common, project_options
from passmuster.corpus.labels.assign import OVERLAP
from passmuster.errors import EXIT_OK
from passmuster.project.rating.exporting import FORMS, ExportWish, RatingsExported, export_ratings
from passmuster.report.escape import line
from passmuster.workflows.rating.waiting import REPEATED

_OPTIONS = (
    click.argument("out", type=click.Path(path_type=Path)),
    click.option("--rater", "raters", multiple=True, metavar="NAME", help="Who rates; may be repeated."),
    click.option("--metric", metavar="NAME", help="Only what was drawn for this metric."),
    click.option("--pairs", "what", flag_value="pairs", help="Only pairs, where single replies wait too."),
    click.option(
        "--replies", "what", flag_value="replies", help="Only single replies, where pairs wait too."
    ),
    click.option(
        "--each",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="How many of them see everything.",
    ),
    click.option(
        "--overlap",
        type=click.FloatRange(0, 1),
        default=OVERLAP,
        show_default=True,
        help="The share that all of them see.",
    ),
    click.option(
        "--repeat",
        "repeated",
        type=click.FloatRange(0, 1),
        default=REPEATED,
        show_default=True,
        help="The share that comes to everyone a second time.",
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only N of what waits."),
    click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another order."),
    click.option(
        "--reference", is_flag=True, help="Show the reference, even where the rubric does not judge by it."
    ),
    click.option(
        "--format", "form", type=click.Choice(FORMS), help="Default: that of OUT's ending, else csv."
    ),
)


def _options(function: Callable[[Common, Path, ExportWish], int]) -> Callable[..., int]:
    @functools.wraps(function)
    def wrapped(common: Common, *, out: Path, form: str | None, what: str | None, **given: Any) -> int:
        chosen = form or ("jsonl" if out.name.endswith((".jsonl", ".jsonl.gz")) else "csv")
        return function(
            common, out, ExportWish(form=chosen, pairs=None if what is None else what == "pairs", **given)
        )

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@click.command(name="export")
@project_options
@_options
def command(common: Common, out: Path, wish: ExportWish) -> int:
    """Write what waits to OUT: a blind sheet, or a folder of them where there are several raters."""
    done = export_ratings(common.open(), out, wish)
    if common.json:
        common.emit(done)
    _tell(common, done, wish)
    return EXIT_OK


def _tell(common: Common, done: RatingsExported, wish: ExportWish) -> None:
    for path, rows in done.files.items():
        common.say(f"{line(path, 300)}: {rows:,} rows")
    if len(done.files) > 1:
        common.say(f"{done.shared:,} of {done.items:,} are seen by several raters.")
    if done.repeated:
        common.say(f"{done.repeated:,} come a second time, to see how far raters agree with themselves.")
    common.say(f"What raters are told: {line(done.rubric, 300)}")
    if wish.form in {"csv", "jsonl"}:
        common.say("They fill in the empty columns, or `skipped`. Then: passmuster rate import FILE")
    else:
        common.say("A file beside sets the tool up. With its export: passmuster rate import FILE")
