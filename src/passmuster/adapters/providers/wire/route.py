"""The way to an endpoint: its name, a proxy before it, TLS."""

import asyncio
import base64
import functools
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiohappyeyeballs import start_connection
from yarl import URL

from passmuster.adapters.providers.wire.connection import CLOSED, HttpConnection, request_head
from passmuster.adapters.providers.wire.transport_errors import (
    ConnectError,
    ConnectTimeoutError,
    HttpError,
    ProxyRefusedError,
)

NAMES_KEPT = 300.0
"""Seconds for which the addresses of a name are not looked up again."""
SECOND_ADDRESS = 0.25
"""Seconds after which the next address of a name is tried beside the first (RFC 8305, section 8)."""
Addresses = Sequence[tuple[int, int, int, str, Any]]


@functools.cache
def system_tls() -> ssl.SSLContext:
    """Return what checks certificates against the system's authorities; reading them takes a while."""
    return ssl.create_default_context()


class Route:
    """Opens connections to the endpoint at `url`.

    Args:
        url: Any address of the endpoint.
        proxy: What stands before it; its user and password are sent to it alone.
        tls: What checks the endpoint's certificate; None takes the system's authorities.
        connect: Limit in seconds on the name, the connection and TLS together; None sets none.
        now: Tells the time that pieces of answers get, in seconds.
    """

    __slots__ = ("_addresses", "_connect", "_looked_up", "_lookup", "_now", "_proxy", "_tls", "_url")

    def __init__(
        self,
        url: URL,
        *,
        proxy: URL | None,
        tls: ssl.SSLContext | None,
        connect: float | None,
        now: Callable[[], float],
    ) -> None:
        self._url = url
        self._proxy = proxy
        self._connect = connect
        self._now = now
        self._tls = (tls or system_tls()) if url.scheme == "https" else None
        self._addresses: Addresses = []
        self._looked_up = 0.0
        self._lookup: asyncio.Task[Addresses] | None = None

    @property
    def _relays(self) -> bool:
        """Whether a proxy reads the requests themselves: what is encrypted goes through it unread."""
        return self._proxy is not None and self._tls is None

    def target(self, url: URL) -> str:
        """Return what the first line of a request for `url` names."""
        return str(url.with_user(None).with_fragment(None)) if self._relays else url.raw_path_qs

    def headers(self) -> dict[str, str]:
        """Return what requests need for the way."""
        return self._sign_in() if self._relays else {}

    async def open(self) -> HttpConnection:
        """Return a new connection.

        Raises:
            HttpError: where there is none.
        """
        try:
            async with asyncio.timeout(self._connect):
                return await self._open()
        except TimeoutError as problem:
            # The limit's: one of the network has become a `ConnectError` by now.
            self._addresses = []
            message = f"no connection within {self._connect or 0:g} s"
            raise ConnectTimeoutError(message) from problem

    def close(self) -> None:
        """Give up looking for the name, if that is still going on."""
        if self._lookup is not None:
            self._lookup.cancel()

    async def _open(self) -> HttpConnection:
        proxy = self._proxy
        if proxy is None:
            return await self._reach(self._url, self._tls)
        connection = await self._reach(proxy, system_tls() if proxy.scheme == "https" else None)
        if self._tls is not None:
            with _closing_where_it_fails(connection, self._url):
                await self._tunnel(connection)
                await _encrypt(connection, self._url, self._tls)
        return connection

    async def _reach(self, url: URL, tls: ssl.SSLContext | None) -> HttpConnection:
        loop = asyncio.get_running_loop()
        try:
            opened = await start_connection(
                await self._look_up(url), happy_eyeballs_delay=SECOND_ADDRESS, interleave=1, loop=loop
            )
            try:
                _, connection = await loop.create_connection(lambda: HttpConnection(self._now), sock=opened)
            except BaseException:
                opened.close()
                raise
        except (OSError, RuntimeError) as problem:
            # uvloop raises RuntimeError for some sockets. The name may stand for other addresses by now.
            self._addresses = []
            raise _no_connection(url, problem) from problem
        if tls is not None:
            with _closing_where_it_fails(connection, url):
                await _encrypt(connection, url, tls)
        return connection

    async def _tunnel(self, connection: HttpConnection) -> None:
        """Have the proxy connect to the endpoint (RFC 9110, section 9.3.6)."""
        place = f"{self._url.host_subcomponent}:{self._url.port}"
        connection.send(request_head("CONNECT", place, {"Host": place, **self._sign_in()}), b"\r\n")
        try:
            status = await connection.begun()
        except HttpError as problem:
            message = f"the proxy broke the connection: {problem}"
            raise ProxyRefusedError(message) from problem
        if not 200 <= status < 300:
            raise ProxyRefusedError(f"the proxy refused: HTTP {status}")

    async def _look_up(self, url: URL) -> Addresses:
        loop = asyncio.get_running_loop()
        if self._addresses and loop.time() - self._looked_up < NAMES_KEPT:
            return self._addresses
        if self._lookup is None or self._lookup.done():
            # One for all that wait: a look-up is a thread, and there may be hundreds of them at the start.
            self._lookup = loop.create_task(_addresses(url))
            self._lookup.add_done_callback(_seen)
        self._addresses = await asyncio.shield(self._lookup)
        self._looked_up = loop.time()
        return self._addresses

    def _sign_in(self) -> dict[str, str]:
        proxy = self._proxy
        if proxy is None or proxy.user is None:
            return {}
        return {"Proxy-Authorization": basic(proxy)}


@contextmanager
def _closing_where_it_fails(connection: HttpConnection, url: URL) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        connection.close()
        raise _no_connection(url, problem) from problem
    except TypeError as problem:
        # How Python 3.11 ends TLS within TLS that failed; what failed stands behind it.
        connection.close()
        raise _no_connection(url, problem.__context__) from problem
    except BaseException:
        connection.close()
        raise


async def _encrypt(connection: HttpConnection, url: URL, tls: ssl.SSLContext) -> None:
    # Over what is open already, even without a proxy: so the connection knows the transport below, which alone
    # tells whether all that was written has gone out.
    transport = await asyncio.get_running_loop().start_tls(
        connection.transport, connection, tls, server_hostname=_name(url)
    )
    # uvloop gives a transport even where the one below was closed meanwhile, and says no more about it.
    if transport is None or transport.is_closing():
        raise ConnectionResetError
    connection.follow(transport)


def _no_connection(url: URL, problem: BaseException | None) -> ConnectError:
    told = str(problem or "")
    reason = problem if told and isinstance(problem, OSError) else OSError(told or CLOSED)
    return ConnectError(url.host or "", url.port or 0, reason)


async def _addresses(url: URL) -> Addresses:
    loop = asyncio.get_running_loop()
    try:
        return await loop.getaddrinfo(_name(url), url.port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:
        raise socket.gaierror(socket.EAI_NONAME, "it is no name that can be looked up") from problem


def _seen(lookup: asyncio.Task[Addresses]) -> None:
    """Ask for what went wrong: where all that waited were cancelled, nobody else does."""
    if not lookup.cancelled():
        lookup.exception()


def _name(url: URL) -> str:
    """Return a host as DNS and certificates have it: Python's own IDNA is an older one, with other names."""
    return (url.raw_host or "").replace("%25", "%")


def basic(url: URL) -> str:
    """Return the user and password of an address as a header's value (RFC 7617).

    Example:
        >>> basic(URL("http://me:word@a.example"))
        'Basic bWU6d29yZA=='
    """
    return "Basic " + base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
