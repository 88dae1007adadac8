"""Price cards as the package genai-prices reads them, turned into our own; loading it takes a third of a second."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.data_units import unit_data
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate, Price, Rate, Tier

OWN_ENDPOINTS = frozenset({"openai", "anthropic", "litellm"})
"""Kinds of provider that say whom they ask where the candidate has no endpoint; LiteLLM by the model's name."""
STANDARD = frozenset({"auto", "default", "standard", "standard_only"})
"""What `service_tier` and `speed` say where the standard price holds."""
FREE = ":free"
"""How the identifier of a model ends that OpenRouter gives away: an empty card of another is no price."""

_FIELDS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cached",
    "cache_write_tokens": "cache_write",
    "output_reasoning_tokens": "reasoning",
}
"""Units of the package that are fields of our records."""


class Unit(NamedTuple):
    """A unit that a card may price: our name for it, how many a price is for, and what counts it too."""

    name: str
    per: int
    within: tuple[str, ...]


class Facts(NamedTuple):
    """What is known of a card beside its prices; `context_window` is the most tokens that the model reads."""

    model: str
    source: str
    day: date
    context_window: int | None = None


def unit_name(usage_key: str) -> str:
    """Return our name of a unit of the package.

    Example:
        >>> unit_name("cache_read_tokens"), unit_name("input_audio_tokens"), unit_name("web_searches")
        ('cached', 'input_audio', 'web_searches')
    """
    return _FIELDS.get(usage_key, usage_key.removesuffix("_tokens"))


def _units() -> Iterator[tuple[str, Unit]]:
    for key, raw in unit_data.items():
        own = raw["dimensions"].items()
        within = (other for other, far in unit_data.items() if far["dimensions"].items() < own)
        yield raw["price_key"], Unit(unit_name(key), raw["per"], tuple(unit_name(other) for other in within))


UNITS: Mapping[str, Unit] = dict(_units())
"""Every unit that the package knows, by the name of its price."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Price cards with the name of where they come from."""

    snapshot: DataSnapshot
    source: str

    def find(self, candidate: Candidate, now: datetime, company: str | None = None) -> Price | None:
        """Return the price of a candidate's model at a moment, or None where the cards have none.

        Unless it is given, the company is found by the endpoint, or by the kind of provider where that has an
        endpoint of its own, or else by the model's name.

        Raises:
            ConfigurationError: for a card with a price that nothing here knows.
        """
        if candidate.model is None:
            return None
        if company is None and candidate.endpoint is None and candidate.provider in OWN_ENDPOINTS:
            company = candidate.provider
        asked = {key: value for key, value in candidate.parameters.items() if isinstance(value, str)}
        try:
            return self.look_up(candidate.model, now, company, candidate.endpoint, asked)
        except LookupError:
            return None

    def look_up(
        self,
        model: str,
        now: datetime,
        company: str | None = None,
        endpoint: str | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> Price | None:
        """Return what a company takes for a model at a moment, or None where its card has no price.

        Where the price changes with the time of day it is the highest of that day. A tier of service that
        the call asks for and the card does not price makes the price unknown.

        Args:
            model: The model's name, as the call has it.
            now: Which day, with a time zone.
            company: The package's identifier of who is asked.
            endpoint: The address that is asked, where no company is given.
            asked: Parameters of the call that are text; some choose another price.

        Raises:
            LookupError: where the cards know no such company or model.
            ConfigurationError: for a card with a price that nothing here knows.
        """
        provider, found = self.snapshot.find_provider_model(model, None, company, endpoint)
        own = any(found is listed for listed in provider.models)
        context = dict(asked or {}) if own else {}
        if not _prices_service(found, asked or {}, own=own):
            return None
        prices, note = _of_the_day(found, now, context)
        return price_of(prices, Facts(found.id, f"{self.source}{note}", now.date(), found.context_window))


def _prices_service(model: ModelInfo, asked: Mapping[str, str], *, own: bool) -> bool:
    """Return whether the card says what the tier of service costs that is asked for."""
    wanted = {key: asked[key] for key in ("service_tier", "speed") if asked.get(key, "auto") not in STANDARD}
    variants = (model.price_variants or ()) if own else ()
    return not wanted or any(variant.when.items() <= wanted.items() for variant in variants)


def _of_the_day(model: ModelInfo, now: datetime, context: Mapping[str, str]) -> tuple[ModelPrice, str]:
    now = now.astimezone(UTC)
    if isinstance(model.prices, ModelPrice):
        return model.get_prices(now, context), ""
    clocks = [
        entry.constraint for entry in model.prices if isinstance(entry.constraint, TimeOfDateConstraint)
    ]
    if not clocks:
        return model.get_prices(now, context), _since(model.prices, now)
    turns = {moment for clock in clocks for moment in (clock.start_time, clock.end_time)}
    prices = [model.get_prices(_at(now.date(), turn), context) for turn in sorted(turns, key=time.isoformat)]
    return max(prices, key=_height), ", highest price of the day"


def _since(prices: list[ConditionalPrice], now: datetime) -> str:
    for entry in reversed(prices):
        if entry.constraint is None or entry.constraint.active(now):
            since = entry.constraint
            return f", since {since.start_date.isoformat()}" if isinstance(since, StartDateConstraint) else ""
    return ""


def _at(day: date, turn: time) -> datetime:
    return datetime.combine(day, turn, turn.tzinfo or UTC)


def _height(price: ModelPrice) -> float:
    prices = (vars(price).get(key) for key in ("input_mtok", "output_mtok"))
    return sum(_base(value) for value in prices if value is not None)


def price_of(prices: ModelPrice, facts: Facts) -> Price | None:
    """Return a card as our own price; None where it has no price of the input.

    Raises:
        ConfigurationError: for a price that nothing here knows, or that is below 0.
    """
    listed: dict[str, Decimal | TieredPrices] = {
        key: value for key, value in vars(prices).items() if value is not None
    }
    day = facts.day.isoformat()
    if not listed and facts.model.endswith(FREE):
        return Price(input=0.0, output=0.0, source=facts.source, date=day)
    for key, value in listed.items():
        _check(key, value, facts)
    named = {UNITS[key]: value for key, value in listed.items()}
    base = {unit.name: _base(value) for unit, value in named.items()}
    if "input" not in base:
        return None
    rates = {
        unit.name: Rate(usd=base[unit.name], per=unit.per, within=unit.within)
        for unit in named
        if unit.name not in _FIELDS.values()
    }
    return Price(
        input=base["input"],
        output=base.get("output"),
        cached=base.get("cached"),
        reasoning=base.get("reasoning"),
        cache_write=base.get("cache_write"),
        rates=rates or None,
        tiers=_tiers(named),
        context_window=facts.context_window,
        source=facts.source,
        date=day,
    )


def _check(key: str, value: Decimal | TieredPrices, facts: Facts) -> None:
    where = f"the card of {facts.model!r} in {facts.source}"
    if key not in UNITS:
        known = ", ".join(sorted(UNITS))
        raise ConfigurationError(
            f"{where} has the price {key!r}, which is not known", hint=f"There are: {known}."
        )
    amounts = (
        [value.base, *(tier.price for tier in value.tiers)] if isinstance(value, TieredPrices) else [value]
    )
    for amount in amounts:
        if not amount.is_finite() or amount < 0:
            raise ConfigurationError(f"{where} has the price {key!r} of {amount} US dollars")


def _tiers(named: Mapping[Unit, Decimal | TieredPrices]) -> tuple[Tier, ...]:
    by_start: dict[int, dict[str, float]] = {}
    for unit, value in named.items():
        for tier in value.tiers if isinstance(value, TieredPrices) else ():
            by_start.setdefault(tier.start, {})[unit.name] = float(tier.price)
    return tuple(Tier(above=start, usd=by_start[start]) for start in sorted(by_start))


def _base(price: Decimal | TieredPrices) -> float:
    return float(price.base if isinstance(price, TieredPrices) else price)
