"""Calls through LiteLLM: against a stand-in for the package, and the package itself where it is installed."""

import asyncio
import importlib.util
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from passmuster.adapters.providers.litellm.completion import LiteLLMProvider, load_litellm
from passmuster.errors import ConfigurationError, MissingExtraError
from passmuster.records.candidate import Candidate, Price
from passmuster.records.case import Conversation, Image, Message, ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Limits, Reply, Usage
from passmuster.testing import FakeClock, check_exchange, check_provider, text_request

KEY = "very-secret-key-0123456789"


@dataclass
class Answer:
    """Looks like an answer of LiteLLM, or a chunk of one."""

    body: Mapping[str, Json]
    hidden: Mapping[str, Json] = field(default_factory=dict)

    @property
    def _hidden_params(self) -> Mapping[str, Json]:
        return self.hidden

    def model_dump(self) -> Mapping[str, Json]:
        return self.body


class Chunks:
    """Looks like a stream of LiteLLM: its pieces, then what ends it."""

    def __init__(self, clock: FakeClock, chunks: list[Answer], end: Exception | None = None) -> None:
        self._clock, self._chunks, self._end = clock, chunks, end
        self.closed = False
        self._hidden_params = {"additional_headers": {"llm_provider-X-RateLimit-Limit-Requests": "600"}}

    async def aclose(self) -> None:
        self.closed = True
        if self._end is not None:
            raise self._end

    async def __aiter__(self) -> AsyncIterator[Answer]:
        for chunk in self._chunks:
            await self._clock.sleep(0.5)
            yield chunk
        if self._end is not None:
            raise self._end


class Library:
    """Stands in for the package: `acompletion` gives back, or raises, what it is told to."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    async def acompletion(self, **arguments: Any) -> object:
        self.asked.append(arguments)
        await asyncio.sleep(0)
        answer = self.answer(arguments) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer


def completion(message: Mapping[str, Json] | None = None, **more: Json) -> Answer:
    choice = {"index": 0, "finish_reason": "stop", "message": message or {"content": "Yes."}}
    hidden = more.pop("hidden", {})
    assert isinstance(hidden, Mapping)
    return Answer({"model": "m-1", "choices": [choice], **more}, hidden)


def chunk(text: str | None, finish: str | None = None, **more: Json) -> Answer:
    return Answer({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **more})


def provider(
    library: object, *, key: str | None = KEY, price: Price | None = None, **parameters: Json
) -> LiteLLMProvider:
    candidate = Candidate(
        name="a", provider="litellm", model="bedrock/some.model", parameters=parameters, price=price
    )
    return LiteLLMProvider(candidate, key, FakeClock(), 30.0, library=library)


async def ask(answer: object, **more: Any) -> Exchange:
    exchange = await provider(Library(answer), **more).ask(text_request("Hi there"))
    check_exchange(exchange)
    return exchange


def reply(exchange: Exchange) -> Reply:
    assert isinstance(exchange.outcome, Reply), exchange
    return exchange.outcome


def failure(exchange: Exchange) -> Failure:
    assert isinstance(exchange.outcome, Failure), exchange
    assert KEY not in exchange.outcome.message
    return exchange.outcome


async def test_the_call_says_what_candidate_and_case_say_and_repeats_nothing() -> None:
    library = Library(completion())
    candidate = Candidate(
        name="a",
        provider="litellm",
        model="azure/m",
        endpoint="https://a.example",
        parameters={"temperature": 0, "aws_region_name": "eu-central-1"},
    )
    asked = LiteLLMProvider(candidate, KEY, FakeClock(), 30.0, headers={"X-Team": "search"}, library=library)
    conversation = Conversation(messages=(Message(role="user", content="Hi"),), system="Be kind.")
    usual = text_request("Hi")
    await asked.ask(type(usual)(case=usual.case, conversation=conversation))
    assert library.asked == [
        {
            "model": "azure/m",
            "temperature": 0,
            "aws_region_name": "eu-central-1",
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
            "api_key": KEY,
            "api_base": "https://a.example",
            "extra_headers": {"X-Team": "search"},
            "timeout": 30.0,
            "num_retries": 0,
            "max_retries": 0,
        }
    ]


async def test_without_a_key_litellm_looks_for_one_itself() -> None:
    library = Library(completion())
    await provider(library, key=None).ask(text_request("Hi"))
    assert "api_key" not in library.asked[0]
    assert "api_base" not in library.asked[0]


async def test_an_answer_is_read_with_usage_limits_and_tool_calls() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    usage = {
        "prompt_tokens": 90,
        "completion_tokens": 7,
        "total_tokens": 97,
        "prompt_tokens_details": {"cached_tokens": 40},
        "cache_creation_input_tokens": 20,
    }
    headers = {"x-ratelimit-limit-requests": "600", "llm_provider-x-ratelimit-remaining-requests": "599"}
    answer = completion(
        {"content": None, "tool_calls": [call]}, usage=usage, hidden={"additional_headers": headers}
    )
    exchange = await ask(answer)
    assert reply(exchange).tool_calls == (ToolCall(name="f", arguments='{"a": 1}', id="1"),)
    assert (reply(exchange).finish_reason, reply(exchange).model) == ("stop", "m-1")
    assert exchange.attempt.usage == Usage(input=90, output=7, cached=40, cache_write=20)
    assert exchange.limits == Limits(requests=600, requests_left=599)
    assert exchange.attempt.first_token is None


async def test_missing_usage_is_estimated_and_marked() -> None:
    usage = (await ask(completion())).attempt.usage
    assert usage == Usage(input=2, output=1, estimated=True)


@pytest.mark.parametrize(
    ("hidden", "usage", "cost"),
    [
        ({"response_cost": 0.25}, {}, 0.25),
        ({"response_cost": None}, {"cost": 0.5}, 0.5),
        ({"response_cost": 0.0}, {}, None),
        ({"response_cost": "much"}, {}, None),
        ({"response_cost": float("nan")}, {}, None),
        ({"response_cost": True}, {}, None),
        ({}, {}, None),
    ],
)
async def test_what_litellm_says_of_the_cost_counts_where_the_candidate_has_no_price(
    hidden: Json, usage: dict[str, Json], cost: float | None
) -> None:
    counts = {"prompt_tokens": 1, "completion_tokens": 1, **usage}
    answer = completion(usage=counts, hidden=hidden)
    assert (await ask(answer)).attempt.cost == cost
    assert (await ask(answer, price=Price(input=1.0, output=2.0))).attempt.cost is None


async def test_a_stream_is_timed_and_put_together() -> None:
    clock = FakeClock()
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    chunks = [
        chunk(""),
        chunk("Yes, "),
        chunk("sir."),
        chunk(None, "stop"),
        Answer({"choices": [], "usage": usage}),
    ]
    library = Library(Chunks(clock, chunks))
    candidate = Candidate(name="a", provider="litellm", model="m", parameters={"stream": True})
    exchange = await LiteLLMProvider(candidate, None, clock, library=library).ask(text_request("Hi"))
    assert reply(exchange).text == "Yes, sir."
    attempt = exchange.attempt
    assert (attempt.first_token, attempt.gaps, attempt.seconds) == (1.0, (0.5,), 2.5)
    assert attempt.usage == Usage(input=3, output=2)
    assert exchange.limits == Limits(requests=600)
    assert library.asked[0]["stream_options"] == {"include_usage": True}


async def test_a_stream_that_ends_or_breaks_early_is_no_reply() -> None:
    for end in (None, ValueError("lost")):
        candidate = Candidate(name="a", provider="litellm", model="m", parameters={"stream": True})
        library = Library(Chunks(clock := FakeClock(), [chunk("Yes")], end))
        exchange = await LiteLLMProvider(candidate, None, clock, library=library).ask(text_request("Hi"))
        assert failure(exchange).kind == ("malformed" if end is None else "internal")


async def test_a_stream_that_breaks_is_let_go_and_what_it_used_by_then_is_kept() -> None:
    candidate = Candidate(name="a", provider="litellm", model="m", parameters={"stream": True})
    used = chunk("Yes", usage={"prompt_tokens": 3, "completion_tokens": 1})
    stream = Chunks(clock := FakeClock(), [used], ValueError("lost"))
    exchange = await LiteLLMProvider(candidate, None, clock, library=Library(stream)).ask(text_request("Hi"))

    assert failure(exchange).message == "ValueError: lost"
    assert exchange.attempt.usage == Usage(input=3, output=1)
    assert stream.closed


async def test_a_stream_without_an_end_is_kept_in_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passmuster.adapters.providers.wire.call.MOST_GAPS", 2)
    candidate = Candidate(name="a", provider="litellm", model="m", parameters={"stream": True})
    stream = Chunks(clock := FakeClock(), [*[chunk("a")] * 9, chunk(None, "stop")])
    exchange = await LiteLLMProvider(candidate, None, clock, library=Library(stream)).ask(text_request("Hi"))

    assert reply(exchange).text == "a" * 9
    assert exchange.attempt.gaps == (0.5, 0.5)


class APIError(Exception):
    """Looks like an exception of LiteLLM."""

    def __init__(self, message: str, status: int, **more: object) -> None:
        super().__init__(message)
        self.status_code = status
        for name, value in more.items():
            setattr(self, name, value)


async def test_what_litellm_raises_is_a_failure_without_the_key() -> None:
    exchange = await ask(APIError(f"wrong key {KEY}", 401))
    assert failure(exchange) == Failure(kind="auth", message="wrong key [redacted]")
    assert exchange.attempt.status == 401


async def test_a_limited_call_says_how_long_to_wait() -> None:
    @dataclass
    class Response:
        headers: Mapping[str, str]

    headers = {"Retry-After": "7", "x-ratelimit-limit-requests": "60"}
    for problem in (
        APIError("no", 429, litellm_response_headers=headers),
        APIError("no", 429, response=Response(headers)),
    ):
        exchange = await ask(problem)
        assert exchange.attempt.retry_after == 7.0
        assert exchange.limits == Limits(requests=60)


async def test_a_call_that_takes_too_long_is_ended() -> None:
    class Hanging:
        async def acompletion(self, **arguments: Any) -> None:
            await asyncio.Event().wait()

    candidate = Candidate(name="a", provider="litellm", model="m")
    asked = LiteLLMProvider(candidate, None, FakeClock(), 0.01, library=Hanging())
    assert failure(await asked.ask(text_request("Hi"))) == Failure(
        kind="timeout", message="no complete answer within 0.01 s"
    )


@pytest.mark.parametrize(
    "answer", [None, 7, "text", Answer({}), Answer({"choices": [7]}), Answer({"choices": []})]
)
async def test_an_answer_of_another_form_is_a_failure(answer: object) -> None:
    assert failure(await ask(answer)).kind in {"malformed", "internal"}


async def test_a_case_that_cannot_be_sent_is_told_without_a_call() -> None:
    library = Library(completion())
    usual = text_request("Hi")
    conversation = Conversation(messages=(Message(role="user", content=(Image(),)),))
    exchange = await provider(library).ask(type(usual)(case=usual.case, conversation=conversation))
    assert (failure(exchange).kind, library.asked) == ("prompt", [])


@pytest.mark.parametrize("stream", [True, False])
async def test_it_keeps_the_promises_of_a_provider(*, stream: bool) -> None:
    def answer(_: object) -> object:
        return Chunks(FakeClock(), [chunk("Yes", "stop")]) if stream else completion()

    await check_provider(lambda: provider(Library(answer), stream=stream))


@pytest.mark.parametrize("name", ["api_key", "num_retries", "max_retries", "fallbacks", "timeout", "model"])
def test_parameters_that_would_hide_something_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        LiteLLMProvider(
            Candidate(name="a", provider="litellm", model="m", parameters={name: 1}),
            None,
            FakeClock(),
            library=Library(None),
        )


@pytest.fixture
def environment() -> Iterator[None]:
    kept = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.mark.usefixtures("environment")
def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(MissingExtraError, match=r"pip install passmuster\[litellm\]"):
        load_litellm()


@pytest.mark.usefixtures("environment")
def test_the_package_is_told_to_stay_offline_and_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", ModuleType("litellm"))
    monkeypatch.delenv("LITELLM_LOCAL_MODEL_COST_MAP", raising=False)
    package = load_litellm()
    assert os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert (package.telemetry, package.suppress_debug_info, package.num_retries) == (False, True, 0)


# Not `importorskip`: that would import the package before it was told to stay offline.
@pytest.mark.skipif(importlib.util.find_spec("litellm") is None, reason="LiteLLM is not installed")
@pytest.mark.usefixtures("environment")
@pytest.mark.filterwarnings("default")
async def test_the_package_itself_answers() -> None:
    candidate = Candidate(name="a", provider="litellm", model="openai/gpt-4o-mini")
    for parameters in ({"mock_response": "Yes."}, {"mock_response": "Yes.", "stream": True}):
        mocked = Candidate(name="a", provider="litellm", model=candidate.model, parameters=parameters)
        exchange = await LiteLLMProvider(mocked, KEY, FakeClock()).ask(text_request("Hi"))
        assert reply(exchange).text == "Yes."
        assert exchange.attempt.cost is not None
        assert exchange.attempt.usage is not None
    mocked = Candidate(
        name="a",
        provider="litellm",
        model=candidate.model,
        parameters={"mock_response": "litellm.RateLimitError"},
    )
    exchange = await LiteLLMProvider(mocked, KEY, FakeClock()).ask(text_request("Hi"))
    assert failure(exchange).kind == "rate_limit"
