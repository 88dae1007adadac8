"""The engine: asks what a plan still lacks, and makes every finished trial durable.

It knows nothing of verbs: a `Lane` says who is asked what, its schedule says when, and the rest are ports.
"""

import asyncio
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from passmuster.errors import PassmusterError
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.run import Lag
from passmuster.records.trial import Attempt, Failure, Trial, TrialKey
from passmuster.runner.bounds import is_free
from passmuster.runner.budget import Budget
from passmuster.runner.feed import Claims, Everything, Feed
from passmuster.runner.journal import WINDOW, Journal
from passmuster.runner.lag import LagMeter, rank
from passmuster.runner.making import Asking, Maker, Means, Recall, Reserve, StoppedError
from passmuster.runner.plan import Ask
from passmuster.runner.retry import RetryPolicy, Uniform
from passmuster.runner.schedule import Schedule

AHEAD = 64
"""Trials of a lane that are claimed at a time, at least."""
TURN = 8
"""Trials of a lane after which the others get their turn, in case its provider never waits."""
LEAST = 0.01
"""Seconds of p99 latency below which a candidate is no service: what is measured is this program anyway."""
DISTORTION = 0.05
"""The share of a candidate's p99 latency from which this program's own lag is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One candidate: how it is asked, the trials it is to be asked for, and when each starts.

    `ahead` is how many trials are claimed at a time.
    """

    asking: Asking
    asks: Iterable[Ask]
    schedule: Schedule
    ahead: int = AHEAD

    @property
    def candidate(self) -> Candidate:
        """Who is asked."""
        return self.asking.candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """Where trials go: `append` stores a group durably, then `stored` is told of each of them."""

    append: Callable[[Sequence[Trial]], None]
    stored: Callable[[Trial, float | None], None]
    window: float = WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all lanes share.

    `uniform` gives the jitter of retries, `claims` say which trials are still to be made, `recall` finds replies
    of earlier runs, and `reused` is told how many trials were made before. `budget` holds for all calls;
    `reserve` makes it durable what a trial may cost before its call is made, so that a budget outlives a crash.
    When the work is cancelled, calls in flight get `drain` seconds.
    """

    sink: Sink
    clock: Clock
    uniform: Uniform
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    claims: Claims = field(default_factory=Everything)
    budget: Budget | None = None
    reserve: Reserve | None = None
    recall: Recall | None = None
    reused: Callable[[int], None] = field(default=lambda count: None)  # noqa: ARG005 - told to nobody
    drain: float = 2.0


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of a call of the engine; it counts only what is stored.

    `spend` is what measured calls of models cost in US dollars, None where that of any reply is unknown;
    `at_risk` what calls without an account may have cost beyond it; `stopped` maps the names of candidates
    that were given up to the reason; `cached` of the trials came from the cache, and `reused` were there.
    `unmade` is what calls for trials that never came to their end cost, or may have.
    """

    asked: int = 0
    failed: int = 0
    cached: int = 0
    reused: int = 0
    spend: float | None = 0.0
    at_risk: float = 0.0
    stopped: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False
    lag: Lag | None = None
    latencies: dict[str, "array[float]"] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    unmade: dict[TrialKey, float] = field(default_factory=dict)

    def count(self, candidate: Candidate, trial: Trial, cost: float | None) -> None:
        """Take in a stored trial and what was paid for it."""
        self.asked += 1
        self.failed += isinstance(trial.outcome, Failure)
        self.cached += trial.source == "cached"
        self.spend = None if self.spend is None or cost is None else self.spend + cost
        if trial.source == "measured" and candidate.kind == "llm":
            for attempt in trial.attempts:
                self.at_risk += attempt.at_risk or 0.0
            if (latency := trial.latency) is not None:
                self.latencies[candidate.name].append(latency)

    def give_up(self, key: TrialKey, attempts: Sequence[Attempt]) -> None:
        """Take in the calls that were made for a trial that is not stored."""
        paid = sum(attempt.cost or 0.0 for attempt in attempts)
        at_risk = sum(attempt.at_risk or 0.0 for attempt in attempts)
        self.spend = None if self.spend is None else self.spend + paid
        self.at_risk += at_risk
        self.unmade[key] = paid + at_risk

    @property
    def distorted(self) -> tuple[str, ...]:
        """Return the candidates whose p99 latency the program's own lag may have moved by over 5%."""
        if self.lag is None:
            return ()
        late = self.lag.p99
        return tuple(
            name
            for name, seconds in self.latencies.items()
            if (slow := rank(sorted(seconds), 0.99)) >= LEAST and late > DISTORTION * slow
        )


def paid(trial: Trial) -> float | None:
    """Return the US dollars that were paid for a trial now; None where that is unknown.

    Recordings, simulations and cached replies are not paid for. A call that failed without reporting usage is
    taken as not billed; one that answered without a known price makes the sum unknown.
    """
    if trial.source != "measured":
        return 0.0
    total = 0.0
    for number, attempt in enumerate(trial.attempts):
        if attempt.cost is not None:
            total += attempt.cost
        elif attempt.error is None and not any(inner.within == number for inner in trial.attempts):
            return None
    return total


async def run_trials(lanes: Sequence[Lane], desk: Desk) -> Tally:
    """Ask every trial of every lane, all lanes at once, and return the tally.

    A failed call is a value and ends nothing, with few exceptions: a candidate whose key is refused, whose
    account is empty or whose budget is used up, or that could not be reached even once, is asked no more, and
    that trial is not stored, so that it is asked again once the reason is gone. Cancelling once (Ctrl-C) starts
    no more trials, gives those in flight `desk.drain` seconds, stores what finished, and returns a tally that
    says `interrupted`.

    Raises:
        StoreError: where finished trials, or claims, cannot be stored; what was stored before stays.
    """
    crew = _Crew(desk)
    meter = LagMeter()
    watching = asyncio.create_task(meter.watch())
    work = asyncio.create_task(crew.work(lanes))
    keeping = asyncio.create_task(crew.journal.keep())
    try:
        try:
            await asyncio.wait({keeping})
        except asyncio.CancelledError:
            crew.interrupt()
            await asyncio.wait({keeping}, timeout=desk.drain)
        work.cancel()
        await asyncio.wait({work})
        problem = None if work.cancelled() else work.exception()
        await keeping
    finally:
        for task in (work, keeping, watching):
            task.cancel()
    if problem is not None:
        raise _cause(problem)
    crew.tally.lag = meter.lag()
    return crew.tally


def _cause(problem: BaseException) -> BaseException:
    """Return the error for people that is in a group of what several tasks raised; the group where there is none."""
    found: BaseException | None = problem
    if isinstance(problem, BaseExceptionGroup):
        found = problem.subgroup(PassmusterError)
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found or problem


class _Crew:
    """What the lanes of one call do together."""

    def __init__(self, desk: Desk) -> None:
        self.tally = Tally()
        self.journal = Journal(desk.sink.append, self._count, desk.sink.window)
        self._candidates: dict[str, tuple[Candidate, bool]] = {}
        self._feeds: list[Feed] = []
        self._desk = desk

    async def work(self, lanes: Sequence[Lane]) -> None:
        try:
            self._feeds = [self._feed(lane) for lane in lanes]
            async with asyncio.TaskGroup() as group:
                for feed in self._feeds:
                    group.create_task(feed.begin())
            # All begin together: none is to be measured at another time than the others.
            async with asyncio.TaskGroup() as group:
                for lane, feed in zip(lanes, self._feeds, strict=True):
                    group.create_task(self._lane(lane, feed))
        finally:
            try:
                for feed in self._feeds:
                    await feed.settle()
            finally:
                self.journal.close()

    def interrupt(self) -> None:
        self.tally.interrupted = True
        for feed in self._feeds:
            feed.close()
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()

    def _count(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            candidate, free = self._candidates[trial.key.candidate]
            cost = 0.0 if free else paid(trial)
            self.tally.count(candidate, trial, cost)
            self._desk.sink.stored(trial, cost)

    def _reuse(self, number: int) -> None:
        self.tally.reused += number
        self._desk.reused(number)

    def _feed(self, lane: Lane) -> Feed:
        desk = self._desk
        return Feed(self._asks(lane), desk.claims, desk.clock, lane.ahead, self._reuse)

    async def _lane(self, lane: Lane, feed: Feed) -> None:
        desk, name = self._desk, lane.candidate.name
        means = Means(desk.budget, desk.reserve, desk.recall, self.tally.give_up)
        maker = Maker(lane.asking, desk.clock, desk.uniform, desk.retry, means)
        made = 0

        async def perform(ask: Ask) -> None:
            nonlocal made
            try:
                trial = await maker.make(ask)
            except StoppedError as reason:
                self.tally.stopped.setdefault(name, str(reason))
                feed.close()
                return
            if not self.journal.add(trial):
                await self.journal.room()
            if (made := made + 1) % TURN == 0:
                # A provider that never waits would otherwise keep the loop from all others.
                await asyncio.sleep(0)

        await lane.schedule(feed, perform)

    def _asks(self, lane: Lane) -> Iterator[Ask]:
        candidate = lane.candidate
        free = candidate.kind != "llm" or is_free(candidate)
        for ask in lane.asks:
            if self.tally.interrupted or candidate.name in self.tally.stopped:
                return
            self._candidates[ask.key.candidate] = candidate, free
            yield ask
