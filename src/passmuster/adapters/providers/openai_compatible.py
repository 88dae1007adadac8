"""Candidates behind an OpenAI-compatible endpoint: chat completions over HTTP, streamed or not."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import aiohttp

from passmuster.adapters.providers.openai_address import completions_url, is_loopback, request_headers
from passmuster.adapters.providers.openai_body import BodyWriter
from passmuster.adapters.providers.openai_errors import (
    Redactor,
    UnreadableError,
    failure_of,
    header_secrets,
    kind_of_status,
    refusal_text,
    retry_after,
    whole_characters,
)
from passmuster.adapters.providers.openai_reply import DONE, Draft, read_usage
from passmuster.adapters.providers.openai_sse import EventParser
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation
from passmuster.records.money import estimate_usage
from passmuster.records.record import Record
from passmuster.records.trial import (
    Attempt,
    Exchange,
    Failure,
    FailureKind,
    Outcome,
    Reply,
    Request,
    Source,
    Usage,
)

DEFAULT_ENDPOINT = "https://api.openai.com/v1"
ERROR_BODY = 65_536
"""Bytes read of the body of an error."""
LARGE_BODY = 2**20
"""Bytes from which a body is sent in pieces, so that writing it does not stop everything else."""
AFTER_THE_END = 0.5
"""Seconds that a server has to close its answer after saying that it is done, to keep the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Record):
    """How an endpoint is reached: nothing in here decides what it answers, so it is no part of the identity.

    `base_url` stands in for the candidate's endpoint (a simulator on a free port); `connect_timeout` is in
    seconds, `body_limit` in bytes: a longer answer is malformed.
    """

    base_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    connect_timeout: float = 10.0
    body_limit: int = 32 * 1024 * 1024


class OpenAIProvider:
    """Asks one candidate over HTTP; one `ask` is one request, and nothing is retried here.

    Args:
        candidate: Its endpoint (default: OpenAI's own), model and parameters.
        api_key: Sent as bearer token; None sends none.
        clock: Where the times of attempts come from.
        timeout: Seconds for a whole attempt.
        connection: Extra headers and limits.

    Raises:
        ConfigurationError: for a candidate that cannot be asked: no model, no usable address or key.
    """

    def __init__(
        self,
        candidate: Candidate,
        api_key: str | None,
        clock: Clock,
        timeout: float = 120.0,
        *,
        connection: Connection | None = None,
    ) -> None:
        self._connection = connection or Connection()
        self._simulated = candidate.simulated
        self._clock = clock
        self._timeout = timeout
        self._body = BodyWriter(candidate)
        address = self._connection.base_url or candidate.endpoint or DEFAULT_ENDPOINT
        self._url = completions_url(address)
        self._loopback = is_loopback(self._url.host)
        self._headers = request_headers(api_key, self._connection.headers, self._url)
        secrets = [api_key and api_key.strip(), self._url.password, *header_secrets(self._connection.headers)]
        self._redact = Redactor([*secrets, *self._url.query.values()])
        self._session: aiohttp.ClientSession | None = None

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return "simulated" if self._simulated else "measured"

    async def ask(self, request: Request) -> Exchange:
        """Send one request and give back how it ended; only cancellation is raised."""
        try:
            body = self._body.write(request.conversation)
        except ValueError as problem:
            failure = Failure(kind="prompt", message=str(problem))
            return Exchange(failure, _Call(started=self._clock.now()).attempt(failure))
        headers = dict(self._headers)
        if self._loopback or self._simulated:
            # The simulator serves the recording that belongs to this repeat, in whatever order requests come.
            headers["X-Passmuster-Repeat"] = str(request.repeat)
        session = self._open_session()
        call = _Call(started=self._clock.now())
        outcome = await self._bounded(session, body, headers, call)
        call.ended = self._clock.now() if call.ended is None else call.ended
        if isinstance(outcome, Reply):
            call.usage = _complete_usage(call.usage, request.conversation, outcome)
        return Exchange(outcome, call.attempt(outcome))

    async def close(self) -> None:
        """Close the connections; may be called again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # No limit: a request that waited for a free connection in here would be timed as a slow answer.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connection.connect_timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=not self._loopback,
            )
        return self._session

    async def _bounded(
        self, session: aiohttp.ClientSession, body: bytes, headers: dict[str, str], call: "_Call"
    ) -> Outcome:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send(session, body, headers, call)
        except aiohttp.ConnectionTimeoutError:
            message = f"no connection within {self._connection.connect_timeout:g} s"
            return self._failure("timeout", message)
        except TimeoutError:
            return self._failure("timeout", f"no complete answer within {self._timeout:g} s")
        except (UnreadableError, aiohttp.ClientError, OSError) as problem:
            return self._failure(*failure_of(problem))

    async def _send(
        self, session: aiohttp.ClientSession, body: bytes, headers: dict[str, str], call: "_Call"
    ) -> Outcome:
        data = body if len(body) < LARGE_BODY else io.BytesIO(body)
        async with session.post(self._url, data=data, headers=headers, allow_redirects=False) as response:
            call.status = response.status
            if self._simulated:
                call.simulated = _simulated_times(response.headers)
            if not 200 <= response.status < 300:
                return await self._refused(response, call)
            draft = Draft()
            streamed = response.content_type == "text/event-stream"
            if streamed or (self._body.stream and response.content_type != "application/json"):
                await self._read_stream(response, draft, call)
            else:
                await self._read_whole(response, draft, call)
            call.usage = read_usage(draft.usage)
            return draft.reply(lambda text: self._redact.clean(whole_characters(text)))

    async def _refused(self, response: aiohttp.ClientResponse, call: "_Call") -> Failure:
        call.retry_after = retry_after(response.headers, self._clock.now())
        kind = kind_of_status(response.status)
        if 300 <= response.status < 400:
            place = response.headers.get("location", "nowhere")
            return self._failure(kind, f"HTTP {response.status}: redirected to {place}; set that as base_url")
        body = b""
        while len(body) < ERROR_BODY and (chunk := await response.content.readany()):
            body += chunk
        return self._failure(kind, refusal_text(response.status, body[:ERROR_BODY]))

    async def _read_whole(self, response: aiohttp.ClientResponse, draft: Draft, call: "_Call") -> None:
        chunks = []
        while chunk := await self._next(response, call):
            chunks.append(chunk)
        call.ended = self._clock.now()
        draft.add(b"".join(chunks), "message")

    async def _read_stream(self, response: aiohttp.ClientResponse, draft: Draft, call: "_Call") -> None:
        parser = EventParser()
        first = b""
        while chunk := await self._next(response, call):
            first = first or chunk
            if self._take(parser.feed(chunk), draft, call):
                break
        else:
            done = self._take(parser.finish(), draft, call)
            call.ended = self._clock.now()
            if not done and draft.finish_reason is None:
                raise UnreadableError(_cut_off(draft, first))
        if not draft.begun:
            message = "the stream has no choices"
            raise UnreadableError(message)
        await self._drain(response, call)

    def _take(self, events: list[bytes], draft: Draft, call: "_Call") -> bool:
        for event in events:
            if event.strip() == DONE:
                call.ended = self._clock.now()
                return True
            if draft.add(event, "delta") and call.first_token is None:
                call.first_token = self._clock.now()
        return False

    async def _drain(self, response: aiohttp.ClientResponse, call: "_Call") -> None:
        """Read to the end of a finished answer, so that its connection can be used again."""
        try:
            async with asyncio.timeout(AFTER_THE_END):
                while await self._next(response, call):
                    pass
        except (TimeoutError, UnreadableError, aiohttp.ClientError, OSError):
            response.close()

    async def _next(self, response: aiohttp.ClientResponse, call: "_Call") -> bytes:
        chunk = await response.content.readany()
        call.received += len(chunk)
        if call.received > self._connection.body_limit:
            message = f"the answer is longer than {self._connection.body_limit} bytes"
            raise UnreadableError(message)
        return chunk

    def _failure(self, kind: FailureKind, message: str) -> Failure:
        return Failure(kind=kind, message=self._redact.short(message))


@dataclass(slots=True)
class _Call:
    """The account of a call that is still open; times are the clock's."""

    started: float
    ended: float | None = None
    first_token: float | None = None
    status: int | None = None
    retry_after: float | None = None
    usage: Usage | None = None
    received: int = 0
    simulated: tuple[float | None, float | None] = (None, None)

    def attempt(self, outcome: Outcome) -> Attempt:
        """Return the account as a record; a simulator's own times stand in for the measured ones."""
        seconds, first_token = self.simulated
        if seconds is None:
            seconds = None if self.ended is None else max(0.0, self.ended - self.started)
            first_token = None if self.first_token is None else max(0.0, self.first_token - self.started)
        elif self.first_token is None:
            first_token = None
        failure = outcome if isinstance(outcome, Failure) else None
        return Attempt(
            started=self.started,
            seconds=seconds,
            first_token=first_token,
            status=self.status,
            error=None if failure is None else failure.kind,
            message=None if failure is None else failure.message,
            retry_after=self.retry_after,
            usage=self.usage,
        )


def _simulated_times(headers: Mapping[str, str]) -> tuple[float | None, float | None]:
    try:
        return float(headers["X-Simulated-Seconds"]), float(headers["X-Simulated-First-Token"])
    except (KeyError, ValueError):
        return None, None


def _complete_usage(usage: Usage | None, conversation: Conversation, reply: Reply) -> Usage:
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


def _cut_off(draft: Draft, first: bytes) -> str:
    if draft.begun:
        return "the stream was cut off before its end"
    start = first[:120].decode("utf-8", "replace")
    return f"the answer is no stream of server-sent events: {start!r}" if first else "the answer is empty"
