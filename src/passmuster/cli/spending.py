"""What is asked before much is spent."""

import sys

import click

from passmuster.cli.options import Printing
from passmuster.errors import UsageError
from passmuster.project.asking import Estimate
from passmuster.report.figures import money


def agreed(expected: Estimate, limit: float) -> bool:
    """Ask whether to spend what is expected, where it is more than `limit` US dollars.

    Raises:
        UsageError: where nobody is there to be asked.
    """
    # Of a candidate whose cost is unknown nothing can be said; that is no reason to be silent of the others.
    likely = sum(candidate.expected or 0.0 for candidate in expected.candidates)
    if likely <= limit:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            f"this run is expected to spend {money(likely)}, more than {money(limit)} (ask_above)",
            hint="Say --yes, or set a limit that is never passed: --budget USD.",
        )
    return click.confirm(f"Spend about {money(likely)}?", err=True)


def told_and_agreed(common: Printing, asked: str, expected: Estimate, limit: float, *, limited: bool) -> bool:
    """Say what is asked and what that is expected to cost, and ask whether to; not where spending is `limited` already.

    Raises:
        UsageError: where nobody is there to be asked.
    """
    likely = "an unknown amount" if expected.expected is None else f"about {money(expected.expected)}"
    common.say(f"{asked}: {likely}")
    return limited or agreed(expected, limit)
