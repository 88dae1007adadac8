"""`passmuster corpus keys`."""

import os
from pathlib import Path

import click

from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.keys import PASSWORD_VARIABLE, USUAL_PRIVATE, make_pair
from passmuster.project.corpus.seal import PUBLIC_KEY
from passmuster.report.escape import visible


@click.command(name="keys")
@click.option(
    "--private",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Where the private key goes; default: ~/{USUAL_PRIVATE}. Never into a git repository.",
)
@click.option(
    "--public",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"Where the public key goes; default: {PUBLIC_KEY} in the folder of the corpus.",
)
@click.option(
    "--password",
    is_flag=True,
    help=f"Encrypt the private key: asks for a password, or takes {PASSWORD_VARIABLE}.",
)
@corpus_options
def command(options: CorpusOptions, *, private: Path | None, public: Path | None, password: bool) -> int:
    """Make a custodian's pair of keys: whoever keeps the private one decides when the holdout opens."""
    path = public or options.corpus().folder.path / PUBLIC_KEY
    pair = make_pair(private, path, _password() if password else None)
    if options.json:
        options.emit(
            {
                "private": str(pair.private),
                "public": str(pair.public),
                "fingerprint": pair.fingerprint,
                "password": password,
            }
        )
    else:
        click.echo(f"private key  {visible(str(pair.private))}")
        click.echo(f"public key   {visible(str(pair.public))}")
        click.echo(f"fingerprint  {pair.fingerprint}")
    options.say(
        "The private key opens the holdout: keep it where the team that chooses models cannot read it,"
    )
    options.say("and keep a copy. Without it nobody opens what is sealed to it.")
    options.say("Commit the public key. Next: passmuster corpus split")
    return EXIT_OK


def _password() -> str:
    found = os.environ.get(PASSWORD_VARIABLE)
    if found:
        return found
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
