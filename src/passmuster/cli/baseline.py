"""`passmuster baseline`."""

import os
import shlex
from pathlib import Path

import click

from passmuster.cli.options import Common, project_options
from passmuster.project.references import cautions, reference_of, wanted, write
from passmuster.report.escape import visible


@click.command(name="baseline")
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--replies", is_flag=True, help="Also keep the replies: the file then holds texts.")
@project_options
def command(common: Common, name: str | None, *, replies: bool) -> None:
    """Freeze a candidate's results as baseline_<date>.json: the reference that later changes are held against.

    NAME is a candidate; default: the incumbent. Commit the file: `passmuster gate` needs no store beside it.
    """
    project = common.open()
    reference = reference_of(project, wanted(project, name), replies=replies)
    path = Path(os.path.relpath(write(project, reference)))
    frozen = reference.definition.name
    if common.json:
        common.emit({"candidate": frozen, "incumbent": project.task.incumbent, "path": str(path)})
    common.say(f"The results of {visible(frozen)} are frozen in {visible(str(path))}; commit it.")
    for caution in cautions(project, reference):
        common.say(caution)
    against = "" if frozen == project.task.incumbent else f" --against {shlex.quote(str(path))}"
    common.say(common.here(f"Next: passmuster gate{visible(against)}, at every change"))
