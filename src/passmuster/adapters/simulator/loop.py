"""An event loop that keeps appointments: the usual one rounds every wait up to a millisecond."""

import asyncio
import gc
import select
import selectors
from collections.abc import Coroutine
from typing import TYPE_CHECKING

HIGHEST = 1024
"""File numbers from here on are more than `select` can watch."""

if TYPE_CHECKING or hasattr(selectors, "EpollSelector"):

    class _ExactSelector(selectors.EpollSelector):
        """Waits by microseconds: epoll itself counts in milliseconds, but `select` can wait for it."""

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            if timeout is not None and timeout > 0 and self.fileno() < HIGHEST:
                select.select([self.fileno()], [], [], timeout)
                timeout = 0
            return super().select(timeout)


def exact_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop whose timers are late by the machine's own delay only.

    Example:
        >>> loop = exact_loop()
        >>> loop.run_until_complete(asyncio.sleep(0.0001, "woken"))
        'woken'
        >>> loop.close()
    """
    if hasattr(selectors, "EpollSelector"):
        return asyncio.SelectorEventLoop(_ExactSelector())
    return asyncio.new_event_loop()


def run_exactly(main: Coroutine[object, object, None]) -> None:
    """Run a coroutine in such a loop, without the pauses in which Python looks through all it has loaded.

    Everything that exists at the start is left out of garbage collection until the end: a look through it takes
    some 20 ms, which would be added to the times of answers.
    """
    gc.freeze()
    try:
        with asyncio.Runner(loop_factory=exact_loop) as runner:
            runner.run(main)
    finally:
        gc.unfreeze()
