"""The simulator: an OpenAI-compatible server on loopback whose answers, times and failures are known."""

import ipaddress
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from aiohttp import web

from passmuster.adapters.simulator.asked import Problem
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.openai_chat import ChatCompletions
from passmuster.adapters.simulator.service import BODY_LIMIT, Service
from passmuster.adapters.simulator.surface import openai_error
from passmuster.adapters.simulator.truth import Served, TruthLog
from passmuster.errors import UsageError

BACKLOG = 4096


class Simulator:
    """Serves simulated models at `base_url`, on loopback only.

    Args:
        models: What is served.
        seed: Equal seeds give equal answers and times, in whatever order requests come.
        time_scale: Real seconds per simulated second: 0.1 runs ten times faster, 0 does not wait at all.
        truth_path: A JSONL file to which one line per request is appended.
        api_key: Where given, requests must carry it.
        log: Instead of `truth_path`: what is kept of the truth, and where.

    Raises:
        UsageError: where two models share a name.

    Example:
        >>> from passmuster.adapters.simulator.answers import Constant
        >>> import asyncio
        >>> async def ask() -> str:
        ...     async with Simulator([SimulatedModel(name="m", answers=Constant("yes"))]) as simulator:
        ...         return simulator.base_url
        >>> asyncio.run(ask()).endswith("/v1")
        True
    """

    def __init__(
        self,
        models: Sequence[SimulatedModel],
        seed: int = 0,
        *,
        time_scale: float = 1.0,
        truth_path: Path | None = None,
        api_key: str | None = None,
        log: TruthLog | None = None,
    ) -> None:
        if len({model.name for model in models}) < len(models):
            raise UsageError(f"two simulated models share a name: {[model.name for model in models]}")
        self._names = [model.name for model in models]
        self._api_key = api_key
        self._log = log or TruthLog(truth_path)
        anchor = time.time() - time.monotonic()  # noqa: TID251 - the loop's clock gets the epoch's base once
        self._service = Service(models, seed, time_scale, self._log, anchor)
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    @property
    def truth(self) -> list[Served]:
        """Everything that was served, in the order in which it ended."""
        return self._log.served

    @property
    def open_requests(self) -> int:
        """How many requests have begun and not ended."""
        return self._log.begun - self._log.ended

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Begin to serve and return the base URL; port 0 takes a free one.

        Raises:
            UsageError: for a host that other machines can reach, a port that is taken, or a file that cannot be
                written.
        """
        _must_be_loopback(host)
        self._log.open()
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[self._guard])
        chat = partial(self._service.answer, surface=ChatCompletions())
        app.router.add_post("/v1/chat/completions", chat)
        app.router.add_get("/v1/models", self._list)
        # A client that leaves ends its request here too: the recording it never got goes to the next one.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, host, port, backlog=BACKLOG)
        try:
            await site.start()
        except OSError as problem:
            await runner.cleanup()
            self._log.close()
            raise UsageError(
                f"cannot listen on {host}:{port}: {problem.strerror}", hint="choose another --port"
            ) from problem
        self._runner = runner
        bound = runner.addresses[0]
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.base_url = f"http://{name}:{bound[1]}/v1"
        return self.base_url

    async def stop(self) -> None:
        """Stop serving; open requests are cut off after half a second."""
        runner, self._runner = self._runner, None
        self._service.stopping = True
        if runner is not None:
            await runner.cleanup()
        self._log.close()

    async def idle(self) -> None:
        """Wait until no request is open: after its client was killed, too, the truth is complete then."""
        await self._log.idle()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self._api_key is not None and request.headers.get("Authorization") != f"Bearer {self._api_key}":
            return _error(Problem(401, "Incorrect API key provided.", code="invalid_api_key"))
        try:
            return await handler(request)
        except web.HTTPException as problem:
            return _error(Problem(problem.status, f"Invalid URL ({request.method} {request.path})"))

    async def _list(self, request: web.Request) -> web.Response:  # noqa: ARG002 - the router gives it
        data = [
            {"id": name, "object": "model", "created": 0, "owned_by": "passmuster"} for name in self._names
        ]
        return web.json_response({"object": "list", "data": data})


def _error(problem: Problem) -> web.Response:
    return web.Response(status=problem.status, body=openai_error(problem), content_type="application/json")


def _must_be_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"the simulator serves this machine only, not {host}", hint="leave --host at 127.0.0.1"
        )
