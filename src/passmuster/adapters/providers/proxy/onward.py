"""The way on from the recording proxy: a call goes to where it belongs, and its answer is read as it comes."""

import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

from yarl import URL

from passmuster.adapters.providers.wire.address import proxy_for
from passmuster.adapters.providers.wire.body import Body
from passmuster.adapters.providers.wire.connection import HttpConnection, request_head
from passmuster.adapters.providers.wire.reuse import Connections
from passmuster.adapters.providers.wire.route import Route, basic
from passmuster.adapters.providers.wire.transport_errors import LostConnectionError
from passmuster.ports import Clock

CONNECT = 10.0
"""Seconds for the name, the connection and TLS of an endpoint."""


class Onward:
    """Passes calls on, each over a connection to its own endpoint that is kept for the next one.

    Behind a stream it is kept until a call was lost there: some servers close it without having said so. To
    wait and see, as `Connections` can, would be time of the pipeline.

    Args:
        urls: An address of each endpoint.
        clock: Tells the time that pieces of answers get.

    Raises:
        ConfigurationError: where the environment names a proxy that is no address.
    """

    def __init__(self, urls: Iterable[URL], clock: Clock) -> None:
        self._ways: dict[URL, tuple[Route, Connections]] = {}
        self._closing: set[URL] = set()
        """Endpoints at which connections were seen to end behind a stream."""
        self._closed = False
        for url in urls:
            route = Route(url, proxy=proxy_for(url), tls=None, connect=CONNECT, now=clock.now)
            self._ways[url.origin()] = route, Connections(route, streams=False)

    @asynccontextmanager
    async def call(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes = b""
    ) -> AsyncIterator[HttpConnection]:
        """Send a call, and give the connection over which its answer has begun to come.

        Raises:
            HttpError: where none comes.
            ConnectionError: after `close`.
        """
        if self._closed:
            message = "the proxy is closed"
            raise ConnectionError(message)
        route, connections = self._ways[url.origin()]
        sent = {"Host": url.host_port_subcomponent or "", **headers, **route.headers()}
        if url.user is not None and not any(name.lower() == "authorization" for name in sent):
            sent["Authorization"] = basic(url)
        if body or method != "GET":
            sent["Content-Length"] = str(len(body))
        connection = await connections.take(keeps=True)
        behind = _streamed(connection)
        try:
            connection.send(request_head(method, route.target(url), sent) + b"\r\n", body)
            await connection.begun()
            yield connection
        except LostConnectionError:
            if behind:
                self._closing.add(url.origin())
            raise
        finally:
            keeps = not (url.origin() in self._closing and _streamed(connection))
            connections.give(connection, keeps=keeps, streamed=False)

    async def close(self) -> None:
        """Cut off what is open."""
        self._closed = True
        for _, connections in self._ways.values():
            await connections.close()


def _streamed(connection: HttpConnection) -> bool:
    """Say whether the last answer that came over a connection was a stream; nothing came over a new one."""
    return connection.headers.get("content-type", "").lower().startswith("text/event-stream")


def unbounded(connection: HttpConnection) -> Body:
    """Return the body of an answer that is passed on as it comes, however long it is.

    Raises:
        UnreadableError: where it is packed, which was not asked for.
    """
    return Body(connection, sys.maxsize)
