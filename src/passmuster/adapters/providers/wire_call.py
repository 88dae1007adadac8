"""The account of one call over HTTP that is still open."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    """Ends a call that takes too long, and says which of its limits that was.

    One timer serves all phases: it is set to whichever limit comes first. Where it strikes, the block that it
    is entered around ends with `TimeoutError`, and `expired` is set; a cancellation from elsewhere stays one.
    """

    __slots__ = ("_cancelling", "_end", "_limits", "_loop", "_task", "_timer", "_when", "expired", "message")

    def __init__(self, limits: Timeouts, *, streams: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._limits = limits
        begun = self._loop.time()
        self.expired = False
        self._end = self._when = None if limits.attempt is None else begun + limits.attempt
        self.message = ""
        if streams and limits.first_token is not None:
            self._when = self._sooner(begun + limits.first_token)
            self.message = f"no first token within {limits.first_token:g} s"

    def __enter__(self) -> None:
        """Start the timer."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a call is a part of a task: coroutines run in nothing else
        self._task, self._cancelling = task, task.cancelling()
        self._timer = None if self._when is None else self._loop.call_at(self._when, self._strike)

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, _: object) -> None:
        """Stop the timer, and turn its own cancellation into a `TimeoutError`."""
        if self._timer is not None:
            self._timer.cancel()
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            if self._when == self._end:
                self.message = f"no complete answer within {self._limits.attempt or 0:g} s"
            raise TimeoutError from problem

    def piece(self) -> None:
        """Wait for the next piece, after one that was not empty."""
        limits = self._limits
        if limits.between_tokens is not None:
            self.message = f"no next token within {limits.between_tokens:g} s"
            self._set(self._sooner(self._loop.time() + limits.between_tokens))
        elif limits.first_token is not None:
            self._set(self._end)

    def whole(self) -> None:
        """Wait for the end only: the answer is no stream."""
        self._set(self._end)

    def _strike(self) -> None:
        self.expired = True
        self._timer = None
        self._task.cancel()

    def _sooner(self, when: float) -> float:
        return when if self._end is None else min(when, self._end)

    def _set(self, when: float | None) -> None:
        if when == self._when or self.expired:
            return
        self._when = when
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if when is None else self._loop.call_at(when, self._strike)


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
