"""`passmuster plan`."""

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.errors import EXIT_OK
from passmuster.project.planning import plan
from passmuster.report.plan_terminal import render_plan


@click.command(name="plan")
@click.option(
    "--cases",
    type=click.IntRange(min=1, max=1_000_000),
    metavar="N",
    help="What N cases of the same kind would show; default: those of the corpus.",
)
@click.option(
    "--finalist",
    "finalists",
    multiple=True,
    metavar="NAME",
    help="Who would be named before scoring; may be repeated. Default: the likeliest to pass.",
)
@project_options
def command(common: Common, cases: int | None, finalists: tuple[str, ...]) -> int:
    """Say before money is spent what a run costs, what its cases can show, and how likely a decision is."""
    found = plan(common.open(), cases=cases, finalists=finalists)
    if common.json:
        common.emit(found)
        return EXIT_OK
    render_plan(found, console_of(color=common.color))
    common.say("Next: passmuster run")
    return EXIT_OK
