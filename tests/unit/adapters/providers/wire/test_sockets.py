"""A connection over real sockets, in both event loops: early answers, back-pressure, ends of every kind."""

import asyncio
import ssl

import pytest
from tests.unit.adapters.providers.wire.loopback import (
    HI,
    SCHEMES,
    Server,
    call,
    gone,
    on_each_loop,
    route,
    saying,
    serving,
)

from passmuster.adapters.providers.wire.connection import MOST_UNREAD, request_head
from passmuster.adapters.providers.wire.transport_errors import CutOffError


@on_each_loop
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("closes", [False, True])
async def test_an_answer_that_comes_before_a_large_request_is_written_is_read_and_ends_the_connection(
    trusted: ssl.SSLContext, scheme: str, *, closes: bool
) -> None:
    said = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"
    handler = saying(said) if closes else saying(said, 30.0)
    async with serving(handler, tls=trusted if scheme == "https" else None) as port:
        answer = await call(f"{scheme}://127.0.0.1:{port}", body=b"x" * 20_000_000)
    assert answer == (413, b"no", False)


@on_each_loop
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_body_that_nobody_reads_is_not_received_and_comes_when_it_is_read(
    trusted: ssl.SSLContext, scheme: str
) -> None:
    sent, size = 0, 60_000_000

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()
        await reader.read()

    async with serving(flood, tls=trusted if scheme == "https" else None) as port:
        connection = await route(f"{scheme}://127.0.0.1:{port}").open()
        connection.send(request_head("GET", "/", {}), b"\r\n")
        await connection.begun()
        before = -1
        while sent > before:
            before = sent
            await asyncio.sleep(0.2)
        assert connection._unread_size < 8 * MOST_UNREAD
        assert sent < size // 2
        read = 0
        while piece := (await connection.read())[1]:
            read += len(piece)
        assert read == size
        assert connection.reusable
        await gone(connection)


@on_each_loop
async def test_a_server_that_resets_in_the_middle_of_an_answer_cuts_it_off() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(10)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        await asyncio.sleep(0.05)
        writer.transport.abort()

    async with serving(reset) as port:
        with pytest.raises(CutOffError):
            await call(f"http://127.0.0.1:{port}", body=b"x" * 100)


@on_each_loop
async def test_an_idle_connection_that_the_server_closes_is_not_used_again() -> None:
    async with serving(saying(HI)) as port:
        connection = await route(f"http://127.0.0.1:{port}").open()
        connection.send(request_head("GET", "/", {}), b"\r\n")
        assert (await connection.read())[1] == b"hi"
        async with asyncio.timeout(20):
            await connection.gone.wait()
        assert not connection.reusable


@on_each_loop
@pytest.mark.parametrize("before", [None, *SCHEMES])
async def test_a_call_that_is_cancelled_anywhere_leaves_nothing_open(
    trusted: ssl.SSLContext, before: str | None
) -> None:
    async with (
        serving(Server().handle, tls=trusted) as port,
        serving(Server().handle, tls=trusted if before == "https" else None) as proxy,
    ):
        for steps in range(0, 60, 3):
            to = None if before is None else f"{before}://127.0.0.1:{proxy}"
            task = asyncio.create_task(call(f"https://127.0.0.1:{port}", to))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled() or task.result() == (200, b"hi", True)
        await asyncio.sleep(0.05)
