"""Files to fine-tune models with: conversations that end with the answer to learn."""

from collections.abc import Iterator, Sequence

from passmuster.adapters.ingest.formats.format import Format, Found, MappingError
from passmuster.records.record import Json


def _recognise(sample: Sequence[Json]) -> str | None:
    first = sample[0] if sample else None
    return (
        "its lines hold `messages` alone" if isinstance(first, dict) and set(first) == {"messages"} else None
    )


def _read(value: Json) -> Iterator[Found]:
    message = f"not there yet: {str(value)[:20]}"
    raise MappingError(message)


OPENAI_FINE_TUNE = Format(
    name="openai-fine-tune",
    title="OpenAI fine-tuning examples",
    kind="cases",
    suffixes=(".jsonl", ".jsonl.gz"),
    recognise=_recognise,
    read=_read,
)
