"""Connections are kept behind streams where the server keeps them, and no call is lost where it does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from yarl import URL

from passmuster.adapters.providers.wire import reuse as wire_reuse
from passmuster.adapters.providers.wire.wire import Connection, Endpoint, Timeouts, Wire
from passmuster.records.trial import Exchange, Reply, Usage
from passmuster.testing import text_request

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
STREAM = HEAD + b"9\r\ndata: a\n\n\r\nb\r\ndata: END\n\n\r\n0\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
NONE = b""
CLOSING = 0.01
"""Seconds that a server needs to close a connection; what is sent meanwhile is lost."""


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Word:
    """Reads a stream of one word."""

    text: str = ""
    done: bool = False

    def event(self, data: bytes) -> bool:
        self.done = data == b"END"
        self.text = self.text if self.done else data.decode()
        return not self.done

    def whole(self, body: bytes) -> None:
        self.text = body.decode()

    def usage(self) -> Usage | None:
        return None

    def reply(self, _: object) -> Reply:
        return Reply(text=self.text)


@dataclass
class Server:
    """Answers every request; behind a stream it closes the connection without a word, where `closes` says so.

    An answer `NONE` closes it instead of answering. `stalls` is how long all stands still, once, between the end
    of the first stream and the close of its connection.
    """

    closes: bool
    answers: list[bytes] = field(default_factory=list)
    closing: float = CLOSING
    stalls: float = 0.0
    connections: int = 0
    lost: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self.request(reader)
                answer = self.answers.pop(0) if self.answers else STREAM
                if answer is NONE:
                    return
                writer.write(answer)
                if self.closes and answer is STREAM:
                    asyncio.get_running_loop().call_later(self.closing / 2, time.sleep, self.stalls)
                    self.stalls = 0.0
                    async with asyncio.timeout(self.closing):
                        await self.request(reader)
                    self.lost += 1
                    return
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def request(self, reader: asyncio.StreamReader) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)

    @asynccontextmanager
    async def asked(self, *, streams: bool = True) -> AsyncIterator[Wire]:
        listening = await asyncio.start_server(self.handle, "127.0.0.1", 0)
        host, port = listening.sockets[0].getsockname()
        wire = Wire(Endpoint(url=URL(f"http://{host}:{port}/"), streams=streams), WallClock(), Connection())
        try:
            yield wire
        finally:
            await wire.close()
            listening.close()
            await asyncio.sleep(0.01)


async def ask(wire: Wire) -> Exchange:
    return await wire.ask(text_request("Hi"), b"{}", Word())


async def replies(wire: Wire, calls: int, at_once: int = 1) -> int:
    """Make calls without a pause, some at once, and count the replies."""

    async def line() -> int:
        exchanges = [await ask(wire) for _ in range(calls // at_once)]
        return sum(isinstance(exchange.outcome, Reply) for exchange in exchanges)

    async with asyncio.TaskGroup() as group:
        lines = [group.create_task(line()) for _ in range(at_once)]
    return sum(line.result() for line in lines)


@pytest.mark.parametrize("at_once", [1, 4])
async def test_no_call_is_lost_where_the_server_closes_connections_behind_streams(at_once: int) -> None:
    server = Server(closes=True)
    async with server.asked() as wire:
        assert await replies(wire, 40, at_once) == 40
    assert server.lost == 0


async def test_a_program_that_stalls_does_not_take_that_for_a_connection_that_is_kept() -> None:
    server = Server(closes=True, stalls=2 * wire_reuse.SETTLED)
    async with server.asked() as wire:
        assert await replies(wire, 20) == 20
    assert server.lost == 0


async def test_calls_that_are_lost_to_a_server_that_closes_late_put_the_question_again() -> None:
    server = Server(closes=True, closing=2.5 * wire_reuse.SETTLED)
    async with server.asked() as wire:
        assert await replies(wire, 40) >= 38
        assert wire._connections.keeps is False
    assert server.lost <= 2


async def test_where_it_closes_later_than_any_wait_connections_are_not_kept_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire_reuse, "FORGOTTEN", 0.5)
    server = Server(closes=True, closing=100.0)
    async with server.asked() as wire:
        assert await replies(wire, 40) == 37
        assert wire._connections.keeps is False


@pytest.mark.parametrize(("forgotten", "keeps"), [(1.0, None), (0.0, True)])
async def test_a_call_that_is_lost_after_a_pause_tells_nothing(
    *, forgotten: float, keeps: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(closes=False, answers=[STREAM, STREAM, NONE])
    async with server.asked() as wire:
        assert await replies(wire, 2) == 2
        assert wire._connections.keeps is True
        monkeypatch.setattr(wire_reuse, "FORGOTTEN", forgotten)
        assert await replies(wire, 1) == 0
        assert wire._connections.keeps is keeps
        assert await replies(wire, 10) == 10


async def test_connections_are_kept_behind_streams_where_the_server_keeps_them() -> None:
    server = Server(closes=False)
    async with server.asked() as wire:
        assert await replies(wire, 20) == 20
    assert server.connections == 1


@pytest.mark.parametrize("closes", [True, False])
async def test_only_one_call_waits_to_see_which_it_is(
    *, closes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def wait(seconds: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        waits.append(seconds)
        await sleep(seconds)

    server = Server(closes=closes)
    async with server.asked() as wire:
        monkeypatch.setattr(asyncio, "sleep", wait)
        assert await replies(wire, 20) == 20
        monkeypatch.undo()
    # The wait ends with the connection; a whole one is of so many steps.
    assert len(waits) < 5 if closes else wire_reuse.SETTLED * 0.5 < sum(waits) < wire_reuse.SETTLED * 1.5


async def test_what_is_asked_while_the_first_stream_is_watched_gets_connections_of_its_own() -> None:
    server = Server(closes=False)
    async with server.asked() as wire:
        assert await replies(wire, 4, at_once=4) == 4
        assert server.connections == 4
        assert await replies(wire, 20) == 20
    assert server.connections == 4


async def test_an_answer_that_is_no_stream_tells_nothing_about_streams() -> None:
    server = Server(closes=True, answers=[BUSY, WHOLE, BUSY])
    async with server.asked() as wire:
        assert await replies(wire, 20) == 18
    assert server.lost == 0


async def test_connections_are_always_kept_where_no_streams_are_asked_for() -> None:
    server = Server(closes=False, answers=[WHOLE] * 8)
    async with server.asked(streams=False) as wire:
        assert await replies(wire, 8, at_once=2) == 8
    assert server.connections == 2


async def test_the_connection_that_was_used_last_is_used_next() -> None:
    server = Server(closes=False, answers=[WHOLE] * 9)
    async with server.asked(streams=False) as wire:
        assert await replies(wire, 4, at_once=4) == 4
        last = wire._connections._free[-1][1]
        assert await replies(wire, 5) == 5
        assert wire._connections._free[-1][1] is last
        assert len(wire._connections._free) == server.connections == 4


async def test_a_connection_that_was_idle_for_long_is_closed_and_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server(closes=False, answers=[WHOLE] * 6)
    async with server.asked(streams=False) as wire:
        assert await replies(wire, 2, at_once=2) == 2
        monkeypatch.setattr(wire_reuse, "IDLE", 0.0)
        assert await replies(wire, 1) == 1
        assert server.connections == 3
        assert len(wire._connections._free) == 1


async def test_a_connection_that_was_idle_for_long_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(closes=True)
    async with server.asked() as wire:
        monkeypatch.setattr(wire_reuse, "FORGOTTEN", 0.0)
        assert await replies(wire, 3) == 3
        server.closes = False
        await ask(wire)
        monkeypatch.undo()
        assert await replies(wire, 10) == 10
    assert server.connections == 4


async def test_a_call_that_is_cancelled_while_it_waits_for_that_leaves_it_to_the_next_one() -> None:
    server = Server(closes=False)
    async with server.asked() as wire:
        await ask(wire)
        waiting = asyncio.create_task(ask(wire))
        await asyncio.sleep(wire_reuse.SETTLED / 5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await replies(wire, 10) == 10
    assert server.connections == 1


async def test_the_wait_for_that_is_no_time_of_the_call() -> None:
    server = Server(closes=False)
    async with server.asked() as wire:
        first = (await ask(wire)).attempt
        second = (await ask(wire)).attempt
    assert first.seconds is not None
    assert second.started - (first.started + first.seconds) >= wire_reuse.SETTLED * 0.9


def test_a_provider_that_is_asked_in_a_second_event_loop_opens_connections_of_its_own() -> None:
    wire: list[Wire] = []

    async def asked() -> int:
        server = Server(closes=False, answers=[WHOLE] * 4)
        listening = await asyncio.start_server(server.handle, "127.0.0.1", port[0] if port else 0)
        port[:] = [listening.sockets[0].getsockname()[1]]
        if not wire:
            endpoint = Endpoint(url=URL(f"http://127.0.0.1:{port[0]}/"))
            wire.append(Wire(endpoint, WallClock(), Connection(timeouts=Timeouts(attempt=5.0))))
        made = await replies(wire[0], 2)
        listening.close()
        return made

    port: list[int] = []
    assert asyncio.run(asked()) == 2
    assert asyncio.run(asked()) == 2

    async def closed() -> None:
        await wire[0].close()

    asyncio.run(closed())
