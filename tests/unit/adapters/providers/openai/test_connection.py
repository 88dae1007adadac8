"""How the provider reaches an endpoint: proxies, TLS, and nobody there."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider, Timeouts
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Exchange, Failure, Reply
from passmuster.testing import text_request

ANSWER = json.dumps({"choices": [{"message": {"content": "yes"}}]}).encode()
HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.close()
        await asyncio.sleep(0.01)


async def ask(connection: Connection) -> Exchange:
    candidate = Candidate(name="a", provider="openai", model="m")
    provider = OpenAIProvider(candidate, "a-secret-key", WallClock(), connection=connection)
    try:
        return await provider.ask(text_request("Hi", repeat=4))
    finally:
        await provider.close()


def failure(exchange: Exchange) -> Failure:
    assert isinstance(exchange.outcome, Failure), exchange
    return exchange.outcome


async def test_nobody_listening_is_a_connection_failure() -> None:
    async with serving(lambda *_: asyncio.sleep(0)) as base_url:
        pass
    exchange = await ask(Connection(base_url=base_url))
    found = failure(exchange)
    assert found.kind == "connection"
    assert exchange.attempt.at_risk == 0.0, "nothing was sent that could be billed"
    assert re.fullmatch(r"cannot connect to 127\.0\.0\.1:\d+: Connection refused", found.message)


async def test_loopback_is_reached_directly_and_other_hosts_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(HEAD.encode() + ANSWER)

    async with serving(handle) as base_url:
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, base_url)
        for address in ("http://far.invalid/v1", f"{base_url}/near"):
            exchange = await ask(Connection(base_url=address))
            assert exchange.outcome == Reply(text="yes")
    far, near = seen
    assert far.startswith("POST http://far.invalid/v1/chat/completions")
    assert near.startswith("POST /near/chat/completions")
    assert "X-Passmuster-Repeat" not in far
    assert "X-Passmuster-Repeat: 4" in near


async def test_tls_that_fails_is_a_connection_failure() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 This is no TLS\r\n\r\n")

    async with serving(handle) as base_url:
        exchange = await ask(Connection(base_url=base_url.replace("http:", "https:")))
    assert failure(exchange).kind == "connection"


async def test_a_handshake_that_never_ends_is_a_time_out_of_the_connection() -> None:
    async def handle(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(handle) as base_url:
        connection = Connection(base_url=base_url.replace("http:", "https:"), timeouts=Timeouts(connect=0.2))
        exchange = await ask(connection)
    assert (failure(exchange).kind, failure(exchange).message) == ("timeout", "no connection within 0.2 s")
