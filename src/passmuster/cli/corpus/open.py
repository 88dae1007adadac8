"""`passmuster corpus open`."""

import math
from collections.abc import Iterator
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.corpus.custody import anchor_option, asking, key_option
from passmuster.cli.options import CorpusOptions, corpus_options, only_option
from passmuster.cli.progress import told
from passmuster.errors import EXIT_FAIL, EXIT_INCOMPLETE, EXIT_OK, EXIT_UNDECIDED, UsageError
from passmuster.project.corpus.keys import Custody, custody
from passmuster.project.corpus.open import Opened, Planned, Wish, open_holdout, plan, retire
from passmuster.project.corpus.opening import Corpus
from passmuster.records.seal import OpeningResult
from passmuster.report.escape import visible
from passmuster.report.figures import interval

_CODES = {"decided": EXIT_OK, "none": EXIT_FAIL, "undecided": EXIT_UNDECIDED}


@click.command(name="open")
@click.option(
    "--plan", "plans", is_flag=True, help="Write candidates and rule to the ledger first; needs no key."
)
@click.option(
    "--retire", "retires", is_flag=True, help="End the life of this holdout; a new one can be sealed."
)
@click.option("--purpose", default="", help="What the decision is for; it stands in the ledger.")
@click.option("--budget", type=click.FloatRange(min=0), metavar="USD", help="Spend no more than this.")
@key_option
@anchor_option
@only_option
@corpus_options
def command(  # noqa: PLR0913 - one parameter for each option
    options: CorpusOptions,
    *,
    plans: bool,
    retires: bool,
    purpose: str,
    budget: float | None,
    key: Path | None,
    anchor: str | None,
    only: tuple[str, ...],
) -> int:
    """Ask the sealed holdout for verdicts on what was planned; only verdict, estimate and interval come back.

    Exits with 0 decided, 1 none passes, 3 undecided, 4 where not every case was asked.
    """
    if plans and (retires or key is not None):
        raise UsageError("--plan goes alone: it needs no key, and opens nothing")
    if budget is not None and not math.isfinite(budget):
        raise UsageError(f"--budget {budget} is no amount of US dollars")
    corpus = options.corpus()
    wish = Wish(only=only, purpose=purpose, anchor=anchor, budget=budget)
    if plans:
        _tell_plan(options, plan(corpus, wish))
        return EXIT_OK
    held = custody(key, ask=asking())
    if retires:
        _retire(options, corpus, held, wish)
        return EXIT_OK
    with told(options, corpus.clock) as progress:
        found = open_holdout(corpus, held, wish, progress)
    _tell(options, found)
    return _CODES[found.result.decision] if found.result.complete else EXIT_INCOMPLETE


def _tell_plan(options: CorpusOptions, found: Planned) -> None:
    entry = found.entry
    if options.json:
        options.emit({"plan": entry, "left": found.left, "openings": found.lock.openings, "head": entry.hash})
    else:
        click.echo(f"plan        {entry.hash}")
        click.echo(f"rule        {entry.rule}")
        for name, digest in entry.candidates.items():
            click.echo(f"candidate   {digest}  {visible(name)}")
        click.echo(f"left        {found.left} of {found.lock.openings} openings")
    options.say("Written to the ledger. What is decided is fixed now: to change it, plan anew.")
    options.say("Commit the ledger. Next, with the custodian's key: passmuster corpus open --key FILE")


def _retire(options: CorpusOptions, corpus: Corpus, held: Custody, wish: Wish) -> None:
    entry = retire(corpus, held, wish)
    if options.json:
        options.emit({"retired": entry, "head": entry.hash})
    else:
        click.echo(f"retired  {entry.hash}")
    options.say("Its files lie in retired/. Next: sample new cases and split them: passmuster corpus split")


def _tell(options: CorpusOptions, found: Opened) -> None:
    result = found.result
    if options.json:
        options.emit({"result": result, "left": found.left, "head": found.head.hash, "file": str(found.path)})
    else:
        click.echo(_headline(result))
        console_of(color=options.color).print(_table(result))
        for line in _reasons(result):
            click.echo(line)
    for name, count in result.overlap.items():
        if count:
            options.say(f"{count:,} of {result.cases:,} cases share a run of words with {visible(name)}.")
    if not result.complete:
        options.say("Not every case was asked: the verdicts rest on those that were. The opening is used up.")
    options.say(f"Opening {result.place} of {result.openings}, {found.left} left. Result: {found.path}")
    options.say(f"Head of the ledger: {found.head.hash}. Commit ledger and result.")


def _headline(result: OpeningResult) -> str:
    level = 100 * (1 - result.alpha)
    scored = "" if result.scored == result.cases else f", {result.scored:,} of them carry the figures"
    return f"{visible(result.task)} · holdout, {result.cases:,} cases{scored} · intervals at {level:.4g}%"


_INTERVAL = len("[0.000, 1.000]")


def _table(result: OpeningResult) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    names = list(result.candidates[0].metrics) if result.candidates else []
    for head in ("candidate", *names, "n", "failed", "verdict"):
        figure = head in names
        table.add_column(
            visible(head), overflow="fold", no_wrap=not figure, min_width=_INTERVAL if figure else 1
        )
    for each in result.candidates:
        figures = (interval(each.metrics[name]).replace(" [", "\n[") for name in names)
        cells = (visible(each.name), *figures, f"{each.n:,}", f"{each.failed:,}", each.verdict)
        table.add_row(*map(Text, cells))
    return table


def _reasons(result: OpeningResult) -> Iterator[str]:
    risk = f"error rate {result.alpha:.3g} over all candidates"
    for each in result.candidates:
        yield visible(f"{each.name}: {each.reason}")
    yield {
        "decided": f"Decision: {visible(result.chosen or '')} ({risk})",
        "none": f"Decision: no candidate passes ({risk})",
        "undecided": f"Decision: undecided ({risk})",
    }[result.decision]
