"""When trials start: a schedule takes them from a plan and has each performed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from passmuster.runner.plan import Ask

Perform = Callable[[Ask], Awaitable[None]]


class Schedule(Protocol):
    """Decides when each trial starts; takes no more from `asks` than it starts."""

    async def __call__(self, asks: Iterable[Ask], perform: Perform) -> None:
        """Have every trial performed, and return when the last one is."""


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """Keeps `concurrency` trials in flight: the next one starts when one ends."""

    concurrency: int

    async def __call__(self, asks: Iterable[Ask], perform: Perform) -> None:
        """Have every trial performed, and return when the last one is."""
        queue = iter(asks)
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, self.concurrency)):
                group.create_task(self._worker(queue, perform))

    async def _worker(self, queue: Iterator[Ask], perform: Perform) -> None:
        for ask in queue:
            await perform(ask)
