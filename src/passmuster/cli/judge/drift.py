"""`passmuster judge drift`."""

import os
from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.cli.progress import told
from passmuster.cli.spending import told_and_agreed
from passmuster.decide.judging.anchors import LEAST, MOST
from passmuster.errors import (
    EXIT_FAIL,
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNDECIDED,
    UsageError,
)
from passmuster.project.judge.anchors import Due
from passmuster.project.judge.drift import DriftWish, anchored, drift_questions, judge_drift_report
from passmuster.project.judge.fresh import FRESH
from passmuster.project.load import Project
from passmuster.project.scoring import estimate_questions
from passmuster.records.judge_drift import DriftReport
from passmuster.report.figures import count
from passmuster.report.judge_drift import render_drift
from passmuster.report.judge_drift_page import render_drift_page
from passmuster.workflows.report_names import page_file


@click.command(name="drift")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Only this judge; may be repeated.")
@click.option(
    "--set",
    "anchors",
    type=click.IntRange(min=2),
    metavar="N",
    help=f"Draw N anchors anew, {LEAST} to {MOST}, and score them for the first time.",
)
@click.option("--accept", is_flag=True, help="Compare later checks with this one, not with the first.")
@click.option("--no-ask", is_flag=True, help="Ask nothing: tell what the checks so far say.")
@click.option(
    "--fresh",
    type=click.IntRange(min=0),
    default=FRESH,
    show_default=True,
    metavar="N",
    help="Put N fresh replies into people's queue; 0 for none.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of both draws.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="Spend no more than this; default: the budget of the project file.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask before it costs much.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Where the page goes; default: REPORTS/TASK-judge-drift.html.",
)
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    metrics: tuple[str, ...],
    anchors: int | None,
    accept: bool,
    no_ask: bool,
    fresh: int,
    seed: int,
    budget: float | None,
    yes: bool,
    html: Path | None,
) -> int:
    """Score the anchors of the judges once more, and tell whether a judge moved.

    Exits with 0 no sign of it, 1 a judge moved, 3 nothing to compare with, 4 answers about anchors are
    missing.
    """
    if no_ask and (anchors is not None or accept):
        raise click.UsageError("--no-ask goes with neither --set nor --accept: both ask the judge")
    project = common.open()
    wish = DriftWish(
        metrics=metrics,
        anchors=anchors,
        accept=accept,
        ask=not no_ask,
        fresh=fresh,
        budget=budget,
        seed=seed,
    )
    due = anchored(project, wish)
    if wish.ask and not _agreed(common, project, due, yes=yes or budget is not None):
        common.say("Nothing was asked, and nothing was spent.")
        return EXIT_INTERRUPTED
    with told(common, project.clock) as progress:
        report = judge_drift_report(project, wish, due, progress)
    path = _write(project, report, html)
    if common.json:
        common.emit(report)
    else:
        render_drift(report, console_of(color=common.color))
    _tell(common, report, path)
    return _code(report, began=anchors is not None)


def _agreed(common: Common, project: Project, due: list[Due], *, yes: bool) -> bool:
    expected = estimate_questions(project, drift_questions(project, due))
    limited = yes or project.settings.budget is not None
    asked = f"{expected.trials:,} questions to judges"
    return told_and_agreed(common, asked, expected, project.settings.ask_above, limited=limited)


def _write(project: Project, report: DriftReport, html: Path | None) -> Path:
    path = html or project.reports_dir / page_file(f"{project.task.name}-judge-drift")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_drift_page(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))


def _tell(common: Common, report: DriftReport, path: Path) -> None:
    for metric, number in report.drawn.items():
        if number:
            replies = count(number, "fresh reply", "fresh replies")
            common.say(f"{metric}: {replies} drawn for people. Next: passmuster rate form --rater NAME")
    common.say(f"Report: {path}")


def _code(report: DriftReport, *, began: bool) -> int:
    states = {found.status for found in report.judges}
    if "moved" in states:
        return EXIT_FAIL
    if any(found.missing for found in report.judges):
        return EXIT_INCOMPLETE
    return EXIT_UNDECIDED if "unknown" in states and not began else EXIT_OK
