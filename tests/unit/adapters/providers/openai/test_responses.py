"""What is sent to the Responses API, and how its answers are read."""

import pytest
from tests.unit.adapters.providers.openai.asking import HI, TOOL, ask, body_of, failure, reply

from passmuster.records.case import Conversation, Image, Message, Text, ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Usage

PICTURES = (Text(text="see"), Image(url="http://a/b.png"), Image(data="AAAA"))
MIXED = Conversation(
    system="Be brief.",
    messages=(
        Message(role="user", content=PICTURES),
        Message(
            role="assistant",
            content=(Text(text="so"),),
            tool_calls=(
                ToolCall(name="find", arguments="{}"),
                ToolCall(name="find", arguments='{"q": 1}', id="c1"),
            ),
        ),
        Message(role="tool", content="nothing"),
        Message(role="tool", content=(Image(url="http://a/c.png"),), tool_call_id="c1"),
        Message(role="assistant", content="found"),
    ),
    tools=(TOOL,),
)
ITEMS: list[Json] = [
    {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "see"},
            {"type": "input_image", "image_url": "http://a/b.png"},
            {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
        ],
    },
    {"role": "assistant", "content": [{"type": "output_text", "text": "so"}]},
    {"type": "function_call", "call_id": "call_0", "name": "find", "arguments": "{}"},
    {"type": "function_call", "call_id": "c1", "name": "find", "arguments": '{"q": 1}'},
    {"type": "function_call_output", "call_id": "call_0", "output": "nothing"},
    {
        "type": "function_call_output",
        "call_id": "c1",
        "output": [{"type": "input_image", "image_url": "http://a/c.png"}],
    },
    {"role": "assistant", "content": "found"},
]
FUNCTION: Json = {
    "type": "function",
    "name": "find",
    "description": "Finds.",
    "parameters": {"type": "object"},
    "strict": False,
}


def test_a_conversation_becomes_instructions_and_items() -> None:
    tools: list[Json] = [{"type": "web_search"}]
    body = body_of("responses", MIXED, max_output_tokens=9, tools=tools)
    assert body == {
        "model": "m",
        "max_output_tokens": 9,
        "store": False,
        "instructions": "Be brief.",
        "input": ITEMS,
        "tools": [*tools, FUNCTION],
    }


def test_a_result_that_names_no_call_is_for_the_oldest_open_one() -> None:
    calls = tuple(ToolCall(name="find", arguments="{}", id=name) for name in ("c1", "c2", "c3"))
    results = [
        Message(role="tool", content="b", tool_call_id="c2"),
        Message(role="tool", content="a"),
        Message(role="tool", content="c"),
    ]
    turns = (Message(role="assistant", tool_calls=calls), *results)
    items = body_of("responses", Conversation(messages=turns))["input"]
    assert isinstance(items, list)
    assert [item["call_id"] for item in items[3:]] == ["c2", "c1", "c3"]


def test_a_response_is_kept_on_the_other_side_only_where_somebody_says_so() -> None:
    assert body_of("responses", HI, store=True)["store"] is True
    assert "store" not in body_of("responses", HI, store=None)


def output(*items: Json, **more: Json) -> dict[str, Json]:
    usage = {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 8},
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 9},
        "total_tokens": 32,
    }
    return {
        "object": "response",
        "status": "completed",
        "model": "m-1",
        "output": items,
        "usage": usage,
        **more,
    }


def message(text: str, **more: Json) -> dict[str, Json]:
    return {"type": "message", "content": [{"type": "output_text", "text": text, **more}]}


CALL = {"type": "function_call", "call_id": "c1", "id": "fc1", "name": "find", "arguments": '{"q": 1}'}


async def test_a_whole_response_is_read() -> None:
    logprobs = [{"token": "yes", "logprob": -1.0, "top_logprobs": [{"token": "no", "logprob": -3.0}]}]
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}
    exchange = await ask("responses", output(thought, message("yes", logprobs=logprobs), CALL))
    found = reply(exchange)
    assert (found.text, found.model, found.finish_reason) == ("yes", "m-1", "tool_calls")
    assert found.tool_calls == (ToolCall(name="find", arguments='{"q": 1}', id="c1"),)
    assert found.confidence == pytest.approx(0.36787944)
    assert exchange.attempt.usage == Usage(input=20, output=12, cached=8, reasoning=9)


@pytest.mark.parametrize(
    ("status", "reason", "finish"),
    [
        ("completed", None, "stop"),
        ("incomplete", "max_output_tokens", "length"),
        ("incomplete", "content_filter", "content_filter"),
        ("incomplete", None, "incomplete"),
        (None, None, "stop"),
    ],
)
async def test_how_a_response_ended_is_told_in_the_words_of_chat(
    status: str | None, reason: str | None, finish: str
) -> None:
    details = {"incomplete_details": {"reason": reason} if reason else None}
    found = reply(await ask("responses", output(message("a"), status=status, **details)))
    assert found.finish_reason == finish


async def test_a_refusal_stands_in_for_the_text_of_a_response() -> None:
    refused = {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}
    assert reply(await ask("responses", output(refused))).text == "no"


BAD_RESPONSES = {
    "failed": (output(status="failed", error={"code": "server_error", "message": "m"}), "server_error"),
    "without money": (output(status="failed", error={"code": "insufficient_quota"}), "quota"),
    "over its rate": (output(status="failed", error={"code": "rate_limit_exceeded"}), "rate_limit"),
    "failed without a reason": (output(status="failed"), "server_error"),
    "not ended": (output(status="queued"), "malformed"),
}


@pytest.mark.parametrize("name", BAD_RESPONSES)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_response_that_is_no_answer_is_a_failure(name: str, *, stream: bool) -> None:
    body, kind = BAD_RESPONSES[name]
    events = [{"type": "response.completed", "response": body}]
    assert failure(await ask("responses", events if stream else body, stream=stream)).kind == kind


async def test_a_whole_response_without_output_is_malformed() -> None:
    assert failure(await ask("responses", {"status": "completed"})).kind == "malformed"


def item(place: int, added: Json) -> dict[str, Json]:
    return {"type": "response.output_item.added", "output_index": place, "item": added}


def delta(kind: str, text: str, place: int = 0, **more: Json) -> dict[str, Json]:
    return {"type": f"response.{kind}.delta", "output_index": place, "delta": text, **more}


PIECES: list[Json] = [
    {"type": "response.created", "response": {"model": "m-1", "status": "in_progress", "output": []}},
    item(0, {"type": "reasoning"}),
    delta("reasoning_summary_text", "hm"),
    item(1, {"type": "message", "content": []}),
    delta("output_text", "y", 1, content_index=4, logprobs=[{"token": "y", "logprob": -1.0}]),
    delta("output_text", "es", 1, content_index=4, logprobs=[{"token": "es", "logprob": -1.0}]),
    item(2, {**CALL, "arguments": ""}),
    delta("function_call_arguments", '{"q"', 2),
    delta("function_call_arguments", ": 1}", 2),
    {"type": "response.output_item.done", "output_index": 2, "item": {**CALL, "arguments": ""}},
]


@pytest.mark.parametrize("repeated", [True, False])
async def test_a_streamed_response_is_the_same_whether_its_end_repeats_it_or_not(*, repeated: bool) -> None:
    whole = message("yes", logprobs=[{"token": t, "logprob": -1.0} for t in ("y", "es")])
    items = [{"type": "reasoning"}, whole, CALL] if repeated else []
    end = {"type": "response.completed", "response": output(*items)}
    exchange = await ask("responses", [*PIECES, end], stream=True)
    found = reply(exchange)
    assert (found.text, found.finish_reason, found.model) == ("yes", "tool_calls", "m-1")
    assert found.tool_calls == (ToolCall(name="find", arguments='{"q": 1}', id="c1"),)
    assert [token.token for token in found.logprobs or ()] == ["y", "es"]
    assert exchange.attempt.usage == Usage(input=20, output=12, cached=8, reasoning=9)
    assert exchange.attempt.gaps is not None
    assert len(exchange.attempt.gaps) == 4, "two texts, the call, two parts of its arguments"


async def test_a_streamed_response_without_its_end_is_malformed() -> None:
    found = failure(await ask("responses", [*PIECES, "[DONE]"], stream=True))
    assert (found.kind, found.message) == ("malformed", "the stream was cut off before its end")


async def test_an_error_in_a_streamed_response_is_a_failure() -> None:
    error = {"type": "error", "code": "rate_limit_exceeded", "message": "slow down"}
    assert failure(await ask("responses", [*PIECES, error], stream=True)).kind == "rate_limit"
