"""How late this program itself is: what it adds to the times that it measures."""

import asyncio
from array import array

from passmuster.records.run import Lag

INTERVAL = 0.01
"""Seconds between two looks at the clock."""

MOST = 60_000
"""Looks that are kept; after that every second one is dropped and the interval doubles."""


class LagMeter:
    """Looks at the clock again and again: what it wakes up too late is what a reply would have waited.

    It uses the event loop's own clock, which is monotonic, whatever clock the run is given.
    """

    def __init__(self, interval: float = INTERVAL, most: int = MOST) -> None:
        self._interval = interval
        self._most = most
        self._late = array("d")

    async def watch(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._interval
            await asyncio.sleep(self._interval)
            self._late.append(max(0.0, loop.time() - due))
            if len(self._late) >= self._most:
                self._late = self._late[::2]
                self._interval *= 2

    def lag(self) -> Lag | None:
        """Return what was seen; None before the first look."""
        late = sorted(self._late)
        if not late:
            return None
        return Lag(p50=rank(late, 0.5), p99=rank(late, 0.99), longest=late[-1])


def rank(ordered: list[float], p: float) -> float:
    """Return the p-quantile of sorted values: the order statistic of rank floor(pn) + 1.

    Example:
        >>> rank([1.0, 2.0, 3.0, 4.0], 0.5)
        3.0
    """
    return ordered[min(len(ordered) - 1, int(p * len(ordered)))]
