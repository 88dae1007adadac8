"""Which connection a call takes: one that is still open from the last call, or a new one."""

import asyncio
import math

from passmuster.adapters.providers.wire.connection import HttpConnection
from passmuster.adapters.providers.wire.route import Route

SETTLED = 0.1
"""Seconds after which most servers that close a connection behind a stream have done so."""
STEP = 0.01
"""Seconds of one step of the wait for that. A program that stalls misses one step and not the whole wait."""
FORGOTTEN = 1.0
"""Seconds after which a closed connection says nothing: either side may have given it up as idle."""
IDLE = 15.0
"""Seconds for which a connection is kept that nobody uses: many servers give it up not much later."""


class Connections:
    """The connections to one endpoint.

    Some servers, llama.cpp among them, close a connection behind a stream without having said so. A call that
    is sent in that moment is lost: it fails, is made again after a wait, and an endpoint that is well looks
    slow. So connections are kept behind streams only where that was seen to work: the first stream is watched,
    all others get new connections meanwhile, and the call after it waits for a moment, before its time begins,
    to see whether the connection is still there. A call that is lost all the same puts the question again, and
    the wait is twice as long each time. `streams` says whether answers are asked for as streams; without them
    connections are kept, since such an answer says whether its connection stays open.
    """

    __slots__ = (
        "_ended",
        "_free",
        "_keeps",
        "_out",
        "_patience",
        "_route",
        "_seen",
        "_streams",
        "_watching",
    )

    def __init__(self, route: Route, *, streams: bool) -> None:
        self._route = route
        self._streams = streams
        self._keeps: bool | None = None if streams else True
        self._free: list[tuple[float, HttpConnection]] = []
        # Each with the seconds for which nobody had used it; infinite for a new one.
        self._out: dict[HttpConnection, float] = {}
        self._watching = False
        self._patience = SETTLED
        self._seen: HttpConnection | None = None
        self._ended = 0.0

    @property
    def keeps(self) -> bool | None:
        """Whether connections are kept; None while that is not known."""
        return self._keeps

    async def settle(self) -> bool:
        """Return whether the call that follows keeps its connection; wait where that has to be found out."""
        if self._keeps is not None or self._watching:
            return self._keeps is True
        self._watching = True
        if self._seen is not None:
            try:
                await self._look(self._seen)
            except asyncio.CancelledError:
                self._watching = False
                raise
        return self._keeps is not False

    async def take(self, *, keeps: bool) -> HttpConnection:
        """Return a connection for a call, and give it back with `give`; `keeps` is what `settle` said.

        Raises:
            HttpError: where none can be made.
        """
        connection = self._kept() if keeps else None
        if connection is None:
            connection = await self._route.open()
            self._out[connection] = math.inf
        return connection

    def give(
        self, connection: HttpConnection | None, *, keeps: bool, streamed: bool, lost: bool = False
    ) -> None:
        """Take a connection back, None where there was none.

        `streamed` is a stream that came to its end; `lost` a connection that broke before the answer began.
        """
        now = asyncio.get_running_loop().time()
        if keeps and self._watching:
            self._watching = False
            self._seen = connection if streamed else None
            self._ended = now
        if connection is None:
            return
        idle = self._out.pop(connection, math.inf)
        if lost and idle < FORGOTTEN:
            self._doubt()
        connection.expect(None)
        if keeps and connection.reusable:
            self._free.append((now, connection))
        else:
            connection.close()

    async def close(self) -> None:
        """Close all connections; may be called again."""
        loop = asyncio.get_running_loop()
        known = [*self._out, *(connection for _, connection in self._free)]
        closing = [connection for connection in known if connection.loop is loop]
        self._out.clear()
        self._free.clear()
        self._route.close()
        for connection in closing:
            connection.close()
        for connection in closing:
            await connection.gone.wait()

    def _kept(self) -> HttpConnection | None:
        loop = asyncio.get_running_loop()
        while self._free:
            # The one that was used last: the others are given up sooner, once fewer are needed.
            since, connection = self._free.pop()
            if connection.loop is not loop:
                continue  # its event loop has ended without us
            idle = loop.time() - since
            if connection.reusable and idle < IDLE:
                self._out[connection] = idle
                return connection
            connection.close()
        return None

    def _doubt(self) -> None:
        """Ask anew whether connections are kept: one that was is lost. The server only closes them later."""
        if not self._streams or self._keeps is not True:
            return
        self._patience *= 2
        self._keeps = None if self._patience <= FORGOTTEN else False

    async def _look(self, seen: HttpConnection) -> None:
        passed = asyncio.get_running_loop().time() - self._ended
        steps = max(2, math.ceil((self._patience - passed) / STEP))
        for _ in range(steps):
            if seen.closed:
                break
            await asyncio.sleep(STEP)
        if not seen.closed:
            self._keeps = True
        elif passed <= FORGOTTEN:
            self._keeps = False
        self._seen = None
