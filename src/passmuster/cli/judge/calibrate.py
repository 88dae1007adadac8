"""`passmuster judge calibrate`."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, only_option, project_options
from passmuster.cli.progress import told
from passmuster.cli.spending import told_and_agreed
from passmuster.errors import (
    EXIT_FAIL,
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_UNDECIDED,
    UsageError,
)
from passmuster.project.api import generated
from passmuster.project.judge.calibrate import CalibrateWish, Calibrating
from passmuster.project.judge.probing import Open
from passmuster.project.load import Project
from passmuster.records.calibration import Calibration
from passmuster.records.rating import Draw
from passmuster.records.run import RunEnd
from passmuster.report.escape import visible
from passmuster.report.figures import count, money
from passmuster.report.judge_page import render_calibration_page
from passmuster.report.judge_terminal import calibration_markdown, render_calibration
from passmuster.report.judge_view import next_step
from passmuster.workflows.rating.drawing import PILOT
from passmuster.workflows.report_names import page_file

PADDED = 30
"""Replies that the padding probe restates."""

_OPTIONS = (
    click.option("--metric", metavar="NAME", help="The judge; needed where the task has several."),
    click.option(
        "--labels",
        type=click.IntRange(min=PILOT),
        default=PILOT,
        show_default=True,
        metavar="N",
        help="Ratings of each candidate by people, the pilot among them.",
    ),
    click.option("--no-draw", is_flag=True, help="Draw nothing for people: use the ratings that are there."),
    click.option(
        "--again",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Ask the judge about N replies once more, to see how much it varies.",
    ),
    click.option(
        "--probe",
        "probes",
        type=click.Choice(["padding"]),
        multiple=True,
        help=f"Restate {PADDED} replies at greater length and have them judged, too.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Of draws, probes and intervals.",
    ),
    click.option(
        "--budget",
        type=click.FloatRange(min=0),
        metavar="USD",
        help="Spend no more than this on the judge; default: the budget of the project file.",
    ),
    click.option("--yes", "-y", is_flag=True, help="Do not ask before probes cost much."),
    click.option("--markdown", is_flag=True, help="Print Markdown."),
    click.option(
        "--html",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="PATH",
        help="Where the page goes; default: REPORTS/TASK-judge-METRIC.html.",
    ),
    only_option,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What the options say."""

    metric: str | None
    labels: int
    no_draw: bool
    again: int
    probes: tuple[str, ...]
    seed: int
    budget: float | None
    yes: bool
    markdown: bool
    html: Path | None
    only: tuple[str, ...]

    @property
    def wish(self) -> CalibrateWish:
        """What is to be calibrated."""
        return CalibrateWish(
            metric=self.metric,
            only=self.only,
            labels=self.labels,
            draw=not self.no_draw,
            again=self.again,
            padding=PADDED if "padding" in self.probes else 0,
            budget=self.budget,
            seed=self.seed,
        )


def _options(function: Callable[[Common, _Options], int]) -> Callable[..., int]:
    @functools.wraps(function)
    def wrapped(common: Common, **given: Any) -> int:
        return function(common, _Options(**given))

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@click.command(name="calibrate")
@project_options
@_options
def command(common: Common, options: _Options) -> int:
    """Set a judge beside people: how far it agrees with them, what corrects its figures, and what biases it.

    Exits with 0 calibrated and no fault found, 1 a fault found, 3 ratings by people are missing, 4 an answer of the judge is
    missing.
    """
    if options.markdown and common.json:
        raise click.UsageError("--json and --markdown exclude each other")
    project = common.open()
    calibrating = Calibrating(project, options.wish)
    open_ = calibrating.open()
    if len(open_) and not _agreed(common, calibrating, open_, options):
        common.say("Nothing was asked, and nothing was spent.")
        return EXIT_INTERRUPTED
    ends: tuple[RunEnd, ...] = ()
    if len(open_):
        with told(common, project.clock) as progress:
            ends = calibrating.ask(open_, progress)
    drawn = calibrating.draw()
    found = calibrating.result()
    path = _write(project, found, options.html)
    _print(common, found, markdown=options.markdown)
    _tell(common, found, ends, drawn)
    common.say(f"Report: {path}")
    return _code(found, ends)


def _agreed(common: Common, calibrating: Calibrating, open_: Open, options: _Options) -> bool:
    settings = calibrating.project.settings
    asked = f"{count(len(open_), 'question')} to the judge"
    limited = options.yes or options.budget is not None or settings.budget is not None
    return told_and_agreed(common, asked, calibrating.estimate(open_), settings.ask_above, limited=limited)


def _write(project: Project, found: Calibration, html: Path | None) -> Path:
    path = html or project.reports_dir / page_file(f"{project.task.name}-judge-{found.metric}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_calibration_page(found, generated(project)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be written: {error.strerror}") from None
    return Path(os.path.relpath(path))


def _print(common: Common, found: Calibration, *, markdown: bool) -> None:
    if common.json:
        common.emit(found)
    elif markdown:
        click.echo(calibration_markdown(found))
    else:
        render_calibration(found, console_of(color=common.color))


def _tell(common: Common, found: Calibration, ends: tuple[RunEnd, ...], drawn: Draw | None) -> None:
    for end in ends:
        spend = "unknown" if end.spend is None else money(end.spend)
        common.say(f"judge: {end.asked:,} asked, {end.reused:,} reused, {end.failed:,} failed, spend {spend}")
        for name, reason in end.stopped.items():
            common.say(f"{visible(name)} was given up: {visible(reason)}")
    if drawn is not None:
        common.say(f"{count(len(drawn.items), 'reply was', 'replies were')} drawn for people")
    common.say(next_step(found))


def _code(found: Calibration, ends: tuple[RunEnd, ...]) -> int:
    if found.unscored or any(end.status != "complete" for end in ends):
        return EXIT_INCOMPLETE
    if found.faults:
        return EXIT_FAIL
    return EXIT_UNDECIDED if found.status == "ratings_missing" else EXIT_OK
