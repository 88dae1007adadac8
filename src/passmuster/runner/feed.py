"""Feeds a lane with the trials that are still to be made, each of them claimed before it starts."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from typing import Protocol

from passmuster.errors import StoreError
from passmuster.ports import LEASE, Answer, Claim, Clock
from passmuster.records.trial import TrialKey
from passmuster.runner.plan import Ask

TAKEN_PAUSE = 0.5
"""Seconds between two looks at trials that another process is making."""


class Claims(Protocol):
    """The claims of one run."""

    def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
        """Claim these trials, each or not."""


class Everything:
    """Grants all: for a run that shares its store with nobody, or has none."""

    def claim(self, wanted: Sequence[Claim], now: float) -> list[Answer]:
        """Grant these trials."""
        del now
        return ["granted"] * len(wanted)


class Feed:
    """The trials of one lane, claimed some way ahead so that no call waits for the store.

    Trials that another process is making come last: they are done by then, or given up and can be made here.

    Args:
        asks: The lane's part of the plan, in order; taken from only as fast as trials are made.
        claims: Who else is at work.
        clock: Where times come from.
        ahead: How many trials are claimed at a time.
        reused: Is told how many of the trials are stored already.
    """

    def __init__(
        self,
        asks: Iterable[Ask],
        claims: Claims,
        clock: Clock,
        ahead: int,
        reused: Callable[[int], None],
    ) -> None:
        self._asks = iter(asks)
        self._claims = claims
        self._clock = clock
        self._ahead = max(1, ahead)
        self._reused = reused
        self._ready: deque[Ask] = deque()
        self._taken: deque[Ask] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._over = False
        self._closed = False

    async def take(self) -> Ask | None:
        """Return the next trial to make, or None after the last one.

        Raises:
            StoreError: where claims cannot be made.
        """
        while not self._closed:
            if not self._over and self._filling is None and len(self._ready) <= self._ahead // 2:
                self._filling = asyncio.create_task(self._fill())
            if self._ready:
                return self._ready.popleft()
            if self._filling is not None:
                await asyncio.shield(self._filling)
            elif self._over:
                return None
        return None

    def close(self) -> None:
        """Give out nothing any more."""
        self._closed = True

    async def begin(self) -> None:
        """Claim the first trials.

        Raises:
            StoreError: where claims cannot be made.
        """
        self._filling = asyncio.create_task(self._fill())
        await asyncio.shield(self._filling)

    async def settle(self) -> None:
        """Wait for claims that are being made: what is claimed after a run has ended would be held for nobody."""
        filling = self._filling
        if filling is not None:
            await asyncio.wait({filling})
            if not filling.cancelled():
                filling.exception()  # told to whoever took next, or to nobody: the run ends for another reason

    async def _fill(self) -> None:
        fresh = list(islice(self._asks, self._ahead))
        if fresh:
            await self._claim(fresh)
        elif self._taken:
            again = [self._taken.popleft() for _ in range(min(self._ahead, len(self._taken)))]
            if not await self._claim(again):
                await self._clock.sleep(TAKEN_PAUSE)
        else:
            self._over = True
        # After an error it stays, so that whoever takes next is told.
        self._filling = None

    async def _claim(self, asks: Sequence[Ask]) -> bool:
        """Claim these, and return whether any of them is ours or done now."""
        wanted = [Claim(ask.key) for ask in asks]
        answers = await asyncio.to_thread(self._claims.claim, wanted, self._clock.now())
        done = 0
        for ask, answer in zip(asks, answers, strict=True):
            if answer == "granted":
                self._ready.append(ask)
            elif answer == "taken":
                self._taken.append(ask)
            else:
                done += 1
        if done:
            self._reused(done)
        return any(answer != "taken" for answer in answers)


class Lease:
    """Keeps the claims of a run alive while it runs."""

    def __init__(self, renew: Callable[[float], None], clock: Clock, every: float = LEASE / 3) -> None:
        self._renew = renew
        self._clock = clock
        self._every = every

    async def keep(self) -> None:
        """Renew until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            # A store that is busy now is asked again before the lease is over; one that is lost ends the run itself.
            with suppress(StoreError):
                await asyncio.to_thread(self._renew, self._clock.now())


class Reservations:
    """Makes it durable, in groups, what trials may cost before their calls are made.

    Args:
        claim: Stores the claims of this run with what they reserve; it runs in a thread.
    """

    def __init__(self, claim: Callable[[Sequence[Claim]], object]) -> None:
        self._claim = claim
        self._waiting: list[tuple[Claim, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def reserve(self, key: TrialKey, usd: float) -> None:
        """Return once the reservation is stored.

        Raises:
            StoreError: where it cannot be.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((Claim(key, usd), future))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await future

    async def settle(self) -> None:
        """Wait for what is being stored."""
        while self._writing is not None:
            await asyncio.wait({self._writing})

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await _told(group, asyncio.to_thread(self._claim, [claim for claim, _ in group]))
        finally:
            self._writing = None


async def _told(group: Sequence[tuple[Claim, "asyncio.Future[None]"]], work: Awaitable[object]) -> None:
    """Wait for the work, and tell everybody in the group what came of it."""
    problem: BaseException | None = None
    try:
        await work
    except Exception as error:  # noqa: BLE001 - it is raised again, where it is waited for
        problem = error
    for _, future in group:
        if future.done():
            continue
        if problem is None:
            future.set_result(None)
        else:
            future.set_exception(problem)
