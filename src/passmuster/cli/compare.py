"""`passmuster compare`."""

import os
from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, only_option, project_options
from passmuster.errors import UsageError
from passmuster.project.api import compare_with_evidence, exit_code, narrowed
from passmuster.project.load import Project
from passmuster.project.names import check_names
from passmuster.records.comparison import Comparison
from passmuster.report.costs_terminal import render_costs
from passmuster.report.escape import visible
from passmuster.report.html import CASES_LIMIT, render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.plots import warm_up
from passmuster.report.terminal import render_terminal
from passmuster.workflows.evidence import Evidence
from passmuster.workflows.report_names import page_file


@click.command(name="compare")
@click.option("--costs", is_flag=True, help="Also print what a task and a month cost, part by part.")
@click.option("--markdown", is_flag=True, help="Print Markdown tables.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Where the report goes; default: REPORTS/TASK.html.",
)
@only_option
@project_options
def command(common: Common, only: tuple[str, ...], html: Path | None, *, costs: bool, markdown: bool) -> int:
    """Compare the candidates on the stored trials, and decide. Calls no model.

    Exits with 0 decided, 1 none passes, 3 undecided, 4 where a candidate has no trials yet.
    """
    if markdown and common.json:
        raise click.UsageError("--json and --markdown exclude each other")
    project = common.open()
    check_names(project, only)
    warm_up()
    whole, evidence = compare_with_evidence(project)
    comparison = narrowed(whole, only)
    path = _write(project, comparison, evidence, html)
    if common.json:
        common.emit(comparison)
    elif markdown:
        click.echo(render_markdown(comparison))
    else:
        console = console_of(color=common.color)
        render_terminal(comparison, console, report_path=str(path))
        if costs:
            render_costs(comparison, console)
    if common.json or markdown:
        common.say(f"Report: {path}")
    _tell_next(common, whole)
    return exit_code(whole)


def _tell_next(common: Common, comparison: Comparison) -> None:
    """Say what comes after a choice: its record, and what later changes are held against."""
    chosen = comparison.decision.chosen
    if chosen is None:
        return
    there = "" if chosen == comparison.incumbent else f"once `incumbent:` is {visible(chosen)}, "
    steps = f"{there}passmuster baseline, then passmuster gate at every change"
    common.say(common.here(f"Next: passmuster decide --record · {steps}"))


def _write(project: Project, comparison: Comparison, evidence: Evidence, html: Path | None) -> Path:
    path = html or project.reports_dir / page_file(project.task.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        page = render_html(comparison, evidence.by_interest(CASES_LIMIT), total=len(evidence))
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))
