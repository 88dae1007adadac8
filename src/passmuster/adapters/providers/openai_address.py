"""Where an OpenAI-compatible endpoint is, and what every request to it carries."""

import ipaddress
from collections.abc import Mapping

from yarl import URL

from passmuster.errors import ConfigurationError


def completions_url(base_url: str) -> URL:
    """Return the address of chat completions below a base URL, with or without slash, `/v1` or the full path.

    A bare host gets `/v1`; any other path is kept, and so is a query.

    Raises:
        ConfigurationError: where it is no HTTP address.

    Example:
        >>> str(completions_url("http://localhost:8000")), str(completions_url("https://a.example/api/v1/"))
        ('http://localhost:8000/v1/chat/completions', 'https://a.example/api/v1/chat/completions')
    """
    hint = "write it like https://api.example.com/v1"
    try:
        url = URL(base_url.strip())
        usable = url.scheme in {"http", "https"} and bool(url.host) and url.port is not None
    except ValueError as problem:
        raise ConfigurationError(f"base_url {base_url!r} is no address: {problem}", hint=hint) from problem
    if not usable:
        raise ConfigurationError(f"base_url {base_url!r} is no HTTP address", hint=hint)
    path = url.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    return url.with_path(f"{path}/chat/completions", keep_query=True).with_fragment(None)


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


def request_headers(api_key: str | None, extra: Mapping[str, str], url: URL) -> dict[str, str]:
    """Return the headers of every request; extra ones come last and win.

    Raises:
        ConfigurationError: for a key or header that HTTP cannot carry; the message never holds its value.
    """
    headers = {"Content-Type": "application/json", "User-Agent": "passmuster"}
    if api_key and api_key.strip():
        headers["Authorization"] = f"Bearer {api_key.strip()}"
    taken = {name.lower(): name for name in headers}
    for name, value in extra.items():
        headers[taken.get(name.lower(), name)] = value
    for name, value in headers.items():
        if not (name + value).isprintable() or not (name + value).isascii():
            raise ConfigurationError(
                f"the value of header {name!r} holds a character that HTTP headers cannot carry",
                hint="look for a line break or a typographic quote in the API key's variable",
            )
    if url.user is not None and "Authorization" in headers:
        raise ConfigurationError(
            "base_url holds a user name and there is an API key: only one of them can be sent",
            hint="take `user:password@` out of base_url",
        )
    return headers
