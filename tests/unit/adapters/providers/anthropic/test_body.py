"""What is sent to the Messages API."""

import json
from typing import Any

import pytest

from passmuster.adapters.providers.anthropic.body import MessageWriter
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message, Text, Tool, ToolCall
from passmuster.records.record import Json


def candidate(**parameters: Json) -> Candidate:
    return Candidate(name="a", provider="anthropic", model="m", parameters=parameters)


def written(*messages: Message, system: str | None = None, tools: tuple[Tool, ...] = (), **more: Json) -> Any:
    conversation = Conversation(messages=messages, system=system, tools=tools)
    return json.loads(MessageWriter(candidate(**more)).write(conversation))


def user(content: str | tuple[Text | Image, ...]) -> Message:
    return Message(role="user", content=content)


def assistant(text: str, *calls: ToolCall) -> Message:
    return Message(role="assistant", content=text, tool_calls=calls)


def result(text: str, call: str | None) -> Message:
    return Message(role="tool", content=text, tool_call_id=call)


def test_a_bound_on_the_answer_is_sent_even_where_nobody_gave_one() -> None:
    assert written(user("Hi"))["max_tokens"] == 4096
    assert written(user("Hi"), max_tokens=10)["max_tokens"] == 10


def test_parameters_are_sent_as_they_are_and_betas_go_into_a_header() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    body = written(user("Hi"), thinking=thinking, temperature=0, betas=["one", "two"])
    assert (body["thinking"], body["temperature"]) == (thinking, 0)
    assert "betas" not in body
    assert "stream" not in body
    assert MessageWriter(candidate(betas=["one", "two"])).betas == ("one", "two")


def test_streaming_is_asked_for() -> None:
    assert written(user("Hi"), stream=True)["stream"] is True
    assert MessageWriter(candidate(stream=True)).stream


def test_system_text_stands_apart_wherever_it_came_from() -> None:
    body = written(Message(role="system", content="Be brief."), user("Hi"), system="Be kind.")
    assert body["system"] == "Be kind.\n\nBe brief."
    assert body["messages"] == [{"role": "user", "content": "Hi"}]
    assert "system" not in written(user("Hi"))


def test_messages_of_one_role_become_one_turn() -> None:
    body = written(user("One"), user("Two"), assistant("Yes"), user("Three"))
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "One"},
        {"type": "text", "text": "Two"},
    ]
    assert body["messages"][2]["content"] == "Three"


def test_images_are_sent_by_address_or_with_their_data() -> None:
    images = (
        Text(text="What is it?"),
        Image(url="https://example.com/a.png"),
        Image(data="QUJD", media_type="image/jpeg"),
        Image(url="data:image/webp;base64,REVG"),
    )
    sources = [block["source"] for block in written(user(images))["messages"][0]["content"][1:]]
    assert sources == [
        {"type": "url", "url": "https://example.com/a.png"},
        {"type": "base64", "media_type": "image/jpeg", "data": "QUJD"},
        {"type": "base64", "media_type": "image/webp", "data": "REVG"},
    ]


def test_an_image_without_content_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="neither url nor data"):
        written(user((Image(),)))


def test_calls_of_tools_and_their_results_are_turns_of_assistant_and_user() -> None:
    call = ToolCall(name="weather", arguments='{"city": "Oslo"}', id="toolu_1")
    body = written(user("Weather?"), assistant("Let me see.", call), result("rain", "toolu_1"), user("So?"))
    assert body["messages"][1]["content"] == [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}},
    ]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain"},
        {"type": "text", "text": "So?"},
    ]


def test_results_come_before_whatever_else_the_user_says() -> None:
    body = written(
        assistant("", ToolCall(name="f", arguments="{}", id="x")), user("Wait."), result("done", "x")
    )
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_result", "text"]


@pytest.mark.parametrize(
    ("ids", "answers"),
    [
        ((None, None), (None, None)),
        (("functions.f:0", "functions.f:1"), ("functions.f:0", "functions.f:1")),
        (("call_0", "call_0"), ("call_0", "call_0")),
    ],
    ids=["without names", "names with other characters", "the same name twice"],
)
def test_every_result_finds_its_call(
    ids: tuple[str | None, str | None], answers: tuple[str | None, str | None]
) -> None:
    first, second = (ToolCall(name="f", arguments="", id=name) for name in ids)
    body = written(
        assistant("", first), result("one", answers[0]), assistant("", second), result("two", answers[1])
    )
    calls = [body["messages"][place]["content"][0]["id"] for place in (0, 2)]
    results = [body["messages"][place]["content"][0]["tool_use_id"] for place in (1, 3)]
    assert calls == results
    assert len(set(calls)) == 2
    assert all(name.replace("_", "").isalnum() for name in calls)


def test_results_out_of_order_are_told_apart_by_name() -> None:
    calls = tuple(ToolCall(name="f", arguments="{}", id=name) for name in ("a", "b"))
    body = written(assistant("", *calls), result("of b", "b"), result("of a", "a"))
    results = {block["tool_use_id"]: block["content"] for block in body["messages"][1]["content"]}
    assert results == {"a": "of a", "b": "of b"}


@pytest.mark.parametrize("arguments", ["{", "[1]", '{"n": 1e999}', '{"a":' * 5000])
def test_arguments_that_are_no_object_cannot_be_sent(arguments: str) -> None:
    with pytest.raises(ValueError, match=r"arguments|JSON|range"):
        written(assistant("", ToolCall(name="f", arguments=arguments)))


def test_empty_blocks_are_left_out_as_the_api_refuses_them() -> None:
    body = written(user((Text(text=""), Text(text="Hi"))), assistant("", ToolCall(name="f", arguments="{}")))
    assert body["messages"][0]["content"] == "Hi"
    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_use"]


def test_tools_of_the_case_join_those_of_the_parameters() -> None:
    search = {"type": "web_search_20250305", "name": "web_search"}
    tool = Tool(name="f", description="does f", parameters={"properties": {"a": {"type": "string"}}})
    body = json.loads(
        MessageWriter(candidate(tools=[search])).write(
            Conversation(messages=(user("Hi"),), tools=(tool, Tool(name="g")))
        )
    )
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert body["tools"] == [
        search,
        {"name": "f", "description": "does f", "input_schema": schema},
        {"name": "g", "input_schema": {"type": "object"}},
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"model": "m"},
        {"system": "Be kind."},
        {"messages": []},
        {"stream": "yes"},
        {"betas": "one"},
        {"temperature": float("nan")},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_parameters_that_cannot_be_sent_are_refused_before_the_run(parameters: dict[str, Json]) -> None:
    with pytest.raises(ConfigurationError):
        MessageWriter(candidate(**parameters))


def test_a_tool_that_is_nested_too_deeply_cannot_be_sent() -> None:
    schema: dict[str, Json] = {}
    for _ in range(5000):
        schema = {"items": schema}
    with pytest.raises(ValueError, match="too deeply"):
        written(user("Hi"), tools=(Tool(name="f", parameters=schema),))


def test_a_candidate_needs_a_model() -> None:
    with pytest.raises(ConfigurationError, match="has no model"):
        MessageWriter(Candidate(name="a", provider="anthropic"))
