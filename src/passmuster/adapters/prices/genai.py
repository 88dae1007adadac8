"""List prices from the data of the installed package genai-prices: offline, never updated over the network."""

from datetime import UTC, datetime

from passmuster.ports import Clock
from passmuster.records.candidate import Candidate, Price


class GenaiPrices:
    """Finds the list price of a candidate's model, by its endpoint where it has one, else by the model's name.

    An endpoint that the data does not know (a proxy, a machine of one's own) has no list price, whatever its
    model is called. Where a price changes with the time of day the highest is taken; `source` says so.
    `date` is the day of the look-up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, candidate: Candidate) -> Price | None:
        """Return the price in US dollars per million tokens, or None where it is unknown."""
        if candidate.kind != "llm" or candidate.model is None:
            return None
        from importlib.metadata import version

        from genai_prices import data_snapshot

        from passmuster.adapters.prices.cards import Cards

        cards = Cards(data_snapshot.get_snapshot(), f"genai-prices {version('genai-prices')}")
        return cards.find(candidate, datetime.fromtimestamp(self._clock.now(), tz=UTC))
