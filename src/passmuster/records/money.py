"""What a call costs, and how many tokens it has where nobody counted them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from passmuster.records.candidate import Price, Rate
from passmuster.records.case import Conversation, Text
from passmuster.records.digest import canonical
from passmuster.records.trial import Usage

CHARACTERS_PER_TOKEN = 4
"""The documented rule for missing usage: one token is four characters of prompt or reply."""


class Cost(NamedTuple):
    """US dollars of one call: for its input, for its output, and for what is neither, such as searches."""

    input: float
    output: float
    other: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.input + self.output + self.other


class TokenParts(NamedTuple):
    """US dollars of the tokens of one call by what they are; cached tokens are no `input` here, reasoning no `output`."""

    input: float
    cached: float
    output: float
    reasoning: float
    other: float

    @property
    def total(self) -> float:
        """All of them."""
        return (self.input + self.cached) + (self.output + self.reasoning) + self.other


def token_cost(usage: Usage | None, price: Price | None) -> float | None:
    """Return the US dollars of one call; None where usage or price is unknown, never 0.

    Example:
        >>> token_cost(Usage(input=1_000_000, output=500_000), Price(input=2.0, output=8.0))
        6.0
    """
    costs = token_costs(usage, price)
    return None if costs is None else costs.total


def token_costs(usage: Usage | None, price: Price | None) -> Cost | None:
    """Return the US dollars of one call in its parts; None where usage or price is unknown, never 0.

    Cached tokens are part of the input and reasoning tokens part of the output, as endpoints report them: a
    part with a price of its own is paid at that price, and the rest of its whole at the whole's. A part that
    is larger than its whole is paid in full, and the whole not at all.

    Example:
        >>> token_costs(Usage(input=1_000, output=10, cached=400), Price(input=2.0, output=8.0, cached=0.5))
        Cost(input=0.0014, output=8e-05, other=0.0)
    """
    if usage is None or price is None or usage.input is None or usage.output is None:
        return None
    if price.output is None and usage.output:
        return None
    if not _is_plain(usage, usage.input, price):
        return _costs_by_unit(usage, price)
    cached = usage.cached or 0 if price.cached is not None else 0
    written = usage.cache_write or 0 if price.cache_write is not None else 0
    reasoning = usage.reasoning or 0 if price.reasoning is not None else 0
    read = max(0, usage.input - cached - written) * price.input
    said = max(0, usage.output - reasoning) * (price.output or 0.0)
    return Cost(
        (read + cached * (price.cached or 0.0) + written * (price.cache_write or 0.0)) / 1e6,
        (said + reasoning * (price.reasoning or 0.0)) / 1e6,
    )


def token_parts(usage: Usage | None, price: Price | None) -> TokenParts | None:
    """Return the US dollars of one call by what the tokens are; None where usage or price is unknown.

    Adds up to `token_costs`. Cached input and reasoning stand apart also where the card has no price of their own
    for them: they are then paid at that of the input and the output. What is written to a cache is input.

    Example:
        >>> usage = Usage(input=1_000_000, output=1_000_000, cached=500_000, reasoning=250_000)
        >>> token_parts(usage, Price(input=2.0, output=8.0, cached=0.5))
        TokenParts(input=1.0, cached=0.25, output=6.0, reasoning=2.0, other=0.0)
    """
    if usage is None or price is None:
        return None
    costs = token_costs(usage, price)
    if costs is None:
        return None
    if not usage.cached and not usage.reasoning:  # nearly always
        return TokenParts(costs.input, 0.0, costs.output, 0.0, costs.other)
    plain = _is_plain(usage, usage.input or 0, price)
    cached, reasoning = (_plain_parts if plain else _parts_by_unit)(usage, price)
    return TokenParts(costs.input - cached, cached, costs.output - reasoning, reasoning, costs.other)


def _plain_parts(usage: Usage, price: Price) -> tuple[float, float]:
    cached, reasoning = usage.cached or 0, usage.reasoning or 0
    written = usage.cache_write or 0 if price.cache_write is not None else 0
    if price.cached is None:
        cached = min(cached, max(0, (usage.input or 0) - written))
    if price.reasoning is None:
        reasoning = min(reasoning, usage.output or 0)
    read = cached * (price.input if price.cached is None else price.cached)
    thought = reasoning * ((price.output or 0.0) if price.reasoning is None else price.reasoning)
    return read / 1e6, thought / 1e6


def _parts_by_unit(usage: Usage, price: Price) -> tuple[float, float]:
    rates = rates_of(price, usage.input or 0)
    alone = _counts_alone(usage, rates)
    found = []
    for part, whole in (("cached", "input"), ("reasoning", "output")):
        units = [unit for unit, rate in rates.items() if unit == part or part in rate.within]
        if part not in rates and whole in rates:
            units.append(whole)
            alone = alone | {whole: min(getattr(usage, part) or 0, alone[whole])}
        found.append(sum(alone[unit] * rates[unit].usd / rates[unit].per for unit in units))
    return found[0], found[1]


def rates_of(price: Price, tokens: int) -> dict[str, Rate]:
    """Return what each unit costs in a call with so many input tokens, by the unit's name.

    Example:
        >>> from passmuster.records.candidate import Tier
        >>> card = Price(input=1.0, output=4.0, tiers=(Tier(above=200_000, usd={"input": 2.0}),))
        >>> [rates_of(card, tokens)["input"].usd for tokens in (200_000, 200_001)]
        [1.0, 2.0]
    """
    rates = {
        unit: Rate(usd=usd, within=within)
        for unit, within in _WITHIN.items()
        if (usd := getattr(price, unit)) is not None
    }
    rates.update(price.rates or {})
    for tier in price.tiers:
        if tokens > tier.above:
            rates |= {unit: replace(rates[unit], usd=usd) for unit, usd in tier.usd.items() if unit in rates}
    return rates


def side_of(unit: str, rate: Rate) -> Literal["input", "output", "other"]:
    """Return to which part of a cost a unit belongs, by its name and by what it is part of.

    Example:
        >>> side_of("cached", Rate(usd=1.0, within=("input",))), side_of("web_searches", Rate(usd=10.0))
        ('input', 'other')
    """
    for side in _SIDES:
        if unit == side or unit.startswith(f"{side}_") or side in rate.within:
            return side
    return "other"


_WITHIN: Mapping[str, tuple[str, ...]] = {
    "input": (),
    "output": (),
    "cached": ("input",),
    "cache_write": ("input",),
    "reasoning": ("output",),
}
"""The units that have a field of their own in `Usage` and `Price`."""
_SIDES: tuple[Literal["input", "output"], ...] = ("input", "output")


def _is_plain(usage: Usage, tokens: int, price: Price) -> bool:
    """Return whether only the fields of the price count for this call: nearly always, and ten times as fast."""
    rates = price.rates
    if rates and ("requests" in rates or (usage.other and not rates.keys().isdisjoint(usage.other))):
        return False
    return not price.tiers or tokens <= price.tiers[0].above


def _costs_by_unit(usage: Usage, price: Price) -> Cost:
    rates = rates_of(price, usage.input or 0)
    costs = {"input": 0.0, "output": 0.0, "other": 0.0}
    for unit, count in _counts_alone(usage, rates).items():
        rate = rates[unit]
        costs[side_of(unit, rate)] += count * rate.usd / rate.per
    return Cost(costs["input"], costs["output"], costs["other"])


def _counts_alone(usage: Usage, rates: Mapping[str, Rate]) -> dict[str, int]:
    """Return how many of each unit are paid at its own rate: those that a more special unit counts are not."""
    counts: Mapping[str, int] = usage.other or {}
    alone: dict[str, int] = {}
    # The most special units first: what they took is taken from every unit that counts it too.
    for unit, _ in sorted(rates.items(), key=_generality):
        count = (
            (getattr(usage, unit) or 0)
            if unit in _WITHIN
            else counts.get(unit, 1 if unit == "requests" else 0)
        )
        taken = sum(alone[part] for part in alone if unit in rates[part].within)
        alone[unit] = max(0, count - taken)
    return alone


def _generality(item: tuple[str, Rate]) -> int:
    return -len(item[1].within)


def estimate_usage(conversation: Conversation, reply: str) -> Usage:
    """Return token counts by the rule of four characters a token, rounded up and marked as estimated.

    Example:
        >>> estimate_usage(Conversation(messages=()), "four letters").output
        3
    """
    return Usage(
        input=_tokens(conversation_characters(conversation)), output=_tokens(len(reply)), estimated=True
    )


def conversation_characters(conversation: Conversation) -> int:
    """Return how many characters of text a conversation holds: system text, messages, context and tools."""
    total = len(conversation.system or "")
    for message in conversation.messages:
        total += _content_characters(message.content)
        total += sum(len(call.name) + len(call.arguments) for call in message.tool_calls)
    total += sum(len(document.text) + len(document.title or "") for document in conversation.context)
    return total + sum(
        _tool_characters(tool.name, tool.description, tool.parameters) for tool in conversation.tools
    )


def _content_characters(content: object) -> int:
    if isinstance(content, str):
        return len(content)
    parts = content if isinstance(content, tuple) else ()
    return sum(len(part.text) for part in parts if isinstance(part, Text))


def _tool_characters(name: str, description: str | None, parameters: Mapping[str, object]) -> int:
    return len(name) + len(description or "") + len(canonical(parameters))


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
