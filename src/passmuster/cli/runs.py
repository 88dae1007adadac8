"""`passmuster runs`."""

from dataclasses import asdict

import click

from passmuster.cli.console import console_of
from passmuster.cli.options import Common, project_options
from passmuster.report.show import render_runs


@click.command(name="runs")
@project_options
def command(common: Common) -> None:
    """List all runs of the store, newest first."""
    with common.open().store() as store:
        runs = store.runs()
    if not common.json:
        render_runs(runs, console_of(color=common.color))
        return
    listed = [
        {
            "run": run.id,
            "task": run.task,
            "started": run.started,
            "corpus": run.corpus,
            "cases": len(run.cases),
            "repeats": run.repeats,
            "candidates": [candidate.name for candidate in run.candidates],
            "end": None if end is None else asdict(end),
        }
        for run, end in runs
    ]
    common.emit({"runs": listed})
