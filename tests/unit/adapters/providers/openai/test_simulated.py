"""Every surface against the simulator, which was written to the APIs' documents and not to this reader."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.records.candidate import Candidate
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Reply
from passmuster.testing import text_request

ANSWER = "an answer of several words"


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@pytest.fixture
async def base_url() -> AsyncIterator[str]:
    async with Simulator([SimulatedModel(name="m", answers=Constant(ANSWER))], seed=7) as simulator:
        yield simulator.base_url


async def ask(base_url: str, **parameters: Json) -> Exchange:
    candidate = Candidate(name="a", provider="openai", model="m", parameters=parameters)
    provider = OpenAIProvider(candidate, "any", WallClock(), connection=Connection(base_url=base_url))
    try:
        return await provider.ask(text_request("How are you?"))
    finally:
        await provider.close()


@pytest.mark.parametrize("api", ["chat", "responses", "completions"])
@pytest.mark.parametrize("stream", [True, False])
async def test_every_surface_gives_the_same_answer(base_url: str, api: str, *, stream: bool) -> None:
    exchange = await ask(base_url, api=api, stream=stream)
    found, attempt = exchange.outcome, exchange.attempt
    assert isinstance(found, Reply), found
    assert (found.text, found.finish_reason, found.model) == (ANSWER, "stop", "m")
    assert attempt.usage is not None
    assert attempt.usage.output
    assert not attempt.usage.estimated
    assert (attempt.first_token is not None) == (attempt.gaps is not None) == stream


async def test_a_vector_comes_from_the_simulator(base_url: str) -> None:
    exchange = await ask(base_url, api="embeddings")
    assert isinstance(exchange.outcome, Reply), exchange.outcome
    assert all(isinstance(number, float) for number in json.loads(exchange.outcome.text))
    assert exchange.attempt.usage is not None
    assert exchange.attempt.usage.output == 0


async def test_azure_is_reached_by_deployment_and_version(base_url: str) -> None:
    azure = base_url.removesuffix("/v1") + "/openai/deployments/m?api-version=2024-10-21"
    assert isinstance((await ask(azure)).outcome, Reply)
