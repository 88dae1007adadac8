"""`passmuster corpus versions`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.corpus.versions.frozen import PARTS, SHORT
from passmuster.errors import EXIT_FAIL, EXIT_OK
from passmuster.project.corpus.versions import export, version, versions
from passmuster.records.version import FrozenVersion, PartName
from passmuster.report.escape import visible
from passmuster.workflows.corpus.versions import Listed

_SEEN = 8
"""Digits of a digest, as reports show them."""

_DAY = len("2026-11-21")
_HEADS = ("version", "frozen", "train", "eval", "pools", "in reports", "holdout", "note")


@click.command(name="versions")
@click.argument("name", metavar="VERSION", required=False)
@click.option(
    "--check", is_flag=True, help="Prove the file of each version; exits with 1 if one was altered."
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the cases of VERSION to a .jsonl file.",
)
@click.option("--part", multiple=True, type=click.Choice(PARTS), help="Only these cases; may be repeated.")
@corpus_options
def command(
    options: CorpusOptions, name: str | None, to: Path | None, part: Sequence[PartName], *, check: bool
) -> int:
    """List all frozen versions, newest first, or show one VERSION: the beginning of its digest, or `latest`."""
    if name is None and (to is not None or part):
        raise click.UsageError(
            "--to and --part are for one VERSION: passmuster corpus versions VERSION --to FILE"
        )
    if part and to is None:
        raise click.UsageError("--part says which cases --to writes")
    corpus = options.corpus()
    if name is not None and to is not None:
        count = export(corpus, name, to, part)
        if options.json:
            options.emit({"version": version(corpus, name).version, "file": str(to), "cases": count})
        options.say(f"{count} cases and the canary written to {to}")
        return EXIT_OK
    found = versions(corpus, check=check)
    if name is not None:
        wanted = version(corpus, name).version
        found = tuple(each for each in found if each.version.version == wanted)
    _show(options, found, one=name is not None)
    bad = sum(each.problem is not None for each in found)
    if check and found:
        options.say(
            f"{bad} of {len(found)} versions are not what they were." if bad else "All are what they were."
        )
    return EXIT_FAIL if bad else EXIT_OK


def _show(options: CorpusOptions, found: Sequence[Listed], *, one: bool) -> None:
    if options.json:
        options.emit({"versions": list(found)})
        return
    if not found:
        options.say("Nothing is frozen yet. Next: passmuster corpus freeze")
        return
    table = _details(found[0].version) if one else _overview(found)
    console_of(color=options.color).print(table)
    for each in found:
        if each.problem is not None:
            options.say(f"{each.version.version[:SHORT]}: {each.problem}")
    if not one:
        options.say(
            "One of them: passmuster corpus versions VERSION · what changed: passmuster corpus diff A B"
        )


def _overview(found: Sequence[Listed]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in _HEADS:
        justify: Literal["left", "right"] = "right" if head in _HEADS[2:5] else "left"
        table.add_column(head, overflow="fold", justify=justify, no_wrap=head != "note")
    for each in found:
        table.add_row(*(Text(visible(cell)) for cell in _cells(each.version)))
    return table


def _cells(found: FrozenVersion) -> tuple[str, ...]:
    pools = sum(count for name, count in found.parts.items() if name not in {"train", "eval"})
    return (
        found.version[:SHORT],
        _time(found.time)[:_DAY],
        str(found.parts.get("train", 0)),
        str(found.parts.get("eval", 0)),
        str(pools),
        found.scored.get("eval", "-")[:_SEEN],
        "-" if found.holdout is None else found.holdout[:_SEEN],
        found.note,
    )


def _details(found: FrozenVersion) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    rows = [
        ("version", found.version),
        ("frozen", _time(found.time)),
        ("after", found.parent or "nothing: it is the first"),
        ("note", found.note or "-"),
        ("cases", _counted(found.parts)),
        ("strata", _counted(found.strata)),
        ("origins", _counted(found.origins)),
        *((f"reports show ({name})", digest) for name, digest in found.scored.items()),
        ("canary", found.canary),
        ("topics", found.topics or "-"),
        ("holdout", found.holdout or "-"),
    ]
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(visible(value)))
    return table


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or 'none'} {count}" for name, count in counts.items()) or "-"


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
