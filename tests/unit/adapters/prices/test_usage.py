"""The usage of an answer is read by the rule of its company and kind of API; a hostile answer has none."""

from typing import Any

import pytest
from genai_prices import data_snapshot

from passmuster.adapters.prices.usage import MOST, Reported, read_usage
from passmuster.records.trial import Usage


def read(answer: Any, company: str = "openai", flavor: str = "chat") -> Reported | None:
    return read_usage(answer, company, flavor, data_snapshot.get_snapshot())


def test_parts_have_fields_or_names_of_their_own() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 30},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    found = read({"model": "gpt-4o", "usage": usage})
    assert found is not None
    assert found.model == "gpt-4o"
    assert (found.usage.input, found.usage.cached, found.usage.output) == (100, 40, 20)
    assert found.usage.other is not None
    assert found.usage.other["input_audio"] == 30


def test_an_api_that_writes_nothing_has_no_output() -> None:
    found = read({"model": "m", "usage": {"prompt_tokens": 7}}, flavor="embeddings")
    assert found == Reported("m", Usage(input=7, output=0))


def test_of_anthropic_what_was_cached_is_part_of_the_input() -> None:
    usage = {"input_tokens": 5, "cache_read_input_tokens": 90, "output_tokens": 7}
    found = read({"usage": usage}, "anthropic", "default")
    assert found is not None
    assert (found.model, found.usage.input, found.usage.cached) == (None, 95, 90)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        {},
        {"usage": None},
        {"usage": []},
        {"usage": {"prompt_tokens": "7", "completion_tokens": 1}},
        {"usage": {"prompt_tokens": -7, "completion_tokens": 1}},
        {"usage": {"prompt_tokens": float("nan"), "completion_tokens": 1}},
        {"usage": {"prompt_tokens": True, "completion_tokens": 1}},
        {"usage": {"prompt_tokens": MOST + 1, "completion_tokens": 1}},
    ],
)
def test_an_answer_without_usage_has_none(answer: Any) -> None:
    assert read(answer) is None


def test_an_answer_that_the_rule_trips_over_has_none() -> None:
    counts = [{"modality": 7, "tokenCount": 3}]
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 1, "promptTokensDetails": counts}
    assert read({"usageMetadata": usage}, "google", "default") is None


@pytest.mark.parametrize(("company", "flavor"), [("nobody", "chat"), ("openai", "telegraph")])
def test_without_a_rule_there_is_no_usage(company: str, flavor: str) -> None:
    assert read({"usage": {"prompt_tokens": 1, "completion_tokens": 1}}, company, flavor) is None
