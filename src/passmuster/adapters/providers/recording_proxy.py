"""A proxy on loopback between a pipeline and the models that it asks: every call is noted under its trial."""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

from passmuster.adapters.providers.pipeline_ledger import Account, Ledger, Unattributed
from passmuster.adapters.providers.pipeline_link import Link
from passmuster.adapters.providers.recording_proxy_call import READERS, Asked, Passage
from passmuster.adapters.providers.wire_address import http_url, is_loopback, merged_headers, proxy_for
from passmuster.adapters.providers.wire_errors import (
    Redactor,
    UnreadableError,
    failure_of,
    refusal_of,
    secret_values,
)
from passmuster.adapters.providers.wire_limits import retry_after
from passmuster.ports import Clock
from passmuster.records.record import Record
from passmuster.records.trial import Attempt, Failure, FailureKind, Request

BODY_LIMIT = 64 * 1024 * 1024
ERROR_BODY = 65_536
"""Bytes kept of the body of an error; all of it is passed on."""
UNTIL_CUT = 1.0
"""Seconds that calls which are cut off have to be noted."""
PLACEHOLDER = "passmuster"
"""What a pipeline is given as its key where ours is put in on the way."""
SECRET_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "cookie"})
NOT_PASSED = frozenset(
    {
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "host", "expect"),
        *(
            "proxy-authenticate",
            "proxy-authorization",
            "content-length",
            "content-encoding",
            "accept-encoding",
        ),
        *("set-cookie", "location", "traceparent", "tracestate"),
    }
)
"""Headers of a connection, not of a call, and those that are ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream(Record):
    """Where the calls of a pipeline really go, up to and with `/v1`.

    With an `api_key` it takes the place of whatever key the pipeline sends; without, the pipeline's own is
    passed on. `headers` are sent beside it and win.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    kind: str = "openai"

    def url(self, path: str, query: str) -> URL:
        """Return the address of a path below `/v1`."""
        base = http_url(self.base_url)
        joined = base.with_path(f"{base.path.rstrip('/') or '/v1'}/{path}", keep_query=True)
        return joined.update_query(query) if query else joined

    def own_headers(self) -> dict[str, str]:
        """Return the headers that ours are; the pipeline's of the same name are not passed on."""
        key = (self.api_key or "").strip()
        own = (
            {}
            if not key
            else {"x-api-key": key}
            if self.kind == "anthropic"
            else {"Authorization": f"Bearer {key}"}
        )
        return {**own, **self.headers}


class RecordingProxy:
    """Serves an OpenAI-compatible address for each trial, and passes calls on; `pipeline_provider.Recorder`.

    Args:
        ledger: Where calls are noted.
        clock: Where their times come from.
        openai: Where chat completions, completions, responses and embeddings go.
        anthropic: Where messages go, None where there are none.
        timeout: Seconds for a call.
        ask_usage: Ask streams of chat completions for their tokens where the pipeline does not.

    Raises:
        ConfigurationError: for an address or header that cannot be used.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        openai: Upstream | None,
        anthropic: Upstream | None = None,
        *,
        timeout: float = 600.0,
        ask_usage: bool = True,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._upstreams = {"openai": openai, "anthropic": anthropic}
        self._timeout = timeout
        self._ask_usage = ask_usage
        known = [upstream for upstream in (openai, anthropic) if upstream is not None]
        for upstream in known:
            merged_headers(upstream.own_headers(), {}, upstream.url("models", ""))
        self._redact = Redactor(
            [value for upstream in known for value in secret_values(upstream.own_headers())]
            + [upstream.api_key for upstream in known]
        )
        self._proxies: dict[str | None, URL | None] = {}
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._address = ""

    @property
    def unattributed(self) -> Unattributed:
        """What reached the proxy and belongs to no trial."""
        return self._ledger.unattributed

    async def start(self) -> None:
        """Listen on a free port of this machine, and of this machine only."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/{kind:[ts]}/{token}/{path:.*}", self._handle)
        app.router.add_route("*", "/{path:.*}", self._stray)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self._runner = runner
        self._address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10.0),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Stop; open calls are cut off."""
        runner, self._runner = self._runner, None
        session, self._session = self._session, None
        if runner is not None:
            await runner.cleanup()
        if session is not None:
            await session.close()

    def begin(self, request: Request) -> tuple[Account, Link]:
        """Open the account of a trial and return it with what its pipeline is told."""
        account = self._ledger.begin(request)
        link = Link(
            base_url=f"{self._address}/t/{account.token}/v1",
            traceparent=account.traceparent,
            variables={"TRACEPARENT": account.traceparent, **self._variables(f"t/{account.token}")},
            shared=self._variables(f"s/{self._ledger.shared}"),
        )
        return account, link

    async def end(self, account: Account, *, lost: bool = False) -> tuple[Attempt, ...]:
        """Close the account; a call that is still open is cut off, and noted as such."""
        try:
            for task in account.open:
                task.cancel()
            if account.open and not lost:
                await asyncio.wait(account.open, timeout=UNTIL_CUT)
        finally:
            noted = self._ledger.end(account, lost=lost)
        return noted

    def _variables(self, path: str) -> dict[str, str]:
        address = f"{self._address}/{path}"
        variables = {"OPENAI_BASE_URL": f"{address}/v1", "OPENAI_API_BASE": f"{address}/v1"}
        for kind, upstream in self._upstreams.items():
            if upstream is not None and upstream.api_key:
                variables[f"{kind.upper()}_API_KEY"] = PLACEHOLDER
        if self._upstreams["anthropic"] is not None:
            variables["ANTHROPIC_BASE_URL"] = address
        return variables

    async def _stray(self, request: web.Request) -> web.Response:
        self._ledger.note_refused(f"{request.method} {request.path[:100]}: the address names no trial")
        return _error(404, "this address names no trial: use the base URL that the request gives")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].removeprefix("v1/").rstrip("/")
        account = self._account(request)
        if isinstance(account, web.Response):
            return account
        upstream = self._upstreams["anthropic" if path.startswith("messages") else "openai"]
        listed = request.method == "GET" and (path == "models" or path.startswith("models/"))
        if upstream is None or not (listed or (request.method == "POST" and path in READERS)):
            self._ledger.note_refused(f"{request.method} {path[:100]}: not passed on")
            return _error(404, f"{request.method} /v1/{path[:100]} is not passed on from here")
        if listed:
            return await self._pass_list(request, upstream, path)
        if account is not None and not self._ledger.admit(account):
            self._ledger.note_refused("more calls than a trial may make")
            return _error(403, "this trial has made as many calls as a trial may make")
        return await self._pass_call(request, upstream, path, account)

    def _account(self, request: web.Request) -> Account | web.Response | None:
        """Return the trial of a call, None where it is unknown, or the refusal of an address of nobody."""
        token = request.match_info["token"]
        if request.match_info["kind"] == "t":
            account = self._ledger.by_token(token)
            if account is not None:
                return account
            if self._ledger.is_past(token):
                self._ledger.note_late("a call of a trial that had ended")
                return _error(410, "this trial has ended")
        elif token == self._ledger.shared:
            trace = request.headers.get("traceparent", "").split("-")
            found = self._ledger.by_trace(trace[1]) if len(trace) == 4 else None
            return found or self._ledger.only()
        self._ledger.note_refused("an address with an unknown token")
        return _error(403, "this address belongs to no trial")

    async def _pass_call(
        self, request: web.Request, upstream: Upstream, path: str, account: Account | None
    ) -> web.StreamResponse:
        started = self._clock.now()
        asked = Asked.read(path, await request.read(), ask_usage=self._ask_usage)
        passage = Passage(asked, self._redact, self._clock.now)
        passage.call.started = started
        passing = _Passing(request, passage)
        task = asyncio.current_task()
        if account is not None and task is not None:
            account.open.add(task)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._forward(passing, upstream, account)
        except TimeoutError:
            return passing.broken("timeout", f"no complete answer within {self._timeout:g} s")
        except (UnreadableError, aiohttp.ClientError, OSError) as problem:
            return passing.broken(*failure_of(problem))
        except asyncio.CancelledError:
            if passing.failure is None and passage.call.ended is None:
                message = "the pipeline did not wait for the end of this call"
                passing.failure = passage.failure("connection", message)
            raise
        finally:
            if account is not None and task is not None:
                account.open.discard(task)
            self._ledger.note(account, passage.attempt(passing.failure), asked.model)

    async def _forward(
        self, passing: "_Passing", upstream: Upstream, account: Account | None
    ) -> web.StreamResponse:
        passage = passing.passage
        url = upstream.url(passage.asked.path, passing.request.query_string)
        headers = self._headers(passing.request, upstream)
        if account is not None and is_loopback(url.host):
            headers |= account.told
        async with self._open().post(
            url, data=passage.asked.body, headers=headers, allow_redirects=False, proxy=self._proxy(url)
        ) as answer:
            passage.call.status = answer.status
            passage.streamed = answer.content_type == "text/event-stream"
            passed = {name: value for name, value in answer.headers.items() if name.lower() not in NOT_PASSED}
            response = web.StreamResponse(status=answer.status, headers=passed)
            if not 200 <= answer.status < 300:
                passage.call.retry_after = retry_after(answer.headers, self._clock.now())
                await self._pass_refusal(passing, answer, response)
                return response
            await passing.begin(response)
            while chunk := await answer.content.readany():
                await passing.write(passage.take(chunk))
            await passing.write(passage.finish())
        await passing.end()
        return response

    async def _pass_refusal(
        self, passing: "_Passing", answer: aiohttp.ClientResponse, response: web.StreamResponse
    ) -> None:
        await passing.begin(response)
        kept = b""
        while chunk := await answer.content.readany():
            kept += chunk[: ERROR_BODY - len(kept)]
            await passing.write(chunk)
        passing.failure = passing.passage.failure(*refusal_of(answer.status, kept))
        await passing.end()

    async def _pass_list(self, request: web.Request, upstream: Upstream, path: str) -> web.Response:
        """Pass on the question which models there are: no call of a model, so it is noted nowhere."""
        url = upstream.url(path, request.query_string)
        headers = self._headers(request, upstream)
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._open().get(
                    url, headers=headers, allow_redirects=False, proxy=self._proxy(url)
                ) as answer,
            ):
                body = await answer.content.read(BODY_LIMIT)
                return web.Response(status=answer.status, body=body, content_type=answer.content_type)
        except (TimeoutError, aiohttp.ClientError, OSError) as problem:
            return _error(502, self._redact.short(str(problem) or type(problem).__name__))

    def _headers(self, request: web.Request, upstream: Upstream) -> dict[str, str]:
        own = upstream.own_headers()
        replaced = {name.lower() for name in own} | (SECRET_HEADERS if upstream.api_key else set())
        passed = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in NOT_PASSED and name.lower() not in replaced
        }
        # What is read along must not be compressed; nor is there much to gain on the way from here.
        return {**passed, **own, "Accept-Encoding": "identity"}

    def _proxy(self, url: URL) -> URL | None:
        if url.host not in self._proxies:
            self._proxies[url.host] = proxy_for(url)
        return self._proxies[url.host]

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            message = "the proxy is closed"
            raise ConnectionError(message)
        return self._session


class _Passing:
    """The pipeline's side of a call: what it has been sent so far, and how the call failed, if it did."""

    def __init__(self, request: web.Request, passage: Passage) -> None:
        self.request = request
        self.passage = passage
        self.failure: Failure | None = None
        self._response: web.StreamResponse | None = None

    async def begin(self, response: web.StreamResponse) -> None:
        """Send the head of the answer."""
        self._response = response
        await self._sent(response.prepare(self.request))

    async def write(self, data: bytes) -> None:
        """Pass on a piece; the endpoint waits while the pipeline does not read."""
        if data and self._response is not None:
            await self._sent(self._response.write(data))

    async def end(self) -> None:
        """Send the end of the answer."""
        if self._response is not None:
            await self._sent(self._response.write_eof())

    def broken(self, kind: FailureKind, message: str) -> web.StreamResponse:
        """Take note of a failure on the endpoint's side; the pipeline gets a 502, or an answer that breaks off."""
        if self.failure is None:
            self.failure = self.passage.failure(kind, message)
        if self._response is None:
            return _error(504 if kind == "timeout" else 502, self.failure.message)
        if self.request.transport is not None:
            self.request.transport.abort()
        return self._response

    async def _sent(self, sending: Awaitable[object]) -> None:
        try:
            await sending
        except (ConnectionError, aiohttp.ClientConnectionResetError):
            self.failure = self.failure or self.passage.failure("connection", "the pipeline hung up")
            raise


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "passmuster_proxy"}}, status=status)
