"""The pipeline's side of a call through the proxy: what it has been sent so far, and how the call failed, if it did."""

from collections.abc import Awaitable

from aiohttp import web

from passmuster.adapters.providers.proxy.call import Passage
from passmuster.adapters.providers.wire.errors import failure_of
from passmuster.adapters.providers.wire.transport_errors import NotSentError
from passmuster.records.trial import Failure, FailureKind


class Passing:
    """A call that is being passed on; what happens after the last word of an answer does not make it a failure."""

    def __init__(self, request: web.Request, passage: Passage) -> None:
        self.request = request
        self.passage = passage
        self.failure: Failure | None = None
        self._response: web.StreamResponse | None = None

    async def begin(self, response: web.StreamResponse) -> None:
        """Send the head of the answer."""
        self._response = response
        await self._sent(response.prepare(self.request))

    async def write(self, data: bytes) -> None:
        """Pass on a piece; the endpoint waits while the pipeline does not read."""
        if data and self._response is not None:
            await self._sent(self._response.write(data))

    async def end(self) -> None:
        """Send the end of the answer."""
        if self._response is not None:
            await self._sent(self._response.write_eof())

    def broken(self, problem: Exception, limit: float) -> web.StreamResponse:
        """Take note of what broke the call, which had `limit` seconds.

        The pipeline gets a 502 or 504, or an answer that breaks off where it has begun.
        """
        self.passage.call.sent = not isinstance(problem, NotSentError)
        kind, message = failure_of(problem)
        if isinstance(problem, TimeoutError):
            kind, message = "timeout", f"no complete answer within {limit:g} s"
        failure = self._failed(kind, message)
        if self._response is None:
            return error_answer(504 if kind == "timeout" else 502, failure.message)
        if self.request.transport is not None:
            self.request.transport.abort()
        return self._response

    def left(self, message: str) -> None:
        """Take note that the pipeline went away."""
        self._failed("connection", message)

    def _failed(self, kind: FailureKind, message: str) -> Failure:
        failure = self.failure or self.passage.failure(kind, message)
        if self.passage.call.ended is None:
            self.failure = failure
        return failure

    async def _sent(self, sending: Awaitable[object]) -> None:
        try:
            await sending
        except ConnectionError:
            self.left("the pipeline hung up")
            raise


def error_answer(status: int, message: str) -> web.Response:
    """Return an error of the proxy itself, in the form in which endpoints tell theirs."""
    return web.json_response({"error": {"message": message, "type": "passmuster_proxy"}}, status=status)
