"""The simulator: an OpenAI-compatible server on loopback whose answers, times and failures are known."""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from aiohttp import web

from passmuster.adapters.simulator.anthropic_messages import AnthropicMessages
from passmuster.adapters.simulator.asked import Problem, RefusedError
from passmuster.adapters.simulator.batches import Batches
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.openai_chat import ChatCompletions
from passmuster.adapters.simulator.openai_completions import Completions, Embeddings
from passmuster.adapters.simulator.openai_responses import Responses
from passmuster.adapters.simulator.openai_surface import openai_error
from passmuster.adapters.simulator.service import BODY_LIMIT, Service
from passmuster.adapters.simulator.surface import Surface
from passmuster.adapters.simulator.truth import Served, TruthLog
from passmuster.errors import UsageError

BACKLOG = 4096
CHAT = ChatCompletions()
AZURE: Mapping[str, Surface] = {
    "/chat/completions": CHAT,
    "/responses": Responses(),
    "/completions": Completions(),
    "/embeddings": Embeddings(),
}
"""The surfaces that Azure has too."""
SURFACES: Mapping[str, Surface] = {**AZURE, "/messages": AnthropicMessages()}
"""By the end of their address."""


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
        self._scale = time_scale
        self._log = log or TruthLog(truth_path)
        self._service = Service(models, seed, time_scale, self._log, api_key)
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    @property
    def truth(self) -> list[Served]:
        """Everything that was served, in the order in which it ended."""
        return self._log.served

    @property
    def root_url(self) -> str:
        """The address without `/v1`, as Anthropic's and Azure's clients want it."""
        return self.base_url.removesuffix("/v1")

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
        self._route(app)
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
        self._service.start()
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

    def _route(self, app: web.Application) -> None:
        for path, surface in SURFACES.items():
            app.router.add_post(f"/v1{path}", partial(self._service.answer, surface=surface))
        for path, surface in AZURE.items():
            app.router.add_post(f"/openai/deployments/{{model}}{path}", partial(self._azure, surface=surface))
            app.router.add_post(f"/openai/v1{path}", partial(self._service.answer, surface=surface))
        app.router.add_get("/v1/models", self._list)
        app.router.add_get("/v1/models/{name:.+}", self._model)
        Batches(self._service, {f"/v1{path}": surface for path, surface in AZURE.items()}, self._scale).route(
            app
        )

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            if request.method != "POST" or request.path.startswith(("/v1/files", "/v1/batches")):
                CHAT.check(request.headers, self._api_key)
            return await handler(request)
        except web.HTTPException as problem:
            return _error(Problem(problem.status, f"Invalid URL ({request.method} {request.path})"))
        except RefusedError as refused:
            return _error(refused.problem)

    async def _azure(self, request: web.Request, surface: Surface) -> web.StreamResponse:
        if "api-version" not in request.query:
            raise RefusedError(
                Problem(404, "Resource not found: say api-version=... in the address", code="404")
            )
        return await self._service.answer(request, surface, request.match_info["model"])

    async def _list(self, request: web.Request) -> web.Response:  # noqa: ARG002 - the router gives it
        return web.json_response({"object": "list", "data": [_described(name) for name in self._names]})

    async def _model(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._names:
            message = f"The model `{name}` does not exist."
            raise RefusedError(Problem(404, message, code="model_not_found", param="model"))
        return web.json_response(_described(name))


def _described(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "passmuster"}


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
