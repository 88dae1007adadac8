"""`passmuster judge`: a table of verbs, each loaded when it is used."""

from collections.abc import Mapping

import click

from passmuster.cli.verbs import Verbs

JUDGE_VERBS: Mapping[str, tuple[str, str]] = {
    "calibrate": ("judge.calibrate", "Set a judge beside people, and correct its figures."),
    "compare": ("judge.compare", "Choose the cheapest judge that is good enough."),
    "drift": ("judge.drift", "Tell whether a judge still says what it said."),
}
"""Verb -> module in `passmuster.cli`, and its line in the help."""

_HELP = """Judges, measured like instruments.

\b
A start:  passmuster score
          passmuster judge calibrate
          passmuster rate form --rater ana
          passmuster judge calibrate
          passmuster compare
"""


@click.command(cls=Verbs, name="judge", help=_HELP, table=JUDGE_VERBS)
def command() -> None:
    """Hold the verbs."""
