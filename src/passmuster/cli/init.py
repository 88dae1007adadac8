"""`passmuster init`."""

import shlex
from pathlib import Path

import click

from passmuster.cli.corpus.sealing import print_report
from passmuster.cli.options import Printing, printing_options
from passmuster.errors import UsageError
from passmuster.project.corpus.adopt import adopt
from passmuster.project.init import LATER, STARTERS, create
from passmuster.project.load import load_project
from passmuster.project.planning import chance_line


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--kind",
    type=click.Choice([*STARTERS, *LATER]),
    default="classification",
    show_default=True,
    help="What the task is.",
)
@click.option("--force", is_flag=True, help="Write over files that are there already.")
@click.option(
    "--adopt", "adopts", is_flag=True, help="Take over the cases in FOLDER: check and seal its plain holdout."
)
@click.option(
    "--custodian",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="With --adopt: the custodian's public key; default: custodian.pub beside the cases.",
)
@printing_options
def command(
    printing: Printing, folder: Path, kind: str, *, force: bool, adopts: bool, custodian: Path | None
) -> None:
    """Write a small project into FOLDER (default: here) that runs as it stands, without a key."""
    if adopts:
        _adopt(printing, folder, custodian)
        return
    if custodian is not None:
        raise UsageError("--custodian goes with --adopt")
    files = create(folder, kind, force=force)
    if printing.json:
        printing.emit({"folder": str(folder), "kind": kind, "files": [file.as_posix() for file in files]})
    where = "this folder" if folder == Path() else str(folder)
    printing.say(
        f"The {kind} project lies in {where}: {len(files)} files, made-up data, two simulated models."
    )
    _tell_chance(printing, folder)
    printing.say("Next:")
    steps = ["passmuster run", "passmuster compare", "passmuster show --disagreements"]
    if folder != Path():
        steps[0] = f"cd {shlex.quote(str(folder))} && passmuster run"
    for step in steps:
        printing.say(f"  {step}")


def _tell_chance(printing: Printing, folder: Path) -> None:
    line = None if printing.quiet else chance_line(load_project(folder))
    if line is not None:
        printing.say(f"{line}.")


def _adopt(printing: Printing, folder: Path, custodian: Path | None) -> None:
    print_report(printing, adopt(folder, custodian))
    printing.say("Next: passmuster corpus check · when a decision is due: passmuster corpus open --plan")
