"""`passmuster run`."""

import click

from passmuster.cli.options import Common, only_option, project_options
from passmuster.cli.progress import BarProgress, LineProgress
from passmuster.errors import EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_OK
from passmuster.project.asking import run
from passmuster.records.run import RunEnd
from passmuster.report.escape import visible
from passmuster.report.figures import money

_CODES = {"complete": EXIT_OK, "interrupted": EXIT_INTERRUPTED}


@click.command(name="run")
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Only N of the cases, the same for all."
)
@click.option("--retry-failures", is_flag=True, help="Ask again what failed before.")
@only_option
@project_options
def command(common: Common, limit: int | None, only: tuple[str, ...], *, retry_failures: bool) -> int:
    """Ask every candidate every case that is not stored yet. Ctrl-C is safe: run again to go on."""
    project = common.open()
    console = common.err
    bar = BarProgress if console.is_terminal and not common.quiet else LineProgress
    with bar(console, project.clock) as progress:
        end = run(project, limit=limit, only=only, retry_failures=retry_failures, progress=progress)
    if common.json:
        common.emit(end)
    _tell(common, end)
    return _CODES.get(end.status, EXIT_INCOMPLETE)


def _tell(common: Common, end: RunEnd) -> None:
    spend = "unknown" if end.spend is None else money(end.spend)
    common.say(
        f"{end.status}: {end.asked:,} trials asked, {end.reused:,} reused, {end.failed:,} failed, spend {spend}"
    )
    if end.failed:
        common.say("Failed trials are kept as failures. To ask them again: passmuster run --retry-failures")
    for name, reason in end.stopped.items():
        common.say(f"{visible(name)} was given up: {visible(reason)}")
    if end.status == "complete":
        common.say("Next: passmuster compare")
    else:
        common.say("What is finished is kept. To go on: passmuster run")
