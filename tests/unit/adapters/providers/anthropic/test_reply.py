"""What is made of the messages and events of the Messages API."""

import json

import pytest

from passmuster.adapters.providers.anthropic.errors import kind_of_error, refusal_of
from passmuster.adapters.providers.anthropic.reply import MessageReader, read_usage
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.records.case import ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import FailureKind, Reply, Usage


def as_is(text: str) -> str:
    return text


def whole(**message: Json) -> Reply:
    reader = MessageReader()
    reader.whole(json.dumps({"type": "message", "role": "assistant", **message}).encode())
    return reader.reply(as_is)


def event(kind: str, **more: Json) -> bytes:
    return json.dumps({"type": kind, **more}).encode()


def start(**usage: Json) -> bytes:
    return event("message_start", message={"model": "m-1", "usage": usage})


def delta(index: int, **more: Json) -> bytes:
    return event("content_block_delta", index=index, delta=more)


def block(index: int, **more: Json) -> bytes:
    return event("content_block_start", index=index, content_block=more)


def end(reason: str | None = "end_turn", usage: Json = None, **more: Json) -> bytes:
    return event("message_delta", delta={"stop_reason": reason, **more}, usage=usage)


STOP = event("message_stop")


def streamed(*events: bytes) -> tuple[Reply, Usage | None, list[bool]]:
    reader = MessageReader()
    pieces = [reader.event(each) for each in events]
    return reader.reply(as_is), reader.usage(), pieces


def test_the_texts_of_a_message_are_its_answer_and_thinking_is_not() -> None:
    thinking = [
        {"type": "thinking", "thinking": "Hm.", "signature": "s"},
        {"type": "redacted_thinking", "data": "x"},
    ]
    texts = [{"type": "text", "text": "One "}, {"type": "text", "text": "two."}]
    reply = whole(content=[*thinking, *texts], stop_reason="end_turn", model="m-1")
    assert (reply.text, reply.finish_reason, reply.model) == ("One two.", "end_turn", "m-1")


def test_calls_of_tools_are_kept_as_json_text_and_the_endpoints_own_tools_are_not() -> None:
    content = [
        {"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "srv", "content": []},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"city": "Zürich"}},
    ]
    reply = whole(content=content, stop_reason="tool_use")
    assert reply.tool_calls == (ToolCall(name="f", arguments='{"city": "Zürich"}', id="toolu_1"),)
    assert reply.text == ""


@pytest.mark.parametrize(
    "reason", ["max_tokens", "stop_sequence", "pause_turn", "model_context_window_exceeded"]
)
def test_the_reason_of_the_end_is_kept_in_the_apis_words(reason: str) -> None:
    assert whole(content=[], stop_reason=reason).finish_reason == reason


def test_a_refusal_is_a_reply_with_its_explanation_where_nothing_was_written() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "This could do harm."}
    silent = whole(content=[], stop_reason="refusal", stop_details=details)
    assert (silent.text, silent.finish_reason) == ("This could do harm.", "refusal")
    spoken = whole(
        content=[{"type": "text", "text": "I won't."}], stop_reason="refusal", stop_details=details
    )
    assert spoken.text == "I won't."
    reply, _, _ = streamed(start(), end("refusal", stop_details=details), STOP)
    assert (reply.text, reply.finish_reason) == ("This could do harm.", "refusal")


def test_a_stream_of_text_and_thinking_is_put_together() -> None:
    reply, usage, pieces = streamed(
        start(input_tokens=9, output_tokens=1),
        event("ping"),
        block(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Hm."),
        delta(0, type="signature_delta", signature="sig"),
        block(1, type="text", text=""),
        delta(1, type="text_delta", text=""),
        delta(1, type="text_delta", text="Yes, "),
        delta(1, type="citations_delta", citation={}),
        delta(1, type="text_delta", text="sir."),
        event("content_block_stop", index=1),
        event("something_new", data=1),
        end(usage={"output_tokens": 30, "output_tokens_details": {"thinking_tokens": 20}}),
        STOP,
    )
    assert (reply.text, reply.finish_reason, reply.model) == ("Yes, sir.", "end_turn", "m-1")
    assert usage == Usage(input=9, output=30, reasoning=20)
    assert [place for place, piece in enumerate(pieces) if piece] == [7, 9]


def test_a_stream_of_tool_calls_is_put_together_by_their_index() -> None:
    reply, _, pieces = streamed(
        start(),
        block(1, type="tool_use", id="b", name="g", input={}),
        block(0, type="tool_use", id="a", name="f", input={}),
        delta(0, type="input_json_delta", partial_json=""),
        delta(0, type="input_json_delta", partial_json='{"x":'),
        delta(1, type="text_delta", text="not of this kind"),
        delta(0, type="input_json_delta", partial_json=" 1}"),
        end("tool_use"),
        STOP,
    )
    assert reply.tool_calls == (
        ToolCall(name="f", arguments='{"x": 1}', id="a"),
        ToolCall(name="g", arguments="{}", id="b"),
    )
    assert reply.text == ""
    assert pieces == [False, True, True, False, True, False, True, False, False]


def test_what_a_message_delta_leaves_out_keeps_its_count() -> None:
    cache = {"cache_read_input_tokens": 50, "cache_creation_input_tokens": 30}
    split = {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10}
    _, usage, _ = streamed(
        start(input_tokens=5, output_tokens=1, cache_creation=split, **cache),
        end(usage={"output_tokens": 7, "input_tokens": None}),
        STOP,
    )
    assert usage == Usage(input=85, output=7, cached=50, cache_write=30, other={"cache_write_1h": 10})


def test_a_later_count_replaces_an_earlier_one() -> None:
    searches = {"server_tool_use": {"web_search_requests": 2}}
    _, usage, _ = streamed(
        start(input_tokens=5, output_tokens=1),
        end(None, usage={"input_tokens": 900, "output_tokens": 7, **searches}),
        end("end_turn", usage={"output_tokens": 9}),
        STOP,
    )
    assert usage == Usage(input=900, output=9, other={"web_searches": 2})


def test_without_a_final_count_the_output_is_estimated_from_all_that_was_written() -> None:
    reader = MessageReader()
    for each in (
        start(input_tokens=9, output_tokens=1),
        delta(0, type="thinking_delta", thinking="12345678"),
        delta(1, type="text_delta", text="1"),
    ):
        reader.event(each)
    assert reader.usage() == Usage(input=9, output=3, estimated=True)


def test_a_stream_may_end_without_its_last_event_but_not_without_a_reason() -> None:
    text = delta(0, type="text_delta", text="Yes")
    assert streamed(start(), text, end())[0].text == "Yes"
    with pytest.raises(UnreadableError, match="cut off"):
        streamed(start(), text)
    with pytest.raises(UnreadableError, match="no message"):
        streamed(event("ping"))


def test_the_reader_says_that_a_stream_has_ended() -> None:
    reader = MessageReader()
    reader.event(start())
    assert not reader.done
    reader.event(STOP)
    assert reader.done


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"null", b"{", b'{"type": 1}', b'{"content": {}}', b'"text"', b"\xff\xfe", b"[" * 100_000],
)
def test_what_is_no_message_is_malformed(data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        MessageReader().whole(data)
    assert caught.value.kind == "malformed"


@pytest.mark.parametrize("depth", [100, 900, 960, 980, 990])
def test_arguments_of_any_depth_are_kept_or_malformed(depth: int) -> None:
    nested = "[" * depth + "]" * depth
    block = '{"type": "tool_use", "name": "f", "input": {"a": ' + nested + "}}"
    reader = MessageReader()
    try:
        reader.whole(('{"content": [' + block + "]}").encode())
        calls = reader.reply(as_is).tool_calls
    except UnreadableError:
        return
    assert json.loads(calls[0].arguments) == {"a": json.loads(nested)}


@pytest.mark.parametrize(
    "odd",
    [
        event("content_block_start", index="0", content_block={"type": "text"}),
        event("content_block_start", index=0, content_block="text"),
        event("content_block_start", index=True, content_block={"type": "tool_use"}),
        event("content_block_start", index=0, content_block={"type": ["text"], "text": 7}),
        event("content_block_delta", index=None, delta={"type": "text_delta", "text": "x"}),
        event("content_block_delta", index=0, delta={"type": "text_delta", "text": ["x"]}),
        event("content_block_delta", index=0, delta={"type": [], "text": "x"}),
        event("content_block_delta", index=0),
        event("message_start", message=[]),
        event("message_delta", delta=7, usage=[1]),
        event("message_delta", usage={"input_tokens": -1, "output_tokens": "many"}),
        event("message_delta", usage={"cache_creation": 5, "server_tool_use": [], "output_tokens": 1e300}),
    ],
)
def test_events_of_another_form_are_passed_over(odd: bytes) -> None:
    reader = MessageReader()
    reader.event(start(input_tokens=1))
    assert reader.event(odd) is False
    reader.event(delta(5, type="text_delta", text="Yes"))
    reader.event(end())
    assert reader.reply(as_is).text == "Yes"
    reader.usage()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, None),
        ({}, None),
        ({"input_tokens": "9"}, None),
        ({"input_tokens": True, "output_tokens": 10**13}, None),
        ({"output_tokens": 7, "cache_read_input_tokens": 5}, Usage(output=7)),
        ({"input_tokens": 0, "output_tokens": 0}, Usage(input=0, output=0)),
        (
            {"input_tokens": 1, "output_tokens": 2, "cache_creation": {"ephemeral_5m_input_tokens": 3}},
            Usage(input=4, output=2, cache_write=3),
        ),
        (
            {"input_tokens": 1, "output_tokens": 2, "output_tokens_details": {"thinking_tokens": 9}},
            Usage(input=1, output=2, reasoning=2),
        ),
    ],
)
def test_tokens_are_counted_as_far_as_they_are_said(raw: Json, expected: Usage | None) -> None:
    assert read_usage(raw) == expected


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("authentication_error", "auth"),
        ("permission_error", "auth"),
        ("billing_error", "quota"),
        ("rate_limit_error", "rate_limit"),
        ("overloaded_error", "server_error"),
        ("api_error", "server_error"),
        ("timeout_error", "server_error"),
        ("request_too_large", "bad_request"),
        ("not_found_error", "bad_request"),
        ("invalid_request_error", "bad_request"),
        ("a_new_error", "server_error"),
    ],
)
def test_an_error_in_a_stream_has_the_kind_of_its_type(named: str, kind: FailureKind) -> None:
    with pytest.raises(UnreadableError, match="not today") as caught:
        MessageReader().event(event("error", error={"type": named, "message": "not today"}))
    assert caught.value.kind == kind


def test_an_error_that_comes_as_an_answer_is_no_reply() -> None:
    with pytest.raises(UnreadableError, match="Overloaded") as caught:
        MessageReader().whole(
            b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'
        )
    assert caught.value.kind == "server_error"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"type": "invalid_request_error", "message": "max_tokens: too large"}, "bad_request"),
        (400, {"type": "invalid_request_error", "message": "Your credit balance is too low to ..."}, "quota"),
        (
            400,
            {"type": "invalid_request_error", "message": "reached your specified API usage limits."},
            "quota",
        ),
        (402, {"type": "billing_error", "message": "pay"}, "quota"),
        (401, {"type": "authentication_error", "message": "invalid x-api-key"}, "auth"),
        (413, {"type": "request_too_large", "message": "too large"}, "bad_request"),
        (429, {"type": "rate_limit_error", "message": "slow down"}, "rate_limit"),
        (529, {"type": "overloaded_error", "message": "Overloaded"}, "server_error"),
        (529, "Overloaded", "server_error"),
        (403, None, "auth"),
        (429, {"message": 7}, "rate_limit"),
    ],
)
def test_a_refused_request_has_the_kind_of_its_error_or_its_status(
    status: int, error: Json, kind: FailureKind
) -> None:
    found, message = refusal_of(status, json.dumps({"type": "error", "error": error}).encode())
    assert found == kind
    assert message.startswith(f"HTTP {status}")


@pytest.mark.parametrize("body", [b"", b"<html>no</html>", b"[" * 100_000, b"7", b"{}", b"\xff"])
def test_a_refusal_needs_no_json(body: bytes) -> None:
    kind, message = refusal_of(502, body)
    assert kind == "server_error"
    assert message.startswith("HTTP 502")


def test_without_type_and_status_an_error_is_the_servers() -> None:
    assert kind_of_error("Overloaded") == "server_error"
    assert kind_of_error(None) == "server_error"
