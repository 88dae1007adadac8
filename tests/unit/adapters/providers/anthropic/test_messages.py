"""The Messages API over HTTP: against servers that say what they are told to, and beside the official client."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from passmuster.adapters.providers.anthropic.messages import AnthropicProvider, messages_url
from passmuster.adapters.providers.wire.call import Timeouts
from passmuster.adapters.providers.wire.wire import Connection
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Message, ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, FailureKind, Limits, Reply, Usage
from passmuster.testing import check_exchange, check_provider, text_request

KEY = "very-secret-key-0123456789"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    application = web.Application(client_max_size=2**26)
    application.router.add_post("/v1/messages", handler)
    async with TestServer(application) as server:
        yield str(server.make_url(""))


def provider(
    base_url: str, *, headers: Mapping[str, str] | None = None, **parameters: Json
) -> AnthropicProvider:
    candidate = Candidate(name="a", provider="anthropic", model="m", parameters=parameters)
    connection = Connection(base_url=base_url, headers=headers or {}, timeouts=Timeouts(attempt=5.0))
    return AnthropicProvider(candidate, KEY, WallClock(), connection=connection)


async def ask(handler: Handler, *, stream: bool = False) -> Exchange:
    async with serving(handler) as base_url:
        asked = provider(base_url, stream=stream)
        try:
            exchange = await asked.ask(text_request("Hi there"))
        finally:
            await asked.close()
    check_exchange(exchange)
    return exchange


def answering(
    body: Json, status: int = 200, headers: Mapping[str, str] | None = None, kind: str = "application/json"
) -> Handler:
    text = body if isinstance(body, str) else json.dumps(body)

    async def handle(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status, content_type=kind, headers=headers)

    return handle


def streaming(
    *events: Mapping[str, Json], cut: bool = False, kind: str = "text/event-stream; charset=utf-8"
) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        for event in events:
            await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        if cut and request.transport is not None:
            request.transport.close()
        return response

    return handle


def start(**usage: Json) -> dict[str, Json]:
    counts = {"input_tokens": 9, "output_tokens": 1, **usage}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1", "content": []}
    return {
        "type": "message_start",
        "message": {**message, "stop_reason": None, "stop_sequence": None, "usage": counts},
    }


def block(index: int, kind: str, **more: Json) -> dict[str, Json]:
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **more}}


def delta(index: int, kind: str, **more: Json) -> dict[str, Json]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **more}}


def close(index: int) -> dict[str, Json]:
    return {"type": "content_block_stop", "index": index}


def end(reason: str, **usage: Json) -> dict[str, Json]:
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None},
        "usage": {"output_tokens": 12, **usage},
    }


STOP = {"type": "message_stop"}
TEXT = (
    start(cache_read_input_tokens=40, cache_creation_input_tokens=8),
    {"type": "ping"},
    block(0, "text", text=""),
    delta(0, "text_delta", text="Grüezi, "),
    delta(0, "text_delta", text="Welt."),
    close(0),
    end("end_turn"),
    STOP,
)
TOOLS = (
    start(),
    block(0, "thinking", thinking="", signature=""),
    delta(0, "thinking_delta", thinking="They want the weather."),
    delta(0, "signature_delta", signature="c2ln"),
    close(0),
    block(1, "text", text=""),
    delta(1, "text_delta", text="Let me look."),
    close(1),
    block(2, "tool_use", id="toolu_1", name="weather", input={}),
    delta(2, "input_json_delta", partial_json='{"city": "Os'),
    delta(2, "input_json_delta", partial_json='lo", "days": [1, 2]}'),
    close(2),
    block(3, "tool_use", id="toolu_2", name="now", input={}),
    close(3),
    end(
        "tool_use", output_tokens_details={"thinking_tokens": 5}, input_tokens=700, cache_read_input_tokens=2
    ),
    STOP,
)
SEARCH = (
    start(),
    block(0, "server_tool_use", id="srvtoolu_1", name="web_search", input={}),
    delta(0, "input_json_delta", partial_json='{"query": "q"}'),
    close(0),
    block(1, "web_search_tool_result", tool_use_id="srvtoolu_1", content=[]),
    close(1),
    block(2, "text", text=""),
    delta(2, "text_delta", text="It is so."),
    close(2),
    end("end_turn", server_tool_use={"web_search_requests": 1, "web_fetch_requests": 0}),
    STOP,
)
REFUSAL = (start(), end("refusal"), STOP)
STREAMS = {"text": TEXT, "thinking and tools": TOOLS, "a search": SEARCH, "a refusal": REFUSAL}


def reply(exchange: Exchange) -> Reply:
    assert isinstance(exchange.outcome, Reply), exchange
    return exchange.outcome


def failure(exchange: Exchange) -> Failure:
    assert isinstance(exchange.outcome, Failure), exchange
    assert KEY not in exchange.outcome.message
    return exchange.outcome


@pytest.mark.parametrize("name", STREAMS)
async def test_a_stream_is_read_as_the_official_client_reads_it(name: str) -> None:
    anthropic = pytest.importorskip("anthropic")
    events = STREAMS[name]
    async with serving(streaming(*events)) as base_url:
        ours = provider(base_url, stream=True)
        exchange = await ours.ask(text_request("Hi"))
        await ours.close()
        async with anthropic.AsyncAnthropic(api_key="any", base_url=base_url, max_retries=0) as client:
            messages: Any = [{"role": "user", "content": "Hi"}]
            async with client.messages.stream(model="m", max_tokens=9, messages=messages) as stream:
                theirs = await stream.get_final_message()
    ours_said = reply(exchange)
    assert ours_said.text == "".join(each.text for each in theirs.content if each.type == "text")
    calls = [each for each in theirs.content if each.type == "tool_use"]
    assert [(call.id, call.name) for call in ours_said.tool_calls] == [(call.id, call.name) for call in calls]
    assert [json.loads(call.arguments) for call in ours_said.tool_calls] == [call.input for call in calls]
    assert (ours_said.finish_reason, ours_said.model) == (theirs.stop_reason, theirs.model)
    usage, counted = exchange.attempt.usage, theirs.usage
    assert usage is not None
    cached, stored = counted.cache_read_input_tokens or 0, counted.cache_creation_input_tokens or 0
    assert (usage.cached or 0, usage.cache_write or 0) == (cached, stored)
    assert (usage.input, usage.output) == (counted.input_tokens + cached + stored, counted.output_tokens)
    assert not usage.estimated


async def test_a_stream_has_the_time_of_its_first_token_and_the_gaps_after_it() -> None:
    exchange = await ask(streaming(*TEXT), stream=True)
    assert exchange.attempt.first_token is not None
    assert exchange.attempt.gaps is not None
    assert len(exchange.attempt.gaps) == 1


async def test_a_stream_needs_no_type_of_its_own() -> None:
    assert reply(await ask(streaming(*TEXT, kind="text/plain"), stream=True)).text == "Grüezi, Welt."


async def test_a_message_that_is_not_streamed_is_read() -> None:
    message = {
        "type": "message",
        "model": "m-1",
        "content": [{"type": "text", "text": "Yes."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 2, "cache_read_input_tokens": 4},
    }
    exchange = await ask(answering(message))
    assert reply(exchange) == Reply(text="Yes.", finish_reason="end_turn", model="m-1")
    assert exchange.attempt.usage == Usage(input=7, output=2, cached=4)
    assert exchange.attempt.first_token is None
    assert exchange.attempt.status == 200


async def test_the_request_carries_key_version_betas_and_the_body() -> None:
    seen: dict[str, Any] = {}

    async def handle(request: web.Request) -> web.Response:
        seen.update(headers=request.headers, body=await request.json())
        return web.json_response({"content": []})

    async with serving(handle) as base_url:
        asked = provider(base_url, headers={"X-Team": "search"}, betas=["one", "two"], temperature=0)
        await asked.ask(text_request("Hi"))
        await asked.close()
    assert seen["headers"]["x-api-key"] == KEY
    assert seen["headers"]["anthropic-version"] == "2023-06-01"
    assert seen["headers"]["anthropic-beta"] == "one,two"
    assert seen["headers"]["X-Team"] == "search"
    assert "Authorization" not in seen["headers"]
    assert seen["body"] == {
        "model": "m",
        "max_tokens": 4096,
        "temperature": 0,
        "messages": [{"role": "user", "content": "Hi"}],
    }


def error(named: str, message: str = "no") -> Json:
    return {"type": "error", "error": {"type": named, "message": message}, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("status", "named", "kind"),
    [
        (400, "invalid_request_error", "bad_request"),
        (401, "authentication_error", "auth"),
        (402, "billing_error", "quota"),
        (403, "permission_error", "auth"),
        (404, "not_found_error", "bad_request"),
        (413, "request_too_large", "bad_request"),
        (429, "rate_limit_error", "rate_limit"),
        (500, "api_error", "server_error"),
        (504, "timeout_error", "server_error"),
        (529, "overloaded_error", "server_error"),
    ],
)
async def test_every_documented_error_has_its_kind(status: int, named: str, kind: FailureKind) -> None:
    exchange = await ask(answering(error(named, f"no, {KEY}"), status))
    assert failure(exchange).kind == kind
    assert named in failure(exchange).message
    assert (exchange.attempt.status, exchange.attempt.usage) == (status, None)


async def test_a_limited_request_says_how_long_to_wait_and_what_is_left() -> None:
    headers = {
        "retry-after": "7",
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-tokens-limit": "40000",
        "anthropic-ratelimit-tokens-remaining": "39000",
        "anthropic-ratelimit-requests-reset": "1970-01-01T00:00:00Z",
    }
    exchange = await ask(answering(error("rate_limit_error"), 429, headers))
    assert exchange.attempt.retry_after == 7.0
    assert exchange.limits == Limits(
        requests=50, requests_left=0, requests_reset=0.0, tokens=40000, tokens_left=39000
    )


@pytest.mark.parametrize(
    ("named", "kind"), [("overloaded_error", "server_error"), ("rate_limit_error", "rate_limit")]
)
async def test_an_error_in_the_middle_of_a_stream_ends_the_call(named: str, kind: FailureKind) -> None:
    exchange = await ask(
        streaming(start(), block(0, "text", text=""), delta(0, "text_delta", text="Yes"), error(named)),  # type: ignore[arg-type]  # an error is an event
        stream=True,
    )
    assert failure(exchange).kind == kind
    assert exchange.attempt.usage == Usage(input=9, output=1, estimated=True)


async def test_a_stream_that_is_cut_is_no_reply() -> None:
    whole = await ask(streaming(*TEXT[:5]), stream=True)
    assert failure(whole).kind == "malformed"
    cut = await ask(streaming(*TEXT[:5], cut=True), stream=True)
    assert failure(cut).kind in {"malformed", "connection"}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("body", ["<html>Hello</html>", "", "data: {\n\n", '{"content": 7}'])
async def test_a_page_instead_of_an_answer_is_malformed(body: str, *, stream: bool) -> None:
    exchange = await ask(answering(body, kind="text/html"), stream=stream)
    assert failure(exchange).kind == "malformed"


async def test_a_case_that_cannot_be_sent_is_told_without_a_call() -> None:
    async def handle(_: web.Request) -> web.Response:
        pytest.fail("nothing should be sent")

    async with serving(handle) as base_url:
        asked = provider(base_url)
        call = Message(role="assistant", tool_calls=(ToolCall(name="f", arguments="{"),))
        usual = text_request("Hi")
        exchange = await asked.ask(type(usual)(case=usual.case, conversation=Conversation(messages=(call,))))
        await asked.close()
    assert failure(exchange).kind == "prompt"


@pytest.mark.parametrize("stream", [True, False])
async def test_it_keeps_the_promises_of_a_provider(*, stream: bool) -> None:
    message = {
        "content": [{"type": "text", "text": "Yes."}],
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    handler = streaming(*TEXT) if stream else answering(message)
    async with serving(handler) as base_url:
        await check_provider(lambda: provider(base_url, stream=stream))


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1/", "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1/messages"),
        ("https://a.example/anthropic?key=1", "https://a.example/anthropic/v1/messages?key=1"),
    ],
)
def test_the_address_may_be_written_in_several_ways(base_url: str, expected: str) -> None:
    assert str(messages_url(base_url)) == expected


def test_a_candidate_without_an_address_asks_anthropic_itself() -> None:
    asked = AnthropicProvider(Candidate(name="a", provider="anthropic", model="m"), None, WallClock())
    assert str(asked._wire._endpoint.url) == "https://api.anthropic.com/v1/messages"
    assert asked.source == "measured"
