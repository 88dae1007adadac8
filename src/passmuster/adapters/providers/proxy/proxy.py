"""A proxy on loopback between a pipeline and the models that it asks: every call is noted under its trial."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from yarl import URL

from passmuster.adapters.providers.pipeline.ledger import Account, Ledger, Unattributed
from passmuster.adapters.providers.pipeline.link import Link
from passmuster.adapters.providers.proxy.call import READERS, Asked, Passage
from passmuster.adapters.providers.proxy.onward import Onward, unbounded
from passmuster.adapters.providers.proxy.passing import Passing, error_answer
from passmuster.adapters.providers.wire.address import http_url, is_loopback, merged_headers
from passmuster.adapters.providers.wire.body import Body
from passmuster.adapters.providers.wire.connection import HttpConnection
from passmuster.adapters.providers.wire.errors import (
    Redactor,
    UnreadableError,
    failure_of,
    refusal_of,
    secret_values,
)
from passmuster.adapters.providers.wire.limits import retry_after
from passmuster.adapters.providers.wire.transport_errors import HttpError
from passmuster.ports import Clock
from passmuster.records.record import Record
from passmuster.records.trial import Attempt, Request

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
        self._onward = Onward([upstream.url("models", "") for upstream in known], clock)
        self._runner: web.AppRunner | None = None
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
        self._runner = runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self._address = f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def close(self) -> None:
        """Stop; open calls are cut off."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        await self._onward.close()

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
        except asyncio.CancelledError:
            lost = True
            raise
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
        return error_answer(404, "this address names no trial: use the base URL that the request gives")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].removeprefix("v1/").rstrip("/")
        account = self._account(request)
        if isinstance(account, web.Response):
            return account
        upstream = self._upstreams["anthropic" if path.startswith("messages") else "openai"]
        listed = request.method == "GET" and (path == "models" or path.startswith("models/"))
        if upstream is None or not (listed or (request.method == "POST" and path in READERS)):
            self._ledger.note_refused(f"{request.method} {path[:100]}: not passed on")
            return error_answer(404, f"{request.method} /v1/{path[:100]} is not passed on from here")
        if listed:
            return await self._pass_list(request, upstream, path)
        if account is not None and not self._ledger.admit(account):
            self._ledger.note_refused("more calls than a trial may make")
            return error_answer(403, "this trial has made as many calls as a trial may make")
        return await self._pass_call(request, upstream, path, account)

    def _account(self, request: web.Request) -> Account | web.Response | None:
        """Return the trial of a call, None where it is unknown, or the refusal of an address of nobody."""
        token = request.match_info["token"]
        if request.match_info["kind"] == "t":
            account = self._ledger.by_token(token)
            if account is not None:
                return account
            if self._ledger.is_past(token):
                return self._late()
        elif token == self._ledger.shared:
            trace = request.headers.get("traceparent", "").split("-")
            found = self._ledger.by_trace(trace[1]) if len(trace) == 4 else None
            return found or self._ledger.only()
        self._ledger.note_refused("an address with an unknown token")
        return error_answer(403, "this address belongs to no trial")

    async def _pass_call(
        self, request: web.Request, upstream: Upstream, path: str, account: Account | None
    ) -> web.StreamResponse:
        started = self._clock.now()
        asked = Asked.read(path, await request.read(), ask_usage=self._ask_usage)
        if account is not None and account.ended:
            return self._late()
        url = upstream.url(path, request.query_string)
        headers = self._headers(request, upstream)
        passage = Passage(asked, _redactor(url, headers), self._clock.now)
        passage.call.started = started
        passing = Passing(request, passage)
        task = asyncio.current_task()
        if account is not None and task is not None:
            account.open.add(task)
        if account is not None and is_loopback(url.host):
            headers |= account.told
        try:
            async with asyncio.timeout(self._timeout):
                return await self._forward(passing, url, headers)
        except (UnreadableError, HttpError, OSError) as problem:
            return passing.broken(problem, self._timeout)
        except asyncio.CancelledError:
            passing.left("the pipeline did not wait for the end of this call")
            raise
        finally:
            if account is not None and task is not None:
                account.open.discard(task)
            self._ledger.note(account, passage.attempt(passing.failure), asked.model)

    async def _forward(self, passing: Passing, url: URL, headers: Mapping[str, str]) -> web.StreamResponse:
        passage = passing.passage
        async with self._onward.call("POST", url, headers, passage.asked.body) as answer:
            passage.call.status = answer.status
            kind = answer.headers.get("content-type", "")
            passage.streamed = kind.partition(";")[0].strip().lower() == "text/event-stream"
            passed = {name: value for name, value in answer.headers.items() if name not in NOT_PASSED}
            response = web.StreamResponse(status=answer.status, headers=passed)
            if not 200 <= answer.status < 300:
                passage.call.retry_after = retry_after(answer.headers, self._clock.now())
                await self._pass_refusal(passing, answer, response)
                return response
            body = unbounded(answer)
            await passing.begin(response)
            while chunk := (await body.next())[1]:
                await passing.write(passage.take(chunk))
            await passing.write(passage.finish())
        await passing.end()
        return response

    async def _pass_refusal(
        self, passing: Passing, answer: HttpConnection, response: web.StreamResponse
    ) -> None:
        body = unbounded(answer)
        await passing.begin(response)
        kept = b""
        while chunk := (await body.next())[1]:
            kept += chunk[: ERROR_BODY - len(kept)]
            await passing.write(chunk)
        passing.failure = passing.passage.failure(*refusal_of(answer.status, kept))
        await passing.end()

    async def _pass_list(self, request: web.Request, upstream: Upstream, path: str) -> web.Response:
        """Pass on the question which models there are: no call of a model, so it is noted nowhere."""
        url = upstream.url(path, request.query_string)
        headers = self._headers(request, upstream)
        try:
            async with asyncio.timeout(self._timeout), self._onward.call("GET", url, headers) as answer:
                _, body = await Body(answer, BODY_LIMIT).whole()
                kind = answer.headers.get("content-type", "application/octet-stream")
                return web.Response(status=answer.status, body=body, headers={"Content-Type": kind})
        except TimeoutError:
            return error_answer(504, f"no complete answer within {self._timeout:g} s")
        except (UnreadableError, HttpError, OSError) as problem:
            return error_answer(502, _redactor(url, headers).short(failure_of(problem)[1]))

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

    def _late(self) -> web.Response:
        self._ledger.note_late("a call of a trial that had ended")
        return error_answer(410, "this trial has ended")


def _redactor(url: URL, headers: Mapping[str, str]) -> Redactor:
    """Return what keeps secrets out of an account: our key, and whatever the pipeline signs in with itself."""
    return Redactor([url.password, *secret_values({**headers, **url.query})])
