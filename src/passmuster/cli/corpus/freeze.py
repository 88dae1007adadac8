"""`passmuster corpus freeze`."""

import click

from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.corpus.versions.frozen import SHORT
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.freeze import freeze


@click.command(name="freeze")
@click.option("--note", default="", metavar="TEXT", help="Why, in a few words.")
@click.option("--mark", is_flag=True, help="Put the canary into the files of the cases, too.")
@corpus_options
def command(options: CorpusOptions, note: str, *, mark: bool) -> int:
    """Name the state of train, eval and pools by its content, and keep it. The same state twice is one version."""
    frozen = freeze(options.corpus(), note, mark=mark)
    found = frozen.version
    if options.json:
        options.emit(frozen)
    else:
        click.echo(found.version)
    parts = ", ".join(f"{name} {count}" for name, count in found.parts.items())
    options.say(f"{'frozen' if frozen.new else 'nothing is new since'} {found.version[:SHORT]}: {parts}")
    if "eval" in found.scored:
        options.say(f"reports call its eval cases {found.scored['eval']}")
    options.say(f"canary {found.canary}, in canary.txt{' and the files of the cases' if mark else ''}")
    if found.parent is None:
        options.say("Next: passmuster run · then, once cases have changed: passmuster corpus diff")
    else:
        options.say(f"Next: passmuster corpus diff {found.parent[:SHORT]} {found.version[:SHORT]}")
    return EXIT_OK
