"""Any endpoint that takes JSON: what it is sent, and what is read out of its answer."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from passmuster.adapters.providers.http_json.provider import HttpForm, HttpJsonProvider, form_parameters
from passmuster.adapters.providers.http_json.reply import ReplyPaths
from passmuster.adapters.providers.wire.call import Timeouts
from passmuster.adapters.providers.wire.wire import Connection
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case, Conversation, Message
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, FailureKind, Reply, Request, Usage
from passmuster.testing import check_exchange, check_provider, text_request

KEY = "very-secret-key-0123456789"
BODY = {"question": "{{ prompt }}", "options": {"k": "{{ parameters.k }}"}}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    application = web.Application(client_max_size=2**26)
    application.router.add_post("/ask", handler)
    async with TestServer(application) as server:
        yield str(server.make_url("/ask"))


def candidate(url: str | None, form: HttpForm, parameters: Mapping[str, Json] | None = None) -> Candidate:
    return Candidate(
        name="a", provider="http", endpoint=url, parameters=form_parameters(form, parameters or {"k": 3})
    )


def provider(
    url: str,
    paths: ReplyPaths | None = None,
    *,
    body: Json = None,
    stream: bool = False,
    key: str | None = KEY,
    headers: Mapping[str, str] | None = None,
) -> HttpJsonProvider:
    form = HttpForm(
        body=BODY if body is None else body, reply=paths or ReplyPaths(text="$.answer"), stream=stream
    )
    connection = Connection(headers=headers or {}, timeouts=Timeouts(attempt=5.0))
    return HttpJsonProvider(candidate(url, form), key, WallClock(), connection=connection)


def answering(body: Json, status: int = 200, kind: str = "application/json") -> Handler:
    text = body if isinstance(body, str) else json.dumps(body)

    async def handle(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type=kind)

    return handle


def streaming(*events: Json, kind: str = "text/event-stream") -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        for event in events:
            data = event if isinstance(event, str) else json.dumps(event)
            await response.write(f"data: {data}\n\n".encode())
        return response

    return handle


async def ask(handler: Handler, paths: ReplyPaths | None = None, **more: Any) -> Exchange:
    async with serving(handler) as url:
        asked = provider(url, paths, **more)
        try:
            exchange = await asked.ask(text_request("Hi there"))
        finally:
            await asked.close()
    check_exchange(exchange)
    return exchange


def reply(exchange: Exchange) -> Reply:
    assert isinstance(exchange.outcome, Reply), exchange
    return exchange.outcome


def failure(exchange: Exchange) -> Failure:
    assert isinstance(exchange.outcome, Failure), exchange
    assert KEY not in exchange.outcome.message
    return exchange.outcome


async def sent(**more: Any) -> Any:
    seen: dict[str, Any] = {}

    async def handle(request: web.Request) -> web.Response:
        seen.update(headers=request.headers, body=await request.json())
        return web.json_response({"answer": "yes"})

    reply(await ask(handle, **more))
    return seen


async def test_the_body_is_the_template_rendered_for_the_request() -> None:
    assert (await sent())["body"] == {"question": "Hi there", "options": {"k": 3}}
    assert (await sent(body="{{ messages }}"))["body"] == [{"role": "user", "content": "Hi there"}]


async def test_the_key_is_a_bearer_token_unless_a_header_has_a_place_for_it() -> None:
    headers = (await sent())["headers"]
    assert headers["Authorization"] == f"Bearer {KEY}"
    headers = (await sent(headers={"X-Key": "key={{ api_key }}", "X-Team": "search"}))["headers"]
    assert (headers["X-Key"], headers["X-Team"]) == (f"key={KEY}", "search")
    assert "Authorization" not in headers
    assert "Authorization" not in (await sent(key=None))["headers"]


@pytest.mark.parametrize("status", [400, 401, 402, 429, 500, 503])
async def test_a_refused_request_has_the_kind_of_its_status(status: int) -> None:
    kinds: dict[int, FailureKind] = {
        400: "bad_request",
        401: "auth",
        402: "quota",
        429: "rate_limit",
        500: "server_error",
        503: "server_error",
    }
    found = failure(await ask(answering({"error": f"no, {KEY}"}, status)))
    assert found.kind == kinds[status]
    assert found.message == f"HTTP {status}: no, [redacted]"


@pytest.mark.parametrize("body", ["", "<html>", "{", "[" * 100_000])
async def test_what_is_no_json_is_malformed(body: str) -> None:
    assert failure(await ask(answering(body, kind="text/html"))).kind == "malformed"


PATHS = ReplyPaths(text="$.text", output_tokens="$.n", cost="$.usd", done="$.last")


async def test_an_answer_is_kept_with_its_cost_and_the_rest_is_estimated() -> None:
    exchange = await ask(answering({"text": "yes", "n": 7, "usd": 0.25}), replace(PATHS, done=None))
    assert reply(exchange).text == "yes"
    assert exchange.attempt.usage == Usage(input=2, output=7, estimated=True)
    assert (exchange.attempt.cost, exchange.attempt.first_token) == (0.25, None)


@pytest.mark.parametrize("kind", ["text/event-stream", "text/plain"])
async def test_a_stream_is_read_event_by_event_and_timed(kind: str) -> None:
    events = [{"n": 1}, {"text": ""}, {"text": "Yes, "}, {"text": "sir.", "n": 2}, {"n": 3, "last": True}]
    exchange = await ask(streaming(*events, kind=kind), PATHS, stream=True)
    assert reply(exchange).text == "Yes, sir."
    assert exchange.attempt.usage == Usage(input=2, output=3, estimated=True)
    assert exchange.attempt.first_token is not None
    assert exchange.attempt.gaps is not None
    assert len(exchange.attempt.gaps) == 1


async def test_a_stream_that_does_not_say_that_it_is_whole_is_malformed() -> None:
    found = failure(await ask(streaming({"text": "a"}, {"last": False}), PATHS, stream=True))
    assert (found.kind, "reply.done: $.last found nothing" in found.message) == ("malformed", True)


async def test_an_endpoint_that_does_not_stream_after_all_is_read_whole() -> None:
    exchange = await ask(answering({"text": "yes", "last": True}), PATHS, stream=True)
    assert (reply(exchange).text, exchange.attempt.first_token) == ("yes", None)


async def test_the_key_is_taken_out_of_what_is_kept_wherever_it_was_sent() -> None:
    sent_in = {"X-Who": "{{ api_key }}"}
    found = failure(await ask(answering({"text": None, "you": KEY}), PATHS, headers=sent_in))
    assert '"you": "[redacted]"' in found.message
    assert reply(await ask(answering({"text": f"<{KEY}>"}), PATHS, headers=sent_in)).text == "<[redacted]>"


async def test_a_template_that_fails_for_a_case_is_told_without_a_call() -> None:
    async def handle(_: web.Request) -> web.Response:
        pytest.fail("nothing should be sent")

    found = failure(await ask(handle, body={"q": "{{ subject }}"}))
    assert found.kind == "prompt"
    assert "body.q" in found.message
    assert "'subject' is undefined" in found.message


async def test_a_field_that_json_cannot_hold_is_told_without_a_call() -> None:
    deep: Json = "end"
    for _ in range(5000):
        deep = [deep]
    case = Case(id="1", input={"deep": deep})
    request = Request(case=case, conversation=Conversation(messages=(Message(role="user", content="Hi"),)))
    asked = provider("http://127.0.0.1:9/ask", body="{{ deep }}")
    assert failure(await asked.ask(request)).kind == "prompt"
    await asked.close()


@pytest.mark.parametrize("stream", [True, False])
async def test_it_keeps_the_promises_of_a_provider(*, stream: bool) -> None:
    handler = streaming({"answer": "yes"}, "[DONE]") if stream else answering({"answer": "yes"})
    async with serving(handler) as url:
        await check_provider(lambda: provider(url, stream=stream))


def test_all_of_the_form_is_part_of_the_identity() -> None:
    form = HttpForm(body={"q": "{{ prompt }}"}, reply=ReplyPaths(text="$.a"))
    others = [
        replace(form, body={"q": "{{ input }}"}),
        replace(form, reply=ReplyPaths(text="$.b")),
        replace(form, reply=ReplyPaths(text="$.a", model="$.m")),
        replace(form, stream=True),
    ]
    url = "https://a.example/ask"
    digests = {candidate_digest(candidate(url, each)) for each in [form, *others]}
    digests.add(candidate_digest(candidate(url, form, {"k": 4})))
    assert len(digests) == 6


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "Input should be an object"),
        ({"form": {"body": {}}}, "reply"),
        ({"form": {"body": {}, "reply": {"text": 7}}}, "reply.text"),
        ({"form": {"body": {}, "reply": {"text": "$.a", "txt": "$.b"}}}, "reply.txt"),
        ({"form": {"body": {}, "reply": {"text": "answer["}}}, "reply.text: 'answer\\[' is no JSON path"),
        ({"form": {"body": {}, "reply": {"text": "$.a", "cost": "$[?@.a]"}}}, "reply.cost: .* uses a filter"),
        ({"form": {"body": {"a": "{{ b"}, "reply": {"text": "$.a"}}}, "body.a: the template"),
        ({"form": {"body": float("nan"), "reply": {"text": "$.a"}}}, "JSON"),
    ],
)
def test_a_form_that_cannot_be_used_is_told_before_the_run(parameters: dict[str, Json], message: str) -> None:
    asked = Candidate(name="a", provider="http", endpoint="https://a.example", parameters=parameters)
    with pytest.raises(ConfigurationError, match=message):
        HttpJsonProvider(asked, None, WallClock())


def test_a_candidate_needs_an_address() -> None:
    form = HttpForm(body={}, reply=ReplyPaths(text="$"))
    with pytest.raises(ConfigurationError, match="no address"):
        HttpJsonProvider(candidate(None, form), None, WallClock())
    with pytest.raises(ConfigurationError, match="taken"):
        form_parameters(form, {"form": 1})


@pytest.mark.parametrize(
    "value", ["{{ api_key}", "{{ secret }}", "a-secret-of-the-environment {{ api_key }}{{"]
)
def test_anything_else_in_braces_is_told_before_the_run_and_the_value_is_not(value: str) -> None:
    with pytest.raises(ConfigurationError, match="header 'X-Key': only") as told:
        provider("https://a.example", headers={"X-Key": value})

    assert value not in str(told.value)


async def test_what_else_looks_like_a_template_is_sent_as_it_stands() -> None:
    assert (await sent(headers={"X-Key": "a{%b{#c"}))["headers"]["X-Key"] == "a{%b{#c"
