"""How a run ends: interrupted, with a store that fails, and what is durable by then."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from passmuster.errors import StoreError
from passmuster.ports import Answer, Claim
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request, Source, Trial
from passmuster.runner.engine import Desk, Lane, Sink, Tally, run_trials
from passmuster.runner.making import Asking
from passmuster.runner.plan import Ask, plan
from passmuster.runner.retry import RetryPolicy
from passmuster.runner.schedule import ClosedLoop

HASTE = RetryPolicy(attempts=3, first=0.001)
MODEL = Candidate(name="model", provider="openai", model="m")


class LoopClock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Gated:
    """Answers the first `free` calls at once; the others wait until `gate` opens."""

    source: Source = "measured"

    def __init__(self, free: int) -> None:
        self.free = free
        self.asked = 0
        self.waiting = asyncio.Semaphore(0)
        self.gate = asyncio.Event()

    async def ask(self, request: Request) -> Exchange:
        self.asked += 1
        if self.asked > self.free:
            self.waiting.release()
            await self.gate.wait()
        return Exchange(Reply(text="x"), Attempt(started=0.0, seconds=0.0))

    async def close(self) -> None:
        """Nothing is open."""


class Kept:
    def __init__(self, groups_until_full: int = 10**6) -> None:
        self.groups: list[Sequence[Trial]] = []
        self.told = asyncio.Event()
        self._room = groups_until_full

    def append(self, trials: Sequence[Trial]) -> None:
        if len(self.groups) >= self._room:
            raise StoreError("the disk is full")
        self.groups.append(trials)

    def stored(self, trial: Trial, cost: float | None) -> None:
        self.told.set()

    @property
    def stored_trials(self) -> int:
        return sum(len(group) for group in self.groups)


async def go(provider: Gated, kept: Kept, cases: int, concurrency: int, drain: float = 2.0) -> Tally:
    some = [Case(id=str(number), input=str(number)) for number in range(cases)]
    lane = Lane(
        asking=Asking(candidate=MODEL, provider=provider),
        asks=plan(some, [MODEL]),
        schedule=ClosedLoop(concurrency),
    )
    sink = Sink(append=kept.append, stored=kept.stored)
    return await run_trials(
        [lane], Desk(sink=sink, clock=LoopClock(), uniform=np.random.default_rng(0), retry=HASTE, drain=drain)
    )


async def interrupted(provider: Gated, kept: Kept, drain: float) -> asyncio.Task[Tally]:
    task = asyncio.create_task(go(provider, kept, cases=50, concurrency=2, drain=drain))
    for _ in range(2):
        await provider.waiting.acquire()
    task.cancel()
    return task


async def test_an_interrupted_run_waits_for_what_is_in_flight_and_stores_it() -> None:
    provider, kept = Gated(free=5), Kept()

    task = await interrupted(provider, kept, drain=2.0)
    asyncio.get_running_loop().call_later(0.02, provider.gate.set)
    tally = await task

    assert tally.interrupted
    assert tally.asked == kept.stored_trials == 7
    assert provider.asked == 7


async def test_an_interrupted_run_gives_up_calls_that_take_too_long_and_keeps_the_rest() -> None:
    provider, kept = Gated(free=5), Kept()

    tally = await (await interrupted(provider, kept, drain=0.05))

    assert tally.interrupted
    assert tally.asked == kept.stored_trials == 5
    assert provider.asked == 7


async def test_an_interruption_after_the_last_call_still_stores_everything() -> None:
    provider, kept = Gated(free=4), Kept()

    task = asyncio.create_task(go(provider, kept, cases=4, concurrency=4))
    while provider.asked < 4:  # noqa: ASYNC110 - the moment before the store is the point
        await asyncio.sleep(0)
    task.cancel()
    tally = await task

    assert tally.asked == kept.stored_trials == 4


async def test_an_error_of_our_own_is_raised_and_what_finished_is_stored() -> None:
    kept, provider = Kept(), Gated(free=10)

    def breaks() -> Iterator[Ask]:
        yield from plan([Case(id="1", input="1")], [MODEL])
        raise ZeroDivisionError

    lane = Lane(
        asking=Asking(candidate=MODEL, provider=provider), asks=breaks(), schedule=ClosedLoop(1), ahead=1
    )
    sink = Sink(append=kept.append, stored=kept.stored)
    with pytest.raises(ExceptionGroup):
        await run_trials([lane], Desk(sink=sink, clock=LoopClock(), uniform=np.random.default_rng(0)))

    assert kept.stored_trials == 1


async def test_a_second_interruption_ends_the_run_at_once() -> None:
    provider, kept = Gated(free=5), Kept()

    task = await interrupted(provider, kept, drain=60.0)
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_time_limit_around_a_run_is_not_upset_by_its_orderly_end() -> None:
    provider, kept = Gated(free=5), Kept()

    async with asyncio.timeout(10):
        tally = await (await interrupted(provider, kept, drain=0.01))
        await asyncio.sleep(0)

    assert tally.interrupted


async def test_a_store_that_fails_ends_the_run_with_its_error_and_asks_no_more() -> None:
    provider, kept = Gated(free=50), Kept(groups_until_full=1)

    task = asyncio.create_task(go(provider, kept, cases=10_000, concurrency=1))
    await kept.told.wait()
    provider.gate.set()
    with pytest.raises(StoreError, match="the disk is full"):
        await task

    assert provider.asked < 10_000
    assert len(kept.groups) == 1


async def test_claims_that_cannot_be_stored_end_the_run_with_the_same_plain_error() -> None:
    class Full:
        def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
            raise StoreError("the disk is full")

    lanes = [
        Lane(
            asking=Asking(candidate=each, provider=Gated(free=9)),
            asks=plan([Case(id="1", input="1")], [each]),
            schedule=ClosedLoop(1),
        )
        for each in (MODEL, replace(MODEL, name="other", model="n"))
    ]
    kept = Kept()
    sink = Sink(append=kept.append, stored=kept.stored)
    desk = Desk(sink=sink, clock=LoopClock(), uniform=np.random.default_rng(0), claims=Full())
    with pytest.raises(StoreError, match="the disk is full"):
        await run_trials(lanes, desk)


async def test_trials_that_end_together_are_stored_in_one_group() -> None:
    kept = Kept()

    tally = await go(Gated(free=640), kept, cases=640, concurrency=64)

    assert tally.asked == kept.stored_trials == 640
    assert len(kept.groups) < 64


async def test_a_finished_trial_waits_less_than_a_tenth_of_a_second_for_the_store() -> None:
    provider, kept = Gated(free=1), Kept()

    task = asyncio.create_task(go(provider, kept, cases=2, concurrency=1))
    begun = asyncio.get_running_loop().time()
    await kept.told.wait()
    waited = asyncio.get_running_loop().time() - begun
    provider.gate.set()
    await task

    assert waited < 0.1


class Unreachable(Gated):
    """Answers nobody, or only the first call."""

    def __init__(self, *, first_answers: bool) -> None:
        super().__init__(free=0)
        self._first_answers = first_answers

    async def ask(self, request: Request) -> Exchange:
        self.asked += 1
        attempt = Attempt(started=0.0, seconds=0.0)
        if self._first_answers and self.asked == 1:
            return Exchange(Reply(text="x"), attempt)
        return Exchange(Failure(kind="connection", message="refused"), attempt)


async def test_a_candidate_that_cannot_be_reached_even_once_is_given_up_and_not_stored() -> None:
    provider, kept = Unreachable(first_answers=False), Kept()
    tally = await go(provider, kept, cases=100, concurrency=1)
    assert kept.stored_trials == 0
    assert provider.asked == HASTE.attempts
    assert tally.stopped == {MODEL.name: "it cannot be reached: refused"}


async def test_a_candidate_that_was_reached_once_keeps_its_lost_connections_as_failures() -> None:
    provider, kept = Unreachable(first_answers=True), Kept()
    tally = await go(provider, kept, cases=4, concurrency=1)
    assert kept.stored_trials == 4
    assert (tally.failed, tally.stopped) == (3, {})
