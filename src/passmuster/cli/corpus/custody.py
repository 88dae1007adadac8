"""The custodian's key, for the verbs that take it."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passmuster.project.corpus.keys import KEY_VARIABLE, PASSWORD_VARIABLE

key_option = click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"The custodian's private key; or its content in {KEY_VARIABLE}. "
    f"Its password is asked for, or in {PASSWORD_VARIABLE}.",
)

anchor_option = click.option(
    "--anchor",
    metavar="HASH",
    help="A hash that was the head of the ledger once (12 digits or more): shows one that was cut off.",
)


def asking() -> Callable[[str], str] | None:
    """Return what asks a person for a password; None where nobody is there."""
    if not sys.stdin.isatty():
        return None
    ask: Callable[..., Any] = functools.partial(click.prompt, hide_input=True, err=True)
    return lambda prompt: str(ask(prompt))
