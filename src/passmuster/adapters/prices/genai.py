"""List prices from the data of the installed package genai-prices: offline, never updated over the network."""

from datetime import UTC, datetime

from passmuster.ports import Clock
from passmuster.records.candidate import Candidate, Price


class GenaiPrices:
    """Finds the list price of a candidate's model, by its endpoint where it has one, else by the model's name.

    An endpoint that the data does not know (a proxy, a machine of one's own) has no list price, whatever its
    model is called. Where a price has tiers the first is taken, where it changes with the time of day the
    highest; `source` says so. `date` is the day of the look-up.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, candidate: Candidate) -> Price | None:
        """Return the price in US dollars per million tokens, or None where it is unknown."""
        if candidate.kind != "llm" or candidate.model is None:
            return None
        from passmuster.adapters.prices.cards import look_up

        return look_up(candidate, datetime.fromtimestamp(self._clock.now(), tz=UTC).date())
