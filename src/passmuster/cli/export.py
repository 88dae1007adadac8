"""`passmuster export`."""

from pathlib import Path

import click

from passmuster.cli.options import Common, project_options
from passmuster.project.tables import write


@click.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@project_options
def command(common: Common, file: Path) -> None:
    """Write the stored trials with their scores to FILE: .csv, .jsonl or .parquet, one row a trial."""
    count = write(common.open(), file)
    if common.json:
        common.emit({"path": str(file), "trials": count})
    common.say(f"{count:,} trials are in {file}.")
