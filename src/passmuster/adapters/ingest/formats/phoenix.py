"""Spans as rows: what Phoenix gives out as a table or as JSON, and OpenTelemetry's console exporters."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.adapters.ingest.formats.feedback import Shown
from passmuster.adapters.ingest.formats.fields import as_object, decoded, first, label, moment, objects
from passmuster.adapters.ingest.formats.flat import nested
from passmuster.adapters.ingest.formats.format import Format, Found, NotCarried
from passmuster.adapters.ingest.formats.span_content import Event
from passmuster.adapters.ingest.formats.spans import SpanFacts, is_worded, span_record
from passmuster.adapters.otlp.conventions import FIRST_TOKEN, is_call, number
from passmuster.records.record import Json

_PREFIX = "attributes."
_ROOTS = ("llm", "gen_ai", "input", "output", "session", "user", "tag", "embedding", "retrieval", "metadata")


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if "context.span_id" in value and any(name.startswith(_PREFIX) for name in value):
            return "its columns hold `context.span_id` and `attributes.`"
        context = value.get("context")
        if isinstance(context, dict) and "span_id" in context and "attributes" in value:
            return "its values hold `context.span_id` and `attributes`"
    return None


def _read(value: Json) -> Iterator[Found]:
    row = as_object(value)
    said = _attributes(row)
    if "openinference.span.kind" not in said and label(row.get("span_kind")) not in {
        None,
        "CLIENT",
        "INTERNAL",
    }:
        said["openinference.span.kind"] = row["span_kind"]
    if not is_call(said) or not is_worded(said):
        kind = label(row.get("span_kind")) or "another kind"
        yield NotCarried(f"spans of {kind}", "they are no calls of a model", label(row.get("name")) or "")
        return
    yield from span_record(_facts(row, said))


def _attributes(row: Mapping[str, Json]) -> dict[str, Json]:
    """Return the attributes by their full names, however deep they were put."""
    held = decoded(row.get("attributes"))
    said: dict[str, Json] = {}
    if isinstance(held, dict):
        _spread(held, "", said)
    for name, value in row.items():
        if name.startswith(_PREFIX) and value is not None:
            bare = name.removeprefix(_PREFIX)
            # A column of a whole branch is JSON in a CSV file; JSON deeper down is what somebody asked or answered.
            found = decoded(value) if bare in _ROOTS else value
            if isinstance(found, dict) and bare != "metadata":
                _spread(found, bare + ".", said)
            else:
                said[bare] = found
    return said


def _spread(held: Mapping[str, Json], prefix: str, said: dict[str, Json], depth: int = 0) -> None:
    for name, value in held.items():
        whole = prefix + name
        if isinstance(value, dict) and depth < 4 and whole.split(".", 1)[0] in _ROOTS and whole != "metadata":
            _spread(value, whole + ".", said, depth + 1)
        elif value is not None:
            said[whole] = value


def _facts(row: Mapping[str, Json], said: Mapping[str, Json]) -> SpanFacts:
    context = row.get("context")
    context = context if isinstance(context, dict) else {}
    started = moment(first(row, "start_time", "startTime"), ("start_time",))
    ended = moment(first(row, "end_time", "endTime"), ("end_time",))
    seconds = None if started is None or ended is None else max(0.0, round(ended - started, 6))
    events = [_event(item) for item in objects(decoded(row.get("events")))]
    return SpanFacts(
        trace=_hex(row.get("context.trace_id", context.get("trace_id"))),
        span=_hex(row.get("context.span_id", context.get("span_id"))),
        name=label(row.get("name")),
        started=started,
        seconds=seconds,
        first_token=_first_token(row, said, started, seconds),
        error=_error(row),
        said=said,
        events=events,
        shown=tuple(_shown(row)),
    )


def _hex(value: Json) -> str:
    return (label(value) or "").lower().removeprefix("0x")


def _event(item: Mapping[str, Json]) -> Event:
    held = item.get("attributes")
    return Event(label(item.get("name")) or "", held if isinstance(held, dict) else {})


def _first_token(
    row: Mapping[str, Json], said: Mapping[str, Json], started: float | None, seconds: float | None
) -> float | None:
    found = number(said, "first")
    for item in objects(decoded(row.get("events"))) if found is None and started is not None else ():
        at = moment(item.get("timestamp"), ("events",)) if item.get("name") == FIRST_TOKEN else None
        found = at - started if at is not None and started is not None else found
    return round(found, 6) if found is not None and seconds is not None and 0 <= found <= seconds else None


def _error(row: Mapping[str, Json]) -> str | None:
    status = row.get("status")
    status = status if isinstance(status, dict) else {}
    code = label(first(row, "status_code")) or label(status.get("status_code")) or ""
    if code.upper() != "ERROR":
        return None
    return label(first(row, "status_message")) or label(status.get("description")) or "error"


def _shown(row: Mapping[str, Json]) -> Iterator[Shown]:
    for item in objects(decoded(row.get("annotations"))):
        result = item.get("result")
        held = result if isinstance(result, dict) else item
        machine = str(item.get("annotator_kind", "")).upper() in {"LLM", "CODE"}
        yield Shown(label(item.get("name")) or "", held.get("score"), held.get("label"), machine)
    names = {name.split(".")[1] for name in row if name.startswith("eval.") and name.count(".") > 1}
    for name in sorted(names):
        found = nested(row, f"eval.{name}")
        if isinstance(found, dict):
            yield Shown(name, found.get("score"), found.get("label"), by_machine=True)


PHOENIX = Format(
    name="openinference",
    title="spans as rows (Phoenix, or OpenTelemetry's console exporter)",
    kind="traffic",
    suffixes=(".jsonl", ".parquet", ".csv", ".json"),
    recognise=_recognise,
    read=_read,
)
