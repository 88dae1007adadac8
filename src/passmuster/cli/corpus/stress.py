"""`passmuster corpus stress`."""

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.corpus.stress.table import TRANSFORMS
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.stress import StressOrder, StressResult, stress
from passmuster.report.escape import visible


@click.command(name="stress")
@click.option(
    "--transform",
    "transforms",
    multiple=True,
    metavar="NAME",
    help="Only this one, or this kind; may be repeated.",
)
@click.option(
    "--parents", type=click.IntRange(min=1), default=3, show_default=True, help="Cases of each transform."
)
@click.option("--case", "cases", multiple=True, metavar="ID", help="Of this case only; may be repeated.")
@click.option(
    "--split",
    type=click.Choice(["eval", "train"]),
    default="eval",
    show_default=True,
    help="Whose cases to take; what is made of them stays on their side.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed makes other cases.")
@click.option(
    "--context-limit",
    type=click.IntRange(min=16),
    metavar="TOKENS",
    help="Fill a context of so many tokens, too.",
)
@click.option(
    "--characters-per-token",
    type=click.FloatRange(min=0.1, max=100),
    default=4.0,
    show_default=True,
    help="What a token is taken for.",
)
@click.option("--list", "listing", is_flag=True, help="List the transforms, and make nothing.")
@corpus_options
def command(  # noqa: PLR0913 - one parameter for each option
    options: CorpusOptions,
    *,
    transforms: tuple[str, ...],
    parents: int,
    cases: tuple[str, ...],
    split: str,
    seed: int,
    context_limit: int | None,
    characters_per_token: float,
    listing: bool,
) -> int:
    """Make adversarial cases out of the corpus's own inputs, as proposals for review."""
    if listing:
        return _list(options)
    order = StressOrder(
        transforms=transforms,
        parents=parents,
        cases=cases,
        seed=seed,
        limit=context_limit,
        per_token=characters_per_token,
    )
    found = stress(options.corpus(), order, "train" if split == "train" else "eval")
    if options.json:
        options.emit(found)
    else:
        console_of(color=options.color).print(_table(found))
    unfilled = any(each.note for each in found.transforms)
    if unfilled:
        options.say("The context limit is not known: name it to fill it, --context-limit TOKENS")
    count = len(found.proposals)
    options.say(
        f"{count:,} {'case' if count == 1 else 'cases'} proposed, of {found.parents:,} parents, seed {seed}."
    )
    options.say(
        "Next: passmuster corpus review"
        if count
        else "Nothing new: another --seed or more --parents make others."
    )
    return EXIT_OK


def _list(options: CorpusOptions) -> int:
    if options.json:
        rows = [
            {"name": each.name, "kind": each.kind, "expect": each.expect, "does": each.does}
            for each in TRANSFORMS.values()
        ]
        options.emit({"transforms": rows})
        return EXIT_OK
    table = _heads("transform", "kind", "should end in", "what it makes")
    for each in TRANSFORMS.values():
        table.add_row(each.name, each.kind, each.expect, each.does)
    console_of(color=options.color).print(table)
    return EXIT_OK


def _table(found: StressResult) -> Table:
    table = _heads("transform", "made", "should end in", "what it makes")
    for each in found.transforms:
        if each.note is not None:
            continue
        notes = [f"{each.known} made before"] * bool(each.known)
        notes += [f"{each.unfit} passed over, to which it does not apply"] * bool(each.unfit)
        what = f"{each.does} ({', '.join(notes)})" if notes else each.does
        table.add_row(each.name, f"{each.made}", each.expect, Text(visible(what)))
    return table


def _heads(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, justify="right" if head == "made" else "left", overflow="fold")
    return table
