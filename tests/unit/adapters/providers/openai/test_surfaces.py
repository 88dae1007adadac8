"""What is sent to each surface, and how its answers are read."""

import base64
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.providers.openai.asking import HI, TOOL, ask, body_of, candidate, failure, reply

from passmuster.adapters.providers.openai.address import key_headers, surface_url
from passmuster.adapters.providers.openai.compatible import OpenAIProvider
from passmuster.adapters.providers.openai.surface import SURFACES, surface_of
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.tokens import read_usage
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Conversation, Image, Message, Text, ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Usage
from passmuster.testing import FakeClock


def test_a_candidate_without_api_is_asked_for_chat_completions_and_its_digest_is_as_ever() -> None:
    plain = Candidate(name="a", provider="openai", model="m", parameters={"temperature": 0})
    assert surface_of(plain).api == "chat"
    assert candidate_digest(plain) == "58c56b00d7d2e6289d4acdc3b3d28eee"
    assert len({candidate_digest(candidate(api)) for api in SURFACES}) == len(SURFACES)


@pytest.mark.parametrize("api", ["chats", 3, None, ["chat"]])
def test_another_api_is_refused_with_the_ones_that_there_are(api: Json) -> None:
    made = Candidate(name="a", provider="openai", model="m", parameters={"api": api})
    with pytest.raises(ConfigurationError, match="is not known") as caught:
        OpenAIProvider(made, None, FakeClock())
    assert "responses" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("base", "api", "full"),
    [
        ("http://a", "responses", "http://a/v1/responses"),
        ("http://a/v1/embeddings", "embeddings", "http://a/v1/embeddings"),
        ("http://a/v1/chat/completions", "chat", "http://a/v1/chat/completions"),
        ("https://a.openai.azure.com", "responses", "https://a.openai.azure.com/openai/v1/responses"),
        (
            "https://a.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
            "chat",
            "https://a.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
        ),
    ],
)
def test_each_surface_has_its_address(base: str, api: str, full: str) -> None:
    assert str(surface_url(base, api)) == full


@pytest.mark.parametrize(
    "base",
    [
        "https://a.openai.azure.com",
        "https://a.services.ai.azure.com/openai/v1",
        "http://127.0.0.1:1/openai/deployments/d",
    ],
)
def test_azure_gets_its_key_in_a_header_of_its_own(base: str) -> None:
    assert key_headers(" k ", surface_url(base)) == {"api-key": "k"}
    assert key_headers("k", surface_url("https://azure.com.invalid")) == {"Authorization": "Bearer k"}


# Completions


def test_a_conversation_becomes_one_text() -> None:
    assert body_of("completions", HI, max_tokens=5) == {"model": "m", "max_tokens": 5, "prompt": "Hi"}
    call = ToolCall(name="find", arguments="{}")
    turns = (
        Message(role="user", content=(Text(text="a"), Text(text="b"))),
        Message(role="assistant", content="c", tool_calls=(call,)),
        Message(role="tool", content="d"),
    )
    text = body_of("completions", Conversation(system="S", messages=turns), stream=True)["prompt"]
    assert text == "S\n\nuser: a\nb\n\nassistant: c\nfind({})\n\ntool: d\n\nassistant:"


@pytest.mark.parametrize("api", ["completions", "embeddings"])
def test_what_is_no_text_cannot_be_sent_where_only_text_goes(api: str) -> None:
    image = Conversation(messages=(Message(role="user", content=(Image(url="http://a"),)),))
    for conversation in (image, Conversation(messages=HI.messages, tools=(TOOL,))):
        with pytest.raises(ValueError, match="text alone"):
            body_of(api, conversation)


def continued(text: str, finish: str | None = "stop", **more: Json) -> dict[str, Json]:
    choice = {"index": 0, "text": text, "finish_reason": finish, **more}
    return {"model": "m-1", "choices": [choice]}


COLUMNS: dict[str, Json] = {
    "tokens": ["y", "es"],
    "token_logprobs": [-1.0, -1.0],
    "top_logprobs": [{"n": -3.0}, None],
    "text_offset": [0, 1],
}


async def test_a_whole_completion_is_read() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    exchange = await ask("completions", {**continued("yes", logprobs=COLUMNS), "usage": usage})
    found = reply(exchange)
    assert (found.text, found.finish_reason, found.model) == ("yes", "stop", "m-1")
    assert found.confidence == pytest.approx(0.36787944)
    assert found.logprobs is not None
    assert [token.top for token in found.logprobs] == [{"n": -3.0}, None]
    assert exchange.attempt.usage == Usage(input=3, output=2)


async def test_a_streamed_completion_is_read() -> None:
    columns = [{"tokens": [t], "token_logprobs": [-1.0], "top_logprobs": None} for t in ("y", "es")]
    events: list[Json] = [
        continued("", None),
        continued("y", None, logprobs=columns[0]),
        continued("es", logprobs=columns[1]),
        {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        "[DONE]",
    ]
    exchange = await ask("completions", events, stream=True)
    assert reply(exchange).text == "yes"
    assert reply(exchange).confidence == pytest.approx(0.36787944)
    assert exchange.attempt.usage == Usage(input=3, output=2)
    assert exchange.attempt.first_token is not None
    assert failure(await ask("completions", events[:2], stream=True)).kind == "malformed"


async def test_an_echoed_prompt_has_no_probability_at_its_beginning() -> None:
    columns = {"tokens": ["a", "b"], "token_logprobs": [None, -1.0], "top_logprobs": [None, None]}
    found = reply(await ask("completions", continued("ab", logprobs=columns)))
    assert found.logprobs is not None
    assert [token.token for token in found.logprobs] == ["b"]


@pytest.mark.parametrize(
    "columns",
    [
        {"tokens": ["a"]},
        {"tokens": ["a"], "token_logprobs": [None, -1.0]},
        {"tokens": [1], "token_logprobs": [-1]},
    ],
)
async def test_columns_that_do_not_fit_are_no_logprobs(columns: Json) -> None:
    assert reply(await ask("completions", continued("ab", logprobs=columns))).logprobs is None


# Embeddings


async def test_a_vector_is_kept_as_json_and_costs_no_output() -> None:
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    exchange = await ask(
        "embeddings", {"data": [{"embedding": [0.25, -1, 1e-7]}], "model": "m-1", "usage": usage}
    )
    assert reply(exchange).text == "[0.25,-1,1e-07]"
    assert exchange.attempt.usage == Usage(input=3, output=0)


async def test_a_vector_in_base64_is_the_same_vector() -> None:
    packed = base64.b64encode(struct.pack("<2f", 0.25, -1.0)).decode()
    exchange = await ask("embeddings", {"data": [{"embedding": packed}]})
    assert reply(exchange).text == "[0.25,-1.0]"
    assert exchange.attempt.usage == Usage(input=1, output=0, estimated=True), (
        "what is not reported is marked"
    )


NO_VECTORS: list[Json] = [
    {},
    {"data": []},
    {"data": {"0": 1}},
    {"data": [{"embedding": []}]},
    {"data": [{"embedding": [1, None]}]},
    {"data": [{"embedding": [True]}]},
    {"data": [{"embedding": [float("nan")]}]},
    {"data": [{"embedding": [10**400]}]},
    {"data": [{"embedding": "no base64!"}]},
    {"data": [{"embedding": "AAAA"}]},
]


@pytest.mark.parametrize("body", NO_VECTORS)
async def test_what_is_no_vector_is_malformed(body: Json) -> None:
    assert failure(await ask("embeddings", body)).kind == "malformed"


def test_there_is_no_stream_of_vectors() -> None:
    with pytest.raises(ConfigurationError, match="has no streams"):
        body_of("embeddings", HI, stream=True)


# Gemini, and all of them


async def test_geminis_quirks_are_understood() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115}
    choice = {"index": 0, "message": {"content": "yes"}}
    exchange = await ask("chat", {"choices": [choice], "usage": usage})
    assert exchange.attempt.usage == Usage(input=10, output=105, reasoning=100), (
        "thoughts are in the total only"
    )
    error = [{"error": {"code": 400, "message": "no such model", "status": "INVALID_ARGUMENT"}}]
    found = failure(await ask("chat", error, status=400))
    assert (found.kind, found.message) == ("bad_request", "HTTP 400: no such model")


def test_units_that_cards_price_apart_are_counted_apart() -> None:
    raw = {
        "prompt_tokens": 50,
        "completion_tokens": 9,
        "prompt_tokens_details": {"audio_tokens": 7, "cached_tokens": 3, "cache_write_tokens": 60},
        "completion_tokens_details": {"audio_tokens": 4, "reasoning_tokens": 0},
    }
    other = {"input_audio": 7, "output_audio": 4}
    assert read_usage(raw) == Usage(input=50, output=9, cached=3, reasoning=0, cache_write=50, other=other)


NAMES = [
    *("type", "status", "error", "output", "response", "item", "delta", "content", "text", "choices", "name"),
    *("logprobs", "tokens", "token_logprobs", "data", "embedding", "usage", "input_tokens", "arguments"),
    *("refusal", "output_index", "incomplete_details"),
]
KINDS = [
    *("response.completed", "response.incomplete", "response.output_item.done", "error", None),
    *("response.output_text.delta", "response.function_call_arguments.delta"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), JSON), max_size=4)


@given(api=st.sampled_from(sorted(SURFACES)), events=EVENTS, streamed=st.booleans())
def test_whatever_json_comes_every_surface_makes_it_a_reply_or_unreadable(
    api: str, events: list[tuple[str | None, Json]], *, streamed: bool
) -> None:
    reader = SURFACES[api].reader()
    reader.usage()
    try:
        for kind, body in events:
            data = json.dumps({**body, "type": kind} if isinstance(body, dict) else body).encode()
            reader.event(data) if streamed else reader.whole(data)
        found = reader.reply(str)
    except UnreadableError:
        reader.usage()
        return
    assert isinstance(found.text, str)
    assert found.confidence is None or 0 <= found.confidence <= 1
    usage = reader.usage()
    assert usage is None or (usage.output or 0) >= 0
