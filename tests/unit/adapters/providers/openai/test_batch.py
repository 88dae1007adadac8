import json
from dataclasses import replace

import pytest

from passmuster.adapters.providers.openai.batch import custom_id, read_batch, read_custom_id, write_batch
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message
from passmuster.records.record import Json
from passmuster.records.trial import Exchange, Failure, Reply, TrialKey, Usage
from passmuster.testing import check_exchange, text_request

KEY = TrialKey("0a" * 16, "0b" * 16, 2)
CANDIDATE = Candidate(name="a", provider="openai", model="m")
NAME = custom_id(KEY)
ENDED = 1_700_000_000.0


def line(name: Json = NAME, **more: Json) -> str:
    return json.dumps({"id": "batch_req_1", "custom_id": name, "response": None, "error": None, **more})


def answer(body: Json, status: int = 200) -> dict[str, Json]:
    return {"response": {"status_code": status, "request_id": "r", "body": body}}


def completion(text: str = "yes") -> dict[str, Json]:
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    return {"model": "m-1", "choices": [{"index": 0, "message": {"content": text}}], "usage": usage}


def read(*lines: str, candidate: Candidate = CANDIDATE) -> list[tuple[TrialKey | None, Exchange]]:
    found = list(read_batch(candidate, lines, ENDED))
    for _, exchange in found:
        check_exchange(exchange)
        assert exchange.attempt.started == ENDED
        assert exchange.attempt.seconds is None, "a batch has no time of a call"
    return [(key, exchange) for key, exchange in found]


@pytest.mark.parametrize(
    ("api", "url", "asked"),
    [
        ("chat", "/v1/chat/completions", "messages"),
        ("responses", "/v1/responses", "input"),
        ("completions", "/v1/completions", "prompt"),
        ("embeddings", "/v1/embeddings", "input"),
    ],
)
def test_a_request_is_a_line_that_names_its_trial(api: str, url: str, asked: str) -> None:
    candidate = replace(CANDIDATE, parameters={"api": api, "stream": True, "user": "u"})
    ((key, text),) = write_batch(candidate, [(KEY, text_request("a\nb"))])
    assert key == KEY
    assert isinstance(text, str)
    assert "\n" not in text
    written = json.loads(text)
    assert (written["custom_id"], written["method"], written["url"]) == (custom_id(KEY), "POST", url)
    assert read_custom_id(written["custom_id"]) == KEY
    body = written["body"]
    assert (body["model"], body["user"]) == ("m", "u")
    assert asked in body
    assert "stream" not in body
    assert "stream_options" not in body


def test_a_request_that_cannot_be_sent_is_a_failure_and_the_others_are_written() -> None:
    image = Conversation(messages=(Message(role="user", content=(Image(),)),))
    broken = replace(text_request("Hi"), conversation=image)
    first, second = write_batch(CANDIDATE, [(KEY, broken), (KEY._replace(repeat=3), text_request("Hi"))])
    assert isinstance(first[1], Failure)
    assert first[1].kind == "prompt"
    assert isinstance(second[1], str)


def test_answers_are_read_in_any_order_with_what_they_used() -> None:
    other = KEY._replace(repeat=7)
    found = read(line(custom_id(other), **answer(completion("b"))), "", line(**answer(completion("a"))))
    assert [key for key, _ in found] == [other, KEY]
    assert [e.outcome.text for _, e in found if isinstance(e.outcome, Reply)] == ["b", "a"]
    assert found[0][1].attempt.usage == Usage(input=3, output=1)
    assert found[0][1].attempt.status == 200


def test_the_answers_of_another_surface_are_read_by_its_rules() -> None:
    candidate = replace(CANDIDATE, parameters={"api": "embeddings"})
    ((_, exchange),) = read(line(**answer({"data": [{"embedding": [1.5]}]})), candidate=candidate)
    assert exchange.outcome == Reply(text="[1.5]")


BROKEN = {
    "refused": (line(**answer({"error": {"message": "no"}}, 400)), "bad_request"),
    "over a limit": (line(**answer({"error": {"message": "no"}}, 429)), "rate_limit"),
    "without money": (line(**answer({"error": {"code": "insufficient_quota"}}, 429)), "quota"),
    "a server error": (line(**answer({"error": {"message": "no"}}, 500)), "server_error"),
    "expired": (line(error={"code": "batch_expired", "message": "m"}), "timeout"),
    "another error": (line(error={"code": "odd", "message": "m"}), "server_error"),
    "nothing": (line(), "malformed"),
    "a body of another form": (line(**answer([1])), "malformed"),
    "a body without choices": (line(**answer({})), "malformed"),
    "a response of another form": (line(response=[1]), "malformed"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_answer_is_a_failure_of_its_kind_and_of_its_trial(name: str) -> None:
    text, kind = BROKEN[name]
    ((key, exchange),) = read(text)
    assert key == KEY
    assert isinstance(exchange.outcome, Failure)
    assert exchange.outcome.kind == kind


@pytest.mark.parametrize("text", ["{", "[]", '"a"', "\ud800", "[" * 100_000, line("another-name"), "{}"])
def test_a_line_that_names_no_trial_is_a_failure_of_nobody(text: str) -> None:
    ((key, exchange), after) = read(text, line(**answer(completion())))
    assert key is None
    assert isinstance(exchange.outcome, Failure | Reply)
    assert after[0] == KEY


@pytest.mark.parametrize("name", [None, 5, "", "a-b", "a-b-c", "A-b-1", "a-b-1-2", "a-b-9999999999"])
def test_another_name_is_no_trials(name: Json) -> None:
    assert read_custom_id(name) is None
