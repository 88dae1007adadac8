"""The engine over a scripted provider, a clock that jumps, and a list as the store."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from passmuster.errors import StoreError
from passmuster.records.candidate import Candidate, Price, Prompt, candidate_digest
from passmuster.records.case import Case
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Outcome,
    Reply,
    Request,
    Source,
    Trial,
    Usage,
)
from passmuster.runner.engine import Desk, Lane, Sink, Tally, run_trials
from passmuster.runner.making import Asking
from passmuster.runner.plan import plan
from passmuster.runner.schedule import ClosedLoop


class JumpingClock:
    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


Answer = Callable[[Request, int], Outcome]


@dataclass
class Scripted:
    """Answers by a function of the request and of how often this case was asked before."""

    clock: JumpingClock
    answer: Answer = lambda request, made: Reply(text=f"re: {request.case.input}")
    source: Source = "measured"
    usage: Usage | None = None
    retry_after: float | None = None
    asked: list[str] = field(default_factory=list)
    in_flight: int = 0
    most: int = 0

    async def ask(self, request: Request) -> Exchange:
        made = self.asked.count(request.case.id)
        self.asked.append(request.case.id)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await asyncio.sleep(0)
        self.in_flight -= 1
        started = self.clock.now()
        self.clock.time += 0.25
        outcome = self.answer(request, made)
        attempt = Attempt(started=started, seconds=0.25, usage=self.usage, retry_after=self.retry_after)
        return Exchange(outcome, attempt)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Kept:
    groups: list[list[Trial]] = field(default_factory=list)
    told: list[tuple[Trial, float | None]] = field(default_factory=list)
    fail_at: int | None = None

    @property
    def trials(self) -> list[Trial]:
        return [trial for group in self.groups for trial in group]

    def append(self, trials: Sequence[Trial]) -> None:
        if self.fail_at is not None and len(self.groups) >= self.fail_at:
            raise StoreError("the disk is full")
        self.groups.append(list(trials))

    def stored(self, trial: Trial, cost: float | None) -> None:
        assert trial in self.trials, "told of a trial that is not durable"
        self.told.append((trial, cost))

    @property
    def sink(self) -> Sink:
        return Sink(append=self.append, stored=self.stored, window=0.001)


def cases(number: int) -> list[Case]:
    return [Case(id=f"c{place}", input=f"text {place}") for place in range(number)]


def lane(candidate: Candidate, provider: object, some: Sequence[Case]) -> Lane:
    return Lane(
        asking=Asking(candidate=candidate, provider=provider),  # type: ignore[arg-type]  # doubles of all kinds
        asks=plan(some, [candidate]),
        schedule=ClosedLoop(candidate.concurrency),
    )


def candidate(name: str = "model", **more: object) -> Candidate:
    return Candidate(name=name, provider="openai", model=name, **more)  # type: ignore[arg-type]  # any field


async def go(lanes: list[Lane], kept: Kept, clock: JumpingClock, drain: float = 2.0) -> Tally:
    return await run_trials(
        lanes, Desk(sink=kept.sink, clock=clock, uniform=np.random.default_rng(0), drain=drain)
    )


def always(kind: FailureKind) -> Answer:
    return lambda request, made: Failure(kind=kind, message=f"no: {kind}")


async def test_every_case_is_asked_once_and_stored_once() -> None:
    clock, kept = JumpingClock(), Kept()
    provider = Scripted(clock)

    tally = await go([lane(candidate(), provider, cases(50))], kept, clock)

    assert sorted(provider.asked) == sorted(case.id for case in cases(50))
    assert {trial.case_id: trial.outcome for trial in kept.trials} == {
        case.id: Reply(text=f"re: {case.input}") for case in cases(50)
    }
    assert (tally.asked, tally.failed, tally.interrupted, tally.stopped) == (50, 0, False, {})
    assert len(kept.told) == 50


async def test_no_more_calls_are_open_than_the_candidate_allows_and_each_says_how_many() -> None:
    clock, kept = JumpingClock(), Kept()
    provider = Scripted(clock)

    await go([lane(candidate(concurrency=5), provider, cases(40))], kept, clock)

    seen = {trial.attempts[0].in_flight for trial in kept.trials}
    assert provider.most == 5
    assert seen <= {1, 2, 3, 4, 5}
    assert 5 in seen


async def test_replayed_times_say_nothing_about_load() -> None:
    clock, kept = JumpingClock(), Kept()

    await go([lane(candidate(), Scripted(clock, source="recorded"), cases(3))], kept, clock)

    assert {trial.attempts[0].in_flight for trial in kept.trials} == {None}
    assert {trial.source for trial in kept.trials} == {"recorded"}


async def test_what_may_pass_is_asked_again_and_every_attempt_is_kept() -> None:
    clock, kept = JumpingClock(), Kept()
    provider = Scripted(
        clock,
        lambda request, made: (
            Failure(kind="rate_limit", message="429") if made < 2 else Reply(text="at last")
        ),
        retry_after=7.0,
    )

    tally = await go([lane(candidate(), provider, cases(1))], kept, clock)

    (trial,) = kept.trials
    assert trial.outcome == Reply(text="at last")
    assert [attempt.error for attempt in trial.attempts] == ["rate_limit", "rate_limit", None]
    assert trial.attempts[0].message == "429"
    assert clock.slept == [7.0, 7.0]
    assert trial.latency == pytest.approx(2 * 7.25 + 0.25)
    assert tally.failed == 0


async def test_attempts_end_and_the_last_failure_is_the_outcome() -> None:
    clock, kept = JumpingClock(), Kept()

    tally = await go([lane(candidate(), Scripted(clock, always("timeout")), cases(1))], kept, clock)

    (trial,) = kept.trials
    assert len(trial.attempts) == 5
    assert trial.outcome == Failure(kind="timeout", message="no: timeout")
    assert (tally.asked, tally.failed) == (1, 1)


async def test_a_bad_request_is_not_asked_again() -> None:
    clock, kept = JumpingClock(), Kept()
    provider = Scripted(clock, always("bad_request"))

    await go([lane(candidate(), provider, cases(2))], kept, clock)

    assert provider.asked == ["c0", "c1"]


async def test_a_refused_key_stops_its_candidate_and_no_other() -> None:
    clock, kept = JumpingClock(), Kept()
    refused = Scripted(clock, always("auth"))
    lanes = [
        lane(candidate("locked", concurrency=3), refused, cases(30)),
        lane(candidate("open"), Scripted(clock), cases(30)),
    ]

    tally = await go(lanes, kept, clock)

    assert len(refused.asked) == 3
    assert tally.stopped == {"locked": "no: auth"}
    assert tally.asked == 30
    assert {trial.key.candidate for trial in kept.trials} == {candidate_digest(candidate("open"))}


async def test_a_provider_that_breaks_is_a_failure_of_its_trial() -> None:
    clock, kept = JumpingClock(), Kept()

    def broken(request: Request, made: int) -> Outcome:
        if request.case.id == "c1":
            raise ZeroDivisionError("by zero")
        return Reply(text="ok")

    await go([lane(candidate(), Scripted(clock, broken), cases(3))], kept, clock)

    outcomes = {trial.case_id: trial.outcome for trial in kept.trials}
    assert outcomes["c1"] == Failure(kind="internal", message="ZeroDivisionError: by zero")
    assert outcomes["c0"] == outcomes["c2"] == Reply(text="ok")


async def test_a_prompt_that_does_not_fit_is_a_failure_without_a_call() -> None:
    clock, kept = JumpingClock(), Kept()
    provider = Scripted(clock)
    asking = candidate(prompt=Prompt(name="p", user="{{ nothing }}"))

    await go([lane(asking, provider, cases(1))], kept, clock)

    (trial,) = kept.trials
    assert isinstance(trial.outcome, Failure)
    assert trial.outcome.kind == "prompt"
    assert "'nothing' is undefined" in trial.outcome.message
    assert (trial.attempts, provider.asked) == ((), [])


@pytest.mark.parametrize(
    ("price", "usage", "kind", "source", "cost", "spend"),
    [
        (Price(input=1.0, output=2.0), Usage(input=10, output=5), "llm", "measured", 2e-5, 4e-5),
        (None, Usage(input=10, output=5), "llm", "measured", None, None),
        (Price(input=1.0, output=2.0), None, "llm", "measured", None, None),
        (Price(input=1.0, output=2.0), Usage(input=10, output=5), "llm", "recorded", 2e-5, 0.0),
        (None, None, "baseline", "measured", None, 0.0),
    ],
)
async def test_cost_comes_from_usage_and_price_and_spend_counts_what_is_paid(
    price: Price | None,
    usage: Usage | None,
    kind: str,
    source: Source,
    cost: float | None,
    spend: float | None,
) -> None:
    clock, kept = JumpingClock(), Kept()
    asking = candidate(price=price, kind=kind)

    tally = await go([lane(asking, Scripted(clock, source=source, usage=usage), cases(2))], kept, clock)

    assert [trial.attempts[0].cost for trial in kept.trials] == [pytest.approx(cost)] * 2
    assert tally.spend == pytest.approx(spend)


async def test_failed_calls_without_usage_do_not_make_the_spend_unknown() -> None:
    clock, kept = JumpingClock(), Kept()
    asking = candidate(price=Price(input=1.0, output=1.0))

    tally = await go([lane(asking, Scripted(clock, always("bad_request")), cases(2))], kept, clock)

    assert tally.spend == 0.0


async def test_a_slow_candidate_holds_up_no_other() -> None:
    clock, kept = JumpingClock(), Kept()
    gate = asyncio.Event()

    class Slow(Scripted):
        async def ask(self, request: Request) -> Exchange:
            await gate.wait()
            return await super().ask(request)

    class Quick(Scripted):
        async def ask(self, request: Request) -> Exchange:
            if len(self.asked) == 19:
                gate.set()
            return await super().ask(request)

    lanes = [
        lane(candidate("slow"), Slow(clock), cases(20)),
        lane(candidate("quick"), Quick(clock), cases(20)),
    ]
    async with asyncio.timeout(5):
        tally = await go(lanes, kept, clock)

    assert tally.asked == 40


async def test_providers_that_never_wait_take_turns() -> None:
    clock, kept = JumpingClock(), Kept()
    order: list[str] = []

    class Eager(Scripted):
        async def ask(self, request: Request) -> Exchange:
            order.append(str(self.usage))
            return Exchange(Reply(text="x"), Attempt(started=0.0, seconds=0.0))

    first, second = Eager(clock, usage=Usage(input=1)), Eager(clock, usage=Usage(input=2))
    await go(
        [
            lane(candidate("a", concurrency=1), first, cases(100)),
            lane(candidate("b", concurrency=1), second, cases(100)),
        ],
        kept,
        clock,
    )

    assert len(set(order[:10])) == 2


async def test_the_plan_is_taken_as_it_is_needed_and_not_ahead() -> None:
    clock, kept = JumpingClock(), Kept()
    provider = Scripted(clock)
    asking = candidate(concurrency=2)
    ahead = 0

    def taken() -> object:
        nonlocal ahead
        for number, ask in enumerate(plan(cases(50), [asking])):
            ahead = max(ahead, number + 1 - len(provider.asked))
            yield ask

    source = taken()
    await go(
        [
            Lane(
                asking=Asking(candidate=asking, provider=provider),
                asks=source,  # type: ignore[arg-type]  # a generator
                schedule=ClosedLoop(2),
                ahead=2,
            )
        ],
        kept,
        clock,
    )

    assert len(kept.trials) == 50
    assert ahead <= 3


async def test_a_store_that_fails_ends_the_run_with_its_error() -> None:
    clock, kept = JumpingClock(), Kept(fail_at=1)
    provider = Scripted(clock)

    class Pausing(Scripted):
        async def ask(self, request: Request) -> Exchange:
            await asyncio.sleep(0.002)
            return await provider.ask(request)

    with pytest.raises(StoreError, match="the disk is full"):
        await go([lane(candidate(concurrency=1), Pausing(clock), cases(500))], kept, clock)

    assert len(provider.asked) < 500
    assert len(kept.groups) == 1
