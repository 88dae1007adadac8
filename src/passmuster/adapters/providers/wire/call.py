"""The account of one call over HTTP that is still open."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from passmuster.adapters.providers.wire.connection import HttpConnection
from passmuster.records.case import Conversation
from passmuster.records.money import estimate_usage
from passmuster.records.record import Record
from passmuster.records.trial import Attempt, Failure, Limits, Outcome, Reply, Usage

MOST_GAPS = 4096
"""Gaps kept of a stream: a longer one has shown its pace by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts(Record):
    """Limits in seconds on one call; None sets none.

    `connect` is for the name, the connection and TLS, where no open connection is at hand. `first_token` runs
    from the start of the call to the first piece of a stream that is not empty, `between_tokens` from each
    such piece to the next one or the end. `attempt` is for all of it.
    """

    connect: float | None = 10.0
    first_token: float | None = None
    between_tokens: float | None = None
    attempt: float | None = 120.0


@dataclass(slots=True)
class Call:
    """What is known so far; times are the clock's. Without a connection nothing is `sent`, and nothing billed."""

    started: float
    ended: float | None = None
    first: float | None = None
    last: float = 0.0
    gaps: list[float] = field(default_factory=list)
    status: int | None = None
    retry_after: float | None = None
    limits: Limits | None = None
    simulated: tuple[float, float | None] | None = None
    sent: bool = True

    def piece(self, now: float) -> None:
        """Take note of a piece of a stream that is not empty."""
        if self.first is None:
            self.first = now
        elif len(self.gaps) < MOST_GAPS:
            self.gaps.append(round(max(0.0, now - self.last), 6))
        self.last = now

    def attempt(self, outcome: Outcome, usage: Usage | None) -> Attempt:
        """Return the account as a record; a simulator's own times stand in for the measured ones."""
        failure = outcome if isinstance(outcome, Failure) else None
        seconds, first_token, gaps = self._times()
        return Attempt(
            started=self.started,
            seconds=seconds,
            first_token=first_token,
            status=self.status,
            error=None if failure is None else failure.kind,
            message=None if failure is None else failure.message,
            retry_after=self.retry_after,
            usage=usage,
            gaps=gaps,
            at_risk=None if self.sent else 0.0,
        )

    def _times(self) -> tuple[float | None, float | None, tuple[float, ...] | None]:
        streamed = self.first is not None
        if self.simulated is not None:
            seconds, first = self.simulated
            return seconds, first if streamed else None, None
        if self.ended is None:
            return None, None, None
        seconds = max(0.0, self.ended - self.started)
        if self.first is None:
            return seconds, None, None
        return seconds, min(seconds, max(0.0, self.first - self.started)), tuple(self.gaps)


class Watch:
    """Tells the connection of a call what is expected of the answer next, and by when.

    Made when the call begins, for which `limits` say how long each step may take; `streams` is whether a stream
    was asked for.
    """

    __slots__ = ("_begun", "_connection", "_limits", "_loop", "_streams")

    def __init__(self, limits: Timeouts, *, streams: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._limits = limits
        self._streams = streams
        self._connection: HttpConnection | None = None

    def begin(self, connection: HttpConnection) -> None:
        """Expect the first piece of a stream, or else the end."""
        self._connection = connection
        first = self._limits.first_token
        if self._streams and first is not None:
            self._expect("no first token", first, self._begun)
        else:
            self.whole()

    def piece(self) -> None:
        """Expect the next piece, after one that was not empty."""
        between = self._limits.between_tokens
        if between is not None:
            self._expect("no next token", between, self._loop.time())
        elif self._limits.first_token is not None:
            self.whole()

    def whole(self) -> None:
        """Expect the end only: what comes is no stream."""
        attempt = self._limits.attempt
        if self._connection is not None:
            if attempt is None:
                self._connection.expect(None)
            else:
                self._connection.expect(self._begun + attempt, _missing("no complete answer", attempt))

    def _expect(self, what: str, seconds: float, since: float) -> None:
        attempt = self._limits.attempt
        if attempt is not None and self._begun + attempt <= since + seconds:
            self.whole()
        elif self._connection is not None:
            self._connection.expect(since + seconds, _missing(what, seconds))


@lru_cache(maxsize=64)
def _missing(what: str, seconds: float) -> str:
    return f"{what} within {seconds:g} s"


def simulated_times(headers: Mapping[str, str]) -> tuple[float, float | None] | None:
    """Return what a simulator says of its own times: seconds of the call, seconds to the first token."""
    try:
        return float(headers["x-simulated-seconds"]), float(headers["x-simulated-first-token"])
    except (KeyError, ValueError):
        return None


def whole_usage(usage: Usage | None, conversation: Conversation, reply: Reply) -> Usage:
    """Fill what the endpoint did not report by the documented rule, and mark it."""
    if usage is not None and usage.input is not None and usage.output is not None:
        return usage
    written = reply.text + "".join(call.name + call.arguments for call in reply.tool_calls)
    estimate = estimate_usage(conversation, written)
    if usage is None:
        return estimate
    return replace(
        usage,
        input=estimate.input if usage.input is None else usage.input,
        output=estimate.output if usage.output is None else usage.output,
        estimated=True,
    )
