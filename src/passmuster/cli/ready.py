"""`passmuster ready`."""

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.errors import EXIT_FAIL, EXIT_OK, EXIT_UNDECIDED
from passmuster.project.ready import ready
from passmuster.report.ready_text import ready_markdown, render_ready


@click.command(name="ready")
@click.option("--markdown", is_flag=True, help="Print it as Markdown, to commit or to send.")
@project_options
def command(common: Common, *, markdown: bool) -> int:
    """Go through the production readiness checklist: each item with its evidence. Calls no model.

    Exits with 1 while something is missing, with 3 where nothing is and this release cannot look at everything.
    """
    if markdown and common.json:
        raise click.UsageError("--json and --markdown exclude each other")
    report = ready(common.open())
    if common.json:
        common.emit(report)
    elif markdown:
        click.echo(ready_markdown(report), nl=False)
    else:
        render_ready(report, console_of(color=common.color))
    if report.count("missing"):
        return EXIT_FAIL
    return EXIT_UNDECIDED if report.count("not available") else EXIT_OK
