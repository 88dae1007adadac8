"""Price cards of the installed package genai-prices; loading it takes a third of a second, so it is loaded late."""

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

from passmuster.records.candidate import Candidate, Price

_OWN_ENDPOINT = "openai"
"""A candidate of this provider without an endpoint asks OpenAI itself."""


class _Listed(NamedTuple):
    price: ModelPrice
    note: str = ""


def look_up(candidate: Candidate, today: date) -> Price | None:
    """Return the list price of a candidate's model on a day, in US dollars per million tokens, or None."""
    model = (
        None if candidate.model is None else _model(candidate.model, candidate.endpoint, candidate.provider)
    )
    listed = None if model is None else _listed(model, today)
    return None if listed is None else _price(listed, today)


def _price(listed: _Listed, today: date) -> Price | None:
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
        source=f"genai-prices {version('genai-prices')}{tiers}{listed.note}",
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
