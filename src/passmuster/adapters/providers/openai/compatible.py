"""Candidates behind an OpenAI-compatible endpoint: any of its surfaces over HTTP, streamed or not."""

from dataclasses import replace

from passmuster.adapters.providers.openai.address import key_headers, surface_url
from passmuster.adapters.providers.openai.body import BodyWriter
from passmuster.adapters.providers.openai.surface import surface_of
from passmuster.adapters.providers.wire.call import Timeouts
from passmuster.adapters.providers.wire.wire import Connection, Endpoint, Wire
from passmuster.ports import Clock
from passmuster.records.candidate import Candidate
from passmuster.records.trial import Exchange, Request, Source

__all__ = ["Connection", "OpenAIProvider", "Timeouts"]

DEFAULT_ENDPOINT = "https://api.openai.com/v1"


class OpenAIProvider:
    """Asks one candidate over HTTP; one `ask` is one request, and nothing is retried here.

    Args:
        candidate: Its endpoint (default: OpenAI's own), model and parameters; `api` among them chooses the
            surface: `chat` (the default), `responses`, `completions` or `embeddings`.
        api_key: Sent as bearer token, to Azure as `api-key`; None sends none.
        clock: Where the times of attempts come from.
        timeout: Seconds for a whole attempt, in place of that of the connection's time-outs.
        connection: Extra headers and limits.

    Raises:
        ConfigurationError: for a candidate that cannot be asked: no model, no usable address or key.
    """

    def __init__(
        self,
        candidate: Candidate,
        api_key: str | None,
        clock: Clock,
        timeout: float | None = None,
        *,
        connection: Connection | None = None,
    ) -> None:
        connection = connection or Connection()
        if timeout is not None:
            connection = replace(connection, timeouts=replace(connection.timeouts, attempt=timeout))
        surface = surface_of(candidate)
        self._body = BodyWriter(candidate, surface.form)
        self._reader = surface.reader
        url = surface_url(connection.base_url or candidate.endpoint or DEFAULT_ENDPOINT, surface.api)
        endpoint = Endpoint(
            url=url,
            headers=key_headers(api_key, url),
            streams=self._body.stream,
            simulated=candidate.simulated,
        )
        self._wire = Wire(endpoint, clock, connection)

    @property
    def source(self) -> Source:
        """Return `simulated` for a simulated candidate, else `measured`."""
        return self._wire.source

    async def ask(self, request: Request) -> Exchange:
        """Send one request and give back how it ended; only cancellation is raised."""
        try:
            body = self._body.write(request.conversation)
        except ValueError as problem:
            return self._wire.unsent(str(problem))
        return await self._wire.ask(request, body, self._reader())

    async def close(self) -> None:
        """Close the connections; may be called again."""
        await self._wire.close()
