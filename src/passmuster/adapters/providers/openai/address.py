"""Where the surfaces of an OpenAI-compatible endpoint are, and how to sign in there."""

from collections.abc import Mapping

from yarl import URL

from passmuster.adapters.providers.wire.address import http_url

PATHS: Mapping[str, str] = {
    "chat": "chat/completions",
    "responses": "responses",
    "completions": "completions",
    "embeddings": "embeddings",
}
"""The path of each surface below the base URL."""


def surface_url(base_url: str, api: str = "chat") -> URL:
    """Return the address of a surface below a base URL, with or without slash, `/v1` or the full path.

    A bare host gets `/v1` (on Azure `/openai/v1`); any other path is kept, and so is a query.

    Raises:
        ConfigurationError: where it is no HTTP address.

    Example:
        >>> str(surface_url("http://localhost:8000")), str(surface_url("https://a.example/api/v1/", "responses"))
        ('http://localhost:8000/v1/chat/completions', 'https://a.example/api/v1/responses')
    """
    url = http_url(base_url)
    path = url.path.removesuffix(f"/{PATHS[api]}").rstrip("/") or ("/openai/v1" if is_azure(url) else "/v1")
    return url.with_path(f"{path}/{PATHS[api]}", keep_query=True)


def is_azure(url: URL) -> bool:
    """Return whether an address is Azure's, where a key goes into a header of its own.

    Example:
        >>> is_azure(URL("https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1"))
        True
    """
    host = url.host or ""
    hosts = ("openai.azure.com", "cognitiveservices.azure.com", "services.ai.azure.com")
    return "/openai/deployments/" in url.path or any(host.endswith(f".{name}") for name in hosts)


def key_headers(api_key: str | None, url: URL) -> dict[str, str]:
    """Return the header that signs in with a key, none without a key."""
    key = (api_key or "").strip()
    if not key:
        return {}
    return {"api-key": key} if is_azure(url) else {"Authorization": f"Bearer {key}"}
