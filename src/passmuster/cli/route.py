"""`passmuster route`."""

import os
from pathlib import Path
from typing import get_args

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, only_option, project_options
from passmuster.errors import EXIT_OK, EXIT_UNDECIDED, UsageError
from passmuster.project.load import Project
from passmuster.project.quantities import share
from passmuster.project.routing import RouteWish, exported, route, write_litellm, write_python
from passmuster.records.routing import RoutingReport
from passmuster.records.routing_policy import SliceBy
from passmuster.report.plots import warm_up
from passmuster.report.route_markdown import render_routing_markdown
from passmuster.report.route_page import render_route_page
from passmuster.report.route_terminal import render_routing
from passmuster.workflows.report_names import page_file

_FILE = click.Path(path_type=Path, dir_okay=False)


class _Points(click.ParamType[float]):
    """A share that is neither nothing nor all."""

    name = "points"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            found = share(value)
        except ValueError:
            self.fail(f"{value!r} is no share; write 2 points or 0.02.", param, ctx)
        if not 0 < found < 1:
            self.fail(f"{value!r} is not above 0 and below 1; write 2 points or 0.02.", param, ctx)
        return found


@click.command(name="route")
@click.option(
    "--slices",
    type=click.Choice(get_args(SliceBy)),
    help="What cases are told apart by; default: that of the project file, else the first that does.",
)
@click.option(
    "--cascade",
    "cascades",
    multiple=True,
    metavar="A,B",
    help="Ask A first, and B where A is not sure; up to three; may be repeated. Default: the best of all pairs.",
)
@click.option(
    "--signal", metavar="NAME", help="What says how sure a reply is; default: the first that there is."
)
@click.option("--metric", metavar="NAME", help="What says how good a reply is; default: the first metric.")
@click.option(
    "--margin", type=_Points(), metavar="POINTS", help="How much worse is about as good; default: 2 points."
)
@only_option
@click.option("--python", "python", type=_FILE, metavar="PATH", help="Write the route as a Python function.")
@click.option("--litellm", type=_FILE, metavar="PATH", help="Write the route for a LiteLLM proxy.")
@click.option(
    "--of", "name", metavar="ROUTE", help="The route that is written; default: the recommended one."
)
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option(
    "--html", type=_FILE, metavar="PATH", help="Where the page goes; default: REPORTS/TASK-routes.html."
)
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    slices: SliceBy | None,
    cascades: tuple[str, ...],
    signal: str | None,
    metric: str | None,
    margin: float | None,
    only: tuple[str, ...],
    python: Path | None,
    litellm: Path | None,
    name: str | None,
    html: Path | None,
    markdown: bool,
) -> int:
    """Say who is best asked for which cases, and whether cheap ones first are as good. Calls no model.

    Every route is judged on cases that it was not chosen on. Exits with 0 a route is shown to gain, 3 none is, 4 where
    no trials are stored yet.
    """
    if markdown and common.json:
        raise click.UsageError("--json and --markdown exclude each other")
    if name is not None and python is None and litellm is None:
        raise click.UsageError("--of names the route that --python or --litellm writes")
    project = common.open()
    warm_up()
    wish = RouteWish(
        slices=slices,
        cascades=tuple(tuple(part.strip() for part in each.split(",")) for each in cascades),
        signal=signal,
        metric=metric,
        margin=margin,
        only=only,
    )
    report = route(project, wish)
    path = _write(project, report, html)
    if common.json:
        common.emit(report)
    elif markdown:
        click.echo(render_routing_markdown(report))
    else:
        render_routing(report, console_of(color=common.color))
    common.say(f"Report: {path}")
    _export(common, project, report, (name, python, litellm))
    return EXIT_OK if report.recommended is not None else EXIT_UNDECIDED


def _export(
    common: Common,
    project: Project,
    report: RoutingReport,
    wanted: tuple[str | None, Path | None, Path | None],
) -> None:
    name, python, litellm = wanted
    if python is not None:
        row = exported(report, name)
        write_python(report, row, python)
        common.say(f"Python: {python} (route {row.name})")
    if litellm is not None:
        row = exported(report, name)
        write_litellm(project, report, row, litellm)
        common.say(f"LiteLLM: {litellm} (route {row.name})")


def _write(project: Project, report: RoutingReport, html: Path | None) -> Path:
    path = html or project.reports_dir / page_file(f"{project.task.name}-routes")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_route_page(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))
