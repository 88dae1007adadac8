import json
import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from passmuster.adapters.simulator.answers import REFUSAL, Question, RecordedReply, Rule
from passmuster.adapters.simulator.models import build_model
from passmuster.adapters.simulator.profiles import (
    Confidence,
    EndpointProfile,
    LognormalLatency,
    RuleAnswers,
    Tail,
)
from passmuster.adapters.simulator.spoil import Pool, spoilt
from passmuster.adapters.simulator.timing import timing
from passmuster.records.case import Conversation, Message
from passmuster.records.record import Json

NUMBER = 400


def reference(n: int) -> Mapping[str, Json]:
    return {
        "supplier": f"Company {n % 37}",
        "date": f"2024-{n % 12 + 1:02d}-15",
        "amount": 1000 + n,
        "renews": n % 2 == 0,
        "parties": ["a", "b"],
        "citation": f"{n % 9 + 1}.{n % 4 + 1}",
    }


def question(n: int, seed: int = 7, turn: int = 0) -> Question:
    text = f"Clause {reference(n)['citation']}: Company {n % 37} pays 1000."
    conversation = Conversation(messages=(Message(role="user", content=text),))
    return Question(model="m", seed=seed, digest=str(n), turn=turn, conversation=conversation)


def answers(profile: RuleAnswers, seed: int = 7) -> list[RecordedReply]:
    rule = Rule({str(n): reference(n) for n in range(NUMBER)}, profile)
    found = [rule.answer(question(n, seed)) for n in range(NUMBER)]
    return [reply for reply in found if reply is not None]


def test_a_perfect_model_answers_the_reference() -> None:
    assert [json.loads(reply.text) for reply in answers(RuleAnswers())] == [
        reference(n) for n in range(NUMBER)
    ]


def test_each_field_is_right_at_the_given_rate_and_the_citation_keeps_out_of_it() -> None:
    found = [json.loads(reply.text) for reply in answers(RuleAnswers(right=0.8))]
    for name in ("supplier", "date", "amount", "renews", "parties"):
        share = sum(answer[name] == reference(n)[name] for n, answer in enumerate(found)) / NUMBER
        assert abs(share - 0.8) < 4 * math.sqrt(0.16 / NUMBER), name
    assert all(answer["citation"] == reference(n)["citation"] for n, answer in enumerate(found))


def test_an_invented_citation_is_not_in_the_prompt_and_comes_at_its_rate() -> None:
    found = [json.loads(reply.text) for reply in answers(RuleAnswers(invented_citation=0.1))]
    invented = [n for n, answer in enumerate(found) if answer["citation"] != reference(n)["citation"]]
    assert abs(len(invented) / NUMBER - 0.1) < 4 * math.sqrt(0.09 / NUMBER)
    for n in invented:
        message = question(n).conversation.messages[0]
        assert found[n]["citation"] not in message.content


def test_malformed_answers_and_refusals_come_at_their_rates() -> None:
    found = [reply.text for reply in answers(RuleAnswers(malformed=0.2, refusal=0.1))]
    refused = sum(text == REFUSAL for text in found)
    assert abs(refused / NUMBER - 0.1) < 0.06

    def whole(text: str) -> bool:
        try:
            return isinstance(json.loads(text), dict)
        except ValueError:
            return False

    broken = sum(not whole(text) and text != REFUSAL for text in found)
    assert abs(broken / NUMBER - 0.18) < 0.08


def test_equal_questions_have_equal_answers_and_other_seeds_have_others() -> None:
    profile = RuleAnswers(right=0.5, malformed=0.1, refusal=0.1)
    assert answers(profile) == answers(profile)
    assert answers(profile) != answers(profile, seed=8)
    rule = Rule({"1": reference(1)}, profile)
    assert rule.answer(question(1, turn=0)) == rule.answer(question(1, turn=5))


def test_a_better_model_is_right_wherever_a_worse_one_is() -> None:
    worse = [json.loads(reply.text) for reply in answers(RuleAnswers(right=0.6))]
    better = [json.loads(reply.text) for reply in answers(RuleAnswers(right=0.9))]
    for n in range(NUMBER):
        for name, value in reference(n).items():
            assert worse[n][name] != value or better[n][name] == value


def test_confidence_goes_with_being_right() -> None:
    sure = Confidence(right=0.9, wrong=0.6, spread=0.05)
    for n, reply in enumerate(answers(RuleAnswers(right=0.9, confidence=sure))):
        assert reply.confidence is not None
        centre = 0.9 if json.loads(reply.text) == reference(n) else 0.6
        assert abs(reply.confidence - centre) <= 0.05


def test_labels_are_answered_as_plain_text_and_wrong_ones_are_other_labels() -> None:
    rule = Rule({str(n): "abc"[n % 3] for n in range(300)}, RuleAnswers(right=0.7))
    found = [rule.answer(question(n)) for n in range(300)]
    texts = [reply.text for reply in found if reply is not None]
    assert set(texts) == set("abc")
    assert abs(sum(text == "abc"[n % 3] for n, text in enumerate(texts)) / 300 - 0.7) < 0.11


def test_an_unknown_prompt_has_no_answer() -> None:
    assert Rule({}, RuleAnswers()).answer(question(1)) is None


@pytest.mark.parametrize(
    "value", [None, True, 0, 7, 1.5, "", "text", "2024-02-30", "9999-12-31", [], ["a"], {}, {"a": 1}]
)
def test_a_spoilt_value_is_another_value(value: Json) -> None:
    for key in range(20):
        assert spoilt(value, [], key) != value
        assert spoilt(value, Pool([{"f": value}, {"f": "other"}]).of("f"), key) != value


def test_the_lognormal_latency_has_its_median_and_its_tail() -> None:
    latency = LognormalLatency(median=2.0, sigma=0.4, first_token_share=0.25)
    times = sorted(timing(latency, question(n), RecordedReply(text="")) for n in range(2000))
    seconds = [time.seconds for time in times]
    assert seconds[1000] == pytest.approx(2.0, rel=0.04)
    assert seconds[1900] == pytest.approx(2.0 * math.exp(0.4 * 1.645), rel=0.08)
    assert all(time.first_token == time.seconds * 0.25 for time in times)


def test_the_tail_hits_its_share_of_calls_with_its_seconds() -> None:
    latency = LognormalLatency(median=1.0, tail=Tail(probability=0.1, seconds=5.0))
    seconds = [timing(latency, question(n), RecordedReply(text="")).seconds for n in range(2000)]
    assert set(seconds) == {1.0, 6.0}
    assert abs(seconds.count(6.0) / 2000 - 0.1) < 0.027


PROFILES = TypeAdapter(EndpointProfile)


def test_a_profile_is_read_from_json_and_becomes_a_model() -> None:
    text = """{"name": "fast", "answers": {"kind": "rule", "right": 0.9, "confidence": {"right": 0.9}},
               "latency": {"kind": "lognormal", "median": 1, "tail": {"probability": 0.05, "seconds": 4}},
               "faults": {"rate_limit": 0.01}, "tokens": {"reasoning": 100}}"""
    profile = PROFILES.validate_json(text)
    assert isinstance(profile.latency, LognormalLatency)
    model = build_model(profile, references={"1": "yes"}, recordings={})
    assert (model.name, model.latency, model.faults.rate_limit) == ("fast", profile.latency, 0.01)
    assert isinstance(model.answers, Rule)


def test_a_mistyped_key_of_a_profile_is_refused() -> None:
    with pytest.raises(ValidationError, match="rihgt"):
        PROFILES.validate_json('{"name": "a", "answers": {"kind": "rule", "rihgt": 1}}')


@pytest.mark.parametrize(
    "part",
    [
        '"answers": {"kind": "rule", "right": 1.5}',
        '"answers": {"kind": "constant", "text": "a"}, "latency": {"kind": "recorded", "speed": 0}',
        '"answers": {"kind": "constant", "text": "a"}, "latency": {"kind": "lognormal", "median": -1}',
        '"answers": {"kind": "constant", "text": "a"}, "faults": {"rate_limit": -0.1}',
    ],
)
def test_a_share_or_time_that_cannot_be_is_refused(part: str) -> None:
    with pytest.raises(ValidationError):
        PROFILES.validate_json(f'{{"name": "a", {part}}}')


def test_a_text_in_the_prompt_and_solved_cases_change_how_often_a_model_is_right() -> None:
    profile = RuleAnswers(right=0.5, lifts={"Company": 0.2, "no such text": 0.3}, shots=0.25)
    rule = Rule({str(n): "yes" if n % 2 else "no" for n in range(NUMBER)}, profile)

    def right(*before: Message) -> float:
        asked = [question(n) for n in range(NUMBER)]
        shown = [
            replace(each.conversation, messages=(*before, *each.conversation.messages)) for each in asked
        ]
        found = [
            rule.answer(replace(one, conversation=other)) for one, other in zip(asked, shown, strict=True)
        ]
        hits = [
            reply is not None and reply.text == ("yes" if n % 2 else "no") for n, reply in enumerate(found)
        ]
        return sum(hits) / NUMBER

    assert right() == pytest.approx(0.7, abs=0.08)  # 3.5 standard errors
    assert right(Message(role="assistant", content="yes")) == pytest.approx(0.95, abs=0.04)
