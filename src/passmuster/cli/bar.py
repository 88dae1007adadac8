"""The bar of a run on a terminal."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from passmuster.cli.console import console_of
from passmuster.cli.progress import Counts
from passmuster.ports import Clock
from passmuster.records.trial import Trial


class _Words(ProgressColumn):
    def __init__(self, counts: Counts) -> None:
        super().__init__()
        self._counts = counts

    def render(self, task: Task) -> Text:
        del task
        return Text(self._counts.words())


class BarProgress:
    """A bar with rate, spend and the time that is left; use it in a `with` block."""

    def __init__(self, clock: Clock, *, color: bool) -> None:
        console = console_of(color=color, stderr=True)
        self._counts = Counts(clock)
        self._bar = Progress(
            TextColumn("run"), BarColumn(bar_width=30), _Words(self._counts), console=console, transient=True
        )
        self._task = self._bar.add_task("run", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def planned(self, total: int, reused: int) -> None:
        """Take note of the plan."""
        self._counts.planned(total, reused)
        self._bar.update(self._task, total=total, completed=reused)

    def reused(self, number: int) -> None:
        """Take note of trials that are done already."""
        self._counts.found(number)
        self._bar.update(self._task, completed=self._counts.done)

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Take note of a trial."""
        self._counts.finished(trial, cost)
        self._bar.update(self._task, completed=self._counts.done)
