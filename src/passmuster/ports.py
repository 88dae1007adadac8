"""What the engine and the workflows need of the outside world: protocols of one to four methods."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Case
from passmuster.records.program import Execution, Program
from passmuster.records.run import Run, RunEnd
from passmuster.records.trial import Exchange, Outcome, Request, Source, Trial, TrialKey


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


@runtime_checkable
class Remarked(Protocol):
    """A provider that has something to tell of a run beyond its trials."""

    def remarks(self) -> Sequence[str]:
        """Return a sentence each; none where all is as usual."""


class TrialStore(Protocol):
    """Keeps trials: appended, never changed."""

    def done(self, candidates: Iterable[str], *, failures: bool = True) -> set[TrialKey]:
        """Return the keys of all stored trials of these candidates (digests), or only of those with a reply."""

    def append(self, run: str, trials: Sequence[Trial]) -> None:
        """Store these trials durably, all or none; a key that has a reply already stays as it is."""

    def trials(self, candidates: Iterable[str], *, newest_first: bool = False) -> Iterator[Trial]:
        """Yield the stored trials of these candidates (digests), oldest first or newest; the newest of each key."""


class StepStore(Protocol):
    """Keeps what lies between the two steps of a metric: what scorers answered, and how programs ended.

    A program goes by the digest of all that is run, so another metric, another option or another reply that
    comes to the same program needs no second run.
    """

    def answer(self, key: TrialKey) -> Outcome | None:
        """Return how the newest trial with this key ended; None where there is none."""

    def execution(self, program: str) -> Execution | None:
        """Return how the program with this digest ended when it was run last; None where it never was."""

    def keep_executions(self, executions: Mapping[str, Execution], sandbox: str) -> None:
        """Store how programs (by digest) ended in a sandbox, all or none."""


class Sandbox(Protocol):
    """Runs programs that models wrote, where they can do no harm."""

    @property
    def name(self) -> str:
        """What keeps a program in, in a word: `bubblewrap`, `docker`, `namespaces`, `plain`."""

    def run(self, program: Program) -> Execution:
        """Run a program and return how it ended; never raises for what it does, and is called from many threads."""

    def stop(self) -> None:
        """End all programs that run; none is started after it."""


LEASE = 60.0
"""Seconds that a claim lasts unless it is renewed."""


class Claim(NamedTuple):
    """The wish to make a trial; `reserved` is the most that it can cost in US dollars, None where not bounded."""

    key: TrialKey
    reserved: float | None = None


Answer: TypeAlias = Literal["granted", "done", "taken"]
"""To a claim: make it; it is stored already; another process that is alive is making it."""


class ClaimStore(Protocol):
    """Says who makes which trial, so that two processes on one store never make the same one.

    A claim ends when its trial is stored, when it is released, or when its process is dead; where that cannot be
    seen, or the process is the one that asks, `LEASE` seconds after it was made or renewed. What a dead process
    had claimed stays on record: it may have been billed.
    """

    def claim(self, run: str, wanted: Sequence[Claim], now: float, *, failures: bool = True) -> list[Answer]:
        """Claim these trials for a run, each or not; a stored failure counts as done only with `failures`."""

    def renew(self, run: str, now: float) -> None:
        """Put off the end of all claims of a run."""

    def release(self, run: str, keys: Iterable[TrialKey] | None = None) -> None:
        """Give up these claims of a run: no call was made for them.

        Without keys the run is over and holds nothing any more; what its claims reserve counts as spent, at risk.
        """

    def alive(self, runs: Iterable[str], now: float) -> set[str]:
        """Return those of these runs that have claims of a process which may be alive."""

    def spent(self, runs: Iterable[str], candidate: str | None = None) -> tuple[float, float]:
        """Return the US dollars that these runs paid, and those at risk: calls whose account never came.

        Only of one candidate (digest), or of all.
        """


class Cache(Protocol):
    """Replies of earlier runs by what was sent: of each request and repeat the newest one."""

    def holds(self) -> bool:
        """Return whether anything is cached."""

    def recall(self, request: str, repeat: int, run: str) -> Trial | None:
        """Return the newest measured trial with this request digest and repeat; None if `run` itself made it."""

    def prune(self, before: float | None = None) -> int:
        """Forget what was cached before this time (None: all) and return how many; the trials stay."""


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
        """Take note of how many trials the plan has and how many of them are known to be done already."""

    def reused(self, number: int) -> None:
        """Take note that so many more trials of the plan turned out to be done already."""

    def finished(self, trial: Trial, cost: float | None) -> None:
        """Take note of a trial that has been stored, with what it cost (None: unknown)."""
