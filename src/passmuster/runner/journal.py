"""The one writer of a run: it makes finished trials durable in groups, and counts them only then."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from passmuster.records.trial import Trial

WINDOW = 0.04
"""Seconds that a finished trial waits for others to be stored with it (less than half of what may be lost)."""

WAITING = 4096
"""Finished trials that may wait for the store before the run slows down to its pace."""


class Journal:
    """Collects finished trials; `keep` stores whatever is waiting in one transaction, again and again.

    Args:
        append: Stores trials durably, all or none. It runs in a thread: a store that waits for another
            process must not hold up the calls that are being timed.
        stored: Is told of a group of trials once it is durable.
        window: Seconds between the first waiting trial and the write.
    """

    def __init__(
        self,
        append: Callable[[Sequence[Trial]], None],
        stored: Callable[[Sequence[Trial]], None],
        window: float = WINDOW,
    ) -> None:
        self._append = append
        self._stored = stored
        self._window = window
        self._waiting: list[Trial] = []
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._closed = asyncio.Event()

    def add(self, trial: Trial) -> bool:
        """Hand over a finished trial; where this is False, wait for `room` before the next one is made."""
        self._waiting.append(trial)
        self._some.set()
        return len(self._waiting) < WAITING

    async def room(self) -> None:
        """Wait until the store has followed."""
        while len(self._waiting) >= WAITING:
            self._room.clear()
            await self._room.wait()

    def close(self) -> None:
        """Let `keep` end once everything that waits is stored; nothing may be added any more."""
        self._closed.set()
        self._some.set()

    async def keep(self) -> None:
        """Store until closed.

        Raises:
            StoreError: where the store cannot be written.
        """
        while not (self._closed.is_set() and not self._waiting):
            await self._some.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._window):
                    await self._closed.wait()
            group, self._waiting = self._waiting, []
            self._some.clear()
            self._room.set()
            if group:
                await asyncio.to_thread(self._append, group)
                self._stored(group)
