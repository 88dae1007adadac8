"""What people see of a holdout that was sealed."""

import click

from passmuster.cli.options import Printing
from passmuster.records.seal import SealReport
from passmuster.report.escape import visible


def print_report(printing: Printing, report: SealReport) -> None:
    """Print what was sealed, and how it lay open before."""
    lock = report.lock
    if printing.json:
        printing.emit(report)
    else:
        rows = [
            ("sealed", f"{lock.cases:,} cases to the custodian {lock.custodian[:16]}"),
            ("root", lock.root),
            ("head of the ledger", report.head),
            ("openings", f"{lock.openings}, each at alpha / {lock.openings}"),
        ]
        rows += [("checked", text) for text in report.checks]
        rows += [
            ("overlap", f"{count:,} cases share a run of words with {name}")
            for name, count in lock.overlap.items()
            if count
        ]
        rows += [("exposed", text) for text in report.exposures]
        rows += [("taken away", report.removed)]
        for head, text in rows:
            click.echo(f"{head:<18}  {visible(text)}")
    printing.say(
        "Only the custodian's private key gives the cases back. Copies made before this cannot be undone: the"
    )
    printing.say("source log, and git's history where it has the plain file, must leave the team's reach.")
