"""Which connection a call takes: one that is still open from the last call, or a new one."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp

SETTLED = 0.1
"""Seconds after which a server that closes a connection behind a stream has done so."""
FORGOTTEN = 1.0
"""Seconds after which a closed connection says nothing: either side may have given it up as idle."""
Opening = Callable[[bool, list[aiohttp.TraceConfig]], aiohttp.ClientSession]
"""Opens a session, from whether it keeps connections open for the next call, and from what watches it."""


class Sessions:
    """The connections to one endpoint.

    Some servers, llama.cpp among them, close a connection behind a stream without having said so. A call that
    is sent in that moment is lost: it fails, is made again after a wait, and an endpoint that is well looks
    slow. So connections are kept behind streams only where that was seen to work: the first stream is watched,
    all others get new connections meanwhile, and the call after it waits for a moment, before its time begins,
    to see whether the connection is still there. `streams` says whether answers are asked for as streams;
    without them connections are kept, since such an answer says whether its connection stays open.
    """

    __slots__ = ("_ended", "_fresh", "_keeps", "_kept", "_open", "_watching")

    def __init__(self, opening: Opening, *, streams: bool) -> None:
        self._open = opening
        self._keeps: bool | None = None if streams else True
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None
        self._watching = False
        self._ended: float | None = None

    async def take(self) -> aiohttp.ClientSession:
        """Return the session for a call; tell `done` how that ended."""
        if self._keeps is None and not self._watching:
            await self._settle()
        elif not self._keeps:
            if self._fresh is None:
                self._fresh = self._open(False, [])  # noqa: FBT003 - a callable of two
            return self._fresh
        if self._kept is None:
            self._kept = self._open(True, [] if self._keeps else [self._watch()])  # noqa: FBT003 - the same
        return self._kept

    def done(self, session: aiohttp.ClientSession, *, whole: bool) -> None:
        """Take note that a call has ended; `whole` is a stream that came to its end."""
        if self._watching and session is self._kept:
            self._watching = False
            self._ended = asyncio.get_running_loop().time() if whole else None

    async def close(self) -> None:
        """Close all connections; may be called again."""
        sessions, self._kept, self._fresh = (self._kept, self._fresh), None, None
        for session in sessions:
            if session is not None:
                await session.close()

    async def _settle(self) -> None:
        """Watch the next call, after the one before it had time to settle."""
        if self._ended is None:
            self._watching = True
            return
        passed = asyncio.get_running_loop().time() - self._ended
        if passed > FORGOTTEN:
            self._ended = None
        self._watching = True
        try:
            await asyncio.sleep(max(0.0, SETTLED - passed))
        except asyncio.CancelledError:
            self._watching = False
            raise

    def _watch(self) -> aiohttp.TraceConfig:
        watch = aiohttp.TraceConfig()
        watch.on_connection_reuseconn.append(self._reused)
        watch.on_connection_create_start.append(self._created)
        return watch

    async def _reused(self, *_: aiohttp.ClientSession | SimpleNamespace | object) -> None:
        self._learn(keeps=True)

    async def _created(self, *_: aiohttp.ClientSession | SimpleNamespace | object) -> None:
        self._learn(keeps=False)

    def _learn(self, *, keeps: bool) -> None:
        if self._keeps is None and self._ended is not None:
            self._keeps = keeps
