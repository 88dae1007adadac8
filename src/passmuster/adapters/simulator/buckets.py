"""Rate limits as token buckets, and how endpoints tell of them."""

import math
from typing import NamedTuple

from passmuster.adapters.simulator.profiles import RateLimits

_ROUNDING = 1e-9


class Bucket:
    """Holds up to `capacity`, full at first, and gains `rate` a second; times are seconds of any one clock.

    Example:
        >>> bucket = Bucket(rate=10.0, capacity=2.0)
        >>> [bucket.wait(1.0, now=5.0) or bucket.take(1.0) for _ in range(3)]
        [None, None, 0.1]
    """

    def __init__(self, rate: float, capacity: float) -> None:
        self.rate = rate
        self.capacity = capacity
        self._level = capacity
        self._at: float | None = None

    def level(self, now: float) -> float:
        """Return what it holds; below 0 where more was taken than it held."""
        if self._at is not None and now > self._at:
            self._level = min(self.capacity, self._level + (now - self._at) * self.rate)
        self._at = now if self._at is None else max(self._at, now)
        return self._level

    def wait(self, amount: float, now: float) -> float:
        """Return in how many seconds it holds this amount: 0 is now, infinity never."""
        missing = amount - self.level(now)
        if missing <= _ROUNDING:
            return 0.0
        return math.inf if amount > self.capacity + _ROUNDING else missing / self.rate

    def take(self, amount: float) -> None:
        """Take this amount, whether it is there or not."""
        self._level -= amount

    def reset(self, now: float) -> float:
        """Return in how many seconds it is full."""
        return max(0.0, self.capacity - self.level(now)) / self.rate


class Allowance(NamedTuple):
    """What is left of one limit: `limit` a minute, `reset` in seconds until all of it is back."""

    limit: int
    remaining: int
    reset: float


class Standing(NamedTuple):
    """What an endpoint can say of its limits; None where there is none."""

    requests: Allowance | None
    tokens: Allowance | None


class Refusal(NamedTuple):
    """A request over the limit: `kind` says which, `wait` in how many seconds it can come (infinity: never)."""

    kind: str
    wait: float


class Limiter:
    """Holds one model to its limits; `scale` is real seconds per simulated second, 0 knows no limits."""

    def __init__(self, limits: RateLimits, scale: float = 1.0) -> None:
        self.headers = limits.headers
        self._requests = _bucket(limits.requests_per_minute, limits.burst, 1 / 60, scale)
        self._tokens = _bucket(limits.tokens_per_minute, limits.burst_tokens, 1.0, scale)

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self._requests is not None or self._tokens is not None

    def admit(self, tokens: int, now: float) -> Refusal | None:
        """Take a request with these tokens, or say why not; what is refused takes nothing."""
        wait = self._requests.wait(1.0, now) if self._requests else 0.0
        more = self._tokens.wait(tokens, now) if self._tokens else 0.0
        if wait or more:
            return Refusal("requests" if wait >= more else "tokens", max(wait, more))
        if self._requests:
            self._requests.take(1.0)
        self.charge(tokens)
        return None

    def charge(self, tokens: int) -> None:
        """Take tokens that were not known before."""
        if self._tokens:
            self._tokens.take(tokens)

    def standing(self, now: float) -> Standing:
        """Return what is left."""
        return Standing(_allowance(self._requests, now), _allowance(self._tokens, now))


def duration(seconds: float) -> str:
    """Return a time as OpenAI's rate limit headers have it.

    Example:
        >>> [duration(seconds) for seconds in (0.0, 0.12, 1.0, 8.64, 360.0, 3661.5)]
        ['0s', '120ms', '1s', '8.64s', '6m0s', '1h1m1.5s']
    """
    milliseconds = math.ceil(round(seconds * 1000, 6))
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{text}{rest / 1000:g}s"


def _bucket(per_minute: float | None, burst: float | None, share: float, scale: float) -> Bucket | None:
    if per_minute is None or scale == 0:
        return None
    return Bucket(per_minute / 60 / scale, max(1.0, per_minute * share) if burst is None else burst)


def _allowance(bucket: Bucket | None, now: float) -> Allowance | None:
    if bucket is None:
        return None
    left = max(0, math.floor(bucket.level(now) + _ROUNDING))
    return Allowance(round(bucket.rate * 60), left, bucket.reset(now))
