"""OpenTelemetry spans in OTLP's JSON, as collectors and exporters write them to files."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.adapters.ingest.formats.format import Format, Found, MappingError
from passmuster.adapters.ingest.formats.span_content import Event
from passmuster.adapters.ingest.formats.spans import SpanFacts, is_worded, span_record
from passmuster.adapters.otlp.conventions import error_of, first_token, is_call
from passmuster.adapters.otlp.nesting import ancestors
from passmuster.adapters.otlp.walk import Spoken, attributes, identity, moment, objects, spans
from passmuster.records.record import Json

_HOLDERS = ("resourceSpans", "resource_spans")


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if isinstance(value, dict):
            name = next((name for name in _HOLDERS if isinstance(value.get(name), list)), None)
            if name is not None:
                return f"its values hold `{name}`"
    return None


def _read(value: Json) -> Iterator[Found]:
    if not (isinstance(value, dict) and any(isinstance(value.get(name), list) for name in _HOLDERS)):
        kind = (
            "these are logs or metrics of OpenTelemetry"
            if _is_other(value)
            else "there are no `resourceSpans`"
        )
        message = f"{kind}: calls of models stand in spans"
        raise MappingError(message)
    parents: dict[str, str] = {}
    held: dict[str, list[Found]] = {}
    failed: dict[str, list[Found]] = {}
    for number, spoken in enumerate(spans(value)):
        name, parents_name = _names(spoken.span, number)
        parents[name] = parents_name
        said = attributes(spoken.span, deep=True)
        if not is_call(said) or not is_worded(said):
            continue
        try:
            held[name] = list(span_record(_facts(spoken, said)))
        except MappingError as error:
            failed[name] = [MappingError(error.message, (f"span {name.rpartition('/')[2]}", *error.steps))]
    yield from _once(held, failed, parents)


def _names(span: Mapping[str, Json], number: int) -> tuple[str, str]:
    """Return what a span and the one above it are called: ids are unique within a trace only; "" for none above."""
    trace = identity(span, "traceId", "trace_id")
    own = identity(span, "spanId", "span_id")
    above = identity(span, "parentSpanId", "parent_span_id")
    return f"{trace}/{own or f'no id, number {number + 1}'}", f"{trace}/{above}" if above else ""


def _once(
    held: Mapping[str, list[Found]], failed: Mapping[str, list[Found]], parents: Mapping[str, str]
) -> Iterator[Found]:
    """Yield each call once: of two spans of one call the inner one counts, if it says what was asked."""
    outer = ancestors(held, parents)
    for name, found in held.items():
        if name not in outer:
            yield from found
    below: dict[str, bool] = dict.fromkeys(held, True)
    for name, found in failed.items():
        if name not in outer and not _is_below(name, below, parents):
            yield from found


def _is_below(name: str, below: dict[str, bool], parents: Mapping[str, str]) -> bool:
    """Return whether a call stands above, and note it for the whole way there."""
    way: list[str] = []
    while name and name not in below:
        below[name] = False  # where the way leads back to itself
        way.append(name)
        name = parents.get(name, "")
    found = bool(name) and below[name]
    below.update(dict.fromkeys(way, found))
    return found


def _is_other(value: Json) -> bool:
    return isinstance(value, dict) and not value.keys().isdisjoint({"resourceLogs", "resourceMetrics"})


def _facts(spoken: Spoken, said: Mapping[str, Json]) -> SpanFacts:
    span = spoken.span
    started = moment(span, "startTimeUnixNano", "start_time_unix_nano")
    ended = moment(span, "endTimeUnixNano", "end_time_unix_nano")
    seconds = None if started is None or ended is None else max(0.0, round(ended - started, 9))
    error = error_of(span, said)
    name = span.get("name")
    return SpanFacts(
        trace=identity(span, "traceId", "trace_id"),
        span=identity(span, "spanId", "span_id"),
        name=name if isinstance(name, str) else None,
        started=None if started is None else round(started, 6),
        seconds=seconds,
        first_token=None if started is None else first_token(span, said, started, seconds),
        error=None if error is None else (error[1] or error[0] or "error")[:500],
        said=said,
        events=[
            Event(str(event.get("name", "")), attributes(event, deep=True))
            for event in objects(span, "events")
        ],
        resource=spoken.resource,
    )


OTLP = Format(
    name="otlp",
    title="OpenTelemetry spans (OTLP JSON; GenAI conventions or OpenInference)",
    kind="traffic",
    suffixes=(".json", ".jsonl", ".json.gz", ".jsonl.gz"),
    recognise=_recognise,
    read=_read,
)
"""GenAI conventions, new names and old, and OpenInference."""
