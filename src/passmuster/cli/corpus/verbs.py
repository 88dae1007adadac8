"""`passmuster corpus`: a table of verbs, each loaded when it is used."""

from collections.abc import Mapping

import click

from passmuster.cli.verbs import Verbs

CORPUS_VERBS: Mapping[str, tuple[str, str]] = {
    "import": ("corpus.importing", "Read production traffic or another tool's test set."),
    "describe": ("corpus.describe", "Show traffic and corpus side by side."),
    "sample": ("corpus.sample", "Draw cases from traffic, by stratum, with their weights."),
    "clean": ("corpus.clean", "Take out duplicates, put pseudonyms for personal data."),
    "split": ("corpus.split", "Part the cases in train, eval and a holdout that is sealed at once."),
    "check": ("corpus.check", "Show what the corpus can tell, and what to collect or label next."),
    "mine": ("corpus.mine", "Propose edge and adversarial cases from traffic."),
    "stress": ("corpus.stress", "Make adversarial cases out of the corpus's own inputs."),
    "review": ("corpus.review", "Accept or drop what mine and stress proposed."),
    "add": ("corpus.add", "Make a regression case of a failure."),
    "label": ("corpus.label", "Exchange labels, measure agreement, settle disputes."),
    "suspects": ("corpus.suspects", "List labels that are probably wrong."),
    "freeze": ("corpus.freeze", "Name the state of the corpus by its content, and keep it."),
    "versions": ("corpus.versions", "List all frozen versions, newest first."),
    "diff": ("corpus.diff", "Show what changed between two versions."),
    "drift": ("corpus.drift", "Tell whether today's traffic still looks like the corpus."),
    "refresh": ("corpus.refresh", "Sample new traffic, label, freeze, and score old and new."),
    "contamination": ("corpus.contamination", "Look whether a candidate has seen the cases before."),
    "keys": ("corpus.keys", "Make a custodian's pair of keys."),
    "seal": ("corpus.seal", "Encrypt the holdout to the custodian."),
    "open": ("corpus.open", "Ask the sealed holdout for a verdict; its openings are numbered."),
    "verify": ("corpus.verify", "Prove what can be proved of seal and ledger."),
}
"""Verb -> module in `passmuster.cli`, and its line in the help."""

_HELP = """From production traffic to a versioned, sealed and fresh test set.

\b
A start:  passmuster corpus import LOGS.jsonl
          passmuster corpus describe
          passmuster corpus sample 500
          passmuster corpus clean
          passmuster corpus keys
          passmuster corpus split
          passmuster corpus check
"""


@click.command(cls=Verbs, name="corpus", help=_HELP, table=CORPUS_VERBS)
def command() -> None:
    """Hold the verbs."""
