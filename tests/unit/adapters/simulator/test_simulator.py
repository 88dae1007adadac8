"""The simulator through real HTTP, with the official client and with the provider."""

import asyncio
import json
import time
from collections import Counter
from pathlib import Path

import openai
import pytest
from aiohttp import ClientSession

from passmuster.adapters.providers.openai.compatible import Connection, OpenAIProvider
from passmuster.adapters.simulator.answers import Constant, Recorded, RecordedReply, prompt_digest
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import (
    Faults,
    LognormalLatency,
    RateLimits,
    RecordedLatency,
    Tokens,
)
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.errors import UsageError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message, Text, Tool
from passmuster.records.digest import digest
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Reply, Request
from passmuster.testing import text_request

TEXT = "the quick brown fox jumps over the lazy dog"


class WallClock:
    def now(self) -> float:
        return time.monotonic() + 1e9

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def recorded(*texts: str, seconds: float = 0.0, to: str = "Hi") -> Recorded:
    replies = [RecordedReply(text=text, seconds=seconds, confidence=0.5) for text in texts]
    return Recorded({digest(text_request(to).conversation): replies})


async def ask(
    simulator: Simulator, *requests: Request, simulated: bool = False, **more: Json
) -> list[Exchange]:
    candidate = Candidate(name="m", provider="openai", model="m", parameters=more, simulated=simulated)
    connection = Connection(base_url=simulator.base_url)
    provider = OpenAIProvider(candidate, None, WallClock(), connection=connection)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(provider.ask(request)) for request in requests]
    finally:
        await provider.close()
    return [task.result() for task in tasks]


async def test_the_official_client_reads_a_plain_answer() -> None:
    model = SimulatedModel(name="m", answers=recorded(TEXT), tokens=Tokens(reasoning=5, cached=1))
    async with (
        Simulator([model]) as simulator,
        openai.AsyncOpenAI(base_url=simulator.base_url, api_key="any") as client,
    ):
        completion = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], logprobs=True
        )
    assert completion.choices[0].message.content == TEXT
    assert completion.choices[0].finish_reason == "stop"
    assert completion.choices[0].logprobs is not None
    assert completion.system_fingerprint is not None
    assert completion.usage is not None
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (1, 16)


async def test_the_official_client_reads_a_stream() -> None:
    async with (
        Simulator([SimulatedModel(name="m", answers=recorded(TEXT))]) as simulator,
        openai.AsyncOpenAI(base_url=simulator.base_url, api_key="any") as client,
    ):
        stream = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "Hi"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(texts) == TEXT
    assert len(texts) > 5
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 11


async def test_the_official_client_sees_models_and_errors() -> None:
    async with (
        Simulator([SimulatedModel(name="m", answers=recorded(TEXT))], api_key="right") as simulator,
        openai.AsyncOpenAI(base_url=simulator.base_url, api_key="right", max_retries=0) as client,
    ):
        assert [model.id async for model in client.models.list()] == ["m"]
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            await client.chat.completions.create(model="x", messages=[{"role": "user", "content": "Hi"}])
        with pytest.raises(openai.NotFoundError, match="Nothing is recorded for this prompt"):
            await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}])
        with pytest.raises(openai.BadRequestError, match="at least one message"):
            await client.chat.completions.create(model="m", messages=[])
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="wrong").models.list()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"model": 1}',
        b'{"model": "m", "messages": [1]}',
        b'{"model": "m", "messages": [{"role": "king"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": 5}]}',
        b'{"model": "m", "messages": [{"role": ["user"], "content": "a"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "a"}], "max_tokens": 1%s}' % (b"0" * 400),
    ],
)
async def test_a_bad_request_is_answered_in_json_with_400(body: bytes) -> None:
    limits = RateLimits(tokens_per_minute=1e6)
    async with (
        Simulator([SimulatedModel(name="m", answers=Constant("a"), limits=limits)]) as simulator,
        ClientSession() as web,
    ):
        async with web.post(f"{simulator.base_url}/chat/completions", data=body) as response:
            assert response.status == 400
            assert (await response.json())["error"]["message"]
        async with web.get(f"{simulator.base_url}/nothing") as response:
            assert response.status == 404
            assert "Invalid URL" in (await response.json())["error"]["message"]


@pytest.mark.parametrize("stream", [True, False])
async def test_the_provider_sees_what_was_recorded(*, stream: bool) -> None:
    model = SimulatedModel(
        name="m", answers=recorded(TEXT, seconds=0.2), latency=RecordedLatency(first_token_share=0.5)
    )
    async with Simulator([model]) as simulator:
        (exchange,) = await ask(simulator, text_request("Hi"), stream=stream, logprobs=True)
    outcome, attempt, *_ = exchange
    assert isinstance(outcome, Reply)
    assert outcome.text == TEXT
    assert outcome.confidence == pytest.approx(0.5)
    assert outcome.model == "m"
    assert attempt.usage is not None
    assert (attempt.usage.input, attempt.usage.output, attempt.usage.estimated) == (1, 11, False)
    assert attempt.seconds is not None
    assert 0.19 <= attempt.seconds <= 0.5
    assert (attempt.first_token is not None) == stream
    if attempt.first_token is not None:
        assert 0.09 <= attempt.first_token <= attempt.seconds - 0.05
    assert simulator.truth[0].seconds == 0.2


async def test_every_recording_is_served_once_before_any_is_served_again() -> None:
    texts = [f"reply {n}" for n in range(5)]
    async with (
        Simulator([SimulatedModel(name="m", answers=recorded(*texts))]) as simulator,
        ClientSession() as web,
    ):
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})

        async def post() -> str:
            async with web.post(f"{simulator.base_url}/chat/completions", data=body) as response:
                answer = await response.json()
            return str(answer["choices"][0]["message"]["content"])

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(post()) for _ in range(10)]
    assert Counter(task.result() for task in tasks) == dict.fromkeys(texts, 2)


async def test_a_repeat_gets_its_own_recording_whatever_the_order() -> None:
    model = SimulatedModel(name="m", answers=recorded("a", "b", "c"))
    async with Simulator([model]) as simulator:
        found = await ask(simulator, *(text_request("Hi", repeat) for repeat in (2, 0, 1, 4)))
    assert [exchange.outcome.text for exchange in found if isinstance(exchange.outcome, Reply)] == list(
        "cabb"
    )


@pytest.mark.parametrize("stream", [True, False])
async def test_a_recording_that_nobody_received_goes_to_the_next_request(*, stream: bool) -> None:
    model = SimulatedModel(name="m", answers=recorded("a", "b", seconds=0.3))
    body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}
    async with Simulator([model]) as simulator, ClientSession() as web:
        url = f"{simulator.base_url}/chat/completions"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), web.post(url, json=body) as response:
                await response.read()
        await asyncio.sleep(0.05)
        async with web.post(url, json=body) as response:
            await response.read()
    assert [(served.status, served.turn) for served in simulator.truth] == [(499, 0), (200, 0)]


async def test_equal_seeds_give_equal_times_in_any_order_and_other_seeds_others() -> None:
    latency = LognormalLatency(median=0.02, sigma=0.5)
    model = SimulatedModel(name="m", answers=Constant("a"), latency=latency)

    async def times(seed: int, *, backwards: bool) -> dict[str, float]:
        async with Simulator([model], seed, time_scale=0) as simulator:
            requests = [text_request(f"question {n}") for n in range(200)]
            await ask(simulator, *(reversed(requests) if backwards else requests))
        return {served.digest: served.seconds for served in simulator.truth}

    first = await times(7, backwards=False)
    assert first == await times(7, backwards=True)
    assert first != await times(8, backwards=False)
    ordered = sorted(first.values())
    assert ordered[100] == pytest.approx(0.02, rel=0.2)


async def test_a_simulated_candidate_reports_the_simulated_times_whatever_the_scale() -> None:
    model = SimulatedModel(name="m", answers=recorded("ab", seconds=60.0))
    async with Simulator([model], time_scale=0) as simulator:
        (exchange,) = await ask(simulator, text_request("Hi"), stream=True, simulated=True)
        (measured,) = await ask(simulator, text_request("Hi"), stream=True)
    assert (exchange.attempt.seconds, exchange.attempt.first_token) == (60.0, 30.0)
    assert measured.attempt.seconds is not None
    assert measured.attempt.seconds < 5


async def test_faults_come_at_their_rates_and_a_retry_can_succeed() -> None:
    faults = Faults(rate_limit=0.2, retry_after=3, server_error=0.1)
    model = SimulatedModel(name="m", answers=Constant("a"), faults=faults)
    async with Simulator([model], seed=3) as simulator:
        found = await ask(simulator, *(text_request(f"question {n}") for n in range(500)))
        again = await ask(simulator, *(text_request(f"question {n}") for n in range(500)))
    kinds = Counter(
        exchange.outcome.kind if isinstance(exchange.outcome, Failure) else "reply" for exchange in found
    )
    assert 70 <= kinds["rate_limit"] <= 130
    assert 30 <= kinds["server_error"] <= 70
    waits = {exchange.attempt.retry_after for exchange in found if exchange.attempt.status == 429}
    assert waits == {3.0}
    first = [exchange.attempt.status for exchange in found]
    assert first != [exchange.attempt.status for exchange in again]


async def test_a_prompt_of_two_megabytes_is_answered() -> None:
    async with Simulator([SimulatedModel(name="m", answers=Constant("a"))]) as simulator:
        (exchange,) = await ask(simulator, text_request("long " * 400_000))
    assert isinstance(exchange.outcome, Reply), exchange.outcome


async def test_usage_can_be_withheld() -> None:
    model = SimulatedModel(name="m", answers=Constant("a"), tokens=Tokens(report=False))
    async with Simulator([model]) as simulator:
        (exchange,) = await ask(simulator, text_request("Hi"), stream=True)
    assert exchange.attempt.usage is not None
    assert exchange.attempt.usage.estimated


async def test_what_the_provider_writes_is_read_back_with_the_same_digest() -> None:
    parts = (Text(text="see"), Image(url="http://a/b.png"), Image(data="AAAA", media_type="image/png"))
    conversation = Conversation(
        system="Be brief.",
        messages=(
            Message(role="user", content=parts),
            Message(role="assistant", content="lone \ud800"),
            Message(role="user", content="so?"),
        ),
        tools=(Tool(name="find", description="Finds.", parameters={"type": "object"}),),
    )
    answers = Recorded({prompt_digest(conversation): [RecordedReply(text="found")]})
    request = Request(case=text_request("a").case, conversation=conversation)
    async with Simulator([SimulatedModel(name="m", answers=answers)]) as simulator:
        (exchange,) = await ask(simulator, request)
    assert isinstance(exchange.outcome, Reply), exchange


async def test_five_hundred_streams_run_at_once_in_their_time() -> None:
    latency = LognormalLatency(median=1.0, first_token_share=0.2)
    model = SimulatedModel(name="m", answers=Constant(TEXT), latency=latency)
    async with Simulator([model]) as simulator:
        began = time.monotonic()
        found = await ask(simulator, *(text_request(f"{n}") for n in range(500)), stream=True)
        took = time.monotonic() - began
    assert all(isinstance(exchange.outcome, Reply) for exchange in found)
    assert took < 6, "one after the other they take 500 s"


def test_a_thread_serves_synchronous_code_and_the_truth_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    simulator = Simulator([SimulatedModel(name="m", answers=Constant("yes"))], truth_path=path)
    with (
        SimulatorThread(simulator) as running,
        openai.OpenAI(base_url=running.base_url, api_key="any") as client,
    ):
        completion = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
        assert completion.choices[0].message.content == "yes"
    line = json.loads(path.read_text())
    assert (line["model"], line["status"], line["turn"]) == ("m", 200, 0)


def test_a_taken_port_is_said_in_the_thread_that_asked() -> None:
    model = SimulatedModel(name="m", answers=Constant("yes"))
    with SimulatorThread(Simulator([model])) as running:
        port = int(running.base_url.split(":")[2].split("/")[0])
        with pytest.raises(UsageError, match="cannot listen"):
            SimulatorThread(Simulator([model]), port=port).start()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.com", ""])  # noqa: S104 - they are refused
async def test_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(UsageError, match="this machine only"):
        await Simulator([]).start(host)


def test_two_models_of_one_name_are_refused() -> None:
    model = SimulatedModel(name="m", answers=Constant("yes"))
    with pytest.raises(UsageError, match="share a name"):
        Simulator([model, model])
