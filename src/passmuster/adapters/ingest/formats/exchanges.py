"""The tools for labelling that tasks go to and labels come from."""

from collections.abc import Sequence

from passmuster.adapters.ingest.formats.argilla import ARGILLA_EXCHANGE
from passmuster.adapters.ingest.formats.exchange import Exchange
from passmuster.adapters.ingest.formats.label_studio import LABEL_STUDIO_EXCHANGE
from passmuster.records.record import Json

EXCHANGES: tuple[Exchange, ...] = (LABEL_STUDIO_EXCHANGE, ARGILLA_EXCHANGE)


def recognised_exchange(sample: Sequence[Json]) -> tuple[Exchange, str] | None:
    """Return the tool whose export a file is by its first values, and why; None where it is none.

    Example:
        >>> found = recognised_exchange([{"id": 1, "data": {"text": "Hi"}, "annotations": []}])
        >>> found[0].title
        'Label Studio'
    """
    for each in EXCHANGES:
        why = each.recognise(sample)
        if why is not None:
            return each, why
    return None
