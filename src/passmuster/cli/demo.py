"""`passmuster demo`."""

import shlex
from pathlib import Path

import click

from passmuster.cli.compare import command as compare
from passmuster.cli.options import Printing, printing_options
from passmuster.cli.progress import told
from passmuster.errors import EXIT_INCOMPLETE, EXIT_INTERRUPTED
from passmuster.project.asking import run
from passmuster.project.demo import copy_demo, open_demo
from passmuster.project.load import Project
from passmuster.records.run import RunEnd

FOLDER = Path("passmuster-demo")


@click.command(name="demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER)
@printing_options
def command(printing: Printing, folder: Path) -> int:
    """Run an example in FOLDER: 360 contract clauses, five SIMULATED models, and what no model costs.

    Calls no real model and needs no key. A second time it only asks what has changed since.
    """
    new = copy_demo(folder)
    printing.say(
        f"{'A new' if new else 'The'} example project lies in {folder}. Its five models are simulated."
    )
    with open_demo(folder) as project:
        end = _run(printing, project)
    if end.status != "complete":
        return EXIT_INTERRUPTED if end.status == "interrupted" else EXIT_INCOMPLETE
    code = compare.main(args=_arguments(printing, folder), prog_name="passmuster", standalone_mode=False)
    where = shlex.quote(str(folder))
    printing.say(f"Look closer:    passmuster show --disagreements --project {where}")
    printing.say(f"For a manager:  passmuster decide --project {where}")
    printing.say(f"Change a model: edit {folder / 'endpoints.yaml'}, then passmuster demo {where}")
    return code if isinstance(code, int) else 0


def _run(printing: Printing, project: Project) -> RunEnd:
    with told(printing, project.clock) as progress:
        end = run(project, progress=progress)
    printing.say(f"{end.asked:,} trials asked, {end.reused:,} reused, {end.failed:,} failed")
    return end


def _arguments(printing: Printing, folder: Path) -> list[str]:
    flags = {"--json": printing.json, "--quiet": printing.quiet, "--no-color": not printing.color}
    return ["--project", str(folder), *(flag for flag, given in flags.items() if given)]
