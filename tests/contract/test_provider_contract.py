"""One suite for every provider. To add one, write an async context manager that yields a function making
fresh providers with a request that they can answer, and put it into `PROVIDERS`.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from passmuster.adapters.providers.anthropic.messages import AnthropicProvider
from passmuster.adapters.providers.command.provider import CommandProvider
from passmuster.adapters.providers.command.settings import Command
from passmuster.adapters.providers.function.provider import CallableProvider
from passmuster.adapters.providers.function.request import FunctionRequest
from passmuster.adapters.providers.http_json.provider import HttpForm, HttpJsonProvider, form_parameters
from passmuster.adapters.providers.http_json.reply import ReplyPaths
from passmuster.adapters.providers.litellm.completion import LiteLLMProvider
from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.adapters.providers.otel.recorder import SpanReceiver
from passmuster.adapters.providers.pipeline.ledger import Ledger
from passmuster.adapters.providers.pipeline.provider import PipelineProvider
from passmuster.adapters.providers.proxy.proxy import RecordingProxy, Upstream
from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import Faults, LognormalLatency
from passmuster.adapters.simulator.server import Simulator
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate
from passmuster.records.record import Json
from passmuster.records.trial import Failure, Request
from passmuster.testing import FakeProvider, Scripted, check_provider, text_request

Made = tuple[Callable[[], Provider], Request | None]


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def openai(*, stream: bool = False, faults: float = 0.0, api: str | None = None) -> AsyncIterator[Made]:
    model = SimulatedModel(
        name="m",
        answers=Constant("an answer"),
        latency=LognormalLatency(median=0.01, sigma=0.5),
        faults=Faults(rate_limit=faults, server_error=faults),
    )
    async with Simulator([model], seed=7) as simulator:
        connection = Connection(base_url=simulator.base_url)
        parameters: dict[str, Json] = {"stream": stream} if api is None else {"stream": stream, "api": api}
        candidate = Candidate(name="a", provider="openai", model="m", parameters=parameters)

        def make() -> Provider:
            return OpenAIProvider(candidate, "any", WallClock(), 10.0, connection=connection)

        yield make, None


@asynccontextmanager
async def nobody_there() -> AsyncIterator[Made]:
    async with Simulator([]) as simulator:
        connection = Connection(base_url=simulator.base_url)
    candidate = Candidate(name="a", provider="openai", model="m")
    yield lambda: OpenAIProvider(candidate, None, WallClock(), connection=connection), None


@asynccontextmanager
async def fake() -> AsyncIterator[Made]:
    script: list[Scripted] = [Failure(kind="rate_limit", message="slow down"), "yes"]
    yield lambda: FakeProvider(script, delay=0.5), text_request("Hi")


@asynccontextmanager
async def function(*, broken: bool = False) -> AsyncIterator[Made]:
    def answer(request: FunctionRequest) -> str:
        if broken:
            raise ValueError(request.input)
        return str(request.input)

    candidate = Candidate(name="a", provider="python")
    yield lambda: CallableProvider(candidate, answer, WallClock(), 10.0), None


@asynccontextmanager
async def async_function() -> AsyncIterator[Made]:
    async def answer(request: FunctionRequest) -> str:
        await asyncio.sleep(0.001)
        return str(request.input)

    candidate = Candidate(name="a", provider="python")
    yield lambda: CallableProvider(candidate, answer, WallClock(), 10.0), None


ANSWERING = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps({"id": asked["id"], "text": asked["input"]}), flush=True)
"""


@asynccontextmanager
async def command(script: str = ANSWERING, **settings: Any) -> AsyncIterator[Made]:
    words = (sys.executable, "-S", "-c", script)
    made = Command(words=words, folder=Path(), environment=dict(os.environ), **settings)
    candidate = Candidate(name="a", provider="command")
    yield lambda: CommandProvider(candidate, made, WallClock(), 10.0), None


def served(answer: Json, *, stream: bool) -> TestServer:
    """Return a server that says the same to every request: one object, or several as events."""

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        if not stream:
            return web.json_response(answer)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in answer if isinstance(answer, list) else []:
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        return response

    application = web.Application(client_max_size=2**26)
    application.router.add_post("/v1/messages", handle)
    return TestServer(application)


MESSAGE = {"content": [{"type": "text", "text": "Yes."}], "stop_reason": "end_turn"}
MESSAGE_EVENTS = [
    {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 9, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Yes."}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]


@asynccontextmanager
async def anthropic(*, stream: bool) -> AsyncIterator[Made]:
    async with served(MESSAGE_EVENTS if stream else MESSAGE, stream=stream) as server:
        connection = Connection(base_url=str(server.make_url("")))
        candidate = Candidate(name="a", provider="anthropic", model="m", parameters={"stream": stream})
        yield lambda: AnthropicProvider(candidate, "any", WallClock(), connection=connection), None


@asynccontextmanager
async def simulated_anthropic() -> AsyncIterator[Made]:
    faults = Faults(rate_limit=0.2, overloaded=0.2, reset=0.1, cut=0.1)
    model = SimulatedModel(
        name="m",
        answers=Constant("an answer"),
        latency=LognormalLatency(median=0.01, sigma=0.5),
        faults=faults,
    )
    async with Simulator([model], seed=7) as simulator:
        connection = Connection(base_url=simulator.base_url)
        candidate = Candidate(name="a", provider="anthropic", model="m", parameters={"stream": True})
        yield lambda: AnthropicProvider(candidate, "any", WallClock(), connection=connection), None


@asynccontextmanager
async def http(*, stream: bool) -> AsyncIterator[Made]:
    form = HttpForm(body={"q": "{{ prompt }}"}, reply=ReplyPaths(text="$..text"), stream=stream)
    async with served(MESSAGE_EVENTS if stream else MESSAGE, stream=stream) as server:
        url = str(server.make_url("/v1/messages"))
        candidate = Candidate(name="a", provider="http", endpoint=url, parameters=form_parameters(form, {}))
        yield lambda: HttpJsonProvider(candidate, "any", WallClock()), None


@asynccontextmanager
async def litellm() -> AsyncIterator[Made]:
    class Package:
        async def acompletion(self, **_: object) -> object:
            raise TimeoutError

    candidate = Candidate(name="a", provider="litellm", model="bedrock/m")
    yield lambda: LiteLLMProvider(candidate, None, WallClock(), library=Package()), None


@asynccontextmanager
async def pipeline(kind: str) -> AsyncIterator[Made]:
    async def answer(request: FunctionRequest) -> str:
        return f"{request.input} {request.base_url} {request.traceparent}"

    async with Simulator([]) as simulator:

        def make() -> Provider:
            provider = CallableProvider(Candidate(name="a", provider="python"), answer, WallClock(), 10.0)
            proxy = RecordingProxy(Ledger(), WallClock(), Upstream(base_url=simulator.base_url))
            recorder = proxy if kind == "proxy" else SpanReceiver(Ledger(), settle=0.01)
            return PipelineProvider(provider, recorder, WallClock())

        yield make, None


PROVIDERS: dict[str, Callable[[], AbstractAsyncContextManager[Made]]] = {
    "openai": partial(openai, stream=False),
    "openai, streamed": partial(openai, stream=True),
    "openai with failures": partial(openai, stream=True, faults=0.3),
    "openai without a server": nobody_there,
    "openai, responses": partial(openai, api="responses"),
    "openai, responses streamed": partial(openai, api="responses", stream=True),
    "openai, responses with failures": partial(openai, api="responses", stream=True, faults=0.3),
    "openai, completions": partial(openai, api="completions"),
    "openai, completions streamed": partial(openai, api="completions", stream=True),
    "openai, embeddings": partial(openai, api="embeddings"),
    "a function": function,
    "a function that raises": partial(function, broken=True),
    "an async function": async_function,
    "a command": command,
    "two commands, four requests each": partial(command, processes=2, in_flight=4),
    "a command that ends": partial(command, "exit(1)"),
    "a command for each request": partial(
        command, "print('yes')", keep_alive=False, answer="text", processes=8
    ),
    "anthropic": partial(anthropic, stream=False),
    "anthropic, streamed": partial(anthropic, stream=True),
    "anthropic with failures": simulated_anthropic,
    "http": partial(http, stream=False),
    "http, streamed": partial(http, stream=True),
    "litellm": litellm,
    "a pipeline behind a proxy": partial(pipeline, "proxy"),
    "a pipeline with spans": partial(pipeline, "spans"),
    "fake": fake,
}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_a_provider_keeps_its_promises(name: str) -> None:
    async with PROVIDERS[name]() as (make, request):
        await check_provider(make, request=request)
