"""An endpoint that answers by a script, however wrong that may be."""

import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

JSON = "application/json"


class Answer(NamedTuple):
    """What is sent back: a body as a whole, or in pieces without its length being told."""

    status: int
    body: bytes | Iterable[bytes]
    kind: str = JSON


def reply(text: str, **more: object) -> Answer:
    """Return an answer of the promised form."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    return Answer(200, json.dumps({"choices": [choice], "usage": usage, "model": "m", **more}).encode())


def refusal(status: int, message: str, **more: object) -> Answer:
    """Return an error as OpenAI writes it."""
    return Answer(status, json.dumps({"error": {"message": message, **more}}).encode())


class Scripted:
    """What the endpoint was asked, and the function that answers a request; it may be changed meanwhile."""

    def __init__(self, answer: Callable[[dict[str, Any]], Answer]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.keys: list[str | None] = []
        self.base_url = ""
        self._lock = threading.Lock()

    def take(self, body: dict[str, Any], key: str | None) -> Answer:
        """Note a request, and answer it."""
        with self._lock:
            self.asked.append(str(body["messages"][-1]["content"]))
            self.keys.append(key)
        return self.answer(body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        """Answer a call."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, content, kind = self.server.script.take(body, self.headers.get("Authorization"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        try:
            self._send(content)
        except OSError:
            self.close_connection = True  # the client had enough

    def _send(self, content: bytes | Iterable[bytes]) -> None:
        if isinstance(content, bytes):
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in content:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *arguments: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    script: Scripted
    request_queue_size = 128

    def handle_error(self, *arguments: object) -> None:
        """Keep quiet: clients that leave are what is tested."""


@contextmanager
def scripted(
    answer: Callable[[dict[str, Any]], Answer], tls: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """Serve on this machine for as long as the block lasts."""
    script = Scripted(answer)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.script = script
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        script.base_url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}/v1"
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield script
        finally:
            server.shutdown()
            serving.join()
