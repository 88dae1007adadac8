import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.adapters.providers.openai.completions import Continuation
from passmuster.adapters.providers.openai.reply import Draft
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.providers.wire.sse import EventParser
from passmuster.adapters.tokens import read_usage
from passmuster.records.trial import Reply

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "choices",
        "usage",
        "model",
        "error",
        "code",
        "index",
        "delta",
        "message",
        "content",
        "tool_calls",
        "logprobs",
        "prompt_tokens",
        "token",
        "completion_tokens",
        "finish_reason",
        "function",
        "name",
        "arguments",
    ]
)
NEARLY = st.recursive(
    JSON, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


def build(*chunks: object) -> Reply:
    draft = Draft()
    for chunk in chunks:
        draft.add(json.dumps({"choices": [{"index": 0, "delta": chunk}]}).encode(), "delta")
    return draft.reply(str)


def test_tool_calls_are_put_together_from_their_fragments() -> None:
    first = {"index": 0, "id": "call_1", "function": {"name": "find", "arguments": '{"a'}}
    other = {"index": 1, "id": "call_2", "function": {"name": "other", "arguments": "{}"}}
    reply = build(
        {"tool_calls": [first]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '": 1}'}}]},
        {"tool_calls": [other]},
    )
    assert [(call.name, call.arguments, call.id) for call in reply.tool_calls] == [
        ("find", '{"a": 1}', "call_1"),
        ("other", "{}", "call_2"),
    ]


def test_a_refusal_stands_in_for_the_text() -> None:
    assert build({"refusal": "I will "}, {"refusal": "not"}).text == "I will not"


@pytest.mark.parametrize("draft", [Draft(), Continuation()])
@pytest.mark.parametrize("reason", ["abort", "error", "insufficient_system_resource"])
def test_an_answer_that_the_server_broke_off_is_no_answer(draft: Draft | Continuation, reason: str) -> None:
    choice = {"index": 0, "message": {"content": "deli"}, "text": "deli", "finish_reason": reason}
    draft.whole(json.dumps({"choices": [choice]}).encode())
    with pytest.raises(UnreadableError, match=reason) as raised:
        draft.reply(str)
    assert raised.value.kind == "server_error"


def test_other_choices_are_passed_over() -> None:
    draft = Draft()
    two = [{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}]
    assert draft.add(json.dumps({"choices": two}).encode(), "delta")
    assert draft.reply(str).text == "a"


@pytest.mark.parametrize(
    "body", ['{"choices": [{"index": []}]}', '{"error": {"code": ["a"]}}', '{"error": 5}']
)
def test_fields_of_another_type_end_in_unreadable_and_in_nothing_else(body: str) -> None:
    with pytest.raises(UnreadableError):
        Draft().add(body.encode(), "message")


def test_only_text_and_tool_calls_are_a_first_token() -> None:
    draft = Draft()
    for delta in ({"role": "assistant", "content": ""}, {"reasoning_content": "hm"}, {}):
        assert not draft.add(json.dumps({"choices": [{"index": 0, "delta": delta}]}).encode(), "delta")
    assert draft.add(b'{"choices": [{"index": 0, "delta": {"content": " "}}]}', "delta")


def test_the_last_usage_of_a_stream_counts() -> None:
    draft = Draft()
    draft.add(b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}', "delta")
    draft.add(b'{"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 7}}', "delta")
    draft.add(b'{"choices": [], "usage": null}', "delta")
    usage = draft.usage()
    assert usage is not None
    assert usage.output == 7


@pytest.mark.parametrize("value", [-1, "12", True, float("nan"), float("inf"), 10**400, None, []])
def test_a_token_count_that_is_none_is_unknown_not_zero(value: object) -> None:
    usage = read_usage({"prompt_tokens": value, "completion_tokens": 3})
    assert usage is not None
    assert usage.input is None


def test_parts_are_never_larger_than_their_whole() -> None:
    usage = read_usage({"prompt_tokens": 2, "completion_tokens": 3, "prompt_cache_hit_tokens": 9})
    assert usage is not None
    assert usage.cached == 2


@pytest.mark.parametrize("bad", [None, "x", float("nan"), -(10**400)])
def test_logprobs_that_cannot_be_read_are_no_logprobs(bad: object) -> None:
    choice = {
        "index": 0,
        "message": {"content": "a"},
        "logprobs": {"content": [{"token": "a", "logprob": bad}]},
    }
    draft = Draft()
    draft.add(json.dumps({"choices": [choice]}).encode(), "message")
    assert draft.reply(str).confidence is None


@given(NEARLY, st.sampled_from(["delta", "message"]))
def test_whatever_json_comes_it_is_a_reply_or_unreadable(body: object, part: str) -> None:
    draft = Draft()
    wrapped = body if isinstance(body, dict) else {"choices": [{part: body}]}
    try:
        draft.add(json.dumps(wrapped).encode(), "delta" if part == "delta" else "message")
        reply = draft.reply(str)
    except UnreadableError:
        return
    usage = draft.usage()
    assert isinstance(reply.text, str)
    assert reply.confidence is None or 0 <= reply.confidence <= 1
    assert usage is None or (usage.input or 0) >= 0


@given(st.lists(st.text(alphabet="ab:{} \r", max_size=6)), st.lists(st.integers(1, 9)))
def test_events_are_the_same_wherever_the_network_cuts(texts: list[str], cuts: list[int]) -> None:
    texts = [text for text in texts if not text.endswith("\r")]
    stream = b"".join(b"data: " + text.encode() + b"\n\n" for text in texts)
    parser, found, at = EventParser(), list[bytes](), 0
    for cut in [*cuts, len(stream)]:
        found += parser.feed(stream[at : at + cut])
        at += cut
    assert found + parser.finish() == [text.encode() for text in texts]


def test_comments_other_fields_and_crlf_are_understood() -> None:
    parser = EventParser()
    assert parser.feed(b": ping\r\nevent: a\r\nid: 1\r\ndata:one\r\ndata: two\r\n\r\n\r\n") == [b"one\ntwo"]
