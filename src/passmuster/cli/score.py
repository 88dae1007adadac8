"""`passmuster score`."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, only_option, project_options
from passmuster.cli.progress import told
from passmuster.cli.spending import told_and_agreed
from passmuster.errors import EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK, UsageError
from passmuster.metrics.two_steps import SCORER_FAILED
from passmuster.ports import Progress, Sandbox
from passmuster.project.load import Project
from passmuster.project.scoring import Missing, ScoreWish, estimate_questions, missing_steps, score
from passmuster.project.settings import SandboxKind
from passmuster.records.scored import ScoreReport
from passmuster.report.escape import visible
from passmuster.report.figures import count, money
from passmuster.report.judge_drift import drift_line
from passmuster.report.scores import render_scores

if TYPE_CHECKING:
    from passmuster.project.judge.anchors import Due

_OPTIONS = (
    click.option(
        "--metric", "metrics", multiple=True, metavar="NAME", help="Only this metric; may be repeated."
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write every score to FILE, one line of JSON a trial.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(min=1, max=1024),
        metavar="N",
        help="Score in N processes; default: one for each core.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="Only N of the cases, those that `run` takes.",
    ),
    click.option("--allow-exec", is_flag=True, help="Run the programs that replies hold, in a sandbox."),
    click.option(
        "--sandbox",
        type=click.Choice(get_args(SandboxKind)),
        help="Which sandbox; default: that of the project file.",
    ),
    click.option(
        "--budget",
        type=click.FloatRange(min=0),
        metavar="USD",
        help="Spend no more than this on scorers; default: that of the project file.",
    ),
    click.option(
        "--retry-failures",
        is_flag=True,
        help="Ask scorers again what failed, and run again what ran out of time.",
    ),
    click.option(
        "--no-anchors", is_flag=True, help="Do not score the anchors of judges again that are asked anything."
    ),
    click.option("--yes", "-y", is_flag=True, help="Do not ask before scorers cost much."),
    only_option,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What the options say."""

    metrics: tuple[str, ...]
    out: Path | None
    jobs: int | None
    limit: int | None
    allow_exec: bool
    sandbox: str | None
    budget: float | None
    retry_failures: bool
    no_anchors: bool
    yes: bool
    only: tuple[str, ...]

    @property
    def wish(self) -> ScoreWish:
        """What is to be scored."""
        return ScoreWish(
            only=self.only,
            metrics=self.metrics,
            limit=self.limit,
            jobs=self.jobs or _cores(),
            out=self.out,
            retry_failures=self.retry_failures,
            budget=self.budget,
        )


def _options(function: Callable[[Common, _Options], int]) -> Callable[..., int]:
    @functools.wraps(function)
    def wrapped(common: Common, **given: Any) -> int:
        return function(common, _Options(**given))

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@click.command(name="score")
@project_options
@_options
def command(common: Common, options: _Options) -> int:
    """Score the stored trials with the metrics of today. Calls no candidate.

    Exits with 4 where a step of a metric is still missing.
    """
    project, wish = common.open(), options.wish
    missing = missing_steps(project, wish)
    sandbox = _sandbox(project, missing, options)
    due = _due(project, missing, options)
    if missing.questions and not _agreed(common, project, _with_anchors(project, missing, due), options):
        common.say("Nothing was asked, and nothing was spent.")
        return EXIT_INTERRUPTED
    with told(common, project.clock) as progress:
        report = score(project, wish, sandbox=sandbox, progress=progress, missing=missing)
        report = _anchored(project, report, due, options, progress)
    if common.json:
        common.emit(report)
    else:
        render_scores(report.candidates, report.metrics, console_of(color=common.color))
    _tell(common, report)
    return EXIT_INCOMPLETE if report.not_scored else EXIT_OK


def _cores() -> int:
    # A container may give a process fewer cores than the machine has; macOS and Windows do not say.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _sandbox(project: Project, missing: Missing, options: _Options) -> Sandbox | None:
    """Open the sandbox where programs have to be run.

    Raises:
        UsageError: where nobody allowed that.
    """
    if not missing.programs:
        return None
    if not options.allow_exec:
        names = ", ".join(missing.running)
        raise UsageError(
            f"{names}: {count(len(missing.programs), 'program')} that models wrote would be run",
            hint="Allow it, in a sandbox: --allow-exec. Or score others: --metric NAME.",
        )
    # It is loaded where programs are run only.
    from passmuster.project.sandbox import open_sandbox  # noqa: PLC0415

    return open_sandbox(project.settings, options.sandbox, project.folder)


def _agreed(common: Common, project: Project, missing: Missing, options: _Options) -> bool:
    expected = estimate_questions(project, missing)
    limited = options.yes or options.budget is not None or project.settings.budget is not None
    asked = f"{expected.trials:,} questions to scorers"
    return told_and_agreed(common, asked, expected, project.settings.ask_above, limited=limited)


def _due(project: Project, missing: Missing, options: _Options) -> "list[Due]":
    """Return the judges whose anchors are scored again, because they are asked something today."""
    if options.no_anchors or not missing.questions:
        return []
    # It is loaded where somebody is asked only.
    from passmuster.project.judge.anchors import due_after  # noqa: PLC0415

    return due_after(project, missing.questions)


def _with_anchors(project: Project, missing: Missing, due: "list[Due]") -> Missing:
    """Return what is missing with the questions about anchors, for what all of it costs."""
    if not due:
        return missing
    from passmuster.project.judge.anchors import questions_about  # noqa: PLC0415

    asked = dict(missing.questions)
    for name, questions in questions_about(project, due).questions.items():
        asked[name] = (*asked.get(name, ()), *questions)
    return replace(missing, questions=asked)


def _anchored(
    project: Project, report: ScoreReport, due: "list[Due]", options: _Options, progress: Progress
) -> ScoreReport:
    """Score the anchors again with what is left of the budget, where all that was asked before came to its end."""
    if not due or any(end.status != "complete" for end in report.asked):
        return report
    from passmuster.project.judge.anchors import scored_again  # noqa: PLC0415

    budget = project.settings.budget if options.budget is None else options.budget
    if budget is not None:
        budget = max(0.0, budget - sum((end.spend or 0.0) + end.at_risk for end in report.asked))
    return replace(report, anchors=scored_again(project, due, budget=budget, progress=progress))


def _tell_drift(common: Common, report: ScoreReport) -> None:
    for found in report.anchors:
        common.say(drift_line(found))
        for remark in found.remarks:
            common.say(f"  {visible(remark)}")


def _tell(common: Common, report: ScoreReport) -> None:
    for end in report.asked:
        spend = "unknown" if end.spend is None else money(end.spend)
        common.say(
            f"scorers: {end.asked:,} asked, {end.reused:,} reused, {end.failed:,} failed, spend {spend}"
        )
        for name, reason in end.stopped.items():
            common.say(f"{visible(name)} was given up: {visible(reason)}")
    _tell_drift(common, report)
    if report.ran:
        common.say(f"{count(report.ran, 'program')} run")
    if report.remark:
        common.say(visible(report.remark))
    if report.path is not None:
        common.say(f"Scores: {visible(report.path)}")
    failed = sum(each.failures.get(SCORER_FAILED, 0) for one in report.candidates for each in one.metrics)
    if failed:
        known = f"Scorers failed where {count(failed, 'score')} should be"
        common.say(f"{known}; to ask them again: passmuster score --retry-failures")
    if report.not_scored:
        common.say("Some scores still miss a step. What is done is kept; to go on: passmuster score")
    else:
        judged = any(metric.judge is not None for metric in report.metrics)
        common.say("Next: passmuster compare" + (", or passmuster judge calibrate" if judged else ""))
