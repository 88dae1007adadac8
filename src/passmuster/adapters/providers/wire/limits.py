"""What an endpoint says in its headers about its rate limits, and how long it asks to wait."""

import math
import re
from collections.abc import KeysView, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from passmuster.records.trial import Limits

MOST = 10**12
"""A limit above this is nonsense, and more than stores can hold."""
LONGEST = 366 * 86_400.0
"""Seconds: a wait that is longer than a year is nonsense."""
EPOCH_FROM = 10**9
"""A plain number from here on is a moment in seconds since the epoch, not a duration."""
DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
SECONDS = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)


def _names(style: str) -> KeysView[str]:
    named = (
        style.format(part, what)
        for what in ("requests", "tokens")
        for part in ("limit", "remaining", "reset")
    )
    return dict.fromkeys(named).keys()


STYLES = (_names("x-ratelimit-{0}-{1}"), _names("anthropic-ratelimit-{1}-{0}"))
"""Names of headers: limit, remaining and reset of requests, then of tokens."""


def read_limits(headers: Mapping[str, str], now: float) -> Limits | None:
    """Return what the headers of an answer say about rate limits, None where they say nothing.

    `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` and `anthropic-ratelimit-...` are understood.
    `headers` has its names in lower case; `now` is in seconds since the epoch.

    Example:
        >>> said = {"x-ratelimit-limit-requests": "600", "x-ratelimit-reset-requests": "6m0s"}
        >>> limits = read_limits(said, now=0.0)
        >>> limits.requests, limits.requests_reset, limits.tokens
        (600, 360.0, None)
    """
    for names in STYLES:
        if not names.isdisjoint(headers):
            return _limits([headers.get(name) for name in names], now)
    return None


def _limits(said: list[str | None], now: float) -> Limits | None:
    requests, requests_left, requests_reset, tokens, tokens_left, tokens_reset = said
    limits = Limits(
        requests=_count(requests),
        requests_left=_count(requests_left),
        requests_reset=read_wait(requests_reset, now),
        tokens=_count(tokens),
        tokens_left=_count(tokens_left),
        tokens_reset=read_wait(tokens_reset, now),
    )
    return None if limits == Limits() else limits


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds that the endpoint asks to wait, from seconds, milliseconds or an HTTP date.

    Example:
        >>> retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now=20.0)
        40.0
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def read_wait(text: str | None, now: float) -> float | None:
    """Return the seconds until a moment that comes as a duration, plain seconds, epoch or ISO time.

    Example:
        >>> [read_wait(text, now=0.0) for text in ("1m30s", "120ms", "2.5", "1970-01-01T00:00:09Z", "soon")]
        [90.0, 0.12, 2.5, 9.0, None]
    """
    if not text or len(text) > 64:
        return None
    number = _number(text)
    if number is not None:
        return _sane(number if number < EPOCH_FROM else _epoch(number) - now)
    found = DURATION.fullmatch(text.strip())
    if found is not None and any(found.groups()):
        parts = zip(found.groups(), SECONDS, strict=True)
        return _sane(math.fsum(float(part) * seconds for part, seconds in parts if part))
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _sane((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)


def _epoch(number: float) -> float:
    """Return seconds since the epoch; some endpoints give milliseconds."""
    return number / 1000 if number >= EPOCH_FROM * 100 else number


def _sane(seconds: float) -> float | None:
    return max(0.0, seconds) if seconds <= LONGEST else None


def _count(text: str | None) -> int | None:
    value = _number(text)
    return None if value is None or value > MOST else int(value)


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
