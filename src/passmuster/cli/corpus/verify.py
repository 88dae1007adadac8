"""`passmuster corpus verify`."""

import os
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.corpus.custody import anchor_option, asking, key_option
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_FAIL, EXIT_OK
from passmuster.project.corpus.keys import KEY_VARIABLE, custody
from passmuster.project.corpus.verify import verify
from passmuster.report.escape import visible

_STYLES = {"proved": "green", "broken": "bold red", "not checked": "yellow"}


@click.command(name="verify")
@key_option
@anchor_option
@click.option(
    "--additions", is_flag=True, help="Compare the open cases with the holdout; takes the custodian's key."
)
@corpus_options
def command(options: CorpusOptions, *, key: Path | None, anchor: str | None, additions: bool) -> int:
    """Prove what can be proved of seal, lock, ledger and results; with the key also of the cases.

    Exits with 0 nothing is broken, 1 something is.
    """
    corpus = options.corpus()
    held = custody(key, ask=asking()) if key is not None or os.environ.get(KEY_VARIABLE) else None
    found = verify(corpus, held, anchor, additions=additions)
    if options.json:
        options.emit(found)
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        for head in ("what", "status", "detail"):
            table.add_column(head, overflow="fold")
        for each in found.findings:
            status = Text(each.status, style=_STYLES[each.status])
            table.add_row(each.check, status, Text(visible(each.detail)))
        console_of(color=options.color).print(table)
    if found.head is not None:
        options.say(f"Head of the ledger: {found.head} (entry {found.entries:,})")
    bad = {each.check for each in found.findings if each.status == "broken"}
    if not bad:
        options.say(
            "Nothing is broken. Keep the head where the team cannot change it: it is the next --anchor."
        )
    elif bad == {"additions"}:
        options.say("The seal is whole. Take the copies out of the open files: they show what is sealed.")
    else:
        options.say("Something is broken: what this holdout says from now on proves nothing. Look into git.")
    return EXIT_OK if found.ok else EXIT_FAIL
