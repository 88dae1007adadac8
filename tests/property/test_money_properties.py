"""A cost is what the package of price cards says, is never negative, and never passes the bound of the call."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from genai_prices import Usage as CardUsage
from genai_prices.data_units import unit_data
from genai_prices.types import ModelPrice, TieredPrices
from genai_prices.types import Tier as CardTier
from genai_prices.units import UnitRegistry
from hypothesis import given, settings
from hypothesis import strategies as st

from passmuster.adapters.prices.cards import Facts, price_of, unit_name
from passmuster.records.candidate import Candidate, Price, Rate
from passmuster.records.case import Conversation, Message
from passmuster.records.money import Cost, rates_of, side_of, token_cost, token_costs, token_parts
from passmuster.records.trial import Usage
from passmuster.runner.bounds import CALL_ALLOWANCE, Bound, call_bounds, most_tokens

REGISTRY = UnitRegistry(unit_data)
APART = (
    *("cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens", "input_audio_tokens"),
    *("output_reasoning_tokens", "output_audio_tokens", "requests", "web_searches"),
)
FIELDS = {"input", "output", "cached", "cache_write", "reasoning"}
STARTS = (1000, 200_000)

dollars = st.decimals(min_value=0, max_value=500, places=4)
tokens = st.integers(min_value=0, max_value=300_000)


def closed(keys: set[str]) -> set[str]:
    """Add what a card with these units must price too: what counts them, and what two of them share."""
    while True:
        units = [REGISTRY.units[key] for key in keys]
        joins = {
            join.usage_key for one in units for other in units if (join := REGISTRY.find_join(one, other))
        }
        more = joins.union(*(REGISTRY.ancestor_usage_keys(key) for key in keys))
        if more <= keys:
            return keys
        keys = keys | more


@st.composite
def priced_calls(draw: st.DrawFn) -> tuple[ModelPrice, dict[str, int]]:
    """Draw a card and a usage that fits it: every token is counted once, and in all that counts it too."""
    keys = closed({"input_tokens", "output_tokens", *draw(st.sets(st.sampled_from(APART)))})
    listed: dict[str, Decimal | TieredPrices | None] = {}
    for key in sorted(keys):
        base = draw(dollars)
        starts = sorted(draw(st.sets(st.sampled_from(STARTS))))
        tiers = [CardTier(start, draw(dollars)) for start in starts]
        listed[REGISTRY.units[key].price_key] = TieredPrices(base, tiers) if tiers else base
    alone = {key: draw(tokens) for key in sorted(keys - {"requests"})}
    counts = {
        key: sum(
            count for part, count in alone.items() if key == part or key in REGISTRY.ancestor_usage_keys(part)
        )
        for key in alone
    }
    return ModelPrice(**listed), counts


def ours(prices: ModelPrice, counts: Mapping[str, int]) -> tuple[Price, Usage]:
    price = price_of(prices, Facts("m", "a card", date(2026, 1, 1)))
    assert price is not None
    named = {unit_name(key): count for key, count in counts.items()}
    own: dict[str, Any] = {name: named.pop(name) for name in FIELDS & named.keys()}
    return price, Usage(**own, other=named or None)


@given(priced_calls())
def test_a_cost_is_what_the_package_of_price_cards_says(call: tuple[ModelPrice, dict[str, int]]) -> None:
    expected = call[0].calc_price(CardUsage(**call[1]))
    price, usage = ours(*call)
    cost = token_costs(usage, price)
    assert cost is not None
    assert abs(Decimal(cost.input) - expected["input_price"]) <= Decimal("1e-9")
    assert abs(Decimal(cost.output) - expected["output_price"]) <= Decimal("1e-9")
    assert abs(Decimal(cost.total) - expected["total_price"]) <= Decimal("1e-9")


rates = st.floats(min_value=0, max_value=1000)
counts = st.none() | st.integers(min_value=0, max_value=10**12)
plain_prices = st.builds(
    Price,
    input=rates,
    output=st.none() | rates,
    cached=st.none() | rates,
    reasoning=st.none() | rates,
    cache_write=st.none() | rates,
)
usages = st.builds(
    Usage,
    input=counts,
    output=counts,
    cached=counts,
    reasoning=counts,
    cache_write=counts,
    other=st.none()
    | st.dictionaries(st.sampled_from(["input_audio", "web_searches"]), st.integers(0, 10**9)),
)


@given(usages, plain_prices)
def test_units_that_cost_nothing_change_no_cost(usage: Usage, price: Price) -> None:
    """The short way of a plain price and the long one, unit by unit, come to the same."""
    idle = Price(
        input=price.input,
        output=price.output,
        cached=price.cached,
        reasoning=price.reasoning,
        cache_write=price.cache_write,
        rates={"requests": Rate(usd=0.0, per=1000)},
    )
    short, long = token_cost(usage, price), token_cost(usage, idle)
    assert (short is None) == (long is None)
    assert short is None or long is None or abs(short - long) <= 1e-9 * max(1.0, short)


@given(usages, plain_prices, st.booleans())
def test_a_cost_is_unknown_or_not_negative(usage: Usage, price: Price, audio: bool) -> None:  # noqa: FBT001
    apart = Rate(usd=3.0, within=("input",))
    cost = token_costs(usage, Price(**{**_fields(price), "rates": {"input_audio": apart} if audio else None}))
    unknown = usage.input is None or usage.output is None or (price.output is None and usage.output > 0)
    assert (cost is None) == unknown
    assert cost is None or min(cost) >= 0.0


@given(usages, plain_prices, st.booleans())
def test_the_parts_of_the_tokens_add_up_to_the_cost_and_none_is_negative(
    usage: Usage,
    price: Price,
    audio: bool,  # noqa: FBT001 - drawn
) -> None:
    apart = Rate(usd=3.0, within=("input",))
    card = Price(**{**_fields(price), "rates": {"input_audio": apart} if audio else None})
    parts, cost = token_parts(usage, card), token_costs(usage, card)
    assert (parts is None) == (cost is None)
    if parts is None or cost is None:
        return
    small = 1e-9 * max(1.0, cost.total)
    assert min(parts) >= -small
    assert abs(parts.input + parts.cached - cost.input) <= small
    assert abs(parts.output + parts.reasoning - cost.output) <= small
    assert parts.other == cost.other


@given(usages, plain_prices)
def test_the_parts_are_the_same_by_the_short_way_and_unit_by_unit(usage: Usage, price: Price) -> None:
    idle = Price(**_fields(price), rates={"requests": Rate(usd=0.0, per=1000)})
    short, long = token_parts(usage, price), token_parts(usage, idle)
    assert (short is None) == (long is None)
    if short is not None and long is not None:
        assert all(abs(a - b) <= 1e-9 * max(1.0, sum(short)) for a, b in zip(short, long, strict=True))


def _fields(price: Price) -> dict[str, Any]:
    return {name: getattr(price, name) for name in ("input", "output", "cached", "reasoning", "cache_write")}


@given(priced_calls(), st.text(max_size=200), st.integers(1, 400), st.integers(1, 3), st.data())
@settings(max_examples=200)
def test_no_call_within_its_bytes_and_its_limit_passes_its_bound(
    call: tuple[ModelPrice, dict[str, int]], text: str, limit: int, choices: int, data: st.DataObject
) -> None:
    price, _ = ours(*call)
    parameters = {"max_tokens": limit, "n": choices}
    candidate = Candidate(name="c", provider="openai", model="m", parameters=parameters, price=price)
    conversation = Conversation(messages=(Message(role="user", content=text),))
    cost = token_costs(
        _usage_within(price, CALL_ALLOWANCE + most_tokens(conversation), limit * choices, data), price
    )

    bounds = call_bounds(candidate)
    worst = bounds.worst(conversation)
    assert isinstance(worst, Bound)
    assert bounds.usd(conversation) == worst.usd
    assert cost is not None
    assert cost.total <= worst.usd + 1e-12


def _usage_within(price: Price, most_input: int, most_output: int, data: st.DataObject) -> Usage:
    """Draw how a call's tokens fall to the units of a price: every token to one, and to what counts it too."""
    priced: dict[str, Rate] = rates_of(price, 0)
    left = {"input": data.draw(st.integers(0, most_input)), "output": data.draw(st.integers(0, most_output))}
    alone: dict[str, int] = {}
    for unit in sorted(priced, key=lambda name: -len(priced[name].within)):
        side = side_of(unit, priced[unit])
        if side == "other":
            continue
        alone[unit] = left[side] if unit == side else data.draw(st.integers(0, left[side]))
        left[side] -= alone[unit]
    counted = {
        unit: sum(count for part, count in alone.items() if part == unit or unit in priced[part].within)
        for unit in alone
    }
    own: dict[str, Any] = {name: counted.pop(name) for name in FIELDS & counted.keys()}
    return Usage(**own, other=counted or None)


def test_the_parts_of_a_cost_make_its_total() -> None:
    assert Cost(1.0, 2.0, 4.0).total == 7.0
