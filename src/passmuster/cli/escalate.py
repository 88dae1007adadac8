"""`passmuster escalate`."""

import os
from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.errors import EXIT_OK, EXIT_UNDECIDED, UsageError
from passmuster.project.escalating import escalate
from passmuster.project.load import Project
from passmuster.project.quantities import share
from passmuster.records.escalation import EscalationReport
from passmuster.report.escalation_markdown import render_escalation_markdown
from passmuster.report.escalation_page import render_escalation_page
from passmuster.report.escalation_terminal import render_escalation
from passmuster.report.plots import warm_up
from passmuster.workflows.report_names import page_file


class _Share(click.ParamType[float]):
    """A share that is neither nothing nor all."""

    name = "share"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            found = share(value)
        except ValueError:
            self.fail(f"{value!r} is no share; write 5% or 0.05.", param, ctx)
        if not 0 < found < 1:
            self.fail(f"{value!r} is not above 0 and below 1; write 5% or 0.05.", param, ctx)
        return found


@click.command(name="escalate")
@click.argument("candidate", required=False)
@click.option(
    "--target",
    type=_Share(),
    metavar="SHARE",
    help="How many of the replies that nobody looks at may be wrong; default: that of the project file, else 5 %.",
)
@click.option(
    "--delta",
    type=_Share(),
    metavar="SHARE",
    help="The chance that a certified threshold does not keep that; default: that of the project file, else 10 %.",
)
@click.option("--to", metavar="NAME", help="The candidate that gets the others; default: a person.")
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Where the page goes; default: REPORTS/TASK-escalation.html.",
)
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    candidate: str | None,
    target: float | None,
    delta: float | None,
    to: str | None,
    html: Path | None,
    markdown: bool,
) -> int:
    """Say which replies of CANDIDATE can go out unseen, and which are escalated. Calls no model.

    CANDIDATE is the incumbent where none is named. Exits with 0 a threshold is certified, 3 none can be, 4 where the
    candidate has no trials yet.
    """
    if markdown and common.json:
        raise click.UsageError("--json and --markdown exclude each other")
    project = common.open()
    warm_up()
    report = escalate(project, candidate, target=target, delta=delta, to=to)
    path = _write(project, report, html)
    if common.json:
        common.emit(report)
    elif markdown:
        click.echo(render_escalation_markdown(report))
    else:
        render_escalation(report, console_of(color=common.color))
    common.say(f"Report: {path}")
    return EXIT_OK if report.best is not None else EXIT_UNDECIDED


def _write(project: Project, report: EscalationReport, html: Path | None) -> Path:
    path = html or project.reports_dir / page_file(f"{project.task.name}-escalation")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_escalation_page(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))
