"""The journal: what finished is stored in groups, and nobody runs far ahead of the store."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from passmuster.records.trial import Reply, Trial, TrialKey
from passmuster.runner import journal
from passmuster.runner.journal import Journal


def trials(number: int) -> list[Trial]:
    key = TrialKey("case", "candidate", 0)
    return [Trial(key=key, case_id=str(n), outcome=Reply(text="x"), attempts=()) for n in range(number)]


async def test_what_comes_together_is_stored_and_told_as_one_group_in_its_order() -> None:
    appended: list[Sequence[Trial]] = []
    told: list[Sequence[Trial]] = []
    kept = Journal(appended.append, told.append, window=0.001)
    some = trials(3)
    assert all(kept.add(trial) for trial in some)
    kept.close()
    await kept.keep()
    assert appended == told == [some]


async def test_nothing_is_told_that_could_not_be_stored() -> None:
    def full(group: Sequence[Trial]) -> None:
        raise OSError("no space left")

    told: list[Sequence[Trial]] = []
    kept = Journal(full, told.append, window=0.001)
    kept.add(trials(1)[0])
    kept.close()
    with pytest.raises(OSError, match="no space"):
        await kept.keep()
    assert not told


async def test_who_is_ahead_of_the_store_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "WAITING", 2)
    may_store = threading.Event()

    def slow(group: Sequence[Trial]) -> None:
        may_store.wait(5)

    kept = Journal(slow, lambda group: None, window=0.0)
    keeping = asyncio.create_task(kept.keep())
    first, second, third, *_ = trials(3)
    kept.add(first)
    await asyncio.sleep(0.01)
    assert kept.add(second)
    assert not kept.add(third)
    room = asyncio.create_task(kept.room())
    await asyncio.sleep(0.01)
    assert not room.done()
    may_store.set()
    await asyncio.wait_for(room, 5)
    kept.close()
    await keeping
