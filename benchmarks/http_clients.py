"""What an HTTP client costs a call, and how late it sees the pieces of a stream: docs/design/http-client.md.

Each client runs in an environment of its own; this file needs nothing else. For calls start the endpoint first:

    python benchmarks/endpoint.py --port 18080 --delay 0
    python benchmarks/http_clients.py aiohttp call --at-once 64 --port 18080
    python benchmarks/http_clients.py aiohttp stream --at-once 64 --count 320

The server of `stream` writes 20 pieces, 20 ms apart, each with the time at which it was written; both sides read
the machine's one monotonic clock. `passmuster` as a client is its own provider; `--uvloop` takes that event loop.
"""

import argparse
import asyncio
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

BODY = {"model": "m", "messages": [{"role": "user", "content": "item 000077: what is its code?"}]}
PIECES, PACE = 20, 0.02
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
Take = Callable[[bytes], None]


class Client(Protocol):
    """One call, one stream, and an end."""

    async def call(self) -> str: ...
    async def stream(self, take: Take) -> None: ...
    async def close(self) -> None: ...


class Aiohttp:
    def __init__(self, url: str) -> None:
        aiohttp = importlib.import_module("aiohttp")
        unlimited = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=unlimited)
        self._url = url

    async def call(self) -> str:
        async with self._session.post(self._url, json=BODY) as response:
            return str((await response.json())["choices"][0]["message"]["content"])

    async def stream(self, take: Take) -> None:
        async with self._session.post(self._url, json=BODY) as response:
            while chunk := await response.content.readany():
                take(chunk)

    async def close(self) -> None:
        await self._session.close()


class Pyreqwest:
    def __init__(self, url: str) -> None:
        self._client = importlib.import_module("pyreqwest.client").ClientBuilder().build()
        self._url = url

    async def call(self) -> str:
        response = await self._client.post(self._url).body_json(BODY).build().send()
        return str((await response.json())["choices"][0]["message"]["content"])

    async def stream(self, take: Take) -> None:
        # Without this limit the pieces come together at the end.
        asked = self._client.post(self._url).body_json(BODY).streamed_read_buffer_limit(0)
        async with asked.build_streamed() as response:
            while (chunk := await response.body_reader.read_chunk()) is not None:
                take(bytes(chunk))

    async def close(self) -> None:
        await self._client.close()


class Httpx:
    """httpx, and httpx2 by the same calls."""

    def __init__(self, url: str, package: str) -> None:
        httpx = importlib.import_module(package)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        self._client = httpx.AsyncClient(limits=limits, timeout=120)
        self._url = url

    async def call(self) -> str:
        response = await self._client.post(self._url, json=BODY)
        return str(response.json()["choices"][0]["message"]["content"])

    async def stream(self, take: Take) -> None:
        async with self._client.stream("POST", self._url, json=BODY) as response:
            async for chunk in response.aiter_raw():
                take(chunk)

    async def close(self) -> None:
        await self._client.aclose()


class Niquests:
    def __init__(self, url: str, at_once: int) -> None:
        self._session = importlib.import_module("niquests").AsyncSession(pool_maxsize=at_once)
        self._url = url

    async def call(self) -> str:
        response = await self._session.post(self._url, json=BODY)
        return str(response.json()["choices"][0]["message"]["content"])

    async def stream(self, take: Take) -> None:
        response = await self._session.post(self._url, json=BODY, stream=True)
        async for chunk in await response.iter_raw(-1):
            take(chunk)
        await response.close()

    async def close(self) -> None:
        await self._session.close()


class Passmuster:
    """The whole provider: body, account, time-outs, usage."""

    def __init__(self, url: str) -> None:
        records, providers = "passmuster.records.", "passmuster.adapters.providers."
        candidate = importlib.import_module(f"{records}candidate").Candidate
        module = importlib.import_module(f"{providers}openai.compatible")
        clock = importlib.import_module("passmuster.adapters.clock").MonotonicClock()
        connection = module.Connection(base_url=url)
        asked = candidate(name="a", provider="openai", model="m")
        self._provider = module.OpenAIProvider(asked, "key", clock, connection=connection)
        request = importlib.import_module("passmuster.testing").text_request
        self._request = request(BODY["messages"][0]["content"])  # type: ignore[index]  # the literal above

    async def call(self) -> str:
        return str((await self._provider.ask(self._request)).outcome.text)

    async def stream(self, take: Take) -> None:
        del take
        raise SystemExit("the provider keeps no pieces: measure aiohttp")

    async def close(self) -> None:
        await self._provider.close()


def opened(name: str, url: str, at_once: int) -> Client:
    made: dict[str, Callable[[], Client]] = {
        "aiohttp": lambda: Aiohttp(url),
        "pyreqwest": lambda: Pyreqwest(url),
        "httpx": lambda: Httpx(url, "httpx"),
        "httpx2": lambda: Httpx(url, "httpx2"),
        "niquests": lambda: Niquests(url, at_once),
        "passmuster": lambda: Passmuster(url),
    }
    return made[name]()


async def repeated(make: Callable[[], Awaitable[Any]], count: int, at_once: int) -> None:
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await make()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(work())


async def measured(arguments: argparse.Namespace) -> str:
    """Return what was found: a short round first, then the one that counts."""
    url = f"http://127.0.0.1:{arguments.port}/v1/chat/completions"
    client = opened(arguments.client, url, arguments.at_once)
    late: list[float] = []

    def take(chunk: bytes) -> None:
        now = time.monotonic()
        late.extend(now - float(line[6:]) for line in chunk.split(b"\n") if line.startswith(b"data: "))

    make = client.call if arguments.what == "call" else lambda: client.stream(take)
    await repeated(make, arguments.at_once, arguments.at_once)
    late.clear()
    began, cpu = time.perf_counter(), time.process_time()
    await repeated(make, arguments.count, arguments.at_once)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    await client.close()
    if arguments.what == "call":
        return (
            f"{cpu / arguments.count * 1e6:.0f} us of processor a call, {arguments.count / wall:.0f} calls/s"
        )
    late.sort()
    p50, p99 = (late[int(len(late) * p)] * 1e3 for p in (0.5, 0.99))
    return f"{len(late)} pieces, late by {p50:.2f} ms (p50), {p99:.2f} ms (p99)"


class Streams(asyncio.Protocol):
    """Writes pieces at a fixed pace, each with the time at which it is written."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._read, self._written, self._begun = b"", 0, 0.0

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if found and len(body) >= length:
            self._read, self._written = body[length:], 0
            self._transport.write(HEAD)
            loop = asyncio.get_running_loop()
            self._begun = loop.time()
            loop.call_at(self._begun + PACE, self._step)

    def _step(self) -> None:
        if self._transport.is_closing():
            return
        self._written += 1
        piece = b"data: %.6f\n\n" % time.monotonic()
        self._transport.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if self._written < PIECES:
            moment = self._begun + PACE * (self._written + 1)
            asyncio.get_running_loop().call_at(moment, self._step)
        else:
            self._transport.write(b"0\r\n\r\n")


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Streams, "127.0.0.1", 0, backlog=1024)
    print(json.dumps(server.sockets[0].getsockname()[1]), flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description="What an HTTP client costs a call, and how late it is.")
    parser.add_argument("client", help="aiohttp, pyreqwest, httpx, httpx2, niquests or passmuster; or serve")
    parser.add_argument("what", nargs="?", choices=("call", "stream"), default="call")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--port", type=int)
    parser.add_argument("--uvloop", action="store_true")
    arguments = parser.parse_args()
    if arguments.client == "serve":
        asyncio.run(serve())
        return
    server = None
    if arguments.what == "stream" and arguments.port is None:
        server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE)  # noqa: S603 - this file
        arguments.port = json.loads(server.stdout.readline())  # type: ignore[union-attr]  # it is a pipe
    run = importlib.import_module("uvloop").run if arguments.uvloop else asyncio.run
    print(
        arguments.client,
        "uvloop" if arguments.uvloop else "asyncio",
        arguments.at_once,
        run(measured(arguments)),
    )
    if server is not None:
        server.kill()


if __name__ == "__main__":
    main()
