"""`passmuster corpus mine`."""

from collections.abc import Mapping

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.corpus.counting import counting
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.mine import MineOrder, MineResult, mine
from passmuster.report.escape import label, visible
from passmuster.workflows.corpus.mine import Against

_AGAINST: Mapping[str, Against] = {"auto": "auto", "corpus": "corpus", "traffic": "traffic"}
_SHAPES = {"length", "format", "script", "language"}
_MANY = 0.2
"""The share of traffic from which what is unusual is not: the corpus is of something else."""


@click.command(name="mine")
@click.option(
    "--reason", "reasons", multiple=True, metavar="NAME", help="Only for this reason; may be repeated."
)
@click.option(
    "--each", type=click.IntRange(min=1), default=10, show_default=True, help="Cases of each reason, at most."
)
@click.option(
    "--most",
    type=click.IntRange(min=1, max=2000),
    default=50,
    show_default=True,
    help="Cases in all, at most.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which of equally strong ones.")
@click.option(
    "--against",
    type=click.Choice(["auto", "corpus", "traffic"]),
    default="auto",
    show_default=True,
    help="What says what is usual; auto: the corpus where it has 200 cases.",
)
@click.option("--from", "sources", multiple=True, metavar="IMPORT", help="Only this import; may be repeated.")
@corpus_options
def command(  # noqa: PLR0913 - one parameter for each option
    options: CorpusOptions,
    *,
    reasons: tuple[str, ...],
    each: int,
    most: int,
    seed: int,
    against: str,
    sources: tuple[str, ...],
) -> int:
    """Propose edge and adversarial cases from the imported traffic, each with its reasons, for review."""
    order = MineOrder(reasons=reasons, each=each, most=most, seed=seed, against=_AGAINST[against])
    with counting(options, "records") as watch:
        found = mine(options.corpus(), order, sources, watch)
    if options.json:
        options.emit(found)
    else:
        console_of(color=options.color).print(_table(found))
    _tell(options, found)
    return EXIT_OK


def _table(found: MineResult) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head, side in (("reason", "left"), ("records", "right"), ("proposed", "right"), ("such as", "left")):
        table.add_column(head, justify="right" if side == "right" else "left", overflow="fold")
    for each in found.reasons:
        example = next(
            (
                reason.words
                for proposal in found.proposals
                for reason in proposal.reasons
                if reason.kind == each.kind
            ),
            each.means,
        )
        said = each.note or label(example, 120)
        table.add_row(each.kind, f"{each.records:,}", f"{each.proposed:,}", Text(visible(said)))
    return table


def _tell(options: CorpusOptions, found: MineResult) -> None:
    count = len(found.proposals)
    options.say(f"{count:,} {'case' if count == 1 else 'cases'} proposed out of {found.traffic:,} records.")
    options.say(f"What is usual was told by {found.usual}.")
    many = [
        each.kind for each in found.reasons if each.kind in _SHAPES and each.records > _MANY * found.traffic
    ]
    if many and "corpus" in found.usual:
        options.say(
            f"By its {many[0]} much of this traffic is unusual: see passmuster corpus drift, or --against traffic"
        )
    if found.too_long:
        options.say(f"{found.too_long:,} records are longer than 400,000 characters, and were passed over.")
    options.say("Next: passmuster corpus review" if count else "Nothing new is unusual in this traffic.")
