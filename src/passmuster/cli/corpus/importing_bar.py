"""How an import goes on, on stderr: a bar on a terminal, a line now and then elsewhere, nothing under --quiet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from passmuster.cli.console import console_of
from passmuster.cli.options import Printing
from passmuster.cli.progress import LINE_EVERY
from passmuster.ports import Clock
from passmuster.project.corpus.importing import Progress

Watch: TypeAlias = Callable[[int, int, Progress], None]


@contextmanager
def told_import(printing: Printing, clock: Clock) -> Iterator[Watch]:
    """Yield what is to be told how far an import is: rows, bad rows, and how much of the source is read."""
    if printing.quiet or not sys.stderr.isatty():
        yield _lines(printing, clock)
        return
    columns = (
        TextColumn("import"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console_of(color=printing.color, stderr=True), transient=True) as bar:
        task = bar.add_task("import", total=None, words="")

        def watch(rows: int, bad: int, far: Progress) -> None:
            bar.update(task, total=far.total, completed=far.done, words=_words(rows, bad))

        yield watch


def _lines(printing: Printing, clock: Clock) -> Watch:
    told = clock.now()

    def watch(rows: int, bad: int, far: Progress) -> None:
        nonlocal told
        if clock.now() - told >= LINE_EVERY:
            told = clock.now()
            share = f", {far.done / far.total:.0%} of the source" if far.total else ""
            printing.say(f"import: {_words(rows, bad)}{share}")

    return watch


def _words(rows: int, bad: int) -> str:
    return f"{rows:,} rows, {bad:,} bad" if bad else f"{rows:,} rows"
