"""Asks OpenAI surfaces of a server whose answer is given: for the tests of what is sent and how it is read."""

import asyncio
import json
import time
from collections.abc import Sequence

from aiohttp import web
from aiohttp.test_utils import TestServer

from passmuster.adapters.providers.openai.address import surface_url
from passmuster.adapters.providers.openai.body import BodyWriter
from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.adapters.providers.openai.surface import surface_of
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Message, Tool
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Reply
from passmuster.testing import check_exchange, text_request

HI = Conversation(messages=(Message(role="user", content="Hi"),))
TOOL = Tool(name="find", description="Finds.", parameters={"type": "object"})


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def candidate(api: str, **parameters: Json) -> Candidate:
    return Candidate(name="a", provider="openai", model="m", parameters={"api": api, **parameters})


def body_of(api: str, conversation: Conversation, **parameters: Json) -> dict[str, Json]:
    made = candidate(api, **parameters)
    body = json.loads(BodyWriter(made, surface_of(made).form).write(conversation))
    assert isinstance(body, dict)
    assert "api" not in body
    return body


async def ask(api: str, answer: Json | Sequence[Json], *, status: int = 200, **parameters: Json) -> Exchange:
    """Ask a server that gives this answer: as events where a stream is asked for, else whole."""

    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.path == surface_url("http://a", api).path
        if not parameters.get("stream"):
            return web.json_response(answer, status=status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in answer if isinstance(answer, list) else []:
            text = event if isinstance(event, str) else json.dumps(event)
            await response.write(f"data: {text}\n\n".encode())
        return response

    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    async with TestServer(app) as server:
        connection = Connection(base_url=str(server.make_url("/")))
        provider = OpenAIProvider(candidate(api, **parameters), "key", WallClock(), connection=connection)
        exchange = await provider.ask(text_request("Hi"))
        await provider.close()
    check_exchange(exchange)
    return exchange


def reply(exchange: Exchange) -> Reply:
    assert isinstance(exchange.outcome, Reply), exchange
    return exchange.outcome


def failure(exchange: Exchange) -> Failure:
    assert isinstance(exchange.outcome, Failure), exchange
    return exchange.outcome
