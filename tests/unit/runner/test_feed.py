"""Trials are claimed ahead, each once, and what others make comes last."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from passmuster.errors import StoreError
from passmuster.ports import Answer, Claim
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.trial import TrialKey
from passmuster.runner.feed import Everything, Feed, Lease, Reservations
from passmuster.runner.plan import Ask, plan
from passmuster.testing import FakeClock

CANDIDATE = Candidate(name="a", provider="openai", model="m")


def asks(number: int) -> list[Ask]:
    return list(plan([Case(id=f"{n:03}", input=str(n)) for n in range(number)], [CANDIDATE]))


class Others:
    """Another process has some trials done and is making some more; it is done with them after a while."""

    def __init__(self, done: set[str], taken: dict[str, int]) -> None:
        self.done, self.taken, self.batches = done, taken, list[int]()

    def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
        self.batches.append(len(wanted))
        return [self.answer(claim.key) for claim in wanted]

    def answer(self, key: TrialKey) -> Answer:
        left = self.taken.get(key.case, 0)
        if left:
            self.taken[key.case] = left - 1
            return "taken"
        return "done" if key.case in self.done else "granted"


async def drained(feed: Feed) -> list[str]:
    found = []
    while (ask := await feed.take()) is not None:
        found.append(ask.case.id)
    return found


async def test_everything_comes_once_and_in_order() -> None:
    feed = Feed(asks(10), Everything(), FakeClock(), 3, lambda number: None)
    assert await drained(feed) == [f"{n:03}" for n in range(10)]
    assert await feed.take() is None


async def test_no_more_is_claimed_than_is_soon_made() -> None:
    others, taken = Others(set(), {}), 0
    feed = Feed(asks(100), others, FakeClock(), 10, lambda number: None)
    for _ in range(5):
        await feed.take()
        taken += 1
    await asyncio.sleep(0.05)
    assert sum(others.batches) <= taken + 20


async def test_what_is_done_is_told_and_what_others_make_comes_last() -> None:
    whole = asks(6)
    keys = [ask.key.case for ask in whole]
    reused: list[int] = []
    others = Others({keys[1], keys[2]}, {keys[2]: 2, keys[3]: 3})
    feed = Feed(whole, others, FakeClock(), 4, reused.append)
    assert await drained(feed) == ["000", "004", "005", "003"]
    assert sum(reused) == 2


async def test_workers_share_a_feed_without_doubles() -> None:
    feed = Feed(asks(50), Everything(), FakeClock(), 7, lambda number: None)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(drained(feed)) for _ in range(8)]
    assert sorted(case for task in tasks for case in task.result()) == [f"{n:03}" for n in range(50)]


async def test_a_closed_feed_gives_nothing_more() -> None:
    feed = Feed(asks(10), Everything(), FakeClock(), 3, lambda number: None)
    await feed.take()
    feed.close()
    assert await feed.take() is None


async def test_a_store_that_fails_is_told_to_whoever_waits() -> None:
    class Broken:
        def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
            raise StoreError("no disk")

    with pytest.raises(StoreError):
        await Feed(asks(3), Broken(), FakeClock(), 3, lambda number: None).take()


async def test_a_store_that_fails_while_there_is_still_work_is_told_once_that_is_done() -> None:
    class Full:
        def __init__(self) -> None:
            self.groups = 0

        def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
            self.groups += 1
            if self.groups > 1:
                raise StoreError("no disk")
            return ["granted"] * len(wanted)

    feed = Feed(asks(30), Full(), FakeClock(), 4, lambda number: None)
    taken = []
    for _ in range(4):
        ask = await feed.take()
        taken.append(ask.case.id if ask is not None else None)
        await asyncio.sleep(0.01)
    assert taken == ["000", "001", "002", "003"], "no trial is passed over in silence"
    with pytest.raises(StoreError):
        await feed.take()


async def test_a_feed_settles_once_nothing_is_being_claimed_any_more() -> None:
    begun, go_on = threading.Event(), threading.Event()
    claimed: list[int] = []

    class Slow:
        def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
            begun.set()
            go_on.wait(10)
            claimed.append(len(wanted))
            return ["granted"] * len(wanted)

    feed = Feed(asks(3), Slow(), FakeClock(), 3, lambda number: None)
    beginning = asyncio.create_task(feed.begin())
    await asyncio.to_thread(begun.wait, 10)
    beginning.cancel()
    settling = asyncio.create_task(feed.settle())
    await asyncio.sleep(0.01)
    assert not settling.done()
    go_on.set()
    await settling
    assert claimed == [3]


async def test_reservations_made_together_are_stored_together() -> None:
    groups: list[list[float | None]] = []
    reservations = Reservations(lambda claims: groups.append([claim.reserved for claim in claims]))
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(reservations.reserve(TrialKey("c", "d", number), float(number)))
    assert sorted(usd for some in groups for usd in some if usd is not None) == [float(n) for n in range(20)]
    assert len(groups) < 20


async def test_a_reservation_that_cannot_be_stored_is_no_reservation() -> None:
    def broken(claims: Sequence[Claim]) -> None:
        raise StoreError("no disk")

    with pytest.raises(StoreError):
        await Reservations(broken).reserve(TrialKey("c", "d", 0), 1.0)


async def test_a_lease_outlives_a_store_that_was_busy_once() -> None:
    renewed: list[float] = []
    again = threading.Event()

    def renew(now: float) -> None:
        renewed.append(now)
        if len(renewed) == 1:
            raise StoreError("another process has been writing for 30 s")
        again.set()

    keeping = asyncio.create_task(Lease(renew, FakeClock(), every=0.001).keep())
    assert await asyncio.to_thread(again.wait, 5)
    keeping.cancel()
