"""What tests of the HTTP client need: transports of memory, servers on loopback, both event loops."""

import asyncio
import contextlib
import gc
import importlib.util
import inspect
import itertools
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from passmuster.adapters.providers.wire.connection import HttpConnection, request_head
from passmuster.adapters.providers.wire.route import Route
from passmuster.testing import FakeClock

HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"
SCHEMES = ["http", "https"]
Tls = tuple[Path, ssl.SSLContext]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOOPS = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]
NAMES = "subjectAltName=IP:127.0.0.1,IP:::1"


class Memory(asyncio.Transport):
    """Keeps what is written, and notes what is done to it; `unsent` stands for a buffer that is not empty."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False
        self.reading = True
        self.unsent = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


@dataclass
class Wired:
    """A connection over memory; nothing comes any more once it was aborted, as with a real one."""

    connection: HttpConnection
    transport: Memory
    clock: FakeClock

    def receive(self, *pieces: bytes) -> None:
        for piece in pieces:
            if not self.transport.aborted:
                self.connection.data_received(piece)

    def end(self, problem: Exception | None = None) -> None:
        self.connection.connection_lost(problem)


def wired(*, asked: bool = True) -> Wired:
    """Return a connection over memory, over which a request has been sent where it is `asked`."""
    clock, transport = FakeClock(start=100.0, auto=False), Memory()
    connection = HttpConnection(clock.now)
    connection.connection_made(transport)
    if asked:
        connection.send(b"", b"")
    return Wired(connection, transport, clock)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return the pieces between these places, which may be any numbers."""
    ends = [0, *sorted({place % len(data) for place in places} - {0}), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(ends)]


def on_each_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Any:
    """Run a test in asyncio's own loop and in uvloop; what it leaves open or unhandled fails it."""

    def run(loop: str, **given: Any) -> None:
        problems: list[dict[str, Any]] = []
        with asyncio.Runner(loop_factory=_factory(loop)) as runner:
            runner.get_loop().set_exception_handler(lambda _, problem: problems.append(problem))
            runner.run(_alone(test(**given)))
            gc.collect()
        gc.collect()
        assert problems == []

    run.__name__, run.__doc__, run.__module__ = test.__name__, test.__doc__, test.__module__
    run.__dict__.update(test.__dict__)
    named = inspect.Parameter("loop", inspect.Parameter.KEYWORD_ONLY)
    signature = inspect.signature(test)
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), named]
    )
    return pytest.mark.parametrize("loop", LOOPS)(run)


def _factory(loop: str) -> Callable[[], asyncio.AbstractEventLoop]:
    if loop == "asyncio":
        return asyncio.new_event_loop
    uvloop = pytest.importorskip("uvloop")
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made


async def _alone(test: Coroutine[Any, Any, None]) -> None:
    await test
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, "tasks were left behind"


@asynccontextmanager
async def serving(
    handler: Handler, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serve on a free port, which is given; at the end every connection is cut off."""
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.append(writer)
        # Cancelled at the end, which asyncio would report.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(handle, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


def saying(*parts: bytes | float) -> Handler:
    """Answer each request with these parts and close; a number is a pause in seconds."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
            else:
                await asyncio.sleep(part)

    return handle


def self_signed(folder: Path, names: str = NAMES) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate that signed itself, and what serves it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, made = folder / "key.pem", folder / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key)]
    subject = ("-subj", "/CN=passmuster", "-addext", names)
    subprocess.run([*command, "-out", str(made), *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return made, context


def route(url: str, proxy: str | None = None, connect: float | None = 20.0) -> Route:
    """Return the way to an endpoint."""
    named = None if proxy is None else URL(proxy)
    return Route(URL(url), proxy=named, tls=None, connect=connect, now=time.monotonic)


async def gone(connection: HttpConnection) -> None:
    """Close a connection and wait until it is."""
    connection.close()
    async with asyncio.timeout(20):
        await connection.gone.wait()


async def call(url: str, proxy: str | None = None, body: bytes = b"") -> tuple[int, bytes, bool]:
    """Return status and body of an answer, and whether its connection could be used again."""
    way, read = route(url, proxy), b""
    connection = await way.open()
    head = request_head("POST", way.target(URL(url)), {"Host": "a", **way.headers()})
    connection.send(head + b"Content-Length: %d\r\n\r\n" % len(body), body)
    try:
        async with asyncio.timeout(60):
            status = await connection.begun()
            while piece := (await connection.read())[1]:
                read += piece
        return status, read, connection.reusable
    finally:
        await gone(connection)


@dataclass
class Server:
    """Answers `hi` to every request, and leads on to whatever a CONNECT names; keeps the heads it saw."""

    seen: list[str] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.seen.append(head)
            if head.startswith("CONNECT"):
                await self._lead_on(int(head.split()[1].rpartition(":")[2]), reader, writer)
                return
            writer.write(HI)

    async def _lead_on(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, out = await asyncio.open_connection("127.0.0.1", port)
        writer.write(TUNNEL)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, out))
                group.create_task(_pass_on(inner, writer))
        finally:
            out.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
