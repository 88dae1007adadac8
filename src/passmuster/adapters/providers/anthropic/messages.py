"""Candidates behind Anthropic's Messages API, streamed or not."""

from yarl import URL

from passmuster.adapters.providers.anthropic.body import MessageWriter
from passmuster.adapters.providers.anthropic.errors import refusal_of
from passmuster.adapters.providers.anthropic.reply import MessageReader
from passmuster.adapters.providers.wire.address import http_url
from passmuster.adapters.providers.wire.wire import Connection, Endpoint, Wire
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Exchange, Request, Source

DEFAULT_ENDPOINT = "https://api.anthropic.com"
VERSION = "2023-06-01"
"""The version of the API that this module speaks: the `anthropic-version` header."""


class AnthropicProvider:
    """Asks one candidate over the Messages API; one `ask` is one request, and nothing is retried here.

    Args:
        candidate: Its endpoint (default: Anthropic's own), model and parameters; `max_tokens` is 4096 where
            they do not say it, `betas` are sent as the `anthropic-beta` header.
        api_key: Sent as `x-api-key`; None sends none.
        clock: Where the times of attempts come from.
        connection: How the endpoint is reached: extra headers (they win), time-outs, limits.

    Raises:
        ConfigurationError: for a candidate that cannot be asked: no model, no usable address or key.
    """

    def __init__(
        self, candidate: Candidate, api_key: str | None, clock: Clock, *, connection: Connection | None = None
    ) -> None:
        connection = connection or Connection()
        self._writer = MessageWriter(candidate)
        headers = {"anthropic-version": VERSION}
        if api_key and api_key.strip():
            headers["x-api-key"] = api_key.strip()
        if self._writer.betas:
            headers["anthropic-beta"] = ",".join(self._writer.betas)
        endpoint = Endpoint(
            url=messages_url(connection.base_url or candidate.endpoint or DEFAULT_ENDPOINT),
            headers=headers,
            streams=self._writer.stream,
            simulated=candidate.simulated,
        )
        self._wire = Wire(endpoint, clock, connection, refusal=refusal_of)

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return self._wire.source

    async def ask(self, request: Request) -> Exchange:
        """Send one request and give back how it ended; only cancellation is raised."""
        try:
            body = self._writer.write(request.conversation)
        except ValueError as problem:
            return self._wire.unsent(str(problem))
        return await self._wire.ask(request, body, MessageReader())

    async def close(self) -> None:
        """Close the connections; may be called again."""
        await self._wire.close()


def messages_url(base_url: str) -> URL:
    """Return the address of messages below a base URL, with or without slash, `/v1` or the full path.

    Any other path is kept before `/v1`, and so is a query.

    Raises:
        ConfigurationError: where it is no HTTP address.

    Example:
        >>> str(messages_url("https://api.anthropic.com/")), str(messages_url("https://a.example/anthropic/v1"))
        ('https://api.anthropic.com/v1/messages', 'https://a.example/anthropic/v1/messages')
    """
    url = http_url(base_url)
    path = url.path.removesuffix("/messages").rstrip("/").removesuffix("/v1")
    return url.with_path(f"{path}/v1/messages", keep_query=True)
