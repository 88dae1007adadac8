"""`passmuster judge compare`."""

import os
from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.errors import UsageError
from passmuster.project.api import exit_code
from passmuster.project.judge.which import WhichJudge, compare_judges
from passmuster.project.load import Project
from passmuster.records.comparison import Comparison
from passmuster.report.figures import money
from passmuster.report.html import CASES_LIMIT, render_html
from passmuster.report.markdown import render_markdown
from passmuster.report.plots import warm_up
from passmuster.report.terminal import render_terminal
from passmuster.workflows.evidence import Evidence
from passmuster.workflows.judge.which import GOOD_ENOUGH, WhichWish
from passmuster.workflows.report_names import page_file


@click.command(name="compare")
@click.option("--metric", metavar="NAME", help="The question that people answered; default: the only one.")
@click.option("--judge", "judges", multiple=True, metavar="NAME", help="Only this judge; may be repeated.")
@click.option(
    "--at-least",
    type=click.FloatRange(0, 1),
    default=GOOD_ENOUGH,
    show_default=True,
    help="How near to people a judge must be to be good enough.",
)
@click.option(
    "--cost-at-most", type=click.FloatRange(min=0), metavar="USD", help="What a judgement may cost at most."
)
@click.option(
    "--steady-at-least",
    type=click.FloatRange(0, 1),
    help="How near to itself it must be when it is asked once more.",
)
@click.option("--incumbent", metavar="NAME", help="The judge in use, which the others are compared with.")
@click.option("--markdown", is_flag=True, help="Print Markdown tables.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Where the report goes; default: REPORTS/TASK-judges.html.",
)
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    metric: str | None,
    judges: tuple[str, ...],
    at_least: float,
    cost_at_most: float | None,
    steady_at_least: float | None,
    incumbent: str | None,
    markdown: bool,
    html: Path | None,
) -> int:
    """Compare judges on the replies that people rated, and choose. Asks nobody.

    Exits with 0 decided, 1 none is good enough, 3 undecided, 4 where a judge has judged none of the replies.
    """
    if markdown and common.json:
        raise click.UsageError("--json and --markdown exclude each other")
    project = common.open()
    wish = WhichWish(
        at_least=at_least,
        cost_at_most=cost_at_most,
        steady_at_least=steady_at_least,
        incumbent=incumbent,
        alpha=project.task.alpha,
    )
    warm_up()
    found, evidence = compare_judges(project, WhichJudge(metric=metric, judges=judges, wish=wish))
    path = _write(project, found, evidence, html)
    if common.json:
        common.emit(found)
    elif markdown:
        click.echo(render_markdown(found))
    else:
        render_terminal(found, console_of(color=common.color), of_judges=True)
    common.say(_headline(found))
    common.say(f"Report: {path}")
    return exit_code(found)


def _headline(found: Comparison) -> str:
    decision = found.decision
    if decision.chosen is None:
        return "No judge is shown to be good enough" + (" yet." if decision.status == "undecided" else ".")
    row = next(each for each in found.candidates if each.name == decision.chosen)
    cost = row.cost.per_task.value
    price = (
        "at an unknown cost"
        if cost is None
        else "which costs nothing"
        if cost == 0
        else f"{money(cost)} a judgement"
    )
    return f"The cheapest judge that is good enough: {decision.chosen}, {price}."


def _write(project: Project, found: Comparison, evidence: Evidence, html: Path | None) -> Path:
    path = html or project.reports_dir / page_file(f"{project.task.name}-judges")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        page = render_html(found, evidence.by_interest(CASES_LIMIT), total=len(evidence))
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))
