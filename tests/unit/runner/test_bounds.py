"""No call costs more than its bound says, whatever the endpoint counts; where nothing bounds it, that is said."""

from dataclasses import replace
from typing import Any

import pytest

from passmuster.adapters.providers.anthropic.body import MAX_TOKENS
from passmuster.records.candidate import Candidate, Cap, Infrastructure, Price, Rate, Tier
from passmuster.records.case import Conversation, Document, Image, Message, Text, Tool, ToolCall
from passmuster.runner.bounds import (
    ADDS_INPUT,
    ANTHROPIC_MAX_TOKENS,
    CALL_ALLOWANCE,
    MESSAGE_ALLOWANCE,
    Bound,
    Unbounded,
    call_bounds,
    is_free,
    most_tokens,
    worst_cost,
)

PRICE = Price(input=2.0, output=8.0)
ASKED = Candidate(
    name="a",
    provider="openai",
    model="m",
    endpoint="https://api.example.com/v1",
    parameters={"max_tokens": 300},
    price=PRICE,
)
PARAMETERS = len('{\n    "max_tokens": 300\n}')


def said(text: str) -> Conversation:
    return Conversation(messages=(Message(role="user", content=text),))


HELLO = said("Hello")
HELLO_TOKENS = CALL_ALLOWANCE + MESSAGE_ALLOWANCE + 5 + PARAMETERS


def bound(candidate: Candidate, conversation: Conversation = HELLO) -> Bound:
    worst = worst_cost(candidate, conversation)
    assert isinstance(worst, Bound), worst
    assert call_bounds(candidate).usd(conversation) == worst.usd
    return worst


def unbounded(candidate: Candidate, conversation: Conversation = HELLO) -> str:
    worst = worst_cost(candidate, conversation)
    assert isinstance(worst, Unbounded), worst
    assert call_bounds(candidate).usd(conversation) is None
    return worst.why


def with_parameters(**parameters: Any) -> Candidate:
    return replace(ASKED, parameters=parameters)


def test_bytes_bound_the_input_and_the_parameter_the_output_and_the_sentence_says_so() -> None:
    worst = bound(ASKED)
    assert worst.usd == pytest.approx((HELLO_TOKENS * 2 + 300 * 8) / 1e6, rel=1e-12)
    assert worst.why == (
        f"at most {HELLO_TOKENS:,} input tokens (bytes of what is sent) at $2 a million and "
        "300 output tokens (max_tokens) at $8 a million"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": "baseline", "provider": "baseline"}, "kind baseline"),
        ({"kind": "manual", "provider": "manual"}, "kind manual"),
        ({"provider": "replay"}, "recorded"),
        ({"simulated": True}, "simulated"),
        ({"price": None, "endpoint": "http://127.0.0.1:8000/v1"}, "this machine"),
        ({"price": None, "endpoint": "http://[::1]:8000/v1"}, "this machine"),
        ({"price": None, "infrastructure": Infrastructure(hourly=2.0)}, "by the hour"),
        ({"price": Price(input=0.0, output=0.0), "parameters": {}}, "price is 0"),
    ],
)
def test_what_is_not_paid_for_by_the_call_is_bounded_by_nothing(change: dict[str, Any], why: str) -> None:
    worst = bound(replace(ASKED, **change))
    assert worst.usd == 0.0
    assert why in worst.why


def test_a_price_makes_an_endpoint_on_this_machine_cost_something() -> None:
    assert bound(replace(ASKED, endpoint="http://localhost:8000/v1")).usd > 0


@pytest.mark.parametrize(
    "endpoint", ["https://api.example.com/v1", "http://localhost.example.com", "http://[bad", None]
)
def test_without_a_price_elsewhere_nothing_bounds_a_call(endpoint: str | None) -> None:
    why = unbounded(replace(ASKED, price=None, endpoint=endpoint))
    assert "price is not known" in why
    assert "most_per_call" in why


@pytest.mark.parametrize(
    "change",
    [
        {"price": None},
        {"parameters": {}},
        {"provider": "command"},
        {"price": None, "endpoint": "http://localhost:8000/v1"},
    ],
)
def test_what_the_user_vouches_for_bounds_a_call(change: dict[str, Any]) -> None:
    worst = bound(replace(ASKED, cap=Cap(per_call=0.25), **change))
    assert worst == Bound(0.25, "$0.25 a call, as `most_per_call` says")


def test_a_budget_alone_vouches_for_no_call() -> None:
    assert "max_tokens" in unbounded(replace(ASKED, cap=Cap(budget=1.0), parameters={}))


@pytest.mark.parametrize(
    ("parameters", "tokens", "by"),
    [
        ({"max_completion_tokens": 50}, 50, "max_completion_tokens"),
        ({"max_output_tokens": 60}, 60, "max_output_tokens"),
        ({"max_tokens": 10, "max_completion_tokens": 50}, 50, "max_completion_tokens"),
        ({"max_tokens": 10, "n": 3}, 30, "max_tokens, 3 choices"),
        ({"max_tokens": 10, "n": 2, "best_of": 5}, 50, "max_tokens, 5 choices"),
        ({"extra_body": {"max_tokens": 40}}, 40, "max_tokens"),
    ],
)
def test_the_output_is_bounded_by_the_parameters(parameters: dict[str, Any], tokens: int, by: str) -> None:
    assert f"{tokens} output tokens ({by})" in bound(with_parameters(**parameters)).why


@pytest.mark.parametrize("value", [None, 0, -1, True, 1.5, "300", [300]])
def test_a_limit_that_is_none_bounds_nothing(value: object) -> None:
    assert "Set the parameter `max_tokens`" in unbounded(with_parameters(max_tokens=value))


def test_the_output_is_bounded_by_the_price_card_where_it_knows_the_model() -> None:
    silent = with_parameters()
    window = replace(silent, price=replace(PRICE, context_window=128_000))
    most = replace(silent, price=replace(PRICE, context_window=128_000, max_output=16_384))
    assert "128,000 output tokens (the model's context window, by its price card)" in bound(window).why
    assert "16,384 output tokens (the model's maximum, by its price card)" in bound(most).why


def test_a_prediction_that_is_sent_can_be_billed_as_output_too() -> None:
    predicted = {"type": "content", "content": "x" * 1000}
    worst = bound(with_parameters(max_tokens=10, prediction=predicted))
    assert worst.usd > bound(with_parameters(max_tokens=10)).usd + 1000 * 8 / 1e6


def test_max_tokens_alone_does_not_bound_reasoning() -> None:
    thinking = replace(ASKED, reasoning=True)
    assert "max_completion_tokens" in unbounded(thinking)
    assert (
        "output tokens (max_completion_tokens)"
        in bound(replace(thinking, parameters={"max_completion_tokens": 300})).why
    )
    window = replace(thinking, price=replace(PRICE, context_window=64_000))
    assert "64,000 output tokens" in bound(window).why


def test_anthropic_bounds_the_output_where_the_parameters_do_not() -> None:
    assert ANTHROPIC_MAX_TOKENS == MAX_TOKENS
    claude = replace(ASKED, provider="anthropic", parameters={}, reasoning=True)
    assert f"{MAX_TOKENS:,} output tokens (max_tokens)" in bound(claude).why


@pytest.mark.parametrize(
    ("price", "highest"),
    [
        (replace(PRICE, cached=0.5, cache_write=2.5), (2.5, 8.0)),
        (replace(PRICE, cached=3.0), (3.0, 8.0)),
        (replace(PRICE, reasoning=12.0), (2.0, 12.0)),
        (replace(PRICE, rates={"input_audio": Rate(usd=40.0, within=("input",))}), (40.0, 8.0)),
        (replace(PRICE, rates={"output_image": Rate(usd=30.0, within=("output",))}), (2.0, 30.0)),
        (replace(PRICE, rates={"input_characters": Rate(usd=1.0)}), (3.0, 8.0)),
        (replace(PRICE, rates={"web_searches": Rate(usd=10.0, per=1000)}), (2.0, 8.0)),
    ],
)
def test_every_token_is_taken_at_the_dearest_price(price: Price, highest: tuple[float, float]) -> None:
    worst = bound(replace(ASKED, price=price))
    assert worst.usd == pytest.approx((HELLO_TOKENS * highest[0] + 300 * highest[1]) / 1e6)


def test_a_fee_for_each_call_is_part_of_it() -> None:
    fee = replace(PRICE, rates={"requests": Rate(usd=5.0, per=1000)})
    worst = bound(replace(ASKED, price=fee))
    assert worst.usd == pytest.approx(bound(ASKED).usd + 0.005)
    assert worst.why.endswith("and $0.005 a call")


def test_a_tier_counts_only_where_the_input_can_reach_it() -> None:
    tiered = replace(
        PRICE, tiers=(Tier(above=1000, usd={"input": 4.0}), Tier(above=5000, usd={"input": 1.0}))
    )
    asked = replace(ASKED, price=tiered)
    for size, dearest in ((5, 2.0), (1000, 4.0), (9000, 4.0)):
        tokens = HELLO_TOKENS - 5 + size
        assert bound(asked, said("x" * size)).usd == pytest.approx((tokens * dearest + 2400) / 1e6)


def test_a_tier_counts_from_the_first_token_above_it() -> None:
    at = replace(ASKED, price=replace(PRICE, tiers=(Tier(above=HELLO_TOKENS, usd={"input": 4.0}),)))
    below = replace(ASKED, price=replace(PRICE, tiers=(Tier(above=HELLO_TOKENS - 1, usd={"input": 4.0}),)))
    assert bound(at).usd == bound(ASKED).usd
    assert bound(below).usd == pytest.approx((HELLO_TOKENS * 4 + 2400) / 1e6)


def test_without_a_price_of_the_output_nothing_bounds_a_call() -> None:
    assert "price of its output" in unbounded(replace(ASKED, price=Price(input=1.0, output=None)))


def test_embeddings_have_no_output_to_pay_for() -> None:
    worst = bound(replace(ASKED, price=Price(input=1.0, output=None), parameters={"api": "embeddings"}))
    assert "0 output tokens (embeddings have none) at $0 a million" in worst.why


@pytest.mark.parametrize("provider", ["command", "callable", "http_json", "pipeline"])
def test_what_a_provider_sends_of_its_own_is_not_bounded(provider: str) -> None:
    assert provider in unbounded(replace(ASKED, provider=provider))


@pytest.mark.parametrize("key", sorted(ADDS_INPUT))
def test_an_endpoint_that_reads_more_than_it_is_sent_is_not_bounded(key: str) -> None:
    assert key in unbounded(with_parameters(max_tokens=1, **{key: {"x": 1}}))
    assert key in unbounded(with_parameters(max_tokens=1, extra_body={key: ["x"]}))
    bound(with_parameters(max_tokens=1, **{key: None}))


def test_tools_that_the_endpoint_runs_itself_are_not_bounded() -> None:
    own = [{"type": "function", "function": {"name": "f"}}, {"name": "g", "input_schema": {}}]
    bound(with_parameters(max_tokens=1, tools=own))
    assert "tools" in unbounded(with_parameters(max_tokens=1, tools=[*own, {"type": "web_search_20250305"}]))
    assert "tools" in unbounded(with_parameters(max_tokens=1, tools=["web_search"]))


@pytest.mark.parametrize("model", ["gpt-4o-search-preview", "sonar-pro", "o3-deep-research", "m:online"])
def test_a_model_that_searches_by_itself_is_not_bounded(model: str) -> None:
    assert "searches" in unbounded(replace(ASKED, model=model))


def test_images_are_bounded_by_what_the_model_can_read_or_not_at_all() -> None:
    image = Message(role="user", content=(Text(text="Look"), Image(url="https://example.com/a.png")))
    shown = Conversation(messages=(image,))
    assert "most_per_call" in unbounded(ASKED, shown)
    known = replace(ASKED, price=replace(PRICE, context_window=100_000))
    worst = bound(known, shown)
    assert worst.usd == pytest.approx((100_000 * 2 + 300 * 8) / 1e6)
    assert "images" in worst.why


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("", 0),
        ("plain", 5),
        ("Grüße", 7),
        ("漢字", 6),
        ("🙂", 4),
        ("\ufdfa", 33),  # one character, eighteen in the form that some tokenisers read
        ("\ud800", 3),
    ],
)
def test_text_has_as_many_bytes_as_its_longest_form(text: str, least: int) -> None:
    assert most_tokens(said(text)) - MESSAGE_ALLOWANCE == least


def test_everything_that_is_sent_counts() -> None:
    bare = Conversation(messages=(Message(role="user", content="x"),))
    call = ToolCall(name="look_up", arguments="y" * 100, id="z" * 10)
    fuller = [
        replace(bare, system="x" * 100),
        replace(bare, messages=(*bare.messages, Message(role="assistant", tool_calls=(call,)))),
        replace(bare, messages=(Message(role="user", content=(Text(text="x" * 100),)),)),
        replace(bare, context=(Document(text="x" * 100, title="t", id="i"),)),
        replace(bare, tools=(Tool(name="t", description="x" * 100, parameters={"é": "ü" * 100}),)),
    ]
    assert all(most_tokens(other) >= most_tokens(bare) + 99 for other in fuller)


@pytest.mark.parametrize(
    ("text", "messages", "tools", "schema", "tokens"),
    [
        (45, 1, 2, 343, 711),  # claude-sonnet-4-5, one of the tools must be called
        (69, 3, 2, 343, 762),  # the same, after a call
        (286, 2, 2, 511, 594),  # claude-fable-5
        (444, 8, 2, 511, 868),  # the same, after three calls
        (351, 2, 0, 0, 183),  # gpt-oss-120b
        (295, 3, 2, 407, 245),  # the same, with tools
    ],
)
def test_the_input_that_real_endpoints_counted_is_within_the_bound(
    text: int, messages: int, tools: int, schema: int, tokens: int
) -> None:
    """Bytes of public recordings and what the endpoint counted: up to 1.85 tokens a byte, where there are tools."""
    said_in_all = tuple(Message(role="user", content="x" * (text // messages)) for _ in range(messages))
    offered = tuple(Tool(name="x" * (schema // tools)) for _ in range(tools))
    conversation = Conversation(messages=said_in_all, tools=offered)
    assert tokens <= CALL_ALLOWANCE + most_tokens(conversation)


@pytest.mark.parametrize(
    "place",
    [{"infrastructure": Infrastructure(hourly=2.0)}, {"endpoint": "http://localhost:8000/answer"}],
    ids=["own machine", "loopback"],
)
def test_what_a_pipeline_asks_is_paid_for_wherever_it_runs(place: dict[str, Any]) -> None:
    candidate = Candidate(name="p", provider="http", pipeline=True, **place)

    assert not is_free(candidate)
    assert call_bounds(candidate).usd(Conversation(messages=())) is None
