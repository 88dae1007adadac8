"""One connection of HTTP/1.1: a request goes out, and its answer is read as it comes, with times.

The protocol itself is parsed by httptools, which is Node's parser. What stands here is what asyncio needs between
a socket and the task that waits for an answer, and the rules for when a connection may serve the next request.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from passmuster.adapters.providers.wire.transport_errors import (
    CutOffError,
    HttpError,
    InvalidAnswerError,
    LostConnectionError,
    TimedOutError,
)

LONGEST_HEAD = 262_144
"""Bytes in a row that are not of the body, a head or trailers: beyond that somebody is flooding us."""
MOST_UNREAD = 262_144
"""Bytes of a body that wait to be read before the other side has to wait."""
CLOSED = "the other side closed it"


class HttpConnection(asyncio.Protocol):
    """One open connection; it carries one request at a time.

    `send` writes a request; `begun` waits for the head of its answer, after which `status` and `headers` (names
    in lower case) hold it; `read` gives the body piece by piece. A connection that is not `reusable` afterwards
    has to be closed.

    Args:
        now: Tells the time that pieces get, in seconds.
    """

    __slots__ = (
        "_alarm",
        "_alarm_at",
        "_arrived",
        "_bare",
        "_below",
        "_chunked",
        "_complete",
        "_due",
        "_headed",
        "_keeps",
        "_now",
        "_parser",
        "_parts",
        "_paused",
        "_problem",
        "_too_late",
        "_transport",
        "_unread",
        "_unread_size",
        "_waiter",
        "closed",
        "gone",
        "headers",
        "loop",
        "status",
    )

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._below: list[asyncio.Transport] = []
        self._waiter: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = math.inf
        self._due: float | None = None
        self._too_late = ""
        self.closed = False
        self.gone = asyncio.Event()
        self._arrived = 0.0
        self._complete = True
        self._begin()

    def _begin(self) -> None:
        self._parser: HttpResponseParser | None = None
        # No exception: with its traceback it would hold, through us, the call and its body.
        self._problem: tuple[type[HttpError], str] | None = None
        self._headed = self._keeps = self._chunked = self._paused = False
        self._bare = self._unread_size = 0
        self._parts: list[bytes] = []
        self._unread: deque[tuple[float, bytes]] = deque()
        self.status = 0
        self.headers: dict[str, str] = {}

    @property
    def reusable(self) -> bool:
        """Whether the next request may be sent: all was said, and both sides mean to go on."""
        transport = self._transport
        return (
            self._complete
            and self._keeps
            and not self._paused
            and not self.closed
            and transport is not None
            and not transport.is_closing()
            and transport.get_write_buffer_size() == 0
            and not (self._below and any(carrier.get_write_buffer_size() for carrier in self._below))
        )

    @property
    def transport(self) -> asyncio.Transport:
        """Return what carries the bytes.

        Raises:
            LostConnectionError: where the connection was never made.
        """
        if self._transport is None:
            raise LostConnectionError
        return self._transport

    def send(self, head: bytes, body: bytes) -> None:
        """Write a request; the answer to the one before must have been read to its end."""
        self._begin()
        self._complete = False
        if self.closed:
            self._problem = LostConnectionError, CLOSED
        else:
            self._parser = HttpResponseParser(self)
            self.transport.write(head + body)

    def expect(self, when: float | None, or_else: str = "") -> None:
        """Break off, for the reason `or_else`, unless this is called again before `when`; None is never.

        `when` is a time of the event loop. Nearly all that is expected comes, so there is one timer, which is
        set only for what is due before it; when it rings it is set again for what is due by then.
        """
        self._due, self._too_late = when, or_else
        if when is not None and when < self._alarm_at:
            self._set_alarm(when)

    async def begun(self) -> int:
        """Wait for the head of the answer and return its status.

        Raises:
            HttpError: where none comes.
        """
        while not self._headed:
            await self._changed()
        return self.status

    async def read(self) -> tuple[float, bytes]:
        """Return the next piece of the body with the time at which it arrived; no bytes are the end.

        Raises:
            HttpError: where the answer breaks off.
        """
        while not self._unread:
            if self._complete:
                return self._arrived, b""
            await self._changed()
        piece = self._unread.popleft()
        self._unread_size -= len(piece[1])
        if self._paused and self._unread_size < MOST_UNREAD:
            self._paused = False
            self.transport.resume_reading()
        return piece

    def whole(self) -> tuple[float, bytes] | None:
        """Return all of the body that has not been read, if its end has come; else None."""
        if not self._complete:
            return None
        body = b"".join([piece for _, piece in self._unread])
        self._unread.clear()
        self._unread_size = 0
        return self._arrived, body

    def close(self) -> None:
        """Close it at once, whatever it was doing."""
        self._keeps = False
        # Said here: what asyncio says afterwards is the same as for a regular end.
        self._break_off("it was closed on this side")
        if self._transport is not None:
            self._transport.abort()

    def follow(self, transport: asyncio.Transport) -> None:
        """Go on over another transport: TLS within the one that was opened."""
        self._below.append(self.transport)
        self._transport = transport

    async def _changed(self) -> None:
        if self._problem is not None:
            kind, reason = self._problem
            raise kind(reason)
        self._waiter = self.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _set_alarm(self, when: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = self.loop.call_at(when, self._ring), when

    def _ring(self) -> None:
        rung, self._alarm, self._alarm_at = self._alarm_at, None, math.inf
        if self._due is None or self._complete:
            return
        if self._due > rung:
            self._set_alarm(self._due)
            return
        self._problem = TimedOutError, self._too_late
        self.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _refuse(self, reason: str) -> None:
        self._problem = InvalidAnswerError, reason
        self._parser = None
        self.close()

    def _break_off(self, reason: str) -> None:
        if not self._complete and self._problem is None:
            begun = self._headed or self._bare > 0
            self._problem = (CutOffError if begun else LostConnectionError), reason

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of what carries the bytes."""
        # By its type alone: other event loops have transports of their own.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and wake the one who waits for it."""
        if self._complete or self._parser is None:
            # Nobody asked: the two sides are out of step, and the next answer would be another one's.
            self.close()
            return
        self._arrived = self._now()
        self._parse(self._parser, data)
        if self._parts:
            self._bare = 0
            self._keep()
        else:
            self._bare += len(data)
            if self._bare > LONGEST_HEAD and not self._complete:
                self._refuse(f"more than {LONGEST_HEAD} bytes of it came without any of its body")
        self._wake()

    def _parse(self, parser: HttpResponseParser, data: bytes) -> None:
        try:
            parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as problem:
            if self._complete:
                # More than was asked for: the answer stands, and the connection ends.
                self.close()
            else:
                self._refuse(_explained(problem))

    def _keep(self) -> None:
        """Have what came of the body wait to be read, and the other side wait where that is a lot."""
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        self._unread.append((self._arrived, body))
        self._unread_size += len(body)
        if self._unread_size > MOST_UNREAD and not self._complete and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end: of an answer that said no length it is the regular one."""
        self.closed = True
        self.gone.set()
        self._parser = None
        if self._alarm is not None:
            self._alarm.cancel()
        if self._complete:
            return
        self._arrived = self._now()
        endless = self._headed and not self._chunked and "content-length" not in self.headers
        if endless and exc is None and self._problem is None:
            self._complete = True
        else:
            self._break_off(CLOSED if exc is None else str(exc))
        self._wake()

    # What the parser calls

    def on_message_begin(self) -> None:
        """Refuse a second answer to one request: raising stops the parser."""
        if self._complete:
            message = "more came than was asked for"
            raise InvalidAnswerError(message)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; several of one name are joined, as HTTP has it. Nobody asks for trailers."""
        if self._headed:
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """Take what the head decides."""
        assert self._parser is not None  # noqa: S101 - it is what calls
        status = self._parser.get_status_code()
        if status < 200:
            return
        self.status = status
        self._headed = True
        self._keeps = self._parser.should_keep_alive()
        self._chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Take note of the end of an answer; an interim one (1xx) only announces the real one."""
        if self._headed:
            self._complete = True
        else:
            self.headers = {}


def _explained(problem: HttpParserError | HttpParserUpgrade) -> str:
    return "it changes to another protocol" if isinstance(problem, HttpParserUpgrade) else str(problem)


def request_head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    r"""Return the head of a request up to where `Content-Length` and the empty line go.

    Example:
        >>> request_head("POST", "/v1/answers", {"Host": "a.example"})
        b'POST /v1/answers HTTP/1.1\r\nHost: a.example\r\n'
    """
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")
