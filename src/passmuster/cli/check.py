"""`passmuster check`."""

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.barred import say_barred
from passmuster.cli.console import console_of
from passmuster.cli.options import Common, only_option, project_options
from passmuster.errors import EXIT_INCOMPLETE, EXIT_OK
from passmuster.project.asking import check
from passmuster.report.escape import visible
from passmuster.workflows.check import CheckResult

_HEADS = ("candidate", "answers", "reported model", "price", "streams", "logprobs", "seconds", "cost")


@click.command(name="check")
@only_option
@project_options
def command(common: Common, only: tuple[str, ...]) -> int:
    """Make one call per candidate before a run is paid for: key, model, price, streaming, logprobs."""
    project = common.open()
    say_barred(common, project, only)
    results = check(project, only=only)
    if common.json:
        common.emit({"candidates": list(results)})
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for head in _HEADS:
            table.add_column(head, overflow="fold", min_width=min(len(head), 9))
        for result in results:
            table.add_row(*(Text(visible(cell)) for cell in _cells(result)))
        console_of(color=common.color).print(table)
    for result in results:
        if not result.ok:
            common.say(f"{result.candidate}: {result.kind}: {visible(result.error or '')}")
        if result.other_model:
            asked, reported = visible(result.asked or ""), visible(result.model or "")
            common.say(f"{result.candidate}: asked for {asked}, and {reported} is reported to have answered.")
    failed = sum(not result.ok for result in results)
    common.say(f"{failed} of {len(results)} candidates do not answer." if failed else "Next: passmuster run")
    return EXIT_INCOMPLETE if failed else EXIT_OK


def _cells(result: CheckResult) -> tuple[str, ...]:
    return (
        result.candidate,
        "yes" if result.ok else f"no: {result.kind}",
        result.model or "-",
        "known" if result.price else "unknown",
        "yes" if result.streaming else "no",
        "yes" if result.logprobs else "no",
        "-" if result.latency is None else f"{result.latency:.2f}",
        "unknown" if result.cost is None else f"${result.cost:.6f}",
    )
