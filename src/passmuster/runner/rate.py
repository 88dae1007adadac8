"""How fast one endpoint may be asked: as fast as it allows, learned from what it says and what it refuses.

Three things hold calls back, and nothing else does. *Buckets* follow the requests and tokens that the endpoint
grants a minute: stated by the user, read from its headers, or, where it only refuses, taken from the rate at
which it last let calls through. A *window* of calls in flight shrinks when it says that it is overloaded, and
grows again. And a call that was refused waits by itself (`retry`): a refusal of one call is no reason to hold up
the others until refusals are so many that they must come from the rate.
"""

import asyncio
import math
from collections import deque

from passmuster.ports import Clock
from passmuster.records.candidate import RateLimit
from passmuster.records.trial import Attempt, Failure, Limits, Outcome

MINUTE = 60.0
SHORTEST = 0.001
"""Seconds of the shortest wait: a shorter one can be lost in the rounding of a clock that counts from 1970."""
OVERLOADED = frozenset({503, 529})
SHRINK = 0.7
"""What is left of the window after a sign of overload."""
LOOK_BACK = 5.0
"""Seconds over which refusals and the rate that gets through are counted."""
ENOUGH = 40
"""Answers that are needed before a share of refusals says anything."""
REFUSED = 0.3
"""The share of refused calls from which the rate must be to blame: chance refusals are rarer."""
CUTS = 3
"""Cuts of a learned rate, none of which brought the refusals down, after which it is given up."""
LITTLE = 0.01
"""A share of refusals that is no reason to go slower, and by how much a learned rate grows meanwhile."""
PATIENCE = 60.0
"""Seconds until a rate is learned again after it was given up."""
BURST = 1.0
"""Seconds' worth of calls that a stated rate may be ahead by."""


class Bucket:
    """Grants amounts at a rate, and at most `most` of them at once (a token bucket); times are seconds.

    Example:
        >>> bucket = Bucket(rate=10.0, most=20.0, now=0.0)
        >>> bucket.take(20.0, 0.0), bucket.wait(1.0, 0.0)
        (None, 0.1)
    """

    def __init__(self, rate: float, most: float, now: float, level: float | None = None) -> None:
        self.rate = rate
        self.most = max(most, 1.0)
        self.level = self.most if level is None else level
        self._at = now

    def wait(self, amount: float, now: float) -> float:
        """Return the seconds until `amount` can be taken; a larger amount than the bucket needs it full."""
        self._fill(now)
        missing = min(amount, self.most) - self.level
        return max(0.0, missing / self.rate) if self.rate > 0 else math.inf

    def take(self, amount: float, now: float) -> None:
        """Take an amount; what was not there is owed."""
        self._fill(now)
        self.level -= amount

    def lower(self, level: float, now: float) -> None:
        """Hold no more than `level`."""
        self._fill(now)
        self.level = min(self.level, level)

    def _fill(self, now: float) -> None:
        self.level = min(self.most, self.level + max(0.0, now - self._at) * self.rate)
        self._at = max(self._at, now)


class Throttle:
    """Lets calls to one endpoint start; every lane that asks the same model there shares it.

    Args:
        clock: Where times come from.
        most: Calls in flight at most.
        stated: What the user says that the endpoint allows.
    """

    def __init__(self, clock: Clock, most: int, stated: RateLimit | None = None) -> None:
        self._clock = clock
        self._window = _Window(most)
        self._granting = asyncio.Lock()
        self._under_way = 0
        stated = stated or RateLimit()
        self._requests = _stated(stated.requests_per_minute, clock.now())
        self._tokens = _stated(stated.tokens_per_minute, clock.now())
        self._refusals = _Refusals(clock.now())

    @property
    def window(self) -> int:
        """How many calls may be in flight now."""
        return self._window.size

    @property
    def rate(self) -> float | None:
        """How many calls a second may start now; None where nothing holds them back."""
        return None if self._requests is None else self._requests.rate

    @property
    def counts_tokens(self) -> bool:
        """Whether it matters how many tokens a call needs."""
        return self._tokens is not None

    def opens(self) -> bool:
        """Start a call at once where nothing holds any back; then `leave` or `abandon` must follow, else `enter`."""
        free = self._requests is None and self._tokens is None and self._window.opens()
        self._under_way += free
        return free

    async def enter(self, tokens: float = 0.0) -> None:
        """Wait until a call that will need about `tokens` may start; `leave` or `abandon` must follow."""
        if not self._window.opens():
            await self._window.turn()
        try:
            if self._requests is not None or self._tokens is not None:
                async with self._granting:
                    await self._granted(tokens)
        except BaseException:
            self._window.leave()
            raise
        self._under_way += 1

    def leave(self, attempt: Attempt, outcome: Outcome, limits: Limits | None) -> None:
        """Take in how a call ended, and let the next one start."""
        self._under_way -= 1
        now = self._clock.now()
        refused = isinstance(outcome, Failure) and outcome.kind == "rate_limit"
        if limits is not None:
            self._follow(limits, now)
        if attempt.status in OVERLOADED:
            self._window.shrink(attempt.started, now)
        elif not isinstance(outcome, Failure):
            self._window.grow()
        if self._requests is None or self._refusals.learning:
            self._requests = self._refusals.learn(self._requests, now, refused=refused)
        self._window.leave()

    def abandon(self) -> None:
        """Take in that a call was cancelled."""
        self._under_way -= 1
        self._window.leave()

    async def _granted(self, tokens: float) -> None:
        while True:
            now = self._clock.now()
            asked = ((self._requests, 1.0), (self._tokens, tokens))
            waits = [bucket.wait(amount, now) for bucket, amount in asked if bucket is not None]
            wait = max(waits, default=0.0)
            if wait <= 0:
                break
            await self._clock.sleep(min(max(wait, SHORTEST), MINUTE))
        for bucket, amount in asked:
            if bucket is not None:
                bucket.take(amount, now)

    def _follow(self, limits: Limits, now: float) -> None:
        own = None if self._refusals.learning else self._requests
        told = _followed(own, limits.requests, limits.requests_left, limits.requests_reset, now)
        if told is not None:
            if own is None:
                # Those under way are not in the remainder yet.
                told.level -= self._under_way
            self._requests = told
            self._refusals.learning = False
        self._tokens = _followed(self._tokens, limits.tokens, limits.tokens_left, limits.tokens_reset, now)


class _Window:
    """Lets so many calls in at a time, first come, first served."""

    def __init__(self, most: int) -> None:
        self.size = self._most = max(1, most)
        self._exact = float(self._most)
        self._open = 0
        self._shrunk = -math.inf
        self._waiting: deque[asyncio.Future[None]] = deque()

    def opens(self) -> bool:
        """Go in, where there is room and nobody waits."""
        free = self._open < self.size and not self._waiting
        self._open += free
        return free

    async def turn(self) -> None:
        """Wait for one's turn, and go in."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self._open -= 1
        while self._waiting and self._open < self.size:
            future = self._waiting.popleft()
            if not future.done():
                self._open += 1
                future.set_result(None)

    def grow(self) -> None:
        if self._exact < self._most:
            self._resize(min(self._most, self._exact + 1.0 / self._exact))

    def shrink(self, started: float, now: float) -> None:
        # Calls that were under way when it shrank say nothing about the new size.
        if started > self._shrunk:
            self._resize(max(1.0, self._exact * SHRINK))
            self._shrunk = now

    def _resize(self, exact: float) -> None:
        self._exact, self.size = exact, int(exact)


class _Refusals:
    """Learns a rate from refusals alone: where so many are refused, what got through is what is allowed.

    Refusals by chance are a share of the calls however slow they come; after `CUTS` cuts that changed nothing
    the rate is not to blame, and calls are let go again for a while.
    """

    def __init__(self, now: float) -> None:
        self.learning = False
        self._since = now
        self._through = 0
        self._refused = 0
        self._cuts = 0
        self._quiet_until = -math.inf

    def learn(self, bucket: Bucket | None, now: float, *, refused: bool) -> Bucket | None:
        """Count an answer, and return the bucket that calls are to go by from now on."""
        self._refused += refused
        self._through += not refused
        answers = self._refused + self._through
        share = self._refused / answers
        span = now - self._since
        if bucket is None:
            if refused and answers >= ENOUGH and share >= REFUSED and now >= self._quiet_until:
                self.learning = True
                return self._cut(now, span)
            if span > LOOK_BACK:
                self._restart(now)
            return None
        if span < LOOK_BACK:
            return bucket
        return self._adjusted(bucket, share, now)

    def _adjusted(self, bucket: Bucket, share: float, now: float) -> Bucket | None:
        if share >= REFUSED:
            if self._cuts >= CUTS:
                self.learning, self._cuts = False, 0
                self._quiet_until = now + PATIENCE
                self._restart(now)
                return None
            return self._cut(now, now - self._since)
        self._cuts = 0
        bucket.rate *= 1.0 - share if share > LITTLE else 1.0 + LITTLE
        self._restart(now)
        return bucket

    def _cut(self, now: float, span: float) -> Bucket:
        rate = max(self._through / max(span, 0.5), 1.0 / MINUTE)
        self._cuts += 1
        self._restart(now)
        return Bucket(rate, 1.0, now, level=0.0)

    def _restart(self, now: float) -> None:
        self._since, self._through, self._refused = now, 0, 0


def _stated(per_minute: float | None, now: float) -> Bucket | None:
    if per_minute is None:
        return None
    rate = per_minute / MINUTE
    return Bucket(rate, rate * BURST, now)


def _followed(
    bucket: Bucket | None, limit: int | None, left: int | None, reset: float | None, now: float
) -> Bucket | None:
    """Return the bucket that an endpoint's words describe, or the present one brought in line with them."""
    if limit is None or left is None or limit <= 0:
        return bucket
    rate = limit / MINUTE
    if bucket is None:
        # After `reset` seconds all of it is back: that is the burst. Unsaid, it is one second's worth.
        return Bucket(rate, left + rate * (BURST if reset is None else reset), now, level=float(left))
    # The remainder is rounded down and older than now: it corrects a drift, not a fraction.
    bucket.lower(left + 1.0, now)
    return bucket
