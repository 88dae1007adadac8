"""How a run goes on, on stderr: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Protocol, Self

from passmuster.cli.options import Printing
from passmuster.ports import Clock, Progress
from passmuster.records.trial import Failure, Trial

LINE_EVERY = 10.0
"""Seconds between two lines where stderr is no terminal."""

BAR = ("passmuster.cli.bar", "BarProgress")
"""Where the bar is. It brings rich, so it is loaded only where somebody looks at a terminal."""


class Told(Progress, Protocol):
    """A progress that is told in a `with` block."""

    def __enter__(self) -> Self:
        """Begin to tell."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""


def told(printing: Printing, clock: Clock) -> Told:
    """Return how a run is told: by a bar on a terminal, by lines elsewhere, by nothing under --quiet."""
    if printing.quiet or not sys.stderr.isatty():
        return LineProgress(printing.say, clock)
    module, name = BAR
    bar: Told = getattr(import_module(module), name)(clock, color=printing.color)
    return bar


class Counts:
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
        """Take note of the plan."""
        self.total, self.reused, self._begun = total, reused, self._clock.now()

    def found(self, number: int) -> None:
        """Take note of trials that are done already."""
        self.reused += number

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Take note of a trial."""
        self.asked += 1
        self.failed += isinstance(trial.outcome, Failure)
        self._spend += cost or 0.0
        self._unknown += cost is None

    @property
    def done(self) -> int:
        """Trials that need not be asked any more."""
        return self.asked + self.reused

    def words(self) -> str:
        """Return how far it is, how fast, what it has cost, and how long it will take."""
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


class LineProgress:
    """A line at the start and every ten seconds; use it in a `with` block."""

    def __init__(self, say: Callable[[str], None], clock: Clock) -> None:
        self._counts = Counts(clock)
        self._say = say
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
        self._say(f"run: {total:,} trials")

    def reused(self, number: int) -> None:
        """Take note of trials that are done already."""
        self._counts.found(number)

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Print a line where the last one is ten seconds old."""
        self._counts.finished(trial, cost)
        if self._clock.now() - self._told >= LINE_EVERY:
            self._told = self._clock.now()
            self._say(f"run: {self._counts.words()}")
