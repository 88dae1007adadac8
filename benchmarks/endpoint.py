"""A fast OpenAI-compatible endpoint on loopback, for benchmarks: it answers after a fixed service time.

It speaks only as much HTTP as the clients here do (keep-alive, Content-Length or chunked bodies), so that it is
not what is measured. The code of item 000123 is A000123, and every tenth answer is wrong: a tool that counts
right reports 0.9. `GET /stats` tells what it has seen, `GET /reset?delay=0.02` starts anew; times in there are
those of the machine's one monotonic clock, so that another process can compare its own with them.

    python benchmarks/endpoint.py --port 18080 --delay 0
"""

import argparse
import asyncio
import json
import re
import time
from urllib.parse import parse_qs, urlsplit

from passmuster.adapters.simulator.loop import run_exactly

ITEM = re.compile(rb"item (\d{6})")
LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"transfer-encoding:\s*chunked", re.IGNORECASE)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
COMPLETION = (
    b'{"id":"c","object":"chat.completion","created":0,"model":"mock","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"%s"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":20,"completion_tokens":4,"total_tokens":24}}'
)


class Seen:
    """What was asked since the last reset."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.requests = 0
        self.connections = 0
        self.accepted = 0.0
        self.first = 0.0
        self.last = 0.0
        self.open = 0
        self.most_open = 0
        self.items: set[bytes] = set()
        self.cpu = time.process_time()

    def told(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(
            {
                "requests": self.requests,
                "items": len(self.items),
                "connections": self.connections,
                "most_open": self.most_open,
                "accepted": self.accepted,
                "first": self.first,
                "span": self.last - self.first,
                "cpu": time.process_time() - self.cpu,
            }
        ).encode()


SEEN = Seen(0.0)


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.accepted = 0.0
        self.asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of it."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio promises
        self.transport = transport
        self.accepted = time.monotonic()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head, rest = self.buffer[:end], self.buffer[end + 4 :]
            body, left = self._body(head, rest)
            if body is None:
                return
            self.buffer = left
            self._answer(head, body)

    def _body(self, head: bytes, rest: bytes) -> tuple[bytes | None, bytes]:
        found = LENGTH.search(head)
        if found is not None:
            length = int(found[1])
            return (rest[:length], rest[length:]) if len(rest) >= length else (None, b"")
        if CHUNKED.search(head):
            end = rest.find(b"0\r\n\r\n")
            return (rest[:end], rest[end + 5 :]) if end >= 0 else (None, b"")
        return b"", rest

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            self._write(self._control(head.split(b" ", 2)[1].decode("ascii", "replace")))
            return
        now = time.monotonic()
        if not SEEN.requests:
            SEEN.first, SEEN.accepted = now, self.accepted
        SEEN.connections += not self.asked
        self.asked = True
        SEEN.requests += 1
        SEEN.open += 1
        SEEN.most_open = max(SEEN.most_open, SEEN.open)
        found = ITEM.findall(body)
        item = found[-1] if found else b"000000"
        SEEN.items.add(item)
        text = b"WRONG" if item.endswith(b"0") else b"A" + item
        answer = COMPLETION % text
        if SEEN.delay > 0:
            asyncio.get_running_loop().call_later(SEEN.delay, self._finish, answer)
        else:
            self._finish(answer)

    def _finish(self, answer: bytes) -> None:
        SEEN.open -= 1
        SEEN.last = time.monotonic()
        self._write(answer)

    def _write(self, body: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(HEAD % (len(body), body))

    @staticmethod
    def _control(path: str) -> bytes:
        url = urlsplit(path)
        told = SEEN.told()
        if url.path == "/reset":
            SEEN.__init__(float(parse_qs(url.query).get("delay", ["0"])[0]))  # type: ignore[misc]  # anew
        return told


async def serve(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=4096)
    async with server:
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds of service of each request")
    arguments = parser.parse_args()
    SEEN.delay = arguments.delay
    # asyncio's own timers are late by up to a millisecond, which would be a twentieth of a service time of 20 ms.
    run_exactly(serve(arguments.port))
