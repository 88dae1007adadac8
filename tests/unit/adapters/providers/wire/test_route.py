"""The way to an endpoint over real sockets, in both event loops: proxies and TLS."""

import asyncio
import base64
import ssl

import pytest
from tests.unit.adapters.providers.wire.loopback import (
    SCHEMES,
    TUNNEL,
    Handler,
    Server,
    Tls,
    call,
    on_each_loop,
    route,
    saying,
    serving,
)

from passmuster.adapters.providers.wire.transport_errors import (
    ConnectError,
    ConnectTimeoutError,
    HttpError,
    ProxyRefusedError,
)

SIGNED = "Proxy-Authorization: Basic " + base64.b64encode(b"me:word").decode()


@on_each_loop
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_an_endpoint_answers(trusted: ssl.SSLContext, scheme: str, host: str) -> None:
    tls = trusted if scheme == "https" else None
    async with serving(Server().handle, tls=tls, host=host.strip("[]")) as port:
        assert await call(f"{scheme}://{host}:{port}/v1") == (200, b"hi", True)


@on_each_loop
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("to_proxy", SCHEMES)
async def test_a_proxy_leads_to_an_endpoint_and_only_it_gets_its_own_user_and_password(
    trusted: ssl.SSLContext, scheme: str, to_proxy: str
) -> None:
    proxy, endpoint = Server(), Server()
    async with (
        serving(endpoint.handle, tls=trusted if scheme == "https" else None) as port,
        serving(proxy.handle, tls=trusted if to_proxy == "https" else None) as proxy_port,
    ):
        url = f"{scheme}://you:secret@127.0.0.1:{port}/v1?a=b#c"
        assert (await call(url, f"{to_proxy}://me:word@127.0.0.1:{proxy_port}"))[:2] == (200, b"hi")
    assert SIGNED in proxy.seen[0]
    assert "secret" not in proxy.seen[0]
    if scheme == "https":
        assert proxy.seen[0].startswith(f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n")
        assert endpoint.seen[0].startswith("POST /v1?a=b HTTP/1.1\r\n")
        assert "Proxy-" not in endpoint.seen[0]
    else:
        assert proxy.seen[0].startswith(f"POST http://127.0.0.1:{port}/v1?a=b HTTP/1.1\r\n")


PROXIES: dict[str, tuple[Handler, type[HttpError], str]] = {
    "it wants to be signed in to": (
        saying(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
        ProxyRefusedError,
        "the proxy refused: HTTP 407",
    ),
    "it closes": (saying(), ProxyRefusedError, "the proxy broke the connection: the other side closed it"),
    "it speaks no HTTP": (saying(b"SSH-2.0\r\n"), ProxyRefusedError, "the proxy broke the connection"),
    "it closes behind its word": (saying(TUNNEL), ConnectError, "far.invalid:443: the other side closed it"),
    "it closes in the handshake": (saying(TUNNEL, 0.05), ConnectError, "the other side closed it"),
    "it talks on": (saying(TUNNEL + b"x" * 9000, 0.1), ConnectError, "far.invalid:443"),
}


@on_each_loop
@pytest.mark.parametrize("to_proxy", SCHEMES)
@pytest.mark.parametrize("name", PROXIES)
async def test_a_proxy_that_leads_nowhere_is_a_failure_that_says_so(
    trusted: ssl.SSLContext, to_proxy: str, name: str
) -> None:
    handler, error, message = PROXIES[name]
    asyncio.get_running_loop().set_exception_handler(None)  # Python 3.11 reports TLS that fails within TLS
    async with serving(handler, tls=trusted if to_proxy == "https" else None) as port:
        with pytest.raises(error, match=message):
            await route("https://far.invalid/v1", f"{to_proxy}://127.0.0.1:{port}").open()


@on_each_loop
@pytest.mark.parametrize("words", [b"", TUNNEL])
async def test_a_proxy_that_hangs_is_given_up_in_time_and_let_go(words: bytes) -> None:
    let_go = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(words)
        try:
            await reader.read()
        finally:
            let_go.set()

    async with serving(hang) as port:
        way = route("https://far.invalid/v1", f"http://127.0.0.1:{port}", connect=0.2)
        with pytest.raises(ConnectTimeoutError, match=r"no connection within 0\.2 s"):
            await way.open()
        async with asyncio.timeout(20):
            await let_go.wait()


@on_each_loop
async def test_a_certificate_that_nobody_vouches_for_is_refused_and_the_message_says_why(
    own_certificate: Tls,
) -> None:
    server = Server()
    async with serving(server.handle, tls=own_certificate[1]) as port, serving(Server().handle) as proxy:
        for before in (None, f"http://127.0.0.1:{proxy}"):
            with pytest.raises(ConnectError, match="self-signed certificate") as refused:
                await route(f"https://127.0.0.1:{port}", before).open()
            assert (refused.value.host, refused.value.port) == ("127.0.0.1", port)
    assert not server.seen


@on_each_loop
async def test_a_certificate_of_another_name_is_refused(trusted: ssl.SSLContext) -> None:
    async with serving(Server().handle, tls=trusted) as port:
        with pytest.raises(ConnectError, match="certificate is not valid for 'localhost'"):
            await route(f"https://localhost:{port}").open()


@on_each_loop
async def test_the_certificate_that_was_refused_is_said_to_be_the_proxys_where_it_is(
    own_certificate: Tls,
) -> None:
    async with serving(Server().handle, tls=own_certificate[1]) as port:
        with pytest.raises(ConnectError) as refused:
            await route("https://far.invalid", f"https://127.0.0.1:{port}").open()
    assert (refused.value.host, refused.value.port) == ("127.0.0.1", port)


@on_each_loop
@pytest.mark.parametrize("words", [b"", b"220 mail.example ESMTP\r\n"])
async def test_a_server_that_speaks_no_tls_or_closes_is_a_failure_to_connect(words: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(words)

    async with serving(answer) as port:
        with pytest.raises(ConnectError, match=rf"127\.0\.0\.1:{port}: ."):
            await route(f"https://127.0.0.1:{port}").open()
