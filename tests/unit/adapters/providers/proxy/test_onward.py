"""Connections of the recording proxy: kept behind streams until one was seen to end there."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from yarl import URL

from passmuster.adapters.providers.proxy.onward import Onward, unbounded
from passmuster.adapters.providers.wire.transport_errors import HttpError

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
)
STREAM = HEAD + b"9\r\ndata: a\n\n\r\n0\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class WallClock:
    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Server:
    """Gives one answer again and again; `loses` is after which number of them it leaves requests unanswered."""

    def __init__(self, answer: bytes, *, loses: int | None = None) -> None:
        self.answer = answer
        self.loses = loses
        self.connections = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        answered = 0
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(2)
                if answered == self.loses:
                    return
                writer.write(self.answer)
                answered += 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[tuple[Onward, URL]]:
        listening = await asyncio.start_server(self.handle, "127.0.0.1", 0)
        host, port = listening.sockets[0].getsockname()
        url = URL(f"http://{host}:{port}/")
        onward = Onward([url], WallClock())
        try:
            yield onward, url
        finally:
            await onward.close()
            listening.close()
            await asyncio.sleep(0.01)


async def lost(onward: Onward, url: URL, calls: int) -> int:
    """Make calls one after another, and count those that have no answer."""
    number = 0
    for _ in range(calls):
        try:
            async with onward.call("POST", url, {}, b"{}") as answer:
                body = unbounded(answer)
                while (await body.next())[1]:
                    pass
        except HttpError:
            number += 1
    return number


async def test_one_call_is_lost_where_connections_end_behind_streams_and_no_more() -> None:
    server = Server(STREAM, loses=1)
    async with server.asked() as (onward, url):
        assert await lost(onward, url, 20) == 1
    assert server.connections == 19


@pytest.mark.parametrize("answer", [STREAM, WHOLE])
async def test_connections_are_kept_where_the_endpoint_keeps_them(answer: bytes) -> None:
    server = Server(answer)
    async with server.asked() as (onward, url):
        assert await lost(onward, url, 20) == 0
    assert server.connections == 1


async def test_an_answer_that_is_no_stream_tells_nothing_about_streams() -> None:
    server = Server(WHOLE, loses=1)
    async with server.asked() as (onward, url):
        assert await lost(onward, url, 1) == 0
        assert await lost(onward, url, 1) == 1
        server.answer, server.loses = STREAM, None
        assert await lost(onward, url, 20) == 0
    assert server.connections == 2
