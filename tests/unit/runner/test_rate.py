"""The throttle against endpoints that grant, refuse and say what they like, in virtual time."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from passmuster.records.candidate import RateLimit
from passmuster.records.trial import Attempt, Failure, Limits, Outcome, Reply
from passmuster.runner.rate import Bucket, Throttle
from passmuster.testing import FakeClock

OK = Reply(text="")
SLOW_DOWN = Failure(kind="rate_limit", message="slow down")
OVERLOADED = Failure(kind="server_error", message="overloaded")


@dataclass
class Endpoint:
    """A token bucket of requests behind a throttle; what it says is up to the test."""

    clock: FakeClock
    per_minute: int | None = 600
    burst: float = 20.0
    says: bool = True
    chance: float = 0.0
    status: Callable[[int], int] = lambda open_: 200
    level: float = field(init=False)
    at: float = field(init=False)
    answers: list[tuple[float, int]] = field(default_factory=list)
    open: int = 0
    most_open: int = 0

    def __post_init__(self) -> None:
        self.level, self.at, self.random = self.burst, self.clock.now(), random.Random(7)  # noqa: S311 - seeded on purpose

    async def ask(self, throttle: Throttle, seconds: float = 0.05) -> Outcome:
        await throttle.enter()
        started = self.clock.now()
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        status, limits = self.answer(started)
        await self.clock.sleep(seconds * self.random.uniform(0.5, 1.5))
        self.open -= 1
        self.answers.append((started, status))
        outcome: Outcome = OK if status == 200 else SLOW_DOWN if status == 429 else OVERLOADED
        throttle.leave(Attempt(started=started, seconds=seconds, status=status), outcome, limits)
        return outcome

    def answer(self, now: float) -> tuple[int, Limits | None]:
        status = self.status(self.open)
        if self.random.random() < self.chance:
            status = 429
        limits = None
        if self.per_minute is not None:
            rate = self.per_minute / 60
            self.level = min(self.burst, self.level + (now - self.at) * rate)
            self.at = now
            if self.level >= 1:
                self.level -= 1
            else:
                status = 429
            if self.says:
                reset = (self.burst - self.level) / rate
                limits = Limits(requests=self.per_minute, requests_left=int(self.level), requests_reset=reset)
        return status, limits


async def load(endpoint: Endpoint, throttle: Throttle, workers: int, seconds: float) -> None:
    end = endpoint.clock.now() + seconds

    async def worker() -> None:
        while endpoint.clock.now() < end:
            if await endpoint.ask(throttle) is SLOW_DOWN:
                await endpoint.clock.sleep(endpoint.random.random())

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())


def refused(endpoint: Endpoint, after: float) -> float:
    begun = min(at for at, _ in endpoint.answers)
    late = [status for at, status in endpoint.answers if at >= begun + after]
    return sum(status != 200 for status in late) / len(late)


@pytest.mark.parametrize("says", [True, False])
async def test_it_uses_what_an_endpoint_grants_and_is_hardly_refused(*, says: bool) -> None:
    clock = FakeClock()
    endpoint, throttle = Endpoint(clock, says=says), Throttle(clock, 32)
    await load(endpoint, throttle, workers=32, seconds=120)
    granted = sum(status == 200 for _, status in endpoint.answers)
    assert granted >= 0.95 * (20 + 10 * 120)
    assert refused(endpoint, after=15) < 0.02


async def test_without_the_throttle_most_calls_are_refused() -> None:
    """The naive client, so that the bound above is known to be able to fail."""
    clock = FakeClock()
    endpoint = Endpoint(clock)

    async def worker() -> None:
        for _ in range(40):
            await endpoint.ask(Throttle(clock, 1))

    async with asyncio.TaskGroup() as group:
        for _ in range(32):
            group.create_task(worker())
    assert refused(endpoint, after=1) > 0.5


@pytest.mark.parametrize("chance", [0.1, 0.5])
async def test_refusals_by_chance_are_not_taken_for_a_rate(chance: float) -> None:
    clock = FakeClock()
    endpoint, throttle = Endpoint(clock, per_minute=None, chance=chance), Throttle(clock, 32)
    await load(endpoint, throttle, workers=32, seconds=60)
    assert throttle.rate is None or chance > 0.1
    if chance == 0.1:
        through = sum(status == 200 for _, status in endpoint.answers) / 60
        assert through > 250, "32 calls of 0.05 s at a time, a tenth of them followed by a wait of 0.5 s"


async def test_a_stated_rate_is_kept_from_the_first_call() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, per_minute=None)
    throttle = Throttle(clock, 16, RateLimit(requests_per_minute=120))
    await load(endpoint, throttle, workers=16, seconds=30)
    assert 58 <= len(endpoint.answers) <= 63 + 16


async def test_tokens_are_counted_where_they_are_limited() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, 8, RateLimit(tokens_per_minute=6000))
    assert throttle.counts_tokens
    begun = clock.now()
    for _ in range(12):
        await throttle.enter(50.0)
        throttle.leave(Attempt(started=clock.now(), seconds=0.0, status=200), OK, None)
    assert clock.now() - begun == pytest.approx((12 * 50 - 100) / 100, abs=0.01)


async def test_the_window_shrinks_on_overload_and_comes_back() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, per_minute=None, status=lambda open_: 529 if open_ > 8 else 200)
    throttle = Throttle(clock, 64)
    await load(endpoint, throttle, workers=64, seconds=30)
    assert throttle.window <= 16
    endpoint.status = lambda open_: 200
    await load(endpoint, throttle, workers=64, seconds=60)
    assert throttle.window == 64


async def test_other_failures_leave_the_window_alone() -> None:
    clock = FakeClock()
    endpoint = Endpoint(clock, per_minute=None, status=lambda open_: 500)
    throttle = Throttle(clock, 8)
    await load(endpoint, throttle, workers=8, seconds=5)
    assert throttle.window == 8


async def test_a_cancelled_call_gives_its_place_to_the_next() -> None:
    throttle = Throttle(FakeClock(), 1)
    await throttle.enter()
    waiting = [asyncio.create_task(throttle.enter()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    throttle.abandon()
    await asyncio.wait_for(waiting[1], 1)
    waiting[2].cancel()
    await asyncio.wait(waiting)
    throttle.abandon()
    await asyncio.wait_for(throttle.enter(), 1)


async def test_calls_start_at_once_while_there_is_room_and_nobody_waits() -> None:
    throttle = Throttle(FakeClock(), 2)
    assert [throttle.opens() for _ in range(3)] == [True, True, False]
    waiting = asyncio.create_task(throttle.enter())
    await asyncio.sleep(0)
    throttle.abandon()
    assert not throttle.opens(), "the place is for whoever waited"
    await asyncio.wait_for(waiting, 1)


def test_no_call_starts_at_once_where_a_rate_is_kept() -> None:
    assert not Throttle(FakeClock(), 2, RateLimit(requests_per_minute=60)).opens()
    assert not Throttle(FakeClock(), 2, RateLimit(tokens_per_minute=60)).opens()


def test_a_bucket_grants_its_burst_and_then_its_rate() -> None:
    bucket = Bucket(rate=2.0, most=4.0, now=0.0)
    for _ in range(4):
        assert bucket.wait(1.0, 0.0) == 0.0
        bucket.take(1.0, 0.0)
    assert bucket.wait(1.0, 0.0) == 0.5
    assert bucket.wait(1.0, 0.25) == 0.25
    assert bucket.wait(100.0, 0.25) == pytest.approx(1.75), "more than it holds needs it full"
