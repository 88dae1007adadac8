"""The simulator: an OpenAI-compatible server on loopback whose answers, times and failures are known."""

import asyncio
import ipaddress
import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from aiohttp import web

from passmuster.adapters.simulator.answers import Question, RecordedReply, prompt_digest
from passmuster.adapters.simulator.chance import chance
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.timing import Timing, timing
from passmuster.adapters.simulator.truth import CLIENT_LEFT, Served, TruthLog
from passmuster.adapters.simulator.turns import Turns
from passmuster.adapters.simulator.wire import (
    Answer,
    Asked,
    BadRequestError,
    error_body,
    read_request,
    tokens_of,
    usage_of,
)
from passmuster.errors import UsageError
from passmuster.records.digest import digest

BODY_LIMIT = 64 * 1024 * 1024
BACKLOG = 4096
SHORTEST_WAIT = 0.005
"""Seconds: tokens that are due sooner than this after one another are sent together."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that is being answered; `begun` is the loop's time."""

    begun: float
    asked: Asked
    model: SimulatedModel
    question: Question
    counted: bool


class Simulator:
    """Serves simulated models at `base_url`, on loopback only.

    Args:
        models: What is served.
        seed: Equal seeds give equal answers and times, in whatever order requests come.
        time_scale: Real seconds per simulated second: 0.1 runs ten times faster, 0 does not wait at all.
        truth_path: A JSONL file to which one line per request is appended.
        api_key: Where given, requests must carry it.

    Raises:
        UsageError: where two models share a name.

    Example:
        >>> from passmuster.adapters.simulator.answers import Constant
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
    ) -> None:
        self._models = {model.name: model for model in models}
        if len(self._models) < len(models):
            raise UsageError(f"two simulated models share a name: {[model.name for model in models]}")
        self._fingerprints = {name: f"fp_sim_{digest([seed, name])[:10]}" for name in self._models}
        self._seed = seed
        self._scale = time_scale
        self._api_key = api_key
        self._log = TruthLog(truth_path)
        self._turns = Turns()
        self._attempts: defaultdict[object, int] = defaultdict(int)
        self._count = 0
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    @property
    def truth(self) -> list[Served]:
        """Everything that was served, in the order in which it ended."""
        return self._log.served

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Begin to serve and return the base URL; port 0 takes a free one.

        Raises:
            UsageError: for a host that other machines can reach, or a port that is taken.
        """
        _must_be_loopback(host)
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[self._guard])
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._list)
        # A client that leaves ends its request here too: the recording it never got goes to the next one.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, host, port, backlog=BACKLOG)
        try:
            await site.start()
        except OSError as problem:
            await runner.cleanup()
            raise UsageError(
                f"cannot listen on {host}:{port}: {problem.strerror}", hint="choose another --port"
            ) from problem
        self._log.open()
        self._runner = runner
        bound = runner.addresses[0]
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.base_url = f"http://{name}:{bound[1]}/v1"
        return self.base_url

    async def stop(self) -> None:
        """Stop serving; open requests are cut off after half a second."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        self._log.close()

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
            return _error(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key")
        try:
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return _error(413, f"The request is longer than {BODY_LIMIT} bytes.", "invalid_request_error")
        except web.HTTPException as problem:
            place = f"{request.method} {request.path}"
            return _error(problem.status, f"Invalid URL ({place})", "invalid_request_error")
        except BadRequestError as problem:
            return _error(400, str(problem), "invalid_request_error", param=problem.param)

    async def _list(self, request: web.Request) -> web.Response:  # noqa: ARG002 - the router gives it
        data = [
            {"id": name, "object": "model", "created": 0, "owned_by": "passmuster"} for name in self._models
        ]
        return web.json_response({"object": "list", "data": data})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        begun = asyncio.get_running_loop().time()
        asked = read_request(await request.read())
        model = self._models.get(asked.model)
        if model is None:
            message = f"The model `{asked.model}` does not exist."
            return _error(404, message, "invalid_request_error", "model_not_found", "model")
        repeat = request.headers.get("X-Passmuster-Repeat", "")
        key = (model.name, prompt_digest(asked.conversation))
        refused = self._fault(model, key, repeat)
        if refused is not None:
            return refused
        counted = not (repeat.isascii() and repeat.isdecimal())
        turn = self._turns.take(key) if counted else int(repeat[:9])
        question = Question(
            model=model.name, seed=self._seed, digest=key[1], turn=turn, conversation=asked.conversation
        )
        reply = model.answers.answer(question)
        if reply is None:
            return self._unknown(key)
        return await self._serve(request, _Call(begun, asked, model, question, counted), reply)

    def _fault(self, model: SimulatedModel, key: tuple[str, str], repeat: str) -> web.Response | None:
        faults = model.faults
        self._attempts[*key, repeat] += 1
        drawn = chance(self._seed, *key, repeat, self._attempts[*key, repeat], "fault")
        if drawn < faults.rate_limit:
            response = _error(429, "Rate limit reached.", "requests", "rate_limit_exceeded")
            response.headers["Retry-After"] = f"{faults.retry_after * self._scale:g}"
        elif drawn < faults.rate_limit + faults.server_error:
            response = _error(500, "The server had an error.", "server_error")
        else:
            return None
        self._log.note(Served(model=key[0], digest=key[1], status=response.status))
        return response

    def _unknown(self, key: tuple[str, str]) -> web.Response:
        self._log.note(Served(model=key[0], digest=key[1], status=404))
        message = f"Nothing is recorded for this prompt (digest {key[1]}) of model `{key[0]}`."
        return _error(404, message, "invalid_request_error", "prompt_not_recorded", "messages")

    async def _serve(self, request: web.Request, call: _Call, reply: RecordedReply) -> web.StreamResponse:
        times = timing(call.model.latency, call.question, reply)
        status = CLIENT_LEFT
        try:
            if call.asked.stream:
                response = await self._stream(request, call, reply, times)
            else:
                await self._until(call.begun + times.seconds * self._scale)
                body = self._answer(call, reply).completion()
                response = web.Response(body=body, content_type="application/json", headers=_headers(times))
            status = response.status
        except ConnectionError:
            return web.Response(status=CLIENT_LEFT)
        finally:
            if status == CLIENT_LEFT and call.counted:
                self._turns.give_back((call.question.model, call.question.digest), call.question.turn)
            self._note(call, times, status)
        return response

    def _note(self, call: _Call, times: Timing, status: int) -> None:
        self._log.note(
            Served(
                model=call.question.model,
                digest=call.question.digest,
                status=status,
                seconds=times.seconds,
                first_token=times.first_token if call.asked.stream else None,
                turn=call.question.turn,
            )
        )

    def _answer(self, call: _Call, reply: RecordedReply) -> Answer:
        self._count += 1
        tokens = call.model.tokens
        shown = call.asked.logprobs and reply.confidence is not None
        return Answer(
            id=f"chatcmpl-sim-{self._count}",
            model=call.model.name,
            fingerprint=self._fingerprints[call.model.name],
            reply=reply,
            usage=usage_of(call.asked, reply, tokens) if tokens.report else None,
            logprob=math.log(max(reply.confidence or 0.0, 1e-12)) if shown else None,
        )

    async def _stream(
        self, request: web.Request, call: _Call, reply: RecordedReply, times: Timing
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers=_headers(times) | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        answer = self._answer(call, reply)
        pieces = tokens_of(reply.text)
        ready = [answer.opening()]
        gap = (times.seconds - times.first_token) * self._scale / max(1, len(pieces))
        due = call.begun + times.first_token * self._scale
        for index, piece in enumerate(pieces):
            if due + gap * index > self._now() + (SHORTEST_WAIT if index else 0):
                await response.write(b"".join(ready))
                ready = []
                await self._until(due + gap * index)
            ready.append(answer.piece(piece))
        await self._finish(response, ready, call.begun + times.seconds * self._scale)
        await response.write(answer.closing(usage=call.asked.usage_in_stream))
        return response

    async def _finish(self, response: web.StreamResponse, ready: list[bytes], end: float) -> None:
        if end > self._now():
            await response.write(b"".join(ready))
            await self._until(end)
        else:
            await response.write(b"".join(ready))

    async def _until(self, moment: float) -> None:
        wait = moment - self._now()
        if wait > 0:
            await asyncio.sleep(wait)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _headers(times: Timing) -> dict[str, str]:
    return {
        "X-Simulated-Seconds": repr(times.seconds),
        "X-Simulated-First-Token": repr(times.first_token),
    }


def _error(
    status: int, message: str, kind: str, code: str | None = None, param: str | None = None
) -> web.Response:
    body = error_body(message, kind, code, param)
    headers = _headers(Timing(0.0, 0.0))
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)


def _must_be_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"the simulator serves this machine only, not {host}", hint="leave --host at 127.0.0.1"
        )
