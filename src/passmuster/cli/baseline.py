"""`passmuster baseline`."""

import os
from pathlib import Path

import click

from passmuster.cli.options import Common, project_options
from passmuster.project.api import freeze


@click.command(name="baseline")
@project_options
def command(common: Common) -> None:
    """Freeze the incumbent's results as baseline_<date>.json: the reference that later changes are held against."""
    project = common.open()
    path = Path(os.path.relpath(freeze(project)))
    if common.json:
        common.emit({"incumbent": project.task.incumbent, "path": str(path)})
    common.say(f"The results of {project.task.incumbent} are frozen in {path}; commit it.")
