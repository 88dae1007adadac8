"""How far a long pass over traffic is, on a terminal's stderr; elsewhere nothing is told."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from passmuster.cli.console import console_of
from passmuster.cli.options import Printing


@contextmanager
def counting(printing: Printing, what: str) -> Iterator[Callable[[int], None] | None]:
    """Show how many of something have been gone through; yields what is told so, None where nobody looks."""
    if printing.quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (SpinnerColumn(), TextColumn("{task.fields[count]:,} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console_of(color=printing.color, stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, count=0)
        yield lambda count: bar.update(task, count=count)
