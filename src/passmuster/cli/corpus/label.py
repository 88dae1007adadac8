"""`passmuster corpus label`: sheets out, labels in, agreement, and references that labels settle."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click

from passmuster.cli.corpus.label_form import form
from passmuster.cli.corpus.label_model import model
from passmuster.cli.corpus.label_tables import tell_agreement, tell_export, tell_intake, tell_settlement
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.cli.verbs import SmallVerbs
from passmuster.corpus.labels.agreement import Scale
from passmuster.corpus.labels.assign import OVERLAP
from passmuster.corpus.labels.settle import SettleRule
from passmuster.errors import EXIT_OK, EXIT_UNDECIDED, UsageError
from passmuster.project.corpus.label import PLACES, agree, settle_labels, write_disputes
from passmuster.project.corpus.label_exchange import (
    FORMS,
    ExportWish,
    export_labels,
    import_labels,
    read_ids,
)
from passmuster.records.label import LabelForm
from passmuster.workflows.corpus.label import Wanted

_PATH = click.Path(path_type=Path)
_split = click.option(
    "--split", "splits", multiple=True, type=click.Choice(PLACES), help="Only these cases; may be repeated."
)
_fold = click.option(
    "--fold", is_flag=True, help="Take labels as one that differ in upper case or blanks only."
)


@click.group(name="label", cls=SmallVerbs, order=("form", "export", "import", "model", "agreement", "settle"))
def command() -> None:
    """Exchange labels, measure agreement, settle disputes."""


command.add_command(form)
command.add_command(model)

_EXPORT_OPTIONS = (
    click.argument("out", type=_PATH),
    click.option(
        "--annotator", "annotators", multiple=True, metavar="NAME", help="Who labels; may be repeated."
    ),
    click.option(
        "--each",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="How many of them see every case.",
    ),
    click.option(
        "--overlap",
        type=click.FloatRange(0, 1),
        default=OVERLAP,
        show_default=True,
        help="The share of cases that all of them see.",
    ),
    click.option(
        "--which",
        type=click.Choice(["unlabelled", "disputed", "all"]),
        default="unlabelled",
        show_default=True,
        help="Cases that no person has labelled, those in dispute, or all.",
    ),
    click.option(
        "--ids", type=_PATH, metavar="FILE", help="Only the cases in this file: ids, or rows with `case`."
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="N of them, drawn by the seed."),
    click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another draw."),
    click.option("--gold", is_flag=True, help="Show the reference of today; it is hidden otherwise."),
    click.option("--suggest", metavar="MACHINE", help="Show the label of this machine."),
    click.option(
        "--format", "form", type=click.Choice(FORMS), help="Default: that of OUT's ending, else csv."
    ),
    _split,
)


def _export_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    @functools.wraps(function)
    def wrapped(**given: Any) -> int | None:
        common = {name: given.pop(name) for name in ("datasets", "project", "as_json", "quiet", "no_color")}
        out, ids, gold = given.pop("out"), given.pop("ids"), given.pop("gold")
        wanted = Wanted(
            which=given.pop("which"),
            ids=None if ids is None else read_ids(ids),
            limit=given.pop("limit"),
            seed=given.pop("seed"),
        )
        form = given.pop("form") or ("jsonl" if out.name.endswith((".jsonl", ".jsonl.gz")) else "csv")
        return function(out, ExportWish(wanted=wanted, reference=gold, form=form, **given), **common)

    for option in reversed(_EXPORT_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@command.command(name="export")
@_export_options
@corpus_options
def export(common: CorpusOptions, out: Path, wish: ExportWish) -> int:
    """Write sheets for annotators to OUT: a file, or a folder where there are several annotators."""
    done = export_labels(common.corpus(), out, wish)
    if common.json:
        common.emit(done)
    tell_export(common, done, wish)
    return EXIT_OK


@command.command(name="import")
@click.argument("files", type=_PATH, nargs=-1, required=True)
@click.option("--by", metavar="NAME", help="Whose labels these are, where the rows do not say.")
@click.option(
    "--kind",
    type=click.Choice(["human", "machine"]),
    default="human",
    show_default=True,
    help="Whether people or a machine gave them, where the rows do not say.",
)
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=COLUMN", help="Which column holds a field."
)
@click.option(
    "--question", metavar="NAME", help="Which question of a labelling tool, where it asked several."
)
@click.option("--adjudicate", is_flag=True, help="Each of these labels ends a dispute.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and write nothing.")
@corpus_options
def import_(  # noqa: PLR0913 - what the command line offers, under the same names
    common: CorpusOptions,
    files: tuple[Path, ...],
    *,
    by: str | None,
    kind: Literal["human", "machine"],
    columns: tuple[str, ...],
    question: str | None,
    adjudicate: bool,
    dry_run: bool,
) -> int:
    """Take labels in from FILES: filled-in sheets, exports of Label Studio or Argilla, any CSV with case and label."""
    form = LabelForm(kind=kind, annotator=by, columns=_mapped(columns), question=question)
    intake = import_labels(common.corpus(), files, form, adjudicated=adjudicate, keep=not dry_run)
    if common.json:
        common.emit(intake)
    tell_intake(common, intake, dry_run=dry_run)
    return EXIT_OK


def _mapped(columns: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in columns]
    for field, mark, column in pairs:
        if not (field and mark and column):
            raise UsageError(
                f"--column {field}{mark}{column} names no column",
                hint="Say FIELD=COLUMN, such as label=gold.",
            )
    return {field: column for field, _, column in pairs}


@command.command(name="agreement")
@click.option(
    "--level",
    type=click.Choice(["nominal", "ordinal", "interval"]),
    default="nominal",
    show_default=True,
    help="How labels are apart: all alike, in an order, or as numbers.",
)
@click.option("--order", metavar="LOW,...,HIGH", help="The labels from low to high, for ordinal.")
@_fold
@_split
@click.option("--seed", type=int, default=0, show_default=True, help="Of the resamples.")
@corpus_options
def agreement(
    common: CorpusOptions,
    *,
    level: Literal["nominal", "ordinal", "interval"],
    order: str | None,
    fold: bool,
    splits: tuple[str, ...],
    seed: int,
) -> int:
    """Measure how far people agree, and apart from that how far machines agree with them."""
    if order is not None and level != "ordinal":
        raise UsageError("an order is for ordinal labels", hint="Add --level ordinal")
    words = tuple(text.strip() for text in (order or "").split(",") if text.strip())
    found = agree(common.corpus(), Scale(level=level, order=words, fold=fold, seed=seed), splits)
    if common.json:
        common.emit(found)
    else:
        tell_agreement(common, found)
    measured = found.people.get("raw")
    return EXIT_UNDECIDED if measured is None or measured.value is None else EXIT_OK


@command.command(name="settle")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="People who must have looked at a case.",
)
@click.option(
    "--accept-machine",
    "machines",
    multiple=True,
    metavar="NAME",
    help="Take this machine's label where no person has looked; the case is marked. May be repeated.",
)
@_fold
@click.option("--disputes", type=_PATH, metavar="FILE", help="Write what a person must decide to this sheet.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@corpus_options
def settle(
    common: CorpusOptions,
    *,
    least: int,
    machines: tuple[str, ...],
    fold: bool,
    disputes: Path | None,
    dry_run: bool,
) -> int:
    """Make references of what most people say; list the rest for a person to decide."""
    corpus = common.corpus()
    rule = SettleRule(least=least, machines=machines, fold=fold)
    settled = settle_labels(corpus, rule, keep=not dry_run)
    found = settled.settlement
    if disputes is not None and found.disputes:
        write_disputes(corpus, disputes, found.disputes)
    if common.json:
        common.emit({"settlement": found, "files": sorted(settled.files), "written": not dry_run})
    tell_settlement(common, settled, sheet=disputes, dry_run=dry_run)
    return EXIT_UNDECIDED if found.disputes else EXIT_OK
