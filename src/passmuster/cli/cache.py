"""`passmuster cache`."""

import re

import click

from passmuster.cli.options import Common, project_options
from passmuster.errors import UsageError

_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0}


@click.command(name="cache")
@click.argument("action", type=click.Choice(["prune"]))
@click.option(
    "--older-than",
    metavar="AGE",
    help="Only what was asked longer ago than this: 30d, 12h, 90m. Default: all.",
)
@project_options
def command(common: Common, action: str, older_than: str | None) -> int:
    """Forget cached replies: `passmuster cache prune`. The trials that they come from stay."""
    del action
    project = common.open()
    before = None if older_than is None else project.clock.now() - _seconds(older_than)
    with project.store() as store:
        number = store.prune(before)
    if common.json:
        common.emit({"pruned": number})
    common.say(f"{number:,} cached replies forgotten; the trials that they come from stay.")
    return 0


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([mhd])", text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no age", hint="Write it like 30d, 12h or 90m.")
    return float(found[1]) * _UNITS[found[2]]
