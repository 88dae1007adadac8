"""The real clock."""

import asyncio
import time


class MonotonicClock:
    """Seconds since the epoch that only move forward.

    The wall clock is read once, at construction; from there a monotonic clock counts. So a correction of the
    wall clock during a run bends no latency; all times of a process share its error at the start.

    Example:
        >>> clock = MonotonicClock()
        >>> clock.now() <= clock.now()
        True
    """

    def __init__(self) -> None:
        self._offset = time.time_ns() / 1e9 - time.perf_counter()

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._offset + time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Wait for this many seconds."""
        await asyncio.sleep(seconds)
