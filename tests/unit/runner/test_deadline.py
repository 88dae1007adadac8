import asyncio
from typing import Any

import pytest

from passmuster.runner.deadline import Deadlines

LONG = 60.0


async def call(deadlines: Deadlines, seconds: float, lasting: float) -> str:
    try:
        with deadlines.within(seconds):
            await asyncio.sleep(lasting)
    except TimeoutError:
        return "late"
    return "done"


async def test_a_call_that_takes_too_long_ends_and_the_others_go_on() -> None:
    deadlines = Deadlines()
    calls = [(LONG, 0.02), (0.01, LONG), (LONG, 0.02)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call(deadlines, *each)) for each in calls]
    assert [task.result() for task in tasks] == ["done", "late", "done"]


async def test_every_call_is_due_at_its_own_time_whatever_their_order() -> None:
    deadlines = Deadlines()
    ended: list[float] = []

    async def one(seconds: float) -> None:
        await call(deadlines, seconds, LONG)
        ended.append(seconds)

    async with asyncio.TaskGroup() as group:
        for seconds in (0.03, 0.01, 0.05, 0.02, 0.04):
            group.create_task(one(seconds))
    assert ended == [0.01, 0.02, 0.03, 0.04, 0.05]


async def test_a_deadline_holds_after_calls_that_ended_in_time() -> None:
    deadlines = Deadlines()
    assert await call(deadlines, 0.01, 0.0) == "done"
    assert await call(deadlines, 0.02, LONG) == "late"
    assert await call(deadlines, 0.01, LONG) == "late"


async def test_a_call_that_has_no_time_left_ends_at_its_first_wait() -> None:
    assert await call(Deadlines(), 0.0, LONG) == "late"


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    task = asyncio.create_task(call(Deadlines(), LONG, LONG))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_that_comes_with_the_deadline_is_not_lost() -> None:
    deadlines = Deadlines()
    task = asyncio.create_task(call(deadlines, 0.0, LONG))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5.0)


async def test_what_fails_by_itself_fails_as_it_is() -> None:
    with pytest.raises(ValueError, match="broken"), Deadlines().within(LONG):
        raise ValueError("broken")


async def test_a_task_goes_on_after_a_deadline_as_if_nothing_had_been() -> None:
    assert await call(Deadlines(), 0.0, LONG) == "late"
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
    await asyncio.sleep(0)


async def test_many_calls_share_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, times = asyncio.get_running_loop(), list[float]()
    call_at = loop.call_at

    def counted(when: float, *rest: Any) -> asyncio.TimerHandle:
        times.append(when)
        return call_at(when, *rest)

    monkeypatch.setattr(loop, "call_at", counted)
    deadlines = Deadlines()
    for _ in range(100):
        with deadlines.within(LONG):
            pass
    assert len(times) == 1
