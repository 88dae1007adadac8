"""What the engine and the workflows need of the outside world: protocols of one to four methods."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Case
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Exchange, Request, Source, Trial, TrialKey


@runtime_checkable
class Provider(Protocol):
    """Answers requests for one candidate; one call of `ask` is one attempt.

    `ask` never raises for what the other side does: that is a `Failure`. It may be cancelled at any time.
    """

    @property
    def source(self) -> Source:
        """Where the times of its attempts come from."""

    async def ask(self, request: Request) -> Exchange:
        """Make one call and give back how it ended, with the account of it."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Fittable(Protocol):
    """A provider that learns from cases before it can answer: a fitted baseline."""

    def fit(self, train: Sequence[Case]) -> None:
        """Learn from the train split.

        Raises:
            CorpusError: where these cases cannot be learned from.
        """


class TrialStore(Protocol):
    """Keeps trials: appended, never changed."""

    def done(self, candidates: Iterable[str], *, failures: bool = True) -> set[TrialKey]:
        """Return the keys of all stored trials of these candidates (digests), or only of those with a reply."""

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        """Store these trials durably, all or none; a key that has a reply already stays as it is."""

    def trials(self, candidates: Iterable[str]) -> Iterator[Trial]:
        """Yield the stored trials of these candidates (digests), oldest first; the newest of each key."""


class RunStore(Protocol):
    """Keeps runs and the cases that they served: appended, never changed."""

    def begin(self, run: Run, cases: Sequence[Case]) -> None:
        """Store a run that starts, with the cases it serves."""

    def end(self, end: RunEnd) -> None:
        """Store how a run ended."""

    def runs(self) -> list[tuple[Run, RunEnd | None]]:
        """Return all runs, newest first, with how they ended (None: still running, or killed)."""

    def cases(self, digests: Iterable[str]) -> dict[str, Case]:
        """Return the stored cases by digest."""


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> float:
        """Return seconds since the epoch that never run backwards within a process."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class PriceBook(Protocol):
    """Finds list prices."""

    def find(self, candidate: Candidate) -> Price | None:
        """Return the price of the candidate's model, or None where it is unknown."""


class Progress(Protocol):
    """Is told how a run goes on."""

    def planned(self, total: int, reused: int) -> None:
        """Take note of how many trials the plan has and how many of them are done already."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Take note of a trial that has been stored, with what it cost (None: unknown)."""
