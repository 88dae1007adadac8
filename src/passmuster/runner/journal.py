"""The one writer of a run: it makes finished trials durable in groups, and counts them only then."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from passmuster.records.trial import Trial

WINDOW = 0.02
"""Seconds that a finished trial waits for others to be stored with it (a fifth of what may be lost)."""

WAITING = 4096
"""Finished trials that may wait for the store before the run slows down to its pace."""


class Journal:
    """Collects finished trials; `keep` stores whatever is waiting in one transaction, again and again.

    Args:
        append: Stores trials durably, all or none. It runs in a thread: a store that waits for another
            process must not hold up the calls that are being timed.
        stored: Is told of each trial once it is durable.
        window: Seconds between the first waiting trial and the write.
    """

    def __init__(
        self,
        append: Callable[[Sequence[Trial]], None],
        stored: Callable[[Trial], None],
        window: float = WINDOW,
    ) -> None:
        self._append = append
        self._stored = stored
        self._window = window
        self._waiting: asyncio.Queue[Trial | None] = asyncio.Queue(WAITING)
        self._closed = asyncio.Event()

    async def add(self, trial: Trial) -> None:
        """Hand over a finished trial; waits where the store cannot follow."""
        await self._waiting.put(trial)

    def close(self) -> None:
        """Let `keep` end once everything that waits is stored; nothing may be added any more."""
        self._closed.set()
        if self._waiting.empty():
            self._waiting.put_nowait(None)

    async def keep(self) -> None:
        """Store until closed.

        Raises:
            StoreError: where the store cannot be written.
        """
        while not (self._closed.is_set() and self._waiting.empty()):
            group = [await self._waiting.get()]
            with suppress(TimeoutError):
                async with asyncio.timeout(self._window):
                    await self._closed.wait()
            while not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            trials = [trial for trial in group if trial is not None]
            if trials:
                await asyncio.to_thread(self._append, trials)
            for trial in trials:
                self._stored(trial)
