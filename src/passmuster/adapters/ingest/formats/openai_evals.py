"""OpenAI evals: samples with their right answers, and rows of hosted evals."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.adapters.ingest.formats.chats import asked, conversation, input_of
from passmuster.adapters.ingest.formats.fields import as_object, decoded, first, label, name_from, sayable
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried
from passmuster.adapters.ingest.formats.openai_tuning import REFERENCES
from passmuster.records.case import Case, Input
from passmuster.records.record import Json


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if value.keys() >= {"input", "ideal"}:
            return "its lines hold `input` and `ideal`"
        if isinstance(value.get("item"), dict) and value.keys() <= {"item", "sample", "id"}:
            return "its lines hold `item`"
    return None


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    if isinstance(held.get("item"), dict):
        yield from _item(held)
        return
    notes: list[NotCarried] = []
    given = held.get("input")
    members = decoded(given)
    asks: Input = (
        conversation(members, ("input",), notes)
        if isinstance(members, list) and members
        else input_of(given, ("input",), notes)
    )
    ideal = held.get("ideal")
    reference = ideal[0] if isinstance(ideal, list) and len(ideal) == 1 else ideal
    if reference is None or reference in ("", []):
        message = "the sample has no right answer"
        raise MappingError(message, ("ideal",))
    others = held.keys() - {"input", "ideal", "id", "sample_id", "metadata"}
    notes += [NotCarried(f"field {name!r}", "a case has no place for it") for name in sorted(others)]
    notes.append(
        NotCarried(
            "the class of the eval",
            "it stands in the registry, not with the samples: use exact_match for Match, "
            "a pattern or a judge for Includes, FuzzyMatch and ModelBasedClassify",
        )
    )
    name = label(first(held, "id", "sample_id")) or name_from(asks)
    yield Case(id=name, input=asks, reference=sayable(reference, ("ideal",)), origin="expert")
    yield from (note._replace(where=name) for note in notes)


def _item(held: Mapping[str, Json]) -> Iterator[Found]:
    """Read a row of a hosted eval: named fields, one of which may be the right answer."""
    item = as_object(held["item"], ("item",))
    inner = ("correct_label", "ground_truth", "answer", "correct_answer", *REFERENCES)
    named = next((name for name in inner if item.get(name) not in (None, "")), None)
    asks = {name: value for name, value in item.items() if name not in {named, "id"}}
    if not asks:
        message = "the item has no fields to ask with"
        raise MappingError(message, ("item",))
    given = (
        asked(asks, ("item",), [])
        if isinstance(asks.get("messages"), list)
        else input_of(asks, ("item",), [])
    )
    name = label(first(held, "id") or item.get("id")) or name_from(given)
    yield Case(
        id=name,
        input=given,
        reference=None if named is None else sayable(item[named], ("item", named)),
        origin="expert",
    )
    if named is None:
        yield NotCarried("the right answer", "no field of the item has a name for one", name)
    if held.get("sample"):
        yield NotCarried("sample", "an answer that a model gave belongs to a run, not to a case", name)


OPENAI_EVALS = Format(
    name="openai-evals",
    title="OpenAI evals (samples with `input` and `ideal`, or items of a hosted eval)",
    kind="cases",
    suffixes=(".jsonl", ".jsonl.gz"),
    recognise=_recognise,
    read=_read,
)
