"""One call over HTTP: JSON there, JSON or server-sent events back, with the account of it.

A provider on top of it writes a body and reads an answer; time, failures, limits and secrets are cared for
here. `ask` writes the body and hands it over with a fresh `Reader`:

    class MyProvider:
        def __init__(self, candidate, api_key, clock, connection):
            url = http_url(connection.base_url or candidate.endpoint or "https://api.example.com/v1")
            endpoint = Endpoint(url=url / "answers", headers={"X-Key": api_key}, streams=True,
                                simulated=candidate.simulated)
            self._wire = Wire(endpoint, clock, connection)

        @property
        def source(self):
            return self._wire.source

        async def ask(self, request):
            try:
                body = self._writer.write(request.conversation)
            except ValueError as problem:
                return self._wire.unsent(str(problem))
            return await self._wire.ask(request, body, MyReader())

        async def close(self):
            await self._wire.close()

A reader raises `UnreadableError` for what is not of the promised form, with a kind where the answer itself
says that it failed; `parse_object` reads the JSON object that most answers are.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from yarl import URL

from passmuster.adapters.providers.pipeline.link import correlation_headers, link_headers
from passmuster.adapters.providers.wire.address import is_loopback, merged_headers, proxy_for, tls_context
from passmuster.adapters.providers.wire.body import Body
from passmuster.adapters.providers.wire.call import Call, Timeouts, Watch, simulated_times, whole_usage
from passmuster.adapters.providers.wire.connection import HttpConnection, request_head
from passmuster.adapters.providers.wire.errors import (
    Redactor,
    UnreadableError,
    failure_of,
    kind_of_status,
    refusal_of,
    secret_values,
    wait_in,
)
from passmuster.adapters.providers.wire.limits import read_limits, retry_after
from passmuster.adapters.providers.wire.reuse import Connections
from passmuster.adapters.providers.wire.route import Route
from passmuster.adapters.providers.wire.sse import EventParser
from passmuster.adapters.providers.wire.transport_errors import (
    HttpError,
    LostConnectionError,
    NotSentError,
)
from passmuster.ports import Clock
from passmuster.records.record import Record
from passmuster.records.trial import Exchange, Failure, FailureKind, Outcome, Reply, Request, Source, Usage

__all__ = ["Connection", "Endpoint", "Reader", "Timeouts", "Wire"]

ERROR_BODY = 65_536
"""Bytes read of the body of an error."""
AFTER_THE_END = 0.5
"""Seconds that a server has to close its answer after saying that it is done, to keep the connection."""
SHOWN = 120
"""Bytes shown of an answer that is not of the promised form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Record):
    """How an endpoint is reached: nothing in here decides what it answers, so it is no part of the identity.

    `base_url` stands in for the candidate's endpoint (a simulator on a free port). `headers` are sent beside
    the provider's own and win; `secrets` are kept out of everything that is stored, and so are the values of
    headers whose names say that they are secret. A longer answer than `body_limit` bytes is malformed.
    `ca_file` holds the authorities that certificates are checked against, None takes the system's.
    """

    base_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    body_limit: int = 32 * 1024 * 1024
    secrets: tuple[str, ...] = field(default=(), repr=False)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Record):
    """Where requests go and what they carry; `streams` says that answers are asked for as streams."""

    url: URL
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    streams: bool = False
    simulated: bool = False


class Reader(Protocol):
    """Reads the answer to one call, as server-sent events or as one body; made anew for each call."""

    @property
    def done(self) -> bool:
        """Whether a stream said that it has ended: the rest of it is passed over."""

    def event(self, data: bytes) -> bool:
        """Take the data of an event; return whether it brought a piece of the answer that is not empty.

        Raises:
            UnreadableError: where it is not of the promised form, or says that the call failed.
        """

    def whole(self, body: bytes) -> None:
        """Take an answer that is no stream.

        Raises:
            UnreadableError: where it is not of the promised form, or says that the call failed.
        """

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was written, with every text of the other side passed through `clean`.

        Raises:
            UnreadableError: where a stream ended before the answer was whole.
        """

    def usage(self) -> Usage | None:
        """Return the tokens that were reported so far; of a call that failed, too. Raises nothing."""


class Wire:
    """Makes calls to one endpoint; one `ask` is one request, and nothing is retried here.

    Args:
        endpoint: Where requests go, with the provider's own headers.
        clock: Where the times of attempts come from.
        connection: How the endpoint is reached, with limits on time and size.
        refusal: Says kind and message for a status that is no success, from the first bytes of its body.

    Raises:
        ConfigurationError: for headers that HTTP cannot carry, a `ca_file` that cannot be read, and a proxy
            of the environment that is no address.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        connection: Connection,
        *,
        refusal: Callable[[int, bytes], tuple[FailureKind, str]] = refusal_of,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._connection = connection
        self._refusal = refusal
        self._loopback = is_loopback(endpoint.url.host)
        self._told = self._loopback or endpoint.simulated
        self._headers = merged_headers(endpoint.headers, connection.headers, endpoint.url)
        # Looked up once: the environment of a process does not change while it runs.
        route = Route(
            endpoint.url,
            proxy=proxy_for(endpoint.url),
            tls=tls_context(connection.ca_file),
            connect=_least(connection.timeouts, streams=endpoint.streams),
            now=clock.now,
        )
        self._connections = Connections(route, streams=endpoint.streams)
        self._head = request_head("POST", route.target(endpoint.url), {**self._headers, **route.headers()})
        named = {**self._headers, **endpoint.url.query}
        self.redact = Redactor([*connection.secrets, endpoint.url.password, *secret_values(named)])

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return "simulated" if self._endpoint.simulated else "measured"

    def unsent(self, message: str, kind: FailureKind = "prompt") -> Exchange:
        """Return the exchange for a request that cannot be written: no call was made."""
        failure = self._failure(kind, message)
        return Exchange(failure, Call(self._clock.now()).attempt(failure, None))

    async def ask(self, request: Request, body: bytes, reader: Reader) -> Exchange:
        """Send a body and give back how it ended; only cancellation is raised."""
        keeps = self._connections.keeps
        if keeps is None:
            keeps = await self._connections.settle()
        watch = Watch(self._connection.timeouts, streams=self._endpoint.streams)
        call = Call(self._clock.now())
        head = self._request_head(request, len(body), keeps=keeps)
        connection: HttpConnection | None = None
        outcome: Outcome | None = None
        lost = False
        try:
            connection = await self._connections.take(keeps=keeps)
            connection.send(head, body)
            watch.begin(connection)
            outcome = await self._read(connection, reader, call, watch)
        except (UnreadableError, HttpError) as problem:
            call.sent = not isinstance(problem, NotSentError)
            lost = isinstance(problem, LostConnectionError)
            outcome = self._failure(*failure_of(problem))
        finally:
            streamed = call.first is not None and isinstance(outcome, Reply)
            self._connections.give(connection, keeps=keeps, streamed=streamed, lost=lost)
        if call.ended is None:
            call.ended = self._clock.now()
        usage = reader.usage()
        if isinstance(outcome, Reply):
            usage = whole_usage(usage, request.conversation, outcome)
        return Exchange(outcome, call.attempt(outcome, usage), limits=call.limits)

    async def close(self) -> None:
        """Close the connections; may be called again."""
        await self._connections.close()

    def _request_head(self, request: Request, length: int, *, keeps: bool) -> bytes:
        headers = {} if keeps else {"Connection": "close"}
        headers |= link_headers(loopback=self._loopback)
        if self._told:
            # The simulator serves the recording that belongs to this repeat, in whatever order requests come.
            headers |= correlation_headers(request)
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        return b"%sContent-Length: %d\r\n%s\r\n" % (self._head, length, lines.encode("ascii"))

    async def _read(self, connection: HttpConnection, reader: Reader, call: Call, watch: Watch) -> Outcome:
        call.status = status = await connection.begun()
        headers = connection.headers
        call.limits = read_limits(headers, call.started)
        if self._endpoint.simulated:
            call.simulated = simulated_times(headers)
        if not 200 <= status < 300:
            return await self._refused(connection, call)
        body = Body(connection, self._connection.body_limit)
        kind = headers.get("content-type", "").lower()
        streamed = kind.startswith("text/event-stream")
        if streamed or (self._endpoint.streams and not kind.startswith("application/json")):
            await self._read_stream(body, reader, call, watch)
        else:
            if self._endpoint.streams:
                watch.whole()
            call.ended, data = await body.whole()
            reader.whole(data)
        return reader.reply(self.redact.clean)

    async def _refused(self, connection: HttpConnection, call: Call) -> Failure:
        status, headers = connection.status, connection.headers
        call.retry_after = retry_after(headers, self._clock.now())
        if 300 <= status < 400:
            place = headers.get("location", "nowhere")
            message = f"HTTP {status}: redirected to {place}; set that as base_url"
            return self._failure(kind_of_status(status), message)
        kept = b""
        # The status says what it is, whatever becomes of the words that go with it.
        with suppress(UnreadableError, HttpError):
            body = Body(connection, self._connection.body_limit)
            while len(kept) < ERROR_BODY and (piece := (await body.next())[1]):
                kept += piece
        if call.retry_after is None:
            call.retry_after = wait_in(kept[:ERROR_BODY])
        return self._failure(*self._refusal(status, kept[:ERROR_BODY]))

    async def _read_stream(self, body: Body, reader: Reader, call: Call, watch: Watch) -> None:
        parser = EventParser()
        start, events = b"", 0
        while True:
            now, chunk = await body.next()
            start = start or chunk[:SHOWN]
            for event in parser.feed(chunk) if chunk else parser.finish():
                events += 1
                if reader.event(event):
                    call.piece(now)
                    watch.piece()
                if reader.done:
                    call.ended = now
                    await _drain(body)
                    return
            if not chunk:
                call.ended = now
                break
        if not events:
            shown = start.decode("utf-8", "replace")
            message = (
                f"the answer is no stream of server-sent events: {shown!r}"
                if start
                else "the answer is empty"
            )
            raise UnreadableError(message)

    def _failure(self, kind: FailureKind, message: str) -> Failure:
        return Failure(kind=kind, message=self.redact.short(message))


def _least(limits: Timeouts, *, streams: bool) -> float | None:
    """Return how long a connection may take: as long as nothing else is to have come by then."""
    steps = (limits.connect, limits.attempt, limits.first_token if streams else None)
    return min((each for each in steps if each is not None), default=None)


async def _drain(body: Body) -> None:
    """Read to the end of a finished answer, so that its connection can be used again."""
    try:
        async with asyncio.timeout(AFTER_THE_END):
            while (await body.next())[1]:
                pass
    except (TimeoutError, UnreadableError, HttpError):
        return
