"""What an answer says that it used, read by the rules of the price cards: one rule per company and kind of API."""

from typing import NamedTuple

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import Usage as Extracted

from passmuster.adapters.prices.cards import unit_name
from passmuster.records.record import Json
from passmuster.records.trial import Usage

MOST = 10**12
"""A count above this is nonsense, and more than stores can hold."""


class Reported(NamedTuple):
    """What an answer says about itself: the model, where it names one, and the usage."""

    model: str | None
    usage: Usage


def read_usage(answer: Json, company: str, flavor: str, snapshot: DataSnapshot) -> Reported | None:
    """Return the model and the usage that the body of an answer reports; None where its rule finds none.

    Args:
        answer: The decoded JSON of the answer.
        company: The cards' identifier of who was asked: `openai`, `anthropic`, `google`, ...
        flavor: The kind of API: `chat`, `responses`, `embeddings`, `anthropic` or `default`.
        snapshot: The cards, which hold the rules.
    """
    try:
        provider = snapshot.find_provider(None, company, None)
        model, extracted = provider.extract_usage(answer, api_flavor=flavor)
    except (LookupError, ValueError, TypeError, AttributeError):
        # Besides what it promises, the package breaks on an answer that has a number where it looks for text.
        return None
    usage = _usage(extracted)
    return None if usage is None else Reported(model, usage)


def _usage(extracted: Extracted) -> Usage | None:
    counts = {unit_name(key): int(value) for key, value in vars(extracted).items()}
    if any(count > MOST for count in counts.values()):
        return None
    # Where the rule of an API reads no output, or the answer leaves it out, there was none.
    return Usage(
        input=counts.pop("input", 0),
        output=counts.pop("output", 0),
        cached=counts.pop("cached", None),
        reasoning=counts.pop("reasoning", None),
        cache_write=counts.pop("cache_write", None),
        other=counts or None,
    )
