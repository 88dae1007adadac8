"""How the wire reaches an endpoint: certificates, proxies, and who signs in."""

import asyncio
import base64
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from yarl import URL

from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.adapters.providers.wire.address import merged_headers, proxy_for, tls_context
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Exchange, Failure, Reply
from passmuster.testing import text_request

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BODY = b'{"choices": [{"message": {"content": "yes"}}]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
VARIABLES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def serving(seen: list[str], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            seen.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(ANSWER)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.01)


async def ask(connection: Connection, api_key: str | None = "a-secret-key") -> Exchange:
    candidate = Candidate(name="a", provider="openai", model="m")
    provider = OpenAIProvider(candidate, api_key, WallClock(), connection=connection)
    try:
        return await provider.ask(text_request("Hi"))
    finally:
        await provider.close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "NO_PROXY", "no_proxy", "NETRC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate of 127.0.0.1 that signed itself, and what serves it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    key, made = folder / "key.pem", folder / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key)]
    subprocess.run([*command, "-out", str(made), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    return made, context


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    seen: list[str] = []
    async with serving(seen, certificate[1]) as port:
        found = (await ask(Connection(base_url=f"https://127.0.0.1:{port}"))).outcome
    assert isinstance(found, Failure)
    assert found.kind == "connection"
    assert "certificate of 127.0.0.1 is not valid" in found.message
    assert not seen, "the request, with its key, was sent all the same"


async def test_a_file_of_authorities_is_trusted_but_not_for_another_name(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    async with serving([], certificate[1]) as port:
        own = Connection(base_url=f"https://127.0.0.1:{port}", ca_file=certificate[0])
        assert (await ask(own)).outcome == Reply(text="yes")
        other = Connection(base_url=f"https://localhost:{port}", ca_file=certificate[0])
        found = (await ask(other)).outcome
    assert isinstance(found, Failure)
    assert "certificate of localhost is not valid" in found.message


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_holds_no_authorities_is_a_configuration_error(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"ca\.pem"):
        tls_context(path)


async def test_a_proxy_is_signed_in_to_and_netrc_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine far.invalid login wrong password wrong\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[str] = []
    async with serving(seen) as port:
        monkeypatch.setenv("http_proxy", f"http://me:word@127.0.0.1:{port}")
        assert (await ask(Connection(base_url="http://far.invalid"))).outcome == Reply(text="yes")
        assert (await ask(Connection(base_url="http://far.invalid"), None)).outcome == Reply(text="yes")
    signed = "Proxy-Authorization: Basic " + base64.b64encode(b"me:word").decode()
    assert [signed in head for head in seen] == [True, True]
    assert "Authorization: Bearer a-secret-key" in seen[0]
    assert "\r\nAuthorization:" not in seen[1]


async def test_user_and_password_of_the_address_sign_in_to_the_endpoint_and_are_not_in_its_target(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    async with serving(seen) as port:
        there = Connection(base_url=f"http://you:secret@127.0.0.1:{port}/v1")
        assert (await ask(there, None)).outcome == Reply(text="yes")
        monkeypatch.setenv("http_proxy", f"http://me:word@127.0.0.1:{port}")
        far = Connection(base_url="http://you:secret@stra\u00dfe.invalid/v1")
        assert (await ask(far, None)).outcome == Reply(text="yes")
    signed = "\r\nAuthorization: Basic " + base64.b64encode(b"you:secret").decode()
    assert [signed in head for head in seen] == [True, True]
    assert seen[0].startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert "Proxy-Authorization" not in seen[0]
    target = "http://xn--strae-oqa.invalid/v1/chat/completions"
    assert seen[1].startswith(f"POST {target} HTTP/1.1\r\nHost: xn--strae-oqa.invalid\r\n")


def test_the_environment_names_proxies_but_none_for_this_machine_and_for_exceptions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", ".corp.invalid")
    assert proxy_for(URL("https://a.invalid/v1")) == URL("http://proxy.invalid:3128")
    assert proxy_for(URL("http://a.invalid/v1")) is None
    assert proxy_for(URL("https://a.corp.invalid/v1")) is None
    assert proxy_for(URL("https://127.0.0.1:8000/v1")) is None
    monkeypatch.setenv("https_proxy", "socks5://proxy.invalid:1080")
    with pytest.raises(ConfigurationError, match="proxy"):
        proxy_for(URL("https://a.invalid/v1"))


async def test_a_proxy_that_refuses_is_a_connection_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    found = (await ask(Connection(base_url="https://far.invalid"))).outcome
    server.close()
    assert isinstance(found, Failure)
    assert found.kind == "connection"
    assert "the proxy refused: HTTP 407" in found.message


def test_headers_of_the_user_win_whatever_their_case() -> None:
    url = URL("http://a.invalid")
    merged = merged_headers({"Authorization": "Bearer k"}, {"authorization": "other", "X-Title": "t"}, url)
    assert merged["Authorization"] == "other"
    assert merged["X-Title"] == "t"
    assert merged["Content-Type"] == "application/json"
