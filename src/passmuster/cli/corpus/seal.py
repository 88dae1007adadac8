"""`passmuster corpus seal`."""

from pathlib import Path

import click

from passmuster.cli.corpus.sealing import print_report
from passmuster.cli.options import CorpusOptions, corpus_options
from passmuster.errors import EXIT_OK
from passmuster.project.corpus.adopt import seal_plain


@click.command(name="seal")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--custodian",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The custodian's public key; default: that of the project, else custodian.pub in the folder.",
)
@click.option("--purpose", help="What the ledger says of the sealing.")
@corpus_options
def command(options: CorpusOptions, *, file: Path | None, custodian: Path | None, purpose: str | None) -> int:
    """Encrypt a holdout that lies in plain (default: holdout.jsonl in the folder), and take the plain file away."""
    corpus = options.corpus()
    report = seal_plain(corpus, file, custodian=custodian, purpose=purpose)
    print_report(options, report)
    options.say("Next: git add the folder; then, when a decision is due: passmuster corpus open --plan")
    return EXIT_OK
