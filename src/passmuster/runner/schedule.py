"""When trials start: a schedule takes them from a queue and has each performed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from passmuster.ports import Clock
from passmuster.runner.plan import Ask

Perform = Callable[[Ask], Awaitable[None]]


class Asks(Protocol):
    """Where a schedule takes its next trial from."""

    async def take(self) -> Ask | None:
        """Return the next trial to make, or None after the last one."""


class Schedule(Protocol):
    """Decides when each trial starts; takes no more from `asks` than it starts."""

    async def __call__(self, asks: Asks, perform: Perform) -> None:
        """Have every trial performed, and return when the last one is."""


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """Keeps `concurrency` trials in flight: the next one starts when one ends."""

    concurrency: int

    async def __call__(self, asks: Asks, perform: Perform) -> None:
        """Have every trial performed, and return when the last one is."""
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, self.concurrency)):
                group.create_task(_worker(asks, perform))


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Starts each trial at its own time, whether earlier ones have ended or not, as users arrive.

    `arrivals` are seconds from the start of the schedule, ascending; the run ends with the shorter of trials
    and arrivals. `late` collects, per trial, how many seconds after its time it was started.
    """

    arrivals: Iterable[float]
    clock: Clock
    late: list[float] = field(default_factory=list)

    async def __call__(self, asks: Asks, perform: Perform) -> None:
        """Have every trial performed, and return when the last one is."""
        begun = self.clock.now()
        async with asyncio.TaskGroup() as group:
            for arrival in self.arrivals:
                ask = await asks.take()
                if ask is None:
                    return
                wait = begun + arrival - self.clock.now()
                if wait > 0:
                    await self.clock.sleep(wait)
                self.late.append(max(0.0, self.clock.now() - begun - arrival))
                group.create_task(_perform(ask, perform))


async def _worker(asks: Asks, perform: Perform) -> None:
    while (ask := await asks.take()) is not None:
        await perform(ask)


async def _perform(ask: Ask, perform: Perform) -> None:
    await perform(ask)
