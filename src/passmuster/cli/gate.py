"""`passmuster gate`."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import click

from passmuster.cli.console import console_of
from passmuster.cli.dollars import Dollars
from passmuster.cli.options import Common, project_options, wish_options
from passmuster.cli.progress import told
from passmuster.cli.spending import told_and_agreed
from passmuster.errors import EXIT_INTERRUPTED, EXIT_OK
from passmuster.project.asking import estimate, run
from passmuster.project.gate import GateWish, Prepared, exit_code_of_gate, finished, prepared
from passmuster.project.gate_again import estimate_again
from passmuster.project.gate_outputs import check_files, tell_github, write_gate_outputs
from passmuster.project.gate_sides import GateSides, missing_trials, refuse_missing, sides_of
from passmuster.project.load import Project
from passmuster.project.quantities import seconds
from passmuster.records.gate import GateReport
from passmuster.report.escape import visible
from passmuster.report.figures import money
from passmuster.report.gate_markdown import gate_markdown
from passmuster.report.gate_outputs import GateFiles
from passmuster.report.gate_terminal import render_gate
from passmuster.report.plots import warm_up
from passmuster.workflows.estimate import Estimate
from passmuster.workflows.report_names import gate_page_file

STDOUT = "-"


def _age(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Return a time as a project file writes it, in seconds."""
    if value is None:
        return None
    try:
        found = seconds(value)
    except ValueError as problem:
        raise click.BadParameter(str(problem), ctx, param) from None
    if found <= 0:
        raise click.BadParameter("no baseline is so new; write a time such as 90d.", ctx, param)
    return found


_PATH = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.argument("candidate", required=False, metavar="[CANDIDATE]"),
    click.option(
        "--against",
        metavar="NAME|FILE",
        help="A candidate, or the file of a baseline; default: the newest baseline of the incumbent, else its stored trials.",
    ),
    click.option("--run", "asks", is_flag=True, help="Ask first what is not stored yet."),
    click.option("--no-again", is_flag=True, help="Ask no case again whose result changed."),
    click.option(
        "--again",
        type=click.IntRange(min=1, max=20),
        metavar="N",
        help="How often such a case is asked again.  [default: 3]",
    ),
    click.option(
        "--floor",
        type=click.IntRange(min=0),
        metavar="N",
        help="On how many cases the old version is asked once more, to know its noise; 0 for none.  [default: 100]",
    ),
    click.option(
        "--budget", type=Dollars(min=0), metavar="USD", help="Spend no more than this, whatever happens."
    ),
    click.option(
        "--estimate", "only_estimate", is_flag=True, help="Say what it would cost, and ask nothing."
    ),
    click.option("--yes", "-y", is_flag=True, help="Do not ask before an expensive run."),
    click.option(
        "--fail-on",
        type=click.Choice(["block", "investigate"]),
        help="The level from which the gate fails.  [default: block]",
    ),
    click.option("--allow-undecided", is_flag=True, help="Let a change through of which it cannot be told."),
    click.option(
        "--max-age",
        "baseline_age",
        callback=_age,
        metavar="TIME",
        help="How old a baseline may be, such as 90d.",
    ),
    click.option("--junit", type=_PATH, metavar="PATH", help="Write JUnit XML."),
    click.option(
        "--markdown",
        is_flag=False,
        flag_value=STDOUT,
        metavar="[PATH]",
        help="Write Markdown for a comment; without a PATH, print it.",
    ),
    click.option(
        "--github",
        is_flag=True,
        help="Print annotations; add to the job's summary and to the step's outputs.",
    ),
    click.option("--gitlab", type=_PATH, metavar="PATH", help="Write GitLab's code quality report."),
    click.option(
        "--html", type=_PATH, metavar="PATH", help="Where the page goes; default: REPORTS/TASK-gate.html."
    ),
    click.option("--metrics", type=_PATH, metavar="PATH", help="Write OpenMetrics text."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the options say."""

    candidate: str | None
    against: str | None
    asks: bool
    no_again: bool
    again: int | None
    floor: int | None
    budget: float | None
    only_estimate: bool
    yes: bool
    fail_on: Literal["block", "investigate"] | None
    allow_undecided: bool
    baseline_age: float | None
    junit: Path | None
    markdown: str | None
    github: bool
    gitlab: Path | None
    html: Path | None
    metrics: Path | None

    @property
    def gate(self) -> GateWish:
        """What of it differs from the project file."""
        return GateWish(
            again=0 if self.no_again else self.again,
            floor=self.floor,
            budget=self.budget,
            fail_on=self.fail_on,
            baseline_age=self.baseline_age,
        )

    @property
    def prints_markdown(self) -> bool:
        """Whether Markdown goes to stdout."""
        return self.markdown == STDOUT

    def files(self, project: Project) -> GateFiles:
        """Return the files to write; the page is always one of them."""
        page = self.html or project.reports_dir / gate_page_file(project.task.name)
        return GateFiles(
            junit=_text(self.junit),
            markdown=None if self.prints_markdown else self.markdown,
            gitlab=_text(self.gitlab),
            html=str(page),
            metrics=_text(self.metrics),
        )


@click.command(name="gate")
@project_options
@wish_options(_Wish, _OPTIONS)
def command(common: Common, wish: _Wish) -> int:
    """Hold a change against what is in production: quality, latency, cost, failures and regression cases.

    CANDIDATE is whose change it is; default: the incumbent as it is now, against its newest committed baseline. Exits with
    0 it may pass, 1 it is blocked, 3 it cannot be told, 4 trials are missing.
    """
    if wish.no_again and wish.again is not None:
        raise click.UsageError("--again and --no-again exclude each other")
    if wish.no_again and wish.floor is not None:
        raise click.UsageError("--floor and --no-again exclude each other: both are about asking again")
    if wish.prints_markdown and common.json:
        raise click.UsageError("--json and --markdown without a PATH exclude each other")
    project = common.open()
    files = wish.files(project)
    check_files(files)
    sides = sides_of(project, wish.candidate, wish.against)
    if wish.only_estimate:
        return _estimate(common, project, sides, wish)
    if wish.asks:
        left = _ask(common, project, sides, wish)
        if left is None:
            return EXIT_INTERRUPTED
        wish = left
    refuse_missing(project, sides, asked=wish.asks)
    warm_up()
    work = prepared(project, sides, wish.gate)
    if not _may_ask_again(common, project, work, wish):
        return EXIT_INTERRUPTED
    with told(common, project.clock) as progress:
        report = finished(project, work, progress=progress)
    write_gate_outputs(project, report, files, allow_undecided=wish.allow_undecided)
    _tell(common, project, report, wish, str(files.html))
    return exit_code_of_gate(report, allow_undecided=wish.allow_undecided)


def _estimate(common: Common, project: Project, sides: GateSides, wish: _Wish) -> int:
    """Say what would be asked: first what is missing; without that nobody knows yet what has to be asked again."""
    name = sides.new.candidate.name
    missing = missing_trials(project, sides.new)
    if missing:
        expected = estimate(project, only=[name], everybody=True)
        told_as = f"{expected.trials:,} trials of {visible(name)} to ask, and then again the cases whose result changed"
    else:
        work = prepared(project, sides, wish.gate)
        expected = _again(project, work) or Estimate(candidates=())
        told_as = _to_ask_again(work, expected)
    likely = "an unknown amount" if expected.expected is None else f"about {money(expected.expected)}"
    common.say(f"{told_as}: {likely}")
    if common.json:
        totals = {key: getattr(expected, key) for key in ("trials", "expected", "worst")}
        common.emit({"missing": missing, **totals, "candidates": expected.candidates})
    return EXIT_OK


def _ask(common: Common, project: Project, sides: GateSides, wish: _Wish) -> _Wish | None:
    """Ask what is missing of both sides; return the wish with the budget that is left, None where it was not agreed to."""
    names = [side.candidate.name for side in sides.stored if missing_trials(project, side)]
    if not names:
        return wish
    expected = estimate(project, only=names, everybody=True)
    asked, limited = f"{expected.trials:,} trials to ask", _limited(project, wish)
    if not told_and_agreed(common, asked, expected, project.settings.ask_above, limited=limited):
        return None
    with told(common, project.clock) as progress:
        end = run(project, only=names, budget=wish.budget, progress=progress, everybody=True)
    if end.status == "interrupted":
        raise KeyboardInterrupt
    common.say(f"{end.status}: {end.asked:,} trials asked, {end.reused:,} reused, {end.failed:,} failed")
    for name, reason in end.stopped.items():
        common.say(f"{name} was given up: {reason}")
    for remark in end.remarks:
        common.say(remark)
    if wish.budget is None:
        return wish
    return replace(wish, budget=max(0.0, wish.budget - (end.spend or 0.0) - end.at_risk))


def _may_ask_again(common: Common, project: Project, work: Prepared, wish: _Wish) -> bool:
    expected = _again(project, work)
    if expected is None or not expected.trials:
        return True
    return told_and_agreed(
        common,
        _to_ask_again(work, expected),
        expected,
        project.settings.ask_above,
        limited=_limited(project, wish),
    )


def _to_ask_again(work: Prepared, expected: Estimate) -> str:
    """Say how many trials are to be asked again, and how many of these only tell the noise."""
    told = f"{expected.trials:,} trials to ask again"
    floor = 0 if work.asking is None else work.asking.for_floor
    if not expected.trials or not floor:
        return told
    return f"{told} (up to {floor:,} of them for the noise floor; --floor 0 leaves these out)"


def _again(project: Project, work: Prepared) -> Estimate | None:
    return None if work.asking is None or not work.asking.asks else estimate_again(project, work.asking)


def _limited(project: Project, wish: _Wish) -> bool:
    return wish.yes or wish.budget is not None or project.settings.budget is not None


def _tell(common: Common, project: Project, report: GateReport, wish: _Wish, page: str) -> None:
    """Print the report in the form that is wanted; what GitHub reads goes where the report does not.

    The report comes first: it must not be lost where a file that GitHub names cannot be written.
    """
    shown = Path(os.path.relpath(page))
    if common.json:
        common.emit(report)
    elif wish.prints_markdown:
        click.echo(gate_markdown(report))
    else:
        render_gate(report, console_of(color=common.color), report_path=str(shown))
    if common.json or wish.prints_markdown:
        common.say(f"Page: {shown}")
    if wish.github:
        found = tell_github(project, report, allow_undecided=wish.allow_undecided)
        click.echo(found, nl=False, err=common.json or wish.prints_markdown)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
