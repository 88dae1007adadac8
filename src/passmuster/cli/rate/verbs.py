"""`passmuster rate`: a table of verbs, each loaded when it is used."""

from collections.abc import Mapping

import click

from passmuster.cli.verbs import Verbs

RATE_VERBS: Mapping[str, tuple[str, str]] = {
    "draw": ("rate.draw", "Draw replies for people to rate, or pairs to choose between."),
    "queue": ("rate.queue", "What waits to be rated."),
    "form": ("rate.form", "Rate at the keyboard, blind, one reply or pair a screen."),
    "export": ("rate.export", "Write blind sheets for raters, or tasks for a labelling tool."),
    "import": ("rate.importing", "Take ratings and choices in from files."),
    "agreement": (
        "rate.agreement",
        "How far raters agree with one another and with themselves, and who is more severe.",
    ),
    "ranking": (
        "rate.ranking",
        "Who is preferred to whom: strengths with intervals, win rates, what sways raters.",
    ),
}
"""Verb -> module in `passmuster.cli`, and its line in the help."""

_HELP = """What people say of replies: ratings, and choices between two of them.

\b
A start:  passmuster judge calibrate
          passmuster rate form --rater ana
          passmuster judge calibrate
"""


@click.command(cls=Verbs, name="rate", help=_HELP, table=RATE_VERBS)
def command() -> None:
    """Hold the verbs."""
