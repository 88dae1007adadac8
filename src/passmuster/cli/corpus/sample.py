"""`passmuster corpus sample`."""

from collections.abc import Iterator

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.corpus.counting import counting
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.sample import MOST_STRATA, OTHER, SampleOrder, sample
from passmuster.records.sampling import Sampled
from passmuster.report.escape import label, visible

SHOWN = 25
"""Strata that the table shows."""


@click.command(name="sample")
@click.argument("size", type=click.IntRange(min=1), metavar="N")
@click.option("--strata", metavar="RULE", help="A column, an expression or `topics`; default: the project's.")
@click.option(
    "--minimum",
    type=click.IntRange(min=1),
    help="Cases of each stratum, at least; default: 30, where they fit.",
)
@click.option(
    "--only", multiple=True, metavar="STRATUM", help="Draw from this stratum only; may be repeated."
)
@click.option("--neyman", metavar="CANDIDATE", help="More cases where its stored scores vary more.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Another seed is another sample."
)
@click.option(
    "--origin",
    type=click.Choice(["production", "prior_system"]),
    default="production",
    show_default=True,
    help="What the traffic was asked of.",
)
@click.option(
    "--group",
    default="auto",
    metavar="NAME",
    help="What keeps cases together: user, session, none, or a column.",
)
@click.option("--from", "sources", multiple=True, metavar="IMPORT", help="Only this import; may be repeated.")
@corpus_options
def command(  # noqa: PLR0913 - one parameter for each option
    options: CorpusOptions,
    *,
    size: int,
    strata: str | None,
    minimum: int | None,
    only: tuple[str, ...],
    neyman: str | None,
    seed: int,
    origin: str,
    group: str,
    sources: tuple[str, ...],
) -> int:
    """Draw N cases from the imported traffic in one pass: by stratum, with the weights that estimate production."""
    order = SampleOrder(
        size=size,
        seed=seed,
        minimum=minimum,
        only=only,
        origin="prior_system" if origin == "prior_system" else "production",
        group=group,
    )
    with counting(options, "records") as watch:
        found = sample(options.corpus(), order, strata=strata, neyman=neyman, sources=sources, watch=watch)
    if options.json:
        options.emit(found)
    else:
        console_of(color=options.color).print(_table(found))
    _tell(options, found, strata, neyman)
    return EXIT_OK


def _table(found: Sampled) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("stratum", no_wrap=True)
    for head in ("traffic", "share", "drawn", "before", "weight"):
        table.add_column(head, justify="right")
    for each in found.strata[:SHOWN]:
        weight = "-" if each.weight is None else f"{each.weight:,.1f}"
        share = f"{each.traffic / found.traffic:.1%}"
        cells = (f"{each.traffic:,}", share, f"{each.drawn:,}", f"{each.before:,}", weight)
        table.add_row(Text(label(each.name, 44)), *cells)
    if len(found.strata) > SHOWN:
        rest = found.strata[SHOWN:]
        traffic, drawn = sum(each.traffic for each in rest), sum(each.drawn for each in rest)
        share = f"{traffic / found.traffic:.1%}"
        table.add_row(f"{len(rest)} more", f"{traffic:,}", share, f"{drawn:,}", "", "")
    return table


def _tell(options: CorpusOptions, found: Sampled, strata: str | None, neyman: str | None) -> None:
    options.say(f"{found.cases:,} cases of {found.traffic:,} records, into {visible(found.path)}")
    for text in _limits(found):
        options.say(text)
    if neyman is not None and found.allocation == "proportional":
        options.say(f"{visible(neyman)} has no stored scores by stratum yet, so the parts are proportional.")
    if found.personal:
        counts = ", ".join(f"{count} {kind}" for kind, count in found.personal.items())
        options.say(f"Personal data replaced: {counts}")
    if strata is not None:
        options.say(f"Keep these strata in passmuster.yaml: corpus: {{strata: {strata!r}}}")
    options.say("Next: passmuster corpus clean · passmuster corpus split")


def _limits(found: Sampled) -> Iterator[str]:
    if found.cases < found.wanted:
        why = "the records are so large that no more could be held" if found.bounded else "there are no more"
        yield f"{found.wanted:,} were asked for: {why}. Each stands for as much traffic as its weight says."
    if len(found.strata) >= MOST_STRATA and any(each.name == OTHER for each in found.strata):
        yield f"There are more than {MOST_STRATA} strata: the later ones count as {OTHER!r}. Make fewer."
    if found.reweighted:
        yield f"{found.reweighted:,} cases of earlier samples of this traffic now stand for less."
    if found.sealed:
        yield (
            "The holdout was drawn from traffic, too: let its custodian check: passmuster corpus verify --additions"
        )
