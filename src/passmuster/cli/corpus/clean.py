"""`passmuster corpus clean`."""

from pathlib import Path

import click

from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.clean import CleanResult, clean
from passmuster.report.escape import visible

_SHOWN = 5


@click.command(name="clean")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option(
    "--near",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.8,
    show_default=True,
    help="Jaccard index from which two inputs say the same.",
)
@click.option("--exact-only", is_flag=True, help="Take out exactly equal inputs only.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@corpus_options
def command(
    options: CorpusOptions, file: Path | None, *, near: float, exact_only: bool, dry_run: bool
) -> int:
    """Put pseudonyms for personal data in cases.jsonl (or FILE), and take duplicates out."""
    found = clean(options.corpus(), file, threshold=None if exact_only else near, write=not dry_run)
    if options.json:
        options.emit(found)
    else:
        for name, value in _lines(found):
            click.echo(f"{name:<16}{value}")
    _tell(options, found, dry_run=dry_run)
    return EXIT_OK


def _lines(found: CleanResult) -> list[tuple[str, str]]:
    personal = ", ".join(f"{count:,} {kind}" for kind, count in found.personal.items()) or "none found"
    return [
        ("cases", f"{found.after:,} of {found.before:,} are left"),
        ("duplicates", f"{found.exact:,} exactly equal, {found.near:,} nearly"),
        ("personal data", f"{personal} ({found.detector})" if found.detector != "off" else "not looked for"),
    ]


def _tell(options: CorpusOptions, found: CleanResult, *, dry_run: bool) -> None:
    for each in found.merged[:_SHOWN]:
        alike = "equal to" if each.exact else "nearly equal to"
        names = ", ".join(each.removed[:3]) + (
            f" and {len(each.removed) - 3:,} more" * (len(each.removed) > 3)
        )
        options.say(f"out: {visible(names)}, {alike} {visible(each.kept)}, which takes over the weight")
    if found.conflicting:
        options.say(
            f"{found.conflicting:,} inputs stand with different references; one case of each is kept: "
            "passmuster corpus suspects"
        )
    if dry_run:
        options.say("Nothing was written: --dry-run.")
    elif found.written:
        options.say(f"Written to {visible(found.path)}. Next: passmuster corpus split")
    else:
        options.say("Nothing had to be changed. Next: passmuster corpus split")
