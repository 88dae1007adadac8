"""`passmuster show`."""

from dataclasses import dataclass
from typing import Any, get_args

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.decide.evidence import Behind
from passmuster.project.api import Shown, look_up
from passmuster.report.show import render_behind, render_case, render_disagreements, render_run
from passmuster.workflows.show import LATEST, find_behind, find_case


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the options say."""

    disagreements: bool
    candidate: str | None
    what: Behind
    limit: int


@click.command(name="show")
@click.argument("run", default=LATEST)
@click.argument("case", required=False)
@click.option(
    "--disagreements", is_flag=True, help="The cases that some candidates got right and some did not."
)
@click.option("--of", "candidate", metavar="NAME", help="The cases behind this candidate's figures.")
@click.option(
    "--cases",
    "what",
    type=click.Choice(get_args(Behind)),
    default="wrong",
    show_default=True,
    help="Which of its cases, with --of.",
)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many of them.")
@project_options
def command(common: Common, /, run: str, case: str | None, **wish: Any) -> None:
    """Show RUN (its id, the beginning of it, or `latest`: the newest of this task), or one CASE with every answer."""
    wanted = _Wish(**wish)
    shown = look_up(common.open(), run)
    if case is not None:
        one = find_case(shown.evidence, case)
        if common.json:
            common.emit(one)
        else:
            render_case(one, console_of(color=common.color))
    elif wanted.candidate is not None:
        _behind(common, shown, wanted.candidate, wanted)
    elif wanted.disagreements:
        if common.json:
            common.emit({"run": shown.run.id, "disagreements": shown.evidence.disputed()})
        else:
            found = shown.evidence.disputed(wanted.limit)
            counts = (shown.evidence.disputes, len(shown.evidence))
            render_disagreements(found, console_of(color=common.color), counts=counts)
    else:
        _run(common, shown)


def _behind(common: Common, shown: Shown, candidate: str, wanted: _Wish) -> None:
    what = wanted.what
    cases, count = find_behind(shown.evidence, candidate, what, wanted.limit)
    if common.json:
        common.emit(
            {"run": shown.run.id, "candidate": candidate, "which": what, "count": count, "cases": cases}
        )
    else:
        render_behind(cases, candidate, what, count, console_of(color=common.color))


def _run(common: Common, shown: Shown) -> None:
    if common.json:
        common.emit({"run": shown.run, "end": shown.end})
        return
    render_run(shown.run, shown.end, console_of(color=common.color))
    common.say("A case: passmuster show RUN CASE · where they differ: passmuster show RUN --disagreements")
