"""How a run goes on, on stderr: a bar on a terminal, a line now and then elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from passmuster.ports import Clock
from passmuster.records.trial import Failure, Trial

LINE_EVERY = 10.0
"""Seconds between two lines where stderr is no terminal."""


class _Counts:
    """What has happened so far, in words."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.now()
        self.total = 0
        self.reused = 0
        self.asked = 0
        self.failed = 0
        self._spend = 0.0
        self._unknown = 0

    def planned(self, total: int, reused: int) -> None:
        self.total, self.reused, self._begun = total, reused, self._clock.now()

    def found(self, number: int) -> None:
        self.reused += number

    def finished(self, trial: Trial, cost: float | None) -> None:
        self.asked += 1
        self.failed += isinstance(trial.outcome, Failure)
        self._spend += cost or 0.0
        self._unknown += cost is None

    @property
    def done(self) -> int:
        return self.asked + self.reused

    def words(self) -> str:
        seconds = self._clock.now() - self._begun
        rate = self.asked / seconds if seconds > 0 and self.asked else None
        left = None if rate is None else (self.total - self.done) / rate
        spend = f"{'>= ' if self._unknown else ''}${self._spend:.4f}"
        parts = [
            f"{self.done:,}/{self.total:,} trials",
            f"{self.reused:,} done before" if self.reused else "",
            f"{self.failed:,} failed" if self.failed else "",
            "" if rate is None else f"{rate:,.1f}/s",
            f"spend {spend}",
            "" if left is None or not left else f"{duration(left)} left",
        ]
        return " · ".join(part for part in parts if part)


def duration(seconds: float) -> str:
    """Return a time span for people.

    Example:
        >>> duration(5.2), duration(75), duration(7300)
        ('6 s', '1 min 15 s', '2 h 1 min')
    """
    whole = int(-(-seconds // 1))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class _Words(ProgressColumn):
    def __init__(self, counts: _Counts) -> None:
        super().__init__()
        self._counts = counts

    def render(self, task: Task) -> Text:
        del task
        return Text(self._counts.words())


class BarProgress:
    """A bar with rate, spend and the time that is left; use it in a `with` block."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._counts = _Counts(clock)
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


class LineProgress:
    """A line at the start and every ten seconds; use it in a `with` block."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._counts = _Counts(clock)
        self._console = console
        self._clock = clock
        self._told = clock.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing to clean up."""

    def planned(self, total: int, reused: int) -> None:
        """Print what there is to do."""
        self._counts.planned(total, reused)
        self._told = self._clock.now()
        self._print(f"run: {total:,} trials")

    def reused(self, number: int) -> None:
        """Take note of trials that are done already."""
        self._counts.found(number)

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Print a line where the last one is ten seconds old."""
        self._counts.finished(trial, cost)
        if self._clock.now() - self._told >= LINE_EVERY:
            self._told = self._clock.now()
            self._print(f"run: {self._counts.words()}")

    def _print(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)
