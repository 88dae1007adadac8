"""The list of models and prices that LiteLLM keeps, in US dollars per single token."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from genai_prices.types import ModelPrice, TieredPrices
from genai_prices.types import Tier as CardTier

from passmuster.adapters.prices.cards import UNITS, Facts, price_of
from passmuster.records.candidate import Candidate, Price
from passmuster.records.record import Json

_KEYS = {
    "input_cost_per_token": "input_mtok",
    "output_cost_per_token": "output_mtok",
    "cache_read_input_token_cost": "cache_read_mtok",
    "input_cost_per_token_cache_hit": "cache_read_mtok",
    "cache_creation_input_token_cost": "cache_write_mtok",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_mtok",
    "output_cost_per_reasoning_token": "output_reasoning_mtok",
    "input_cost_per_audio_token": "input_audio_mtok",
    "output_cost_per_audio_token": "output_audio_mtok",
    "cache_read_input_audio_token_cost": "cache_audio_read_mtok",
    "cache_creation_input_audio_token_cost": "cache_audio_write_mtok",
    "input_cost_per_image_token": "input_image_mtok",
    "output_cost_per_image_token": "output_image_mtok",
    "citation_cost_per_token": "output_citation_mtok",
    "input_cost_per_request": "requests_kcount",
}
"""Its names of prices, and those of the cards."""
_OTHER_MEASURE = re.compile(r"_(batches|batch_requests|flex|priority)$|dbu?_cost|_per_character|_above_")
"""Prices of other ways to ask, and of the same text by another measure."""
_TEXT_MODES = frozenset({"chat", "completion", "responses", "embedding", None})
_TIER = re.compile(r"(.+)_above_(\d{1,6})k_tokens")


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of the list by name, with the name of the file."""

    entries: Mapping[str, Json]
    source: str

    def find(self, candidate: Candidate, now: datetime, company: str | None = None) -> Price | None:
        """Return the price of a candidate's model by name, or None.

        The list has no dates and no addresses: what it says is taken to hold now, wherever the model runs.
        The model is listed as `company/model`, or under its name alone. What else a call can cost and no
        count of tokens tells (images, searches) makes the price unknown where it is all that the model
        does; elsewhere `source` says what is left out.

        Raises:
            ConfigurationError: for a price below 0.
        """
        for name in (f"{company or candidate.provider}/{candidate.model}", candidate.model):
            entry = self.entries.get(name or "")
            if isinstance(entry, Mapping):
                return self._price(name or "", entry, now)
        return None

    def _price(self, name: str, entry: Mapping[str, Json], now: datetime) -> Price | None:
        beyond = [key for key, value in entry.items() if _is_beyond(key, value)]
        if beyond and entry.get("mode") not in _TEXT_MODES:
            return None
        source = f"{self.source}, without {', '.join(beyond)}" if beyond else self.source
        facts = Facts(name, source, now.date(), _count(entry.get("max_input_tokens")))
        price = price_of(ModelPrice(**dict(_prices(entry))), facts)
        if price is None or (beyond and not price.input and not price.output):
            return None
        return replace(price, max_output=_count(entry.get("max_output_tokens")))


def _prices(entry: Mapping[str, Json]) -> Iterator[tuple[str, Decimal | TieredPrices]]:
    tiers: dict[str, list[CardTier]] = {}
    for key, value in entry.items():
        found = _TIER.fullmatch(key)
        usd = _dollars(value)
        if found is not None and found[1] in _KEYS and usd is not None:
            price_key = _KEYS[found[1]]
            tiers.setdefault(price_key, []).append(CardTier(int(found[2]) * 1000, usd * UNITS[price_key].per))
    for key, price_key in _KEYS.items():
        usd = _dollars(entry.get(key))
        if usd is not None:
            base = usd * UNITS[price_key].per
            yield price_key, TieredPrices(base, tiers[price_key]) if price_key in tiers else base


def _is_beyond(key: str, value: Json) -> bool:
    return "cost" in key and key not in _KEYS and not _OTHER_MEASURE.search(key) and bool(value)


def _dollars(value: Json) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _count(value: Json) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and value > 0 else None
