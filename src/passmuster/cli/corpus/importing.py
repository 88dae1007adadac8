"""`passmuster corpus import`."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.corpus.importing_bar import told_import
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK, UsageError
from passmuster.project.corpus.importing import Import, bring_in
from passmuster.project.quantities import share
from passmuster.records.imported import Imported, Recognised
from passmuster.report.escape import visible

_PAIR = re.compile(r",(?=\s*[a-z_]+\s*=)")


@click.command(name="import")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option("--name", help="What to call the traffic; default: as the file is called.")
@click.option("--format", "format_", metavar="FORMAT", help="What the source is, where it is not recognised.")
@click.option(
    "--columns",
    multiple=True,
    metavar="FIELD=COLUMN,...",
    help="Which columns are what: input=question,output=answer.",
)
@click.option(
    "--as",
    "kind",
    type=click.Choice(["traffic", "cases"]),
    help="Take it for traffic, or for cases of a test set.",
)
@click.option("--query", metavar="SQL", help="What to select of a database.")
@click.option(
    "--origin",
    type=click.Choice(["production", "prior_system", "expert", "synthetic"]),
    help="Where cases of a test set come from; default: expert.",
)
@click.option("--generator", metavar="NAME", help="What made the cases, with --origin synthetic.")
@click.option("--most-bad", default="1%", show_default=True, metavar="SHARE", help="Rows that may be bad.")
@click.option("--replace", is_flag=True, help="Put it in the place of traffic with the same name.")
@corpus_options
def command(  # noqa: PLR0913  # each option is a parameter
    options: CorpusOptions,
    *,
    sources: tuple[str, ...],
    name: str | None,
    format_: str | None,
    columns: tuple[str, ...],
    kind: str | None,
    query: str | None,
    origin: str | None,
    generator: str | None,
    most_bad: str,
    replace: bool,
) -> int:
    """Read production traffic, or a test set of another tool, into the corpus: all of SOURCE, or nothing of it.

    SOURCE is a file (.jsonl, .json, .csv, .tsv, .parquet, packed or not), a glob in quotes, an address of an object store
    (s3://...), that of a database (postgresql://..., sqlite:///...), or env:NAME for a variable that holds one.
    """
    wanted = Import(
        sources=sources,
        name=name,
        format=format_,
        columns=_columns(columns),
        kind=kind,  # type: ignore[arg-type]  # click allows no other
        query=query,
        origin=origin,  # type: ignore[arg-type]  # click allows no other
        generator=generator,
        most_bad=_share(most_bad),
        replace=replace,
    )
    corpus = options.corpus()
    with told_import(options, corpus.clock) as watch:
        imported = bring_in(corpus, wanted, watch, lambda found: _tell_guess(options, found))
    if options.json:
        options.emit(imported)
    else:
        console_of(color=options.color).print(_table(imported))
    _tell(options, imported)
    return EXIT_OK


def _columns(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return field -> columns; a field without a column says that there is none."""
    columns: dict[str, tuple[str, ...]] = {}
    for pair in (pair for text in given for pair in _PAIR.split(text)):
        name, sign, column = pair.partition("=")
        if not sign:
            raise UsageError(
                f"--columns {pair!r} is no FIELD=COLUMN",
                hint="Such as --columns input=question,output=answer",
            )
        field = name.strip()
        before = columns.get(field, ())
        columns[field] = (*before, column.strip()) if column.strip() else before
    return columns


def _share(text: str) -> float:
    try:
        found = share(text)
    except ValueError as error:
        raise UsageError(f"--most-bad: {error}") from None
    if not 0 <= found <= 1:
        raise UsageError(f"--most-bad: {text} is not between 0 and 100%")
    return found


def _tell_guess(options: CorpusOptions, found: Recognised) -> None:
    options.say(f"taken for {found.kind}: {found.why}")
    if not found.columns:
        options.say(
            "  If it is something else, say so: --format NAME, or --format table --columns input=NAME"
        )
        return
    width = max(len(each.field) for each in found.columns)
    for each in found.columns:
        remark = f"  ({each.remark})" if each.remark else ""
        options.say(f"  {each.field:<{width}} = {visible(each.column)}{remark}")
    options.say("  Another column: --columns FIELD=COLUMN; none: --columns FIELD=")


def _table(found: Imported) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(found):
        if value:
            table.add_row(name, Text(visible(value)))
    return table


def _lines(found: Imported) -> Sequence[tuple[str, str]]:
    times = None if found.times is None else " to ".join(_day(moment) for moment in found.times)
    no_time = f"; {found.timeless:,} without a time" if times and found.timeless else ""
    return (
        (found.kind, found.path),
        ("records" if found.kind == "traffic" else "new", f"{found.records:,} of {found.rows:,} rows"),
        (
            "bad",
            f"{found.bad:,}, in {found.quarantine}"
            if found.quarantine
            else f"{found.bad:,}"
            if found.bad
            else "",
        ),
        *(("", f"{count:,}  {reason}") for reason, count in found.reasons.items()),
        ("twice there", _twice(found)),
        ("renamed", f"{found.renamed:,} had the id of another record" if found.renamed else ""),
        ("times", f"{times}{no_time}" if times else ""),
        ("feedback", ", ".join(f"{word} {count:,}" for word, count in found.feedback.items())),
        ("asked again", f"{found.retried:,} soon after, with the same words" if found.retried else ""),
        *(("not read", f"{count:,}  {what}") for what, count in found.unread.items()),
        *(("left out", f"{count:,}  {what}") for what, count in found.left.items()),
    )


def _twice(found: Imported) -> str:
    if not found.repeated:
        return ""
    return f"{found.repeated:,} " + (
        "kept once" if found.kind == "traffic" else "asked by a case that is there"
    )


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M")


def _tell(options: CorpusOptions, found: Imported) -> None:
    for remark in found.remarks:
        options.say(remark)
    if found.kind == "traffic":
        options.say("Next: passmuster corpus describe · passmuster corpus sample 500")
    else:
        options.say("Next: passmuster corpus check")
