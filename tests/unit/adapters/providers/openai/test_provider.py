"""The provider against servers that behave badly in every way that bytes allow."""

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET

import pytest

from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Reply
from passmuster.testing import check_exchange, text_request

KEY = "very-secret-key-0123456789"
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
    return head, await reader.readexactly(length)


def answering(*parts: bytes, pause: float = 0.0, hold: float = 0.0) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        await asyncio.sleep(hold)

    return handle


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        await asyncio.sleep(0.01)


def candidate(**parameters: Json) -> Candidate:
    return Candidate(name="a", provider="openai", model="m", parameters=parameters)


async def ask(
    handler: Handler,
    *,
    timeout: float = 5.0,  # noqa: ASYNC109 - it is the provider's own that is tested
    body_limit: int = 1_000_000,
    conversation: Conversation | None = None,
    **parameters: Json,
) -> Exchange:
    async with serving(handler) as base_url:
        connection = Connection(base_url=base_url, body_limit=body_limit)
        provider = OpenAIProvider(candidate(**parameters), KEY, WallClock(), timeout, connection=connection)
        request = text_request("Hi there")
        if conversation is not None:
            request = type(request)(case=request.case, conversation=conversation)
        try:
            exchange = await provider.ask(request)
        finally:
            await provider.close()
    check_exchange(exchange)
    return exchange


def http(body: bytes, kind: str = "application/json", status: str = "200 OK", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def completion(text: str = "yes", **more: Json) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return json.dumps({"model": "m-1", "choices": [choice], **more}).encode()


def chunk(text: str | None = None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def failure(exchange: Exchange) -> Failure:
    assert isinstance(exchange.outcome, Failure), exchange
    assert exchange.attempt.error == exchange.outcome.kind
    assert KEY not in exchange.outcome.message
    return exchange.outcome


def reply(exchange: Exchange) -> Reply:
    assert isinstance(exchange.outcome, Reply), exchange
    return exchange.outcome


async def test_a_plain_completion_is_read() -> None:
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    exchange = await ask(answering(http(completion(usage=usage, system_fingerprint="fp"))))
    found = reply(exchange)
    assert (found.text, found.finish_reason, found.model, found.fingerprint) == ("yes", "stop", "m-1", "fp")
    tokens = exchange.attempt.usage
    assert tokens is not None
    assert (tokens.input, tokens.output, tokens.cached, tokens.reasoning) == (9, 4, 3, 2)
    assert not tokens.estimated
    assert exchange.attempt.status == 200
    assert exchange.attempt.first_token is None


async def test_missing_usage_is_estimated_and_marked() -> None:
    exchange = await ask(answering(http(completion("12345"))))
    usage = exchange.attempt.usage
    assert usage is not None
    assert (usage.input, usage.output, usage.estimated) == (2, 2, True)


async def test_the_request_says_what_the_candidate_and_the_case_say() -> None:
    seen: list[tuple[str, bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(http(completion()))

    await ask(handle, temperature=0, stream=True)
    head, body = seen[0]
    assert head.startswith("POST /v1/chat/completions HTTP/1.1")
    assert f"authorization: bearer {KEY}".lower() in head.lower()
    assert json.loads(body) == {
        "model": "m",
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "user", "content": "Hi there"}],
    }


async def test_the_first_token_is_the_first_text_that_is_not_empty() -> None:
    parts = [STREAM, chunk(""), chunk(None), chunk("a"), chunk("b"), chunk(None, "stop"), b"data: [DONE]\n\n"]
    exchange = await ask(answering(*parts, pause=0.05), stream=True)
    assert reply(exchange).text == "ab"
    attempt = exchange.attempt
    assert attempt.first_token is not None
    assert attempt.seconds is not None
    assert attempt.first_token >= 0.14, "three pauses of 50 ms come before the first text"
    assert attempt.seconds - attempt.first_token >= 0.13, "three more come after it"


async def test_a_stream_in_single_bytes_is_the_same_stream() -> None:
    whole = STREAM + chunk("é😀") + chunk(None, "stop") + b"data: [DONE]\n\n"
    exchange = await ask(answering(*(whole[at : at + 1] for at in range(len(whole)))), stream=True)
    assert reply(exchange).text == "é😀"


async def test_a_stream_that_ends_without_done_but_with_a_reason_is_whole() -> None:
    exchange = await ask(answering(STREAM, chunk("a"), chunk(None, "stop").rstrip()), stream=True)
    assert reply(exchange).text == "a"


async def test_a_server_that_does_not_stream_is_read_all_the_same() -> None:
    exchange = await ask(answering(http(completion())), stream=True)
    assert reply(exchange).text == "yes"
    assert exchange.attempt.first_token is None


async def test_json_of_another_content_type_is_read() -> None:
    assert reply(await ask(answering(http(completion(), "text/plain")))).text == "yes"


async def test_logprobs_give_the_geometric_mean_as_confidence() -> None:
    content = [
        {"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "b", "logprob": -2}]},
        {"token": "b", "logprob": -1.5, "top_logprobs": []},
    ]
    choice = {"index": 0, "message": {"content": "ab"}, "logprobs": {"content": content}}
    found = reply(await ask(answering(http(json.dumps({"choices": [choice]}).encode()))))
    assert found.confidence == pytest.approx(0.36787944)
    assert found.logprobs is not None
    assert found.logprobs[0].top == {"b": -2.0}


CUT_CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n"
)
DEEP = b'{"choices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
MALFORMED = {
    "HTML with 200": http(b"<html>hello</html>", "text/html"),
    "HTML instead of a stream": http(b"<html>hello</html>", "text/html"),
    "broken JSON": http(b'{"choices": [{"mess'),
    "deep JSON": http(DEEP),
    "an array": http(b"[]"),
    "no choices": http(b'{"choices": []}'),
    "choices of another kind": http(b'{"choices": {"0": 1}}'),
    "a choice without message": http(b'{"choices": [{"index": 0}]}'),
    "nothing": http(b""),
    "bytes that are no text": http(b"\xff\xfe\x00\x01"),
    "a body shorter than said": http(completion())[:-4],
    "a stream that is no JSON": STREAM + b"data: {oops\n\n",
    "a stream that is cut": STREAM + chunk("a"),
    "a chunked stream that is cut": CUT_CHUNKED + chunk("a"),
    "an empty stream": STREAM,
    "a stream with nothing but its end": STREAM + b"data: [DONE]\n\n",
    "no HTTP": b"hello, this is no HTTP\r\n\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000,
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("stream", [True, False])
async def test_what_is_not_of_the_promised_form_is_malformed(name: str, *, stream: bool) -> None:
    found = failure(await ask(answering(MALFORMED[name]), stream=stream))
    assert found.kind == "malformed", found
    assert 0 < len(found.message) <= 300


STATUS = [
    ("429 Too Many Requests", "rate_limit"),
    ("500 Internal Server Error", "server_error"),
    ("501 Not Implemented", "bad_request"),
    ("529 Overloaded", "server_error"),
    ("401 Unauthorized", "auth"),
    ("403 Forbidden", "auth"),
    ("404 Not Found", "bad_request"),
    ("408 Request Timeout", "timeout"),
    ("422 Unprocessable", "bad_request"),
]


@pytest.mark.parametrize(("status", "kind"), STATUS)
async def test_a_status_has_its_kind_and_the_servers_words(status: str, kind: str) -> None:
    body = json.dumps({"error": {"message": f"you sent {KEY}", "code": "some_code"}}).encode()
    exchange = await ask(answering(http(body, status=status, more="Retry-After: 1.5\r\n")))
    found = failure(exchange)
    assert found.kind == kind
    assert found.message == f"HTTP {status[:3]}: you sent [redacted] (some_code)"
    assert exchange.attempt.status == int(status[:3])
    assert exchange.attempt.retry_after == 1.5


async def test_an_error_in_the_middle_of_a_stream_is_a_failure() -> None:
    error = b'data: {"error": {"message": "overloaded", "code": 503}}\n\n'
    exchange = await ask(answering(STREAM, chunk("a"), error), stream=True)
    assert failure(exchange).kind == "server_error"
    assert exchange.attempt.first_token is not None


async def test_a_redirect_is_not_followed() -> None:
    answer = http(b"", status="302 Found", more="Location: http://elsewhere.example/v1\r\n")
    found = failure(await ask(answering(answer)))
    assert found.kind == "bad_request"
    assert "http://elsewhere.example/v1" in found.message


async def test_a_connection_that_is_reset_is_a_connection_failure() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    assert failure(await ask(handle)).kind == "connection"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_slow_drip_ends_at_the_time_out(*, stream: bool) -> None:
    head = STREAM if stream else http(completion())[:-20]
    parts = [head, *([chunk("a")] * 50 if stream else [])]
    exchange = await ask(answering(*parts, pause=0.05, hold=3), timeout=0.4, stream=stream)
    assert failure(exchange).kind == "timeout"
    seconds = exchange.attempt.seconds
    assert seconds is not None
    assert 0.39 <= seconds <= 0.8
    assert (exchange.attempt.first_token is not None) == stream
    assert exchange.attempt.status == 200


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_a_body_over_the_limit_is_malformed(kind: str) -> None:
    found = failure(await ask(answering(http(b"data: " + b"a" * 200_000, kind)), body_limit=100_000))
    assert found.kind == "malformed"
    assert "100000 bytes" in found.message


async def test_a_server_that_never_closes_a_finished_stream_costs_no_time() -> None:
    head = STREAM.replace(b"Connection: close\r\n", b"Transfer-Encoding: chunked\r\n")
    events = chunk("a") + chunk(None, "stop") + b"data: [DONE]\n\n"
    framed = f"{len(events):x}\r\n".encode() + events + b"\r\n"
    began = time.monotonic()
    exchange = await ask(answering(head, framed, hold=3), stream=True)
    assert time.monotonic() - began < 2
    assert reply(exchange).text == "a"
    seconds = exchange.attempt.seconds
    assert seconds is not None
    assert seconds < 0.4


async def test_a_key_that_the_endpoint_echoes_does_not_reach_the_reply() -> None:
    assert (
        reply(await ask(answering(http(completion(f"your key is {KEY}"))))).text == "your key is [redacted]"
    )


async def test_surrogates_in_the_answer_become_text_that_utf8_can_hold() -> None:
    body = b'{"choices": [{"message": {"content": "a\\ud83d\\ude00b\\ud800"}}]}'
    assert reply(await ask(answering(http(body)))).text == "a😀b\ufffd"


async def test_a_cancelled_call_lets_go_and_the_next_one_works() -> None:
    arrived = asyncio.Event()
    gone = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        if arrived.is_set():
            writer.write(http(completion()))
            return
        arrived.set()
        await reader.read()
        gone.set()

    async with serving(handle) as base_url:
        provider = OpenAIProvider(candidate(), None, WallClock(), connection=Connection(base_url=base_url))
        task = asyncio.create_task(provider.ask(text_request("Hi")))
        await arrived.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await asyncio.wait_for(gone.wait(), 2)
        assert reply(await provider.ask(text_request("Hi"))).text == "yes"
        await provider.close()
        await provider.close()


async def test_an_image_without_content_is_a_failure_of_the_prompt() -> None:
    conversation = Conversation(messages=(Message(role="user", content=(Image(),)),))
    found = failure(await ask(answering(http(completion())), conversation=conversation))
    assert found.kind == "prompt"
