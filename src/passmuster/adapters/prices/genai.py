"""List prices from the data of the installed package genai-prices: offline, never updated over the network."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import version
from typing import NamedTuple

from genai_prices import data_snapshot
from genai_prices.types import (
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from passmuster.ports import Clock
from passmuster.records.candidate import Candidate, Price

_OWN_ENDPOINT = "openai"
"""A candidate of this provider without an endpoint asks OpenAI itself."""


class _Listed(NamedTuple):
    price: ModelPrice
    note: str = ""


class GenaiPrices:
    """Finds the list price of a candidate's model, by its endpoint where it has one, else by the model's name.

    An endpoint that the data does not know (a proxy, a machine of one's own) has no list price, whatever its
    model is called. Where a price has tiers the first is taken, where it changes with the time of day the
    highest; `source` says so. `date` is the day of the look-up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._source = f"genai-prices {version('genai-prices')}"

    def find(self, candidate: Candidate) -> Price | None:
        """Return the price in US dollars per million tokens, or None where it is unknown."""
        if candidate.kind != "llm" or candidate.model is None:
            return None
        model = _model(candidate.model, candidate.endpoint, candidate.provider)
        if model is None:
            return None
        today = datetime.fromtimestamp(self._clock.now(), tz=UTC).date()
        listed = _listed(model, today)
        return None if listed is None else self._price(listed, today)

    def _price(self, listed: _Listed, today: date) -> Price | None:
        price = listed.price
        read, written = _base(price.input_mtok), _base(price.output_mtok)
        if read is None or written is None:
            return None
        cached, reasoning = price.cache_read_mtok, price.output_reasoning_mtok
        known = (price.input_mtok, price.output_mtok, cached, reasoning)
        tiers = ", first tier" if any(isinstance(item, TieredPrices) for item in known) else ""
        return Price(
            input=read,
            output=written,
            cached=_base(cached),
            reasoning=_base(reasoning),
            source=self._source + tiers + listed.note,
            date=today.isoformat(),
        )


def _model(name: str, endpoint: str | None, provider: str) -> ModelInfo | None:
    snapshot = data_snapshot.get_snapshot()
    own = _OWN_ENDPOINT if endpoint is None and provider == _OWN_ENDPOINT else None
    try:
        return snapshot.find_provider_model(name, None, own, endpoint)[1]
    except LookupError:
        return None


def _listed(model: ModelInfo, today: date) -> _Listed | None:
    if isinstance(model.prices, ModelPrice):
        return _Listed(model.prices)
    by_hour = [entry for entry in model.prices if isinstance(entry.constraint, TimeOfDateConstraint)]
    standard = _standard([entry for entry in model.prices if entry not in by_hour], today)
    if not by_hour:
        return standard
    prices = [entry.prices for entry in by_hour] + ([] if standard is None else [standard.price])
    return _Listed(max(prices, key=_height), ", highest price of the day")


def _standard(entries: Sequence[ConditionalPrice], today: date) -> _Listed | None:
    # As the package documents it: later entries take precedence, and the first is taken where none is active.
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    for entry in reversed(entries):
        constraint = entry.constraint
        if constraint is None:
            return _Listed(entry.prices)
        if constraint.active(noon):
            since = constraint.start_date if isinstance(constraint, StartDateConstraint) else today
            return _Listed(entry.prices, f", since {since.isoformat()}")
    return _Listed(entries[0].prices) if entries else None


def _height(price: ModelPrice) -> float:
    return (_base(price.input_mtok) or 0.0) + (_base(price.output_mtok) or 0.0)


def _base(price: Decimal | TieredPrices | None) -> float | None:
    if price is None:
        return None
    return float(price.base if isinstance(price, TieredPrices) else price)
