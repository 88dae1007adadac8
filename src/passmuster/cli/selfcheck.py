"""`passmuster selfcheck`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.decide.promises.own import DRAWS
from passmuster.decide.promises.promise import Promise
from passmuster.decide.promises.registry import PROMISES
from passmuster.errors import EXIT_OK, UsageError
from passmuster.project.load import FILE_NAME, Project
from passmuster.project.selfcheck import exit_code, selfcheck
from passmuster.records.promises import SelfcheckReport
from passmuster.report.plots import warm_up
from passmuster.report.selfcheck_page import render_selfcheck_page
from passmuster.report.selfcheck_terminal import listed, render_selfcheck
from passmuster.workflows.selfcheck import OWN, Order, named


@click.command(name="selfcheck")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this promise, or `own` trials; may be repeated."
)
@click.option(
    "--quick", is_flag=True, help="A fifth of the repetitions where that is enough: sooner, and less sure."
)
@click.option(
    "--repetitions",
    type=click.IntRange(min=1, max=1_000_000),
    metavar="N",
    help="Runs of each promise; default: as many as all take in less than a minute.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all draws.")
@click.option("--no-own", is_flag=True, help="Leave one's own trials out, also inside a project.")
@click.option(
    "--candidate",
    "candidates",
    multiple=True,
    metavar="NAME",
    help="Whose trials are dealt; twice for two whose labels are swapped. Default: the incumbent and its nearest.",
)
@click.option(
    "--draws",
    type=click.IntRange(min=20, max=100_000),
    default=DRAWS,
    show_default=True,
    metavar="N",
    help="How often one's own trials are dealt.",
)
@click.option("--list", "only_list", is_flag=True, help="List the promises, and check nothing.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Also write a page of it.",
)
@project_options
def command(  # noqa: PLR0913 - what the command line offers, under the same names
    common: Common,
    *,
    only: tuple[str, ...],
    quick: bool,
    repetitions: int | None,
    seed: int,
    no_own: bool,
    candidates: tuple[str, ...],
    draws: int,
    only_list: bool,
    html: Path | None,
) -> int:
    """Simulate every statistical promise of passmuster, and run its tests on your own trials. Calls no model.

    Exits with 0 all hold, 1 one is broken, 3 where too few runs or trials tell.
    """
    _refuse_contradictions(
        quick=quick and repetitions is not None,
        own=no_own and (OWN in only or bool(candidates)),
        candidates=candidates,
        shown=only_list and html is not None,
    )
    if only_list:
        _list(common, named(PROMISES, only))
        return EXIT_OK
    wanted = OWN in only or bool(candidates) or (not only and not no_own)
    project = _project(common, asked=OWN in only or bool(candidates)) if wanted else None
    order = Order(
        only=only, repetitions=repetitions, quick=quick, seed=seed, draws=draws, own=project is not None
    )
    if html is not None:
        warm_up()
    report = selfcheck(project, order, candidates=candidates, told=None if common.quiet else _told)
    if common.json:
        common.emit(report)
    else:
        render_selfcheck(report, console_of(color=common.color))
    if html is not None:  # last: what was found is told even where no page can be written
        _write(common, report, html)
    return exit_code(report)


def _refuse_contradictions(*, quick: bool, own: bool, candidates: Sequence[str], shown: bool) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: for them.
    """
    if quick:
        raise click.UsageError("--quick and --repetitions exclude each other")
    if own:
        raise click.UsageError("--no-own leaves out what --only own and --candidate ask for")
    if len(dict.fromkeys(candidates)) > 2:
        raise click.UsageError(
            "--candidate names one whose repeats are dealt, or two whose labels are swapped"
        )
    if shown:
        raise click.UsageError("--list checks nothing that --html could show")


def _project(common: Common, *, asked: bool) -> Project | None:
    """Open the project where there is one; the promises hold without any."""
    if common.project is None and not asked and not Path(FILE_NAME).is_file():
        return None
    return common.open()


def _list(common: Common, promises: Sequence[Promise]) -> None:
    found = [_plain(promise) for promise in promises]
    if common.json:
        common.emit(found)
    else:
        listed(found, console_of(color=common.color))


def _plain(promise: Promise) -> dict[str, object]:
    names = ("name", "says", "counts", "naive", "used", "limit", "repetitions")
    return {name: getattr(promise, name) for name in names}


def _told(name: str, place: int, count: int) -> None:
    """Tell on a terminal what is being checked, in one line that is written over."""
    if sys.stderr.isatty():
        click.echo(
            f"\r{place}/{count} {name:<30}" + ("\r" + " " * 40 + "\r" if place == count else ""),
            nl=False,
            err=True,
        )


def _write(common: Common, report: SelfcheckReport, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_selfcheck_page(report), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the page {path} cannot be written: {error.strerror}") from None
    common.say(f"Report: {os.path.relpath(path)}")
