"""Who is kin of whom, by the names that providers give."""

import pytest

from passmuster.metrics.judges.families import FAMILIES, akin, families, plain_name
from passmuster.records.candidate import Candidate


def model(name: str, model_name: str | None, kind: str = "llm") -> Candidate:
    return Candidate(name=name, provider="openai", model=model_name, kind=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("gpt-4o-mini", "OpenAI GPT"),
        ("gpt-5", "OpenAI GPT"),
        ("gpt4o", "OpenAI GPT"),
        ("o3-mini", "OpenAI GPT"),
        ("o1", "OpenAI GPT"),
        ("openai/gpt-oss-120b", "OpenAI GPT"),
        ("chatgpt-4o-latest", "OpenAI GPT"),
        ("azure/gpt-4o", "OpenAI GPT"),
        ("openrouter/openai/gpt-4o:extended", "OpenAI GPT"),
        ("ft:gpt-4o-mini-2024-07-18:acme::9x", "OpenAI GPT"),
        ("claude-sonnet-4-5", "Anthropic Claude"),
        ("anthropic.claude-3-haiku-20240307-v1:0", "Anthropic Claude"),
        ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "Anthropic Claude"),
        ("bedrock/eu.anthropic.claude-opus-4-20250514-v1:0", "Anthropic Claude"),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-3-5-haiku-20241022-v1:0",
            "Anthropic Claude",
        ),
        ("vertex_ai/claude-3-5-sonnet@20240620", "Anthropic Claude"),
        ("publishers/google/models/gemini-2.5-pro", "Google Gemini"),
        ("google/gemma-3-27b-it", "Google Gemini"),
        ("meta-llama/Llama-3.1-8B-Instruct", "Meta Llama"),
        ("accounts/fireworks/models/llama-v3p1-70b-instruct", "Meta Llama"),
        ("meta.llama3-1-70b-instruct-v1:0", "Meta Llama"),
        ("llama3.1:8b", "Meta Llama"),
        ("@cf/meta/llama-3-8b-instruct", "Meta Llama"),
        ("mistral.mistral-large-2407-v1:0", "Mistral"),
        ("open-mixtral-8x22b", "Mistral"),
        ("Qwen/Qwen2.5-72B-Instruct", "Alibaba Qwen"),
        ("qwq-32b", "Alibaba Qwen"),
        ("deepseek-chat", "DeepSeek"),
        ("x-ai/grok-4", "xAI Grok"),
        ("cohere.command-r-plus-v1:0", "Cohere Command"),
        ("microsoft/phi-4", "Microsoft Phi"),
        ("amazon.nova-pro-v1:0", "Amazon Nova"),
        ("zai-org/GLM-4.6", "Zhipu GLM"),
        ("moonshotai/Kimi-K2-Instruct", "Moonshot Kimi"),
        ("ibm-granite/granite-3.1-8b-instruct", "IBM Granite"),
        ("EleutherAI/gpt-j-6b", "EleutherAI"),
    ],
)
def test_a_family_is_known_however_a_provider_spells_it(name: str, family: str) -> None:
    assert families(name) == frozenset({family})


@pytest.mark.parametrize(
    "name",
    [
        "prod-judge",
        "",
        "simulated",
        "innovative-nova",
        "photo1",
        "pro3-x",
        "aggpt",
        "my-command",
        "dolphin-x",
        "solaris",
        "openai/prod",
        "ollama/prod",
    ],
)
def test_a_name_that_says_nothing_is_of_no_family(name: str) -> None:
    assert families(name) == frozenset()


def test_a_distilled_model_is_of_its_teachers_family_and_of_its_own() -> None:
    assert families("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B") == frozenset({"DeepSeek", "Alibaba Qwen"})


def test_a_very_long_name_is_looked_at_in_part() -> None:
    assert families("x" * 1_000_000 + "-gpt-4") == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        "claude-3-5-sonnet-20241022",
        "claude-3.5-sonnet",
        "claude-3-5-sonnet-latest",
        "anthropic/claude-3.5-sonnet:beta",
        "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
        "vertex_ai/claude-3-5-sonnet@20240620",
    ],
)
def test_one_model_under_many_names_is_one_model(name: str) -> None:
    assert plain_name(name) == "claude-3-5-sonnet"


def test_sizes_are_not_taken_for_revisions() -> None:
    assert plain_name("gpt-4o") != plain_name("gpt-4o-mini")
    assert plain_name("gpt-4.1") == plain_name("openai/gpt-4.1-2025-04-14")
    assert plain_name("llama-3.1-8b") != plain_name("llama-3.1-70b")


@pytest.mark.parametrize(
    "name",
    [
        "claude-3-5-sonnet-v2@20241022",
        "us.anthropic.claude-3-5-sonnet-20241022-v2:0:200k",
        "anthropic/claude-3.5-sonnet:thinking",
    ],
)
def test_revisions_and_routes_of_providers_are_no_part_of_a_name(name: str) -> None:
    assert plain_name(name) == "claude-3-5-sonnet"


def test_a_version_of_the_maker_is_part_of_the_name() -> None:
    assert plain_name("deepseek-ai/DeepSeek-V3") != plain_name("deepseek-ai/DeepSeek-V2")
    assert plain_name("ai21.jamba-1-5-large-v1:0") == plain_name("jamba-1.5-large")
    assert families("sonarqube") == frozenset()


def test_the_same_model_is_told_before_the_same_family() -> None:
    judges = [model("fast", "gpt-4o-mini"), model("big", "gpt-4o")]
    candidates = [
        model("one", "openai/gpt-4o-2024-08-06"),
        model("two", "gpt-4.1"),
        model("three", "claude-haiku-4-5"),
        model("four", None),
    ]

    assert akin(judges, candidates) == {
        "one": "the same model as big (gpt-4o)",
        "two": "of the same family as fast (OpenAI GPT)",
    }


def test_models_under_one_unknown_name_are_the_same_model() -> None:
    assert akin([model("judge", "house")], [model("a", "house"), model("b", "other")]) == {
        "a": "the same model as judge (house)"
    }


def test_baselines_and_judges_without_a_model_are_kin_of_nobody() -> None:
    assert akin([model("judge", None)], [model("a", "gpt-4o")]) == {}
    assert akin([model("judge", "gpt-4o")], [model("a", "gpt-4o", "baseline")]) == {}


def test_every_family_has_a_name_of_its_maker_or_line() -> None:
    assert all(name[0].isalnum() and len(name) > 3 for name in FAMILIES)
