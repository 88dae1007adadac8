"""Where an endpoint is, how it is reached from here, and what every request to it carries."""

import ipaddress
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from yarl import URL

from passmuster.adapters.providers.wire.body import ACCEPTED
from passmuster.adapters.providers.wire.route import basic
from passmuster.errors import ConfigurationError

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""What a header may be called (RFC 9110, section 5.1)."""
WRITTEN_HERE = frozenset({"connection", "content-length", "transfer-encoding"})
"""Headers that say where a request ends and what becomes of its connection."""


def http_url(base_url: str) -> URL:
    """Return a base URL as an address, without fragment and without slashes at its end.

    Raises:
        ConfigurationError: where it is no HTTP address.

    Example:
        >>> http_url("https://a.example/api/v1/ ")
        URL('https://a.example/api/v1')
    """
    hint = "write it like https://api.example.com/v1"
    try:
        url = URL(base_url.strip())
        usable = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None
    except ValueError as problem:
        raise ConfigurationError(f"base_url {base_url!r} is no address: {problem}", hint=hint) from problem
    if not usable:
        raise ConfigurationError(f"base_url {base_url!r} is no HTTP address", hint=hint)
    return url.with_path(url.path.rstrip("/"), keep_query=True).with_fragment(None)


def is_loopback(host: str | None) -> bool:
    """Return whether a host is this machine: then no proxy of the environment is used.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("example.com")
        (True, True, False)
    """
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return host is not None
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proxy_for(url: URL) -> URL | None:
    """Return the proxy that the environment names for an address, None for this machine and for none.

    Raises:
        ConfigurationError: where the environment names something that is no address.
    """
    host = url.host
    if is_loopback(host) or proxy_bypass(host or ""):
        return None
    proxies = getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named:
        return None
    try:
        proxy = URL(named if "://" in named else f"http://{named}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in {"http", "https"} or not proxy.host:
        variable = f"{url.scheme}_proxy"
        raise ConfigurationError(
            f"the proxy that the environment names for {url.scheme} addresses is no HTTP address",
            hint=f"correct {variable.upper()} (or {variable}), or name the host in NO_PROXY",
        )
    return proxy


def tls_context(ca_file: Path | None) -> ssl.SSLContext | None:
    """Return what checks certificates against this file alone, None for the system's authorities.

    Raises:
        ConfigurationError: where the file holds no certificates.
    """
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as problem:
        raise ConfigurationError(
            f"ca_file {str(ca_file)!r} holds no certificates that can be read: {problem}",
            hint="name a file of certificates in PEM form",
        ) from problem


def merged_headers(own: Mapping[str, str], extra: Mapping[str, str], url: URL) -> dict[str, str]:
    """Return the headers of every request: what JSON needs, the provider's own, and extra ones, which win.

    Raises:
        ConfigurationError: for a header that HTTP cannot carry (the message never holds its value), and for
            two ways to sign in.
    """
    headers = {
        "Host": url.host_port_subcomponent or "",
        "Accept": "*/*",
        "Accept-Encoding": ACCEPTED,
        "Content-Type": "application/json",
        "User-Agent": "passmuster",
        **own,
    }
    taken = {name.lower(): name for name in headers}
    for name, value in extra.items():
        headers[taken.get(name.lower(), name)] = value
    for name, value in headers.items():
        _check_header(name, value)
    if url.user is not None:
        if any(name.lower() == "authorization" for name in headers):
            raise ConfigurationError(
                "base_url holds a user name and there is an API key: only one of them can be sent",
                hint="take `user:password@` out of base_url",
            )
        headers["Authorization"] = basic(url)
    return headers


def _check_header(name: str, value: str) -> None:
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"no header can be called {name!r}", hint="a name has letters, digits and dashes, no spaces"
        )
    if name.lower() in WRITTEN_HERE:
        raise ConfigurationError(
            f"header {name!r} is written for each request and cannot be set", hint="leave it out"
        )
    if not value.isprintable() or not value.isascii():
        raise ConfigurationError(
            f"the value of header {name!r} holds a character that HTTP headers cannot carry",
            hint="look for a line break or a typographic quote in the API key's variable",
        )
