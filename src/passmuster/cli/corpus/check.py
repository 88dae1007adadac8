"""`passmuster corpus check`."""

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_FAIL, EXIT_OK
from passmuster.project.corpus.check import CheckOrder, check
from passmuster.records.description import Readiness, Rung
from passmuster.report.escape import label, visible
from passmuster.report.figures import percent

SHOWN = 12
"""Strata that are shown; the JSON has all."""


@click.command(name="check")
@click.option(
    "--target", type=click.IntRange(min=1), default=500, show_default=True, help="Cases to come to."
)
@click.option(
    "--per-stratum",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="Cases of each stratum with 5% of the traffic or more.",
)
@click.option(
    "--discordance",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.2,
    show_default=True,
    help="The share of cases that exactly one of two candidates gets right.",
)
@click.option(
    "--bar",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.85,
    show_default=True,
    help="A bar that candidates must pass.",
)
@corpus_options
def command(options: CorpusOptions, target: int, per_stratum: int, discordance: float, bar: float) -> int:
    """Show what the corpus can show, and what to collect or label next. Exits with 1 where figures would be wrong."""
    order = CheckOrder(target=target, per_stratum=per_stratum, discordance=discordance, bar=bar)
    found = check(options.corpus(), order)
    if options.json:
        options.emit(found)
    else:
        _print(found, order, options)
    return EXIT_FAIL if any(each.urgency == "wrong" for each in found.tasks) else EXIT_OK


def _print(found: Readiness, order: CheckOrder, options: CorpusOptions) -> None:
    console = console_of(color=options.color)
    parts = ", ".join(f"{name} {count:,}" for name, count in found.splits.items()) or "no cases"
    console.print(Text(f"{visible(found.path)} · {parts}", style="bold"), soft_wrap=True)
    even = "" if round(found.effective) == found.n else f", worth {found.effective:,.0f} of even weight"
    console.print(f"{found.n:,} scored cases estimate production{even}; {found.labelled:,} have a reference")
    if len(found.origins) > 1 or any(part.name != "production" for part in found.origins):
        shares = ", ".join(f"{part.name} {percent(part.share)}" for part in found.origins)
        console.print(f"origins: {shares}")
    console.print()
    console.print(_ladder(found, order))
    if found.strata:
        console.print()
        console.print(_strata(found))
    console.print()
    for each in found.tasks:
        command = None if each.command is None else options.here(each.command)
        console.print(_task(each.urgency, each.text, command), soft_wrap=True)
    if not found.tasks:
        console.print("Nothing is missing.")


def _ladder(found: Readiness, order: CheckOrder) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("cases", justify="right")
    table.add_column("for", no_wrap=True)
    for head in ("two differ by", f"passes {order.bar:g} from", f"± at {order.bar:g}"):
        table.add_column(head, justify="right")
    rungs = [*found.ladder, *([found.now] if found.now is not None else [])]
    for rung in sorted(rungs, key=lambda each: each.cases):
        table.add_row(*_rung(rung, order.bar), style="bold" if rung is found.now else "")
    return table


def _rung(rung: Rung, bar: float) -> tuple[str, ...]:
    mark = "now" if rung.purpose == "now" else "✓" if rung.reached else "·"
    return (
        mark,
        f"{rung.cases:,}",
        "" if rung.purpose == "now" else rung.purpose,
        "-" if rung.between is None else f"{rung.between * 100:.1f} points",
        "-" if rung.above is None else f"{bar + rung.above:.3f}",
        f"{rung.width * 100:.1f} points",
    )


def _strata(found: Readiness) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("stratum", no_wrap=True)
    for head in ("of traffic", "cases", "labelled", "missing"):
        table.add_column(head, justify="right")
    for each in found.strata[:SHOWN]:
        missing = f"{each.missing}" if each.missing else ""
        counts = (percent(each.share), f"{each.cases:,}", f"{each.labelled:,}", missing)
        table.add_row(Text(label(each.name, 44)), *counts)
    if len(found.strata) > SHOWN:
        rest = found.strata[SHOWN:]
        sums = (sum(each.cases for each in rest), sum(each.labelled for each in rest))
        share = percent(sum(each.share for each in rest))
        table.add_row(f"{len(rest)} more", share, *(f"{number:,}" for number in sums), "")
    return table


def _task(mark: str, text: str, command: str | None) -> Text:
    line = Text(f"{mark:6}", style="bold red" if mark == "wrong" else "bold")
    line.append(visible(text), style="not bold")
    if command is not None:
        line.append(f"\n      {visible(command)}", style="dim not bold")
    return line
