"""What the providers read as usage is what the rules of the price cards read, but where a reason is named."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from passmuster.adapters import tokens as openai_usage
from passmuster.adapters.prices.cards import Cards
from passmuster.adapters.prices.usage import read_usage
from passmuster.adapters.providers.anthropic import reply as anthropic_reply
from passmuster.records.money import token_costs
from passmuster.records.trial import Usage

READERS: dict[tuple[str, str], Callable[[Any], Usage | None]] = {
    ("openai", "chat"): openai_usage.read_usage,
    ("openai", "responses"): openai_usage.read_usage,
    ("azure", "chat"): openai_usage.read_usage,
    ("azure", "responses"): openai_usage.read_usage,
    ("openrouter", "chat"): openai_usage.read_usage,
    ("mistral", "default"): openai_usage.read_usage,
    ("groq", "default"): openai_usage.read_usage,
    ("deepseek", "chat"): openai_usage.read_usage,
    ("anthropic", "default"): anthropic_reply.read_usage,
    ("aws", "anthropic"): anthropic_reply.read_usage,
    ("azure", "anthropic"): anthropic_reply.read_usage,
    ("google", "anthropic"): anthropic_reply.read_usage,
}
"""The reader of the provider that asks such an endpoint, by company and kind of API."""


UNREAD_REASONING = "the total holds reasoning, and the rule reads no total"
UNREAD_WRITES = "the answer tells of cache writes, and the rule of this company reads none"


class Pair(NamedTuple):
    """One answer, read by the cards' rule and by the provider."""

    sample: Any
    by_rule: Usage
    own: Usage | None


def pairs(samples: list[Any], cards: Cards) -> Iterator[Pair]:
    for sample in samples:
        reader = READERS.get((sample.company, sample.flavor))
        read = read_usage(sample.answer, sample.company, sample.flavor, cards.snapshot) if reader else None
        if reader is not None and read is not None:
            yield Pair(sample, read.usage, reader(sample.answer["usage"]))


def disagreement(pair: Pair) -> str | None:
    """Return in what the provider's usage differs, where that has a price."""
    own, rule = pair.own, pair.by_rule
    if own is None:
        return "the provider reads none"
    raw = pair.sample.answer["usage"]
    if own.input != rule.input:
        return "input"
    if own.output != rule.output:
        beyond = raw.get("total_tokens", 0) > raw.get("prompt_tokens", 0) + raw.get("completion_tokens", 0)
        return UNREAD_REASONING if beyond else "output"
    if (own.cached or 0) != (rule.cached or 0):
        return "cached"
    if (own.cache_write or 0) != (rule.cache_write or 0):
        return UNREAD_WRITES if rule.cache_write is None else "cache_write"
    return None


@pytest.mark.data
def test_the_providers_read_what_the_rules_read_and_more(samples: list[Any], cards: Cards) -> None:
    found = Counter(disagreement(pair) for pair in pairs(samples, cards))
    assert found == {None: 5_273, UNREAD_REASONING: 12, UNREAD_WRITES: 31}


@pytest.mark.data
def test_prices_by_the_providers_own_reading_are_exact(
    samples: list[Any], cards: Cards, when: datetime
) -> None:
    exact = wrong = 0
    for pair in pairs(samples, cards):
        if pair.sample.expected is None or disagreement(pair) is not None:
            continue
        try:
            price = cards.look_up(pair.sample.answer["model"], when, pair.sample.company)
        except LookupError:
            price = None
        right = pair.sample.costs(token_costs(pair.own, price))
        exact, wrong = exact + right, wrong + (not right)
    assert exact == 2_412
    assert wrong == 5  # the cards of this company do not have the model, as among the expected prices
