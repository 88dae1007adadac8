"""The wire alone: a reader that takes any text, against servers that pause, flood and say odd things."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from yarl import URL

from passmuster.adapters.providers.wire.call import MOST_GAPS, Call, Timeouts
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.providers.wire.wire import Connection, Endpoint, Wire
from passmuster.records.case import Case
from passmuster.records.trial import Exchange, Failure, Limits, Reply, Usage
from passmuster.testing import FakeClock, check_exchange, text_request

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
END = b"data: END\n\n"


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Words:
    """Reads events as words; `END` ends the answer, `-` is an empty piece."""

    words: list[str] = field(default_factory=list)
    done: bool = False
    spent: Usage | None = None

    def event(self, data: bytes) -> bool:
        if data == b"BROKEN":
            message = "the stream says that it broke"
            raise UnreadableError(message, "server_error")
        self.done = data == b"END"
        self.spent = Usage(input=1, output=len(self.words))
        if not self.done and data != b"-":
            self.words.append(data.decode())
        return not self.done and data != b"-"

    def whole(self, body: bytes) -> None:
        self.words.append(body.decode())

    def usage(self) -> Usage | None:
        return self.spent

    def reply(self, clean: Callable[[str], str]) -> Reply:
        return Reply(text=clean(" ".join(self.words)))


def answering(*parts: bytes | float, head: bytes = STREAM + b"\r\n") -> Handler:
    """Write the head, then each part; a number is a pause in seconds."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in (head, *parts):
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)

    return handle


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[URL]:
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
        yield URL(f"http://{host}:{port}/answers")
    finally:
        server.close()
        await asyncio.sleep(0.01)


async def ask(
    handler: Handler,
    *,
    connection: Connection | None = None,
    streams: bool = True,
    simulated: bool = False,
    query: Mapping[str, str] | None = None,
) -> Exchange:
    async with serving(handler) as url:
        endpoint = Endpoint(url=url.with_query(query), streams=streams, simulated=simulated)
        wire = Wire(endpoint, WallClock(), connection or Connection())
        try:
            exchange = await wire.ask(text_request("Hi"), b"{}", Words())
        finally:
            await wire.close()
    check_exchange(exchange)
    return exchange


def limited(**limits: float | None) -> Connection:
    return Connection(timeouts=replace(Timeouts(), **limits))


def failure(exchange: Exchange) -> tuple[str, str]:
    assert isinstance(exchange.outcome, Failure), exchange
    return exchange.outcome.kind, exchange.outcome.message


def text(exchange: Exchange) -> str:
    assert isinstance(exchange.outcome, Reply), exchange
    return exchange.outcome.text


TOO_LONG: dict[str, tuple[list[bytes | float], dict[str, float], str]] = {
    "the first token": (
        [b"data: -\n\n", 3.0],
        {"first_token": 0.15, "between_tokens": 0.01},
        "no first token within 0.15 s",
    ),
    "the next token": (
        [b"data: a\n\n", b"data: -\n\n", 3.0],
        {"first_token": 2.0, "between_tokens": 0.15},
        "no next token within 0.15 s",
    ),
    "the end after the last token": (
        [b"data: a\n\n", 3.0],
        {"between_tokens": 0.15},
        "no next token within 0.15 s",
    ),
    "all of it, before a token": (
        [3.0],
        {"attempt": 0.15, "first_token": 0.5},
        "no complete answer within 0.15 s",
    ),
    "all of it, after a token": (
        [b"data: a\n\n", 3.0],
        {"attempt": 1.0, "first_token": 0.9, "between_tokens": 5.0},
        "no complete answer within 1 s",
    ),
    "the headers": ([], {"first_token": 0.15}, "no first token within 0.15 s"),
}


@pytest.mark.parametrize("name", TOO_LONG)
async def test_each_phase_has_its_own_limit_and_says_so(name: str) -> None:
    parts, limits, message = TOO_LONG[name]
    handler = answering(*parts) if parts else answering(3.0, head=b"")
    assert failure(await ask(handler, connection=limited(**limits))) == ("timeout", message)


async def test_a_stream_that_keeps_every_limit_is_read_to_its_end() -> None:
    parts = [part for word in (b"a", b"b", b"c", b"d") for part in (0.3, b"data: " + word + b"\n\n")]
    connection = limited(first_token=1.0, between_tokens=1.0, attempt=None)
    assert text(await ask(answering(*parts, END), connection=connection)) == "a b c d"


async def test_the_limits_on_tokens_do_not_bind_an_answer_that_is_no_stream() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n"
    connection = limited(first_token=0.6, between_tokens=0.1)
    assert text(await ask(answering(0.9, b'"ab"', head=head), connection=connection)) == '"ab"'
    late = answering(0.9, head + b'"ab"', head=b"")
    assert text(await ask(late, connection=connection, streams=False)) == '"ab"'


async def test_a_cancelled_call_is_cancelled_and_no_time_out() -> None:
    async with serving(answering(3.0)) as url:
        wire = Wire(Endpoint(url=url, streams=True), WallClock(), limited(first_token=2.0))
        task = asyncio.create_task(wire.ask(text_request("Hi"), b"{}", Words()))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await wire.close()


@dataclass
class Watched(Words):
    """Tells when it has taken an event."""

    taken: asyncio.Event = field(default_factory=asyncio.Event)

    def event(self, data: bytes) -> bool:
        self.taken.set()
        return super().event(data)


async def test_times_are_those_of_the_pieces_that_are_not_empty() -> None:
    clock, reader = FakeClock(start=1000.0, auto=False), Watched()

    async def handle(incoming: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await incoming.readuntil(b"\r\n\r\n")
        writer.write(STREAM + b"\r\n")
        for seconds, events in ((1, "-"), (2, "a"), (3, "-"), (4, "b c"), (5.0000004, "d"), (6, "END")):
            clock.advance(seconds)
            reader.taken.clear()
            writer.write(b"".join(b"data: %s\n\n" % event.encode() for event in events.split()))
            await reader.taken.wait()
        clock.advance(7)

    async with serving(handle) as url:
        wire = Wire(Endpoint(url=url, streams=True), clock, Connection())
        attempt = (await wire.ask(text_request("Hi"), b"{}", reader)).attempt
        await wire.close()
    assert (attempt.started, attempt.first_token) == (1000.0, 3.0)
    assert attempt.gaps == (7.0, 0.0, 5.0), "to a millionth; an empty piece starts no new gap"
    assert attempt.seconds == pytest.approx(21.0), "what comes after the end is not waited for"


async def test_a_stream_of_one_piece_has_no_gaps_and_a_whole_answer_does_not_know_any() -> None:
    assert (await ask(answering(b"data: a\n\n", END))).attempt.gaps == ()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n"
    assert (await ask(answering(b'"ab"', head=head))).attempt.gaps is None


def test_the_gaps_of_a_very_long_stream_are_bounded() -> None:
    call = Call(0.0)
    for number in range(MOST_GAPS + 10):
        call.piece(float(number))
    assert len(call.gaps) == MOST_GAPS


async def test_a_simulators_own_times_leave_no_measured_gaps_beside_them() -> None:
    head = STREAM + b"X-Simulated-Seconds: 5\r\nX-Simulated-First-Token: 1.5\r\n\r\n"
    attempt = (await ask(answering(b"data: a\n\n", b"data: b\n\n", END, head=head), simulated=True)).attempt
    assert (attempt.seconds, attempt.first_token, attempt.gaps) == (5.0, 1.5, None)


@pytest.mark.parametrize("status", [b"200 OK", b"429 Too Many Requests"])
async def test_limits_come_with_every_answer(status: bytes) -> None:
    head = STREAM.replace(b"200 OK", status)
    head += b"X-RateLimit-Limit-Requests: 600\r\nX-RateLimit-Reset-Requests: 1m2s\r\n\r\n"
    exchange = await ask(answering(END, head=head))
    assert exchange.limits == Limits(requests=600, requests_reset=62.0)


async def test_what_a_failed_call_used_is_kept() -> None:
    exchange = await ask(answering(b"data: a\n\n", b"data: b\n\n", b"data: BROKEN\n\n"))
    assert failure(exchange) == ("server_error", "the stream says that it broke")
    assert exchange.attempt.usage == Usage(input=1, output=1)


QUOTA = {
    "402": (b"402 Payment Required", b'{"error": {"message": "Insufficient Balance"}}', "quota"),
    "a code": (b"429 No", b'{"error": {"message": "m", "code": "insufficient_quota"}}', "quota"),
    "a type": (b"429 No", b'{"error": {"message": "m", "type": "insufficient_quota"}}', "quota"),
    "billing": (b"400 No", b'{"error": {"message": "m", "code": "billing_hard_limit_reached"}}', "quota"),
    "a rate": (b"429 No", b'{"error": {"message": "m", "code": "rate_limit_exceeded"}}', "rate_limit"),
    "a list": (b"429 No", b'[{"error": {"message": "m", "status": "RESOURCE_EXHAUSTED"}}]', "rate_limit"),
    "HTML": (b"429 No", b"<html>slow down</html>", "rate_limit"),
}


@pytest.mark.parametrize("name", QUOTA)
async def test_an_account_without_money_is_no_rate_limit(name: str) -> None:
    status, body, kind = QUOTA[name]
    head = b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n\r\n"
    assert failure(await ask(answering(body, head=head)))[0] == kind


async def test_a_wait_that_only_the_body_names_is_taken() -> None:
    info = b'{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "38s"}'
    body = b'[{"error": {"code": 429, "message": "m", "details": [{}, ' + info + b"]}}]"
    head = b"HTTP/1.1 429 No\r\nConnection: close\r\n\r\n"
    assert (await ask(answering(body, head=head))).attempt.retry_after == 38.0


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 90\r\n\r\n{",
        b"Content-Encoding: br\r\n\r\n?",
        b"Content-Encoding: gzip\r\n\r\n\x1f\x8b?",
    ],
)
async def test_a_refusal_whose_body_cannot_be_read_is_what_its_status_says(rest: bytes) -> None:
    exchange = await ask(answering(head=b"HTTP/1.1 429 No\r\nRetry-After: 3\r\n" + rest))
    assert failure(exchange)[0] == "rate_limit"
    assert exchange.attempt.retry_after == 3.0


async def test_html_with_status_200_is_malformed_and_its_beginning_is_shown() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
    kind, message = failure(await ask(answering(b"<html>Sign in, please</html>", head=head)))
    assert kind == "malformed"
    assert "<html>Sign in" in message


@pytest.mark.parametrize("kind", [b"application/json", b"text/event-stream"])
async def test_a_flood_is_cut_at_the_limit_and_not_read_to_its_end(kind: bytes) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\nConnection: close\r\n\r\n")
        for _ in range(1600):
            writer.write(b"data: -\n\n" * 7282)
            sent += 65_538
            await writer.drain()

    found = failure(await ask(flood, connection=Connection(body_limit=1_000_000)))
    assert found == ("malformed", "the answer is longer than 1000000 bytes")
    assert sent < 30_000_000, "100 MB were to be had"


async def test_a_length_over_the_limit_is_refused_before_the_body_comes() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"
    found = failure(await ask(answering(3.0, head=head), connection=limited(attempt=2.0)))
    assert found[0] == "malformed"


async def test_a_small_body_that_unpacks_to_a_large_one_is_cut_at_the_limit() -> None:
    packed = gzip.compress(b" " * 50_000_000, mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(packed)
    found = failure(await ask(answering(packed, head=head), connection=Connection(body_limit=1_000_000)))
    assert found == ("malformed", "the answer is longer than 1000000 bytes")


async def test_only_what_is_named_as_a_secret_is_taken_out_of_replies() -> None:
    said = b"data: version 2024-10-21 of long-secret-value for an-evaluation and token-of-mine\n\n"
    connection = Connection(
        headers={"X-Title": "an-evaluation", "X-Team-Token": "Bearer token-of-mine"}, secrets=("unused-one",)
    )
    query = {"api-version": "2024-10-21", "api_key": "long-secret-value"}
    found = text(await ask(answering(said, END), connection=connection, query=query))
    assert found == "version 2024-10-21 of [redacted] for an-evaluation and [redacted]"
    stated = Connection(headers={"X-Title": "an-evaluation"}, secrets=("an-evaluation",))
    assert "evaluation" not in text(await ask(answering(said, END), connection=stated))
    assert "an-evaluation" not in repr(stated)


async def test_a_case_is_named_to_a_loopback_server_in_ascii() -> None:
    seen: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(STREAM + b"\r\n" + END)

    async with serving(handle) as url:
        wire = Wire(Endpoint(url=url, streams=True), WallClock(), Connection())
        for name in ("caf\u00e9/1\r\nX: y", "\ud800", "a" * 10_000):
            request = replace(text_request("Hi"), case=Case(id=name, input="Hi"))
            await wire.ask(request, b"{}", Words())
        await wire.close()
    assert "X-Passmuster-Trial: caf%C3%A9%2F1%0D%0AX%3A%20y\r\n" in seen[0]
    assert "X-Passmuster-Trial: %ED%A0%80\r\n" in seen[1]
    assert len(seen[2]) < 4000


def test_a_request_that_cannot_be_written_is_a_failure_without_a_call() -> None:
    exchange = Wire(Endpoint(url=URL("http://127.0.0.1")), WallClock(), Connection()).unsent("no image")
    check_exchange(exchange)
    assert failure(exchange) == ("prompt", "no image")
    assert exchange.attempt.seconds is None
