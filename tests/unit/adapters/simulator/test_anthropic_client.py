"""The official Anthropic client against the simulator."""

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from aiohttp import ClientSession

from passmuster.adapters.simulator.answers import Constant, Recorded, RecordedReply, prompt_digest
from passmuster.adapters.simulator.models import SimulatedModel
from passmuster.adapters.simulator.profiles import Faults, RateLimits, Tokens
from passmuster.adapters.simulator.server import Simulator
from passmuster.records.case import Conversation, Image, Message, Text, Tool, ToolCall

TEXT = "the quick brown fox jumps over the lazy dog"

TURNS: list[anthropic.types.MessageParam] = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "see"},
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
            },
            {"type": "image", "source": {"type": "url", "url": "http://a/b"}},
        ],
    },
    {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "c1", "name": "look", "input": {"at": "Bern"}},
        ],
    },
    {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": "rain"},
            {"type": "text", "text": "so?"},
        ],
    },
]


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    models = [
        SimulatedModel(name="m", answers=Constant(TEXT), tokens=Tokens(cached=1)),
        SimulatedModel(name="busy", answers=Constant(TEXT), faults=Faults(overloaded=1.0)),
        SimulatedModel(name="broken", answers=Constant(TEXT), faults=Faults(server_error=1.0)),
        SimulatedModel(name="few", answers=Constant(TEXT), limits=RateLimits(requests_per_minute=6, burst=1)),
    ]
    async with Simulator(models, seed=3, api_key="right") as running:
        yield running


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=simulator.root_url, api_key="right", max_retries=0) as made:
        yield made


async def ask(
    client: anthropic.AsyncAnthropic, model: str = "m", limit: int = 100
) -> anthropic.types.Message:
    return await client.messages.create(
        model=model, max_tokens=limit, messages=[{"role": "user", "content": "Hi, who are you?"}]
    )


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


async def test_a_message(client: anthropic.AsyncAnthropic, simulator: Simulator) -> None:
    message = await ask(client)
    assert (text_of(message), message.stop_reason, message.role) == (TEXT, "end_turn", "assistant")
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (3, 1)
    assert message.usage.output_tokens == 11
    assert [served.surface for served in simulator.truth] == ["messages"]


async def test_max_tokens_cuts_and_says_so(client: anthropic.AsyncAnthropic) -> None:
    message = await ask(client, limit=2)
    assert (text_of(message), message.stop_reason, message.usage.output_tokens) == (TEXT[:8], "max_tokens", 2)


async def test_a_stream_has_the_official_events_in_their_order(
    client: anthropic.AsyncAnthropic, simulator: Simulator
) -> None:
    stream = await client.messages.create(
        model="m", max_tokens=100, messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    kinds: list[str] = [event.type async for event in stream]
    deltas = kinds.count("content_block_delta")
    assert deltas == 11
    assert [kind for kind in kinds if kind != "ping"] == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * deltas,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    async with ClientSession() as web:
        headers = {"x-api-key": "right", "anthropic-version": "2023-06-01"}
        body = {
            "model": "m",
            "max_tokens": 9,
            "stream": True,
            "messages": [{"role": "user", "content": "Hi"}],
        }
        async with web.post(f"{simulator.base_url}/messages", json=body, headers=headers) as response:
            events = (await response.text()).split("\n\n")
    assert [event.splitlines()[0] for event in events[:3]] == [
        "event: message_start",
        "event: content_block_start",
        "event: ping",
    ]


async def test_the_clients_own_helper_puts_a_stream_together(client: anthropic.AsyncAnthropic) -> None:
    async with client.messages.stream(
        model="m", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        texts = [text async for text in stream.text_stream]
        message = await stream.get_final_message()
    assert "".join(texts) == text_of(message) == TEXT
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 11)


async def test_errors_are_anthropics(client: anthropic.AsyncAnthropic) -> None:
    with pytest.raises(anthropic.APIStatusError, match="overloaded_error") as overloaded:
        await ask(client, "busy")
    assert overloaded.value.status_code == 529
    with pytest.raises(anthropic.InternalServerError, match="api_error"):
        await ask(client, "broken")
    with pytest.raises(anthropic.NotFoundError, match="not_found_error"):
        await ask(client, "none")
    with pytest.raises(anthropic.AuthenticationError, match="invalid x-api-key"):
        await ask(client.with_options(api_key="wrong"))
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        await ask(client, limit=0)
    king: Any = {"role": "king", "content": "Hi"}
    with pytest.raises(anthropic.BadRequestError, match="role"):
        await client.messages.create(model="m", max_tokens=5, messages=[king])


@pytest.mark.parametrize("role", [["user"], {"user": 1}, None, "king"])
@pytest.mark.parametrize("path", ["messages", "responses"])
async def test_a_role_that_is_none_is_a_bad_request(simulator: Simulator, path: str, role: object) -> None:
    headers = {"x-api-key": "right", "Authorization": "Bearer right", "anthropic-version": "2023-06-01"}
    talk = [{"role": role, "content": "Hi"}]
    body = {"model": "m", "max_tokens": 9, "messages": talk, "input": talk}
    async with (
        ClientSession() as web,
        web.post(f"{simulator.base_url}/{path}", json=body, headers=headers) as response,
    ):
        assert response.status == 400
        assert (await response.json())["error"]["message"]


async def test_limits_are_told_as_anthropic_does(client: anthropic.AsyncAnthropic) -> None:
    raw = await client.messages.with_raw_response.create(
        model="few", max_tokens=100, messages=[{"role": "user", "content": "Hi"}]
    )
    assert raw.headers["anthropic-ratelimit-requests-limit"] == "6"
    assert raw.headers["anthropic-ratelimit-requests-remaining"] == "0"
    assert raw.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert "x-ratelimit-limit-requests" not in raw.headers
    with pytest.raises(anthropic.RateLimitError, match="rate_limit_error") as refused:
        await ask(client, "few")
    assert refused.value.response.headers["retry-after"] in {"9", "10"}


@pytest.mark.parametrize("missing", ["anthropic-version", "max_tokens"])
async def test_what_anthropic_wants_must_be_there(simulator: Simulator, missing: str) -> None:
    headers = {"x-api-key": "right", "anthropic-version": "2023-06-01"}
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {name: text for name, text in headers.items() if name != missing}
    body = {name: value for name, value in body.items() if name != missing}
    async with (
        ClientSession() as web,
        web.post(f"{simulator.base_url}/messages", json=body, headers=headers) as response,
    ):
        assert response.status == 400
        error = (await response.json())["error"]
    assert error["type"] == "invalid_request_error"
    assert missing in error["message"]


async def test_blocks_images_and_tools_are_read_back_as_they_were_meant() -> None:
    conversation = Conversation(
        system="Be brief.",
        messages=(
            Message(
                role="user",
                content=(
                    Text(text="see"),
                    Image(data="AAAA", media_type="image/png"),
                    Image(url="http://a/b"),
                ),
            ),
            Message(
                role="assistant",
                content="I look.",
                tool_calls=(ToolCall(name="look", arguments='{"at": "Bern"}', id="c1"),),
            ),
            Message(role="tool", content="rain", tool_call_id="c1"),
            Message(role="user", content="so?"),
        ),
        tools=(Tool(name="look", description="Looks.", parameters={"type": "object"}),),
    )
    answers = Recorded({prompt_digest(conversation): [RecordedReply(text="Rain.", finish_reason="length")]})
    async with (
        Simulator([SimulatedModel(name="m", answers=answers)]) as simulator,
        anthropic.AsyncAnthropic(base_url=simulator.root_url, api_key="any") as client,
    ):
        message = await client.messages.create(
            model="m",
            max_tokens=50,
            system=[{"type": "text", "text": "Be brief."}],
            messages=TURNS,
            tools=[{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}],
        )
    assert (text_of(message), message.stop_reason) == ("Rain.", "max_tokens")
