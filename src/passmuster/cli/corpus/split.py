"""`passmuster corpus split`."""

from collections.abc import Iterator
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK, UsageError
from passmuster.project.corpus.split import HoldoutWish, split
from passmuster.records.sampling import SplitResult
from passmuster.report.escape import label, visible

SHOWN = 25
NAMED = 5
LARGE = 0.1
"""The share of the cases from which a cluster is so large that it decides on which side they are."""


@click.command(name="split")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--shares", metavar="T/E/H", help="Of train, eval and holdout; default: 70/20/10.")
@click.option("--seed", type=int, help="Default: a secret one, which is sealed with the holdout.")
@click.option("--no-holdout", is_flag=True, help="Only train and eval.")
@click.option("--unsealed", is_flag=True, help="Leave the holdout in plain for now, as holdout.jsonl.")
@corpus_options
def command(
    options: CorpusOptions,
    *,
    file: Path | None,
    shares: str | None,
    seed: int | None,
    no_holdout: bool,
    unsealed: bool,
) -> int:
    """Part the sampled cases (or those of FILE) in train, eval and a holdout, which is sealed at once."""
    if no_holdout and unsealed:
        raise UsageError("--no-holdout and --unsealed exclude one another")
    corpus = options.corpus()
    there = corpus.folder.sealed.exists()
    wish = HoldoutWish(none=no_holdout, unsealed=unsealed)
    found = split(corpus, file, shares=shares, seed=seed, wish=wish)
    if options.json:
        options.emit(found)
    else:
        console_of(color=options.color).print(_table(found))
    for text in (*_remarks(found), *_of_the_holdout(found, seed, sealed_before=there)):
        options.say(text)
    options.say("Next: passmuster corpus check · passmuster corpus freeze")
    return EXIT_OK


def _table(found: SplitResult) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("stratum", no_wrap=True)
    for head in ("train", "eval", "holdout"):
        table.add_column(head, justify="right")
    for each in found.strata[:SHOWN] if len(found.strata) > 1 else ():
        name = Text(label(each.name or "(none)", 44))
        table.add_row(name, f"{each.train:,}", f"{each.eval:,}", f"{each.holdout:,}")
    if len(found.strata) > SHOWN:
        rest = found.strata[SHOWN:]
        sums = (
            sum(row) for row in zip(*((each.train, each.eval, each.holdout) for each in rest), strict=True)
        )
        table.add_row(f"{len(rest)} more", *(f"{number:,}" for number in sums))
    style = "bold" if len(found.strata) > 1 else ""
    table.add_row("all", f"{found.train:,}", f"{found.eval:,}", f"{found.holdout:,}", style=style)
    return table


def _remarks(found: SplitResult) -> Iterator[str]:
    cases = found.train + found.eval + found.holdout
    yield (
        f"{cases:,} cases in {found.clusters:,} clusters of what belongs together; {found.duplicates:,} have a near-duplicate"
    )
    if found.largest > LARGE * cases > 1:
        yield (
            f"The largest cluster holds {found.largest:,} of them: look whether one group stands for too many (sample --group)."
        )
    if found.before:
        yield f"{found.before:,} cases were split before and stay where they are."
    if found.pools:
        pools = ", ".join(f"{count} {category}" for category, count in found.pools.items())
        yield f"Into pools of their own: {pools}"
    if found.left_out:
        names = ", ".join(visible(name) for name in found.left_out[:NAMED])
        more = "" if len(found.left_out) <= NAMED else f" and {len(found.left_out) - NAMED} more"
        yield (f"Left out, since they hang together with cases of both sides: {names}{more}")


def _of_the_holdout(found: SplitResult, seed: int | None, *, sealed_before: bool) -> Iterator[str]:
    if found.root is not None:
        yield f"The holdout is sealed: {found.holdout:,} cases, root {found.root[:16]}; no plain copy was written."
        drawn = "The traffic that it was drawn from" if found.source is None else visible(found.source)
        yield f"{drawn} still holds its cases, and so may git's history: take these out of the team's reach."
        if seed is not None:
            yield "Its seed was given, not secret: with the source anybody can part the cases anew and know the holdout."
    elif found.holdout:
        yield "holdout.jsonl lies in plain: it proves nothing until it is sealed. Seal it: passmuster corpus seal"
    elif sealed_before:
        yield (
            "The sealed holdout stays as it is. Let its custodian look for copies: passmuster corpus verify --additions"
        )
    else:
        yield "There is no holdout: nothing is left for a last word on the decision."
