import json

import pytest

from passmuster.adapters.providers.openai.address import key_headers, surface_url
from passmuster.adapters.providers.openai.body import BodyWriter
from passmuster.adapters.providers.openai.compatible import OpenAIProvider
from passmuster.adapters.providers.wire.address import merged_headers
from passmuster.adapters.providers.wire.errors import Redactor
from passmuster.adapters.providers.wire.limits import retry_after
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message, Text, Tool, ToolCall
from passmuster.records.record import Json
from passmuster.testing import FakeClock


def write(conversation: Conversation, **parameters: Json) -> dict[str, Json]:
    candidate = Candidate(name="a", provider="openai", model="m", parameters=parameters)
    body = json.loads(BodyWriter(candidate).write(conversation))
    assert isinstance(body, dict)
    return body


def test_a_whole_conversation_is_written_as_openai_reads_it() -> None:
    call = ToolCall(name="find", arguments='{"q": 1}', id="c1")
    pictures = (Text(text="see"), Image(url="http://a/b.png"), Image(data="AAAA", media_type="image/jpeg"))
    body = write(
        Conversation(
            system="Be brief.",
            messages=(
                Message(role="user", content=pictures),
                Message(role="assistant", tool_calls=(call,)),
                Message(role="tool", content="found", tool_call_id="c1"),
            ),
            tools=(Tool(name="find", description="Finds.", parameters={"type": "object"}),),
        )
    )
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "see"},
                {"type": "image_url", "image_url": {"url": "http://a/b.png"}},
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"q": 1}'}}
            ],
        },
        {"role": "tool", "content": "found", "tool_call_id": "c1"},
    ]
    function = {"name": "find", "description": "Finds.", "parameters": {"type": "object"}}
    assert body["tools"] == [{"type": "function", "function": function}]


def test_stream_options_can_be_left_out() -> None:
    assert "stream_options" not in write(Conversation(messages=()), stream=True, stream_options=None)
    assert "stream" not in write(Conversation(messages=()), stream=False)


def test_lone_surrogates_are_sent_as_escapes() -> None:
    body = write(Conversation(messages=(Message(role="user", content="a\ud800"),)))
    assert body["messages"] == [{"role": "user", "content": "a\ud800"}]


def test_parameters_that_json_cannot_hold_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="parameters"):
        write(Conversation(messages=()), temperature=float("nan"))


@pytest.mark.parametrize(
    ("base", "full"),
    [
        ("http://a", "http://a/v1/chat/completions"),
        ("http://a/", "http://a/v1/chat/completions"),
        ("http://a/v1", "http://a/v1/chat/completions"),
        ("http://a/v1/", "http://a/v1/chat/completions"),
        ("http://a/v1/chat/completions", "http://a/v1/chat/completions"),
        ("https://a/v1beta/openai/", "https://a/v1beta/openai/chat/completions"),
        ("https://a/d?api-version=1", "https://a/d/chat/completions?api-version=1"),
    ],
)
def test_a_base_url_is_understood_with_or_without_its_end(base: str, full: str) -> None:
    assert str(surface_url(base)) == full


@pytest.mark.parametrize("bad", ["", "a", "http://", "http://a:99999", "http://[::1"])
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        surface_url(bad)


def test_extra_headers_win_and_a_key_is_sent_as_bearer() -> None:
    url = surface_url("http://a")
    headers = merged_headers(key_headers(" key\n", url), {"user-agent": "me", "api-key": "k"}, url)
    assert headers["Authorization"] == "Bearer key"
    assert headers["User-Agent"] == "me"
    assert headers["api-key"] == "k"


def test_two_ways_to_sign_in_are_refused() -> None:
    url = surface_url("http://user:word@a")
    with pytest.raises(ConfigurationError, match="only one"):
        merged_headers(key_headers("key", url), {}, url)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:10 GMT"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:02:00 GMT"}, 90.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=30.0) == seconds


def test_what_looks_like_a_key_is_taken_out_of_messages_and_short_stand_ins_are_not() -> None:
    redact = Redactor(["none", None])
    assert redact.short("none of sk-proj-abcdefghijklmnop fits") == "none of [redacted] fits"
    assert len(redact.short("a" * 1000)) == 300


USUAL = Candidate(name="a", provider="openai", model="m")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (Candidate(name="a", provider="openai"), "has no model"),
        (Candidate(name="a", provider="openai", model="m", endpoint="localhost:1"), "no HTTP address"),
        (Candidate(name="a", provider="openai", model="m", endpoint="ftp://a"), "no HTTP address"),
        (
            Candidate(name="a", provider="openai", model="m", parameters={"messages": []}),
            "`messages` is no parameter",
        ),
        (
            Candidate(name="a", provider="openai", model="m", parameters={"stream": "yes"}),
            "not true or false",
        ),
    ],
)
def test_a_candidate_that_cannot_be_asked_is_refused_at_once(made: Candidate, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        OpenAIProvider(made, None, FakeClock())


def test_a_key_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        OpenAIProvider(USUAL, "secret\nkey", FakeClock())
    assert "secret" not in str(caught.value)


def test_a_simulated_candidate_says_so() -> None:
    assert OpenAIProvider(USUAL, None, FakeClock()).source == "measured"
    simulated = Candidate(name="a", provider="openai", model="m", simulated=True)
    assert OpenAIProvider(simulated, None, FakeClock()).source == "simulated"
