"""The model calls of a pipeline become attempts of the very trial that made them, whatever kind of pipeline it is."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from passmuster.adapters.providers.command.provider import CommandProvider
from passmuster.adapters.providers.command.settings import Command
from passmuster.adapters.providers.function.provider import CallableProvider
from passmuster.adapters.providers.function.request import FunctionRequest
from passmuster.adapters.providers.pipeline.ledger import Account, Ledger, Unattributed
from passmuster.adapters.providers.pipeline.link import Link, current_link, link_headers, linked
from passmuster.adapters.providers.pipeline.provider import PipelineProvider
from passmuster.adapters.providers.proxy.proxy import RecordingProxy, Upstream
from passmuster.adapters.simulator.answers import Constant
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.server import Simulator
from passmuster.ports import Provider
from passmuster.records.candidate import Candidate, Price
from passmuster.records.trial import Attempt, Exchange, Failure, Reply, Request
from passmuster.testing import FakeClock, FakeProvider, check_exchange, text_request

KEY = "our-very-secret-key-0123456789"
CANDIDATE = Candidate(name="mine", provider="python")
PRICES = {"small": Price(input=1.0, output=1.0), "large": Price(input=10.0, output=10.0)}
HTTP = """
import json, os, sys, urllib.request
def ask(base_url, model, text):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": text}]}).encode()
    call = urllib.request.Request(base_url + "/chat/completions", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(call))["choices"][0]["message"]["content"]
"""
KEPT = (
    HTTP
    + """
for line in sys.stdin:
    asked = json.loads(line)
    text = ask(asked["base_url"], "small", asked["input"])
    print(json.dumps({"id": asked["id"], "text": text + os.environ["OPENAI_API_KEY"]}), flush=True)
"""
)
ONCE = HTTP + 'print(ask(os.environ["OPENAI_BASE_URL"], "large", json.load(sys.stdin)["input"]))\n'


@asynccontextmanager
async def models() -> AsyncIterator[Simulator]:
    served = [
        SimulatedModel(name="small", answers=Constant("short")),
        SimulatedModel(name="large", answers=Constant("long")),
    ]
    async with Simulator(served, api_key=KEY, time_scale=0.0) as simulator:
        yield simulator


@asynccontextmanager
async def pipeline(simulator: Simulator, provider: Provider) -> AsyncIterator[PipelineProvider]:
    clock = FakeClock()
    proxy = RecordingProxy(Ledger(PRICES.get), clock, Upstream(base_url=simulator.base_url, api_key=KEY))
    made = PipelineProvider(provider, proxy, clock)
    try:
        yield made
    finally:
        await made.close()


def function(answer: Callable[[FunctionRequest], object]) -> Provider:
    return CallableProvider(CANDIDATE, answer, FakeClock())


def program(script: str, **settings: Any) -> Provider:
    words = (sys.executable, "-S", "-c", script)
    made = Command(words=words, folder=Path(), environment=dict(os.environ), **settings)
    return CommandProvider(CANDIDATE, made, FakeClock())


async def two_steps(request: FunctionRequest) -> str:
    async with openai.AsyncOpenAI(base_url=request.base_url, api_key="any") as client:
        texts = []
        for model in ("small", "large"):
            messages: Any = [*request.messages, {"role": "user", "content": str(request.input)}]
            said = await client.chat.completions.create(model=model, messages=messages)
            texts.append(said.choices[0].message.content or "")
    return " ".join(texts)


async def test_the_steps_of_a_function_are_attempts_with_model_tokens_and_cost() -> None:
    async with models() as simulator, pipeline(simulator, function(two_steps)) as provider:
        exchange = await provider.ask(text_request("Hi"))

    check_exchange(exchange)
    assert exchange.outcome == Reply(text="short long")
    assert [attempt.model for attempt in exchange.inner] == ["small", "large"]
    for attempt in exchange.inner:
        assert attempt.status == 200
        assert attempt.usage is not None
        assert attempt.usage.input is not None
        assert attempt.usage.output is not None
    cheap, dear = (attempt.cost for attempt in exchange.inner)
    assert cheap is not None
    assert dear == pytest.approx(10 * cheap, rel=0.5)


async def test_trials_at_once_keep_their_calls_apart() -> None:
    async def as_often(request: FunctionRequest) -> str:
        async with openai.AsyncOpenAI(base_url=request.base_url, api_key="any") as client:
            for _ in range(int(str(request.input))):
                await client.chat.completions.create(
                    model="small", messages=[{"role": "user", "content": "Hi"}]
                )
                await asyncio.sleep(0)
        return "done"

    async with models() as simulator, pipeline(simulator, function(as_often)) as provider:
        tasks = [asyncio.ensure_future(provider.ask(text_request(str(n)))) for n in (3, 0, 5, 1, 2)]
        await asyncio.wait(tasks)
        served = len(simulator.truth)

    assert [len(task.result().inner) for task in tasks] == [3, 0, 5, 1, 2]
    assert served == 11
    assert not provider.unattributed


@pytest.mark.parametrize(
    ("script", "settings", "text", "model"),
    [
        (KEPT, {}, "shortpassmuster", "small"),
        (ONCE, {"keep_alive": False, "answer": "text"}, "long", "large"),
    ],
)
async def test_the_calls_of_a_program_are_attempts_too(
    script: str, settings: dict[str, Any], text: str, model: str
) -> None:
    async with models() as simulator, pipeline(simulator, program(script, **settings)) as provider:
        exchanges = [await provider.ask(text_request("Hi")) for _ in range(2)]

    for exchange in exchanges:
        assert exchange.outcome == Reply(text=text)
        assert [attempt.model for attempt in exchange.inner] == [model]


async def test_what_a_pipeline_says_of_its_own_tokens_and_money_is_not_counted_twice() -> None:
    def answer(_: FunctionRequest) -> object:
        return {"text": "ok", "usage": {"input": 9, "output": 9}, "cost": 9.0}

    async with models() as simulator, pipeline(simulator, function(answer)) as provider:
        exchange = await provider.ask(text_request("Hi"))

    assert (exchange.attempt.usage, exchange.attempt.cost) == (None, None)
    assert exchange.inner == ()


async def test_the_calls_of_a_pipeline_that_fails_count_as_well() -> None:
    async def broken(request: FunctionRequest) -> str:
        await two_steps(request)
        raise ValueError

    async with models() as simulator, pipeline(simulator, function(broken)) as provider:
        exchange = await provider.ask(text_request("Hi"))

    assert exchange.attempt.error == "internal"
    assert len(exchange.inner) == 2


async def test_a_cancelled_trial_leaves_no_open_account_and_its_calls_are_not_forgotten() -> None:
    inside = asyncio.Event()

    async def hang(request: FunctionRequest) -> str:
        await two_steps(request)
        inside.set()
        await asyncio.sleep(60)
        return str(request.input)

    async with models() as simulator, pipeline(simulator, function(hang)) as provider:
        asking = asyncio.ensure_future(provider.ask(text_request("Hi")))
        await inside.wait()
        asking.cancel()
        await asyncio.wait([asking])
        ledger = provider._recorder._ledger  # type: ignore[attr-defined]  # the proxy's

    assert asking.cancelled()
    assert ledger.only() is None
    assert (provider.unattributed.calls, provider.unattributed.unpriced) == (2, 0)
    assert provider.unattributed.cost > 0


class Deaf:
    """A recorder that cannot listen."""

    unattributed = Unattributed()
    closed = False

    async def start(self) -> None:
        message = "no free port"
        raise OSError(message)

    def begin(self, request: Request) -> tuple[Account, Link]:
        raise AssertionError(request)

    async def end(self, account: Account, *, lost: bool = False) -> tuple[Attempt, ...]:
        raise AssertionError(account, lost)

    async def close(self) -> None:
        self.closed = True


async def test_a_recorder_that_cannot_listen_is_a_failure_and_the_pipeline_is_not_asked() -> None:
    inner, recorder = FakeProvider(), Deaf()
    provider = PipelineProvider(inner, recorder, FakeClock())

    exchange = await provider.ask(text_request("Hi"))
    await provider.close()

    check_exchange(exchange)
    assert exchange.outcome == Failure(
        kind="internal", message="the calls of the pipeline cannot be recorded: no free port"
    )
    assert inner.asked == []
    assert inner.closed
    assert recorder.closed


async def test_one_that_is_closed_while_it_starts_is_closed_for_good() -> None:
    class Slow(Deaf):
        listening = False

        async def start(self) -> None:
            await asyncio.sleep(0)
            self.listening = True

        async def close(self) -> None:
            self.listening = False

    recorder = Slow()
    provider = PipelineProvider(FakeProvider(), recorder, FakeClock())
    asking = asyncio.ensure_future(provider.ask(text_request("Hi")))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    await provider.close()
    for _ in range(3):
        await asyncio.sleep(0)

    assert not recorder.listening


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (Unattributed(), ()),
        (Unattributed(calls=2, cost=0.5), ("2 of no trial ($0.5000)",)),
        (Unattributed(late=1, refused=3), ("1 after their trial had ended, 3 refused or unreadable",)),
    ],
)
def test_what_is_in_no_trial_is_told_by_its_kind(lost: Unattributed, told: tuple[str, ...]) -> None:
    recorder = Deaf()
    recorder.unattributed = lost
    remarks = PipelineProvider(FakeProvider(), recorder, FakeClock()).remarks()

    assert remarks == tuple(
        f"model calls outside its trials: {what}; its costs are incomplete" for what in told
    )


async def test_the_calls_of_a_provider_that_is_a_pipeline_itself_are_kept() -> None:
    class Nested(FakeProvider):
        async def ask(self, request: Request) -> Exchange:
            exchange = await super().ask(request)
            return exchange._replace(inner=(Attempt(started=1.0, model="nested"),))

    async with models() as simulator, pipeline(simulator, Nested()) as provider:
        exchange = await provider.ask(text_request("Hi"))

    assert [attempt.model for attempt in exchange.inner] == ["nested"]


def test_a_provider_over_http_tells_the_trace_and_on_this_machine_the_address() -> None:
    link = Link(base_url="http://127.0.0.1:1/t/x/v1", traceparent="00-a-b-01")

    with linked(link):
        assert current_link() == link
        assert link_headers(loopback=False) == {"traceparent": "00-a-b-01"}
        assert link_headers(loopback=True)["X-Passmuster-Base-Url"] == link.base_url
    assert current_link() is None
    assert link_headers(loopback=True) == {}


class TestTheLedger:
    def test_names_of_trials_cannot_be_guessed_and_are_all_different(self) -> None:
        ledger = Ledger()
        accounts = [ledger.begin(text_request("Hi")) for _ in range(100)]

        assert len({account.token for account in accounts}) == 100
        assert all(len(account.token) == 48 for account in accounts)
        assert all(len(account.traceparent) == 55 for account in accounts)

    def test_the_calls_come_in_the_order_in_which_they_began(self) -> None:
        ledger = Ledger()
        account = ledger.begin(text_request("Hi"))
        for started in (3.0, 1.0, 2.0):
            ledger.note(account, Attempt(started=started))

        assert [attempt.started for attempt in ledger.end(account)] == [1.0, 2.0, 3.0]

    def test_what_is_noted_after_the_end_is_in_nobodys_account(self) -> None:
        ledger = Ledger()
        account = ledger.begin(text_request("Hi"))
        ledger.end(account)
        ledger.note(account, Attempt(started=1.0, model="m"))

        assert ledger.unattributed.calls == 1
        assert ledger.unattributed.examples == ("a call of m outside any trial",)

    def test_it_remembers_ended_trials_but_not_for_ever(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("passmuster.adapters.providers.pipeline.ledger.REMEMBERED", 2)
        ledger = Ledger()
        accounts = [ledger.begin(text_request("Hi")) for _ in range(4)]
        for account in accounts:
            ledger.end(account)

        assert [ledger.is_past(account.token) for account in accounts] == [False, False, True, True]
