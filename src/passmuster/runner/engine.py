"""The engine: asks what a plan still lacks, and makes every finished trial durable.

It knows nothing of verbs: a `Lane` says who is asked what, its schedule says when, and the rest are ports.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from passmuster.errors import PromptError
from passmuster.ports import Clock, Provider
from passmuster.records.candidate import Candidate
from passmuster.records.money import token_cost
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request, Trial
from passmuster.runner.journal import WINDOW, Journal
from passmuster.runner.plan import Ask
from passmuster.runner.prompt import render
from passmuster.runner.retry import RetryPolicy, Uniform
from passmuster.runner.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One candidate: its provider, the trials it is to be asked for, and when each starts."""

    candidate: Candidate
    provider: Provider
    asks: Iterable[Ask]
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """Where trials go: `append` stores a group durably, then `stored` is told of each of them."""

    append: Callable[[Sequence[Trial]], None]
    stored: Callable[[Trial, float | None], None]
    window: float = WINDOW


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of a call of the engine; it counts only what is stored.

    `spend` is what measured calls of models cost in US dollars, None where that of any reply is unknown;
    `stopped` maps the names of candidates that were given up to the reason.
    """

    asked: int = 0
    failed: int = 0
    spend: float | None = 0.0
    stopped: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    def count(self, trial: Trial, cost: float | None) -> None:
        """Take in a stored trial and what was paid for it."""
        self.asked += 1
        self.failed += isinstance(trial.outcome, Failure)
        self.spend = None if self.spend is None or cost is None else self.spend + cost


def paid(candidate: Candidate, trial: Trial) -> float | None:
    """Return the US dollars that were paid for a trial now; None where that is unknown.

    Recordings, simulations and baselines are not paid for. A call that failed without reporting usage is
    taken as not billed; one that answered without a known price makes the sum unknown.
    """
    if trial.source != "measured" or candidate.kind != "llm":
        return 0.0
    costs = [attempt.cost for attempt in trial.attempts if attempt.cost is not None]
    answered = isinstance(trial.outcome, Reply)
    return None if answered and trial.attempts[-1].cost is None else sum(costs)


async def run_trials(
    lanes: Sequence[Lane],
    sink: Sink,
    clock: Clock,
    uniform: Uniform,
    retry: RetryPolicy | None = None,
    drain: float = 2.0,
) -> Tally:
    """Ask every trial of every lane, all lanes at once, and return the tally.

    A failed call is a value and ends nothing, with two exceptions: a candidate whose key is refused (kind
    `auth`), or that could not be reached even once (kind `connection`, all attempts of a trial), is asked no
    more, and that trial is not stored, so that it is asked again once key, address or network are
    right. Cancelling once (Ctrl-C) starts no more trials, gives those in flight `drain` seconds, stores what
    finished, and returns a tally that says `interrupted`. `uniform` gives the jitter of retries.

    Raises:
        StoreError: where finished trials cannot be stored; what was stored before stays.
    """
    crew = _Crew(sink, clock, uniform, retry or RetryPolicy())
    work = asyncio.create_task(crew.work(lanes))
    keeping = asyncio.create_task(crew.journal.keep())
    try:
        try:
            await asyncio.wait({keeping})
        except asyncio.CancelledError:
            crew.interrupt()
            await asyncio.wait({keeping}, timeout=drain)
        work.cancel()
        await asyncio.wait({work})
        await keeping
    finally:
        work.cancel()
        keeping.cancel()
    if not work.cancelled():
        work.result()
    return crew.tally


class _Crew:
    """What the lanes of one call share."""

    def __init__(self, sink: Sink, clock: Clock, uniform: Uniform, retry: RetryPolicy) -> None:
        self.tally = Tally()
        self.journal = Journal(sink.append, self._count, sink.window)
        self.candidates: dict[str, Candidate] = {}
        self._sink = sink
        self._clock = clock
        self._uniform = uniform
        self._retry = retry

    async def work(self, lanes: Sequence[Lane]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for lane in lanes:
                    group.create_task(self._lane(lane))
        finally:
            self.journal.close()

    def interrupt(self) -> None:
        self.tally.interrupted = True
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()

    def _count(self, trial: Trial) -> None:
        cost = paid(self.candidates[trial.key.candidate], trial)
        self.tally.count(trial, cost)
        self._sink.stored(trial, cost)

    async def _lane(self, lane: Lane) -> None:
        line = _Line(lane, self._clock)

        def open_asks() -> Iterator[Ask]:
            for ask in lane.asks:
                if self.tally.interrupted or lane.candidate.name in self.tally.stopped:
                    return
                self.candidates[ask.key.candidate] = lane.candidate
                yield ask

        async def perform(ask: Ask) -> None:
            trial = await self._trial(line, ask)
            reason = line.gives_up(trial)
            if reason is not None:
                self.tally.stopped[lane.candidate.name] = reason
                return
            await self.journal.add(trial)
            # A provider that never waits would otherwise keep the loop from all others.
            await asyncio.sleep(0)

        await lane.schedule(open_asks(), perform)

    async def _trial(self, line: "_Line", ask: Ask) -> Trial:
        source = line.lane.provider.source
        try:
            conversation = render(line.lane.candidate.prompt, ask.case)
        except PromptError as error:
            unasked = Failure(kind="prompt", message=str(error))
            return Trial(key=ask.key, case_id=ask.case.id, outcome=unasked, attempts=(), source=source)
        request = Request(case=ask.case, conversation=conversation, repeat=ask.key.repeat, round=ask.round)
        attempts: list[Attempt] = []
        while True:
            exchange = await line.call(request)
            attempts.append(exchange.attempt)
            outcome = exchange.outcome
            if isinstance(outcome, Reply) or not self._retry.retries(outcome.kind, len(attempts)):
                break
            wait = self._retry.wait(len(attempts), exchange.attempt.retry_after, self._uniform)
            await self._clock.sleep(wait)
        return Trial(
            key=ask.key, case_id=ask.case.id, outcome=outcome, attempts=tuple(attempts), source=source
        )


class _Line:
    """The open calls of one lane, and the account of each."""

    def __init__(self, lane: Lane, clock: Clock) -> None:
        self.lane = lane
        self._clock = clock
        self._open = 0
        self._reached = False

    def gives_up(self, trial: Trial) -> str | None:
        """Say why the candidate is asked no more after this trial, which says nothing about it; else None."""
        outcome = trial.outcome
        if not isinstance(outcome, Failure):
            return None
        if outcome.kind == "connection" and not self._reached:
            return f"it cannot be reached: {outcome.message}"
        return outcome.message if outcome.kind == "auth" else None

    async def call(self, request: Request) -> Exchange:
        """Make one call; whatever the provider raises is a failure of this call."""
        self._open += 1
        in_flight = self._open
        started = self._clock.now()
        try:
            outcome, attempt, *_ = await self.lane.provider.ask(request)
        except Exception as error:  # noqa: BLE001  # one broken provider must not end the others' run
            seconds = self._clock.now() - started
            outcome = Failure(kind="internal", message=f"{type(error).__name__}: {error}")
            attempt = Attempt(started=started, seconds=seconds)
        finally:
            self._open -= 1
        self._reached |= not (isinstance(outcome, Failure) and outcome.kind == "connection")
        if isinstance(outcome, Failure) and attempt.error is None:
            attempt = replace(attempt, error=outcome.kind, message=outcome.message)
        cost = attempt.cost
        if cost is None:
            cost = token_cost(attempt.usage, self.lane.candidate.price)
        recorded = self.lane.provider.source == "recorded"
        return Exchange(outcome, replace(attempt, cost=cost, in_flight=None if recorded else in_flight))
