"""What is read out of the answer of any endpoint, by the user's paths."""

import json

import pytest

from passmuster.adapters.providers.http_json.reply import JsonReader, ReplyPaths
from passmuster.adapters.providers.wire.errors import UnreadableError, whole_characters
from passmuster.records.case import ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Reply, Usage

ANSWER = ReplyPaths(text="$.answer")
EVERYTHING = ReplyPaths(
    text="$.out[*].text",
    input_tokens="$.usage.in",
    output_tokens="$.usage.out",
    cached_tokens="$.usage.cached",
    reasoning_tokens="$.usage.thought",
    cost="$.usage.usd",
    finish_reason="$.why",
    confidence="$.p",
    probabilities="$.labels",
    tool_calls="$.calls",
    model="$.model",
    error="$.error",
)


def whole(answer: Json, paths: ReplyPaths = ANSWER) -> JsonReader:
    reader = JsonReader(paths)
    reader.whole(json.dumps(answer).encode())
    return reader


def reply(reader: JsonReader) -> Reply:
    return reader.reply(whole_characters)


def test_everything_that_has_a_path_is_kept() -> None:
    answer = {
        "out": [{"text": "One "}, {"text": "two."}],
        "usage": {"in": 10, "out": "5", "cached": 4, "thought": 2, "usd": 0.25},
        "why": "stop",
        "p": 0.75,
        "labels": {"yes": 0.75, "no": 0.25},
        "calls": [
            {"id": "1", "name": "f", "arguments": {"a": 1}},
            {"function": {"name": "g", "arguments": '{"b":2}'}},
            {"name": "h", "input": {}},
            "none",
        ],
        "model": "m-7",
        "error": None,
    }
    reader = whole(answer, EVERYTHING)
    assert reply(reader) == Reply(
        text="One two.",
        tool_calls=(
            ToolCall(name="f", arguments='{"a":1}', id="1"),
            ToolCall(name="g", arguments='{"b":2}'),
            ToolCall(name="h", arguments="{}"),
        ),
        finish_reason="stop",
        confidence=0.75,
        probabilities={"yes": 0.75, "no": 0.25},
        model="m-7",
    )
    assert reader.usage() == Usage(input=10, output=5, cached=4, reasoning=2)
    assert reader.cost() == 0.25


@pytest.mark.parametrize(
    "odd",
    [
        {"usage": {"in": -1, "out": "many", "usd": -3}, "p": 1.5, "labels": {"yes": 0.5, "no": 2}},
        {"usage": {"in": 1e300, "out": True, "usd": "NaN"}, "p": "sure", "labels": ["yes"]},
        {"usage": None, "p": None, "labels": {}, "calls": 7, "model": None, "why": None},
        {"usage": [], "p": [], "calls": {"name": []}, "labels": {"yes": None}},
        {},
    ],
)
def test_what_makes_no_sense_is_left_out(odd: dict[str, Json]) -> None:
    reader = whole({"out": [{"text": "yes"}], **odd}, EVERYTHING)
    said = reply(reader)
    assert (said.text, said.confidence, said.probabilities) == ("yes", None, None)
    assert (reader.cost(), reader.usage()) == (None, None)


def test_a_part_is_never_larger_than_its_whole() -> None:
    usage = {"in": 1, "out": 2, "cached": 9, "thought": 9}
    assert whole({"usage": usage}, EVERYTHING).usage() == Usage(input=1, output=2, cached=1, reasoning=2)


@pytest.mark.parametrize(
    ("answer", "text"),
    [("yes", "yes"), (3, "3"), (True, "true"), ({"a": [1]}, '{"a":[1]}'), ("", ""), ("a\ud800", "a\ufffd")],
)
def test_an_answer_that_is_no_text_is_its_json(answer: Json, text: str) -> None:
    assert reply(whole({"answer": answer})).text == text


def test_an_answer_may_be_nothing_but_its_text() -> None:
    assert reply(whole("yes", ReplyPaths(text="$"))).text == "yes"


@pytest.mark.parametrize("answer", [{}, {"answer": None}, [], 7, {"result": "x" * 1000}])
def test_an_answer_without_a_text_is_malformed_and_its_beginning_is_shown(answer: Json) -> None:
    with pytest.raises(UnreadableError) as caught:
        reply(whole(answer))
    assert caught.value.kind == "malformed"
    assert f"reply.text: $.answer finds nothing in the answer: {json.dumps(answer)[:100]}" in str(
        caught.value
    )
    assert len(str(caught.value)) < 300


def test_calls_of_tools_need_no_text() -> None:
    paths = ReplyPaths(text="$.answer", tool_calls="$.calls[*]")
    said = reply(whole({"answer": None, "calls": [{"name": "f", "arguments": {}}]}, paths))
    assert (said.text, said.tool_calls) == ("", (ToolCall(name="f", arguments="{}"),))


@pytest.mark.parametrize("error", ["no luck", {"message": "no luck"}, ["no luck"]])
def test_an_error_is_a_failure_of_the_server(error: Json) -> None:
    with pytest.raises(UnreadableError, match="no luck") as caught:
        whole({"answer": "", "error": error}, ReplyPaths(text="$.answer", error="$.error"))
    assert caught.value.kind == "server_error"


@pytest.mark.parametrize("error", [None, "", False, {}, []])
def test_an_empty_error_is_none(error: Json) -> None:
    reader = whole({"answer": "yes", "error": error}, ReplyPaths(text="$.answer", error="$.error"))
    assert reply(reader).text == "yes"


@pytest.mark.parametrize("depth", [50, 99, 100, 101, 400, 900, 990])
@pytest.mark.parametrize("path", ["$..answer", "$.a"])
def test_a_deep_answer_is_read_or_malformed(path: str, depth: int) -> None:
    deep = '{"a":' * depth + '{"answer": "yes"}' + "}" * depth
    reader = JsonReader(ReplyPaths(text=path))
    try:
        reader.whole(deep.encode())
    except UnreadableError:
        return
    assert "yes" in reply(reader).text or reply(reader).text == "<dict>"


@pytest.mark.parametrize("data", [b"", b"{", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_malformed(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        JsonReader(ANSWER).whole(data)


STREAM = ReplyPaths(text="$.delta", output_tokens="$.n", tool_calls="$.call", model="$.model", done="$.last")


def streamed(*events: Json, paths: ReplyPaths = STREAM) -> tuple[JsonReader, list[bool]]:
    reader = JsonReader(paths)
    pieces = []
    for event in events:
        pieces.append(reader.event(event.encode() if isinstance(event, str) else json.dumps(event).encode()))
        if reader.done:
            break
    return reader, pieces


def test_texts_and_calls_add_up_and_of_all_else_the_last_counts() -> None:
    reader, pieces = streamed(
        {"n": 1, "model": "first"},
        {"delta": ""},
        {"delta": "Yes, "},
        {"call": {"name": "f"}},
        {"delta": "sir.", "n": 2},
        {"n": 3, "model": "last", "delta": None},
        {"last": True},
        {"delta": "never read"},
    )
    assert reply(reader).text == "Yes, sir."
    assert reply(reader).tool_calls == (ToolCall(name="f", arguments="{}"),)
    assert reply(reader).model == "last"
    assert reader.usage() == Usage(output=3)
    assert pieces == [False, False, True, True, True, False, False]


def test_a_stream_ends_where_it_says_so() -> None:
    for events in (({"delta": "a"}, "[DONE]"), ({"delta": "a", "last": 1},)):
        reader, _ = streamed(*events)
        assert reader.done
        assert reply(reader).text == "a"
    reader, _ = streamed({"delta": "a"}, paths=ReplyPaths(text="$.delta"))
    assert (reader.done, reply(reader).text) == (False, "a")


def test_a_stream_without_its_end_or_without_a_text_is_malformed() -> None:
    with pytest.raises(UnreadableError, match=r"reply.done: \$.last found nothing"):
        reply(streamed({"delta": "a"}, {"last": False})[0])
    with pytest.raises(UnreadableError, match=r'finds nothing in the answer: \{"n": 1\}'):
        reply(streamed({"n": 1}, "[DONE]")[0])
