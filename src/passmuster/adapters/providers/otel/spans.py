"""Model calls in OpenTelemetry spans, by whichever conventions."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from passmuster.adapters.otlp.conventions import error_of, first_token, is_call, number, text, usage, whole
from passmuster.adapters.otlp.walk import attributes, identity, moment, spans
from passmuster.adapters.providers.wire.errors import Redactor, kind_of_status
from passmuster.records.record import Json
from passmuster.records.trial import Attempt, FailureKind

WORDS: tuple[tuple[str, FailureKind], ...] = (
    ("timeout", "timeout"),
    ("timedout", "timeout"),
    ("ratelimit", "rate_limit"),
    ("quota", "quota"),
    ("authentication", "auth"),
    ("permission", "auth"),
    ("connect", "connection"),
    ("badrequest", "bad_request"),
    ("notfound", "bad_request"),
    ("unprocessable", "bad_request"),
    ("invalid", "bad_request"),
)
"""What the type of an error says of its kind, in whatever way it is spelt."""


class Span(NamedTuple):
    """A span as far as it is of use: its names in hexadecimal digits, and the call of a model that it is, if any."""

    trace: str
    span: str
    parent: str
    call: Attempt | None
    asked: str | None


def read_spans(body: Json, redact: Redactor) -> Iterator[Span]:
    """Yield the spans of an OTLP request in its JSON form; what is not of that form is passed over.

    Example:
        >>> span = {"traceId": "aa", "spanId": "bb", "startTimeUnixNano": "1000000000", "endTimeUnixNano": "3000000000",
        ...         "attributes": [{"key": "gen_ai.request.model", "value": {"stringValue": "m"}}]}
        >>> [found] = read_spans({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}, Redactor([]))
        >>> found.call.model, found.call.started, found.call.seconds
        ('m', 1.0, 2.0)
    """
    for _, span in spans(body):
        trace, name = identity(span, "traceId", "trace_id"), identity(span, "spanId", "span_id")
        if trace and name:
            parent = identity(span, "parentSpanId", "parent_span_id")
            said = attributes(span)
            call = _call(span, said, redact) if is_call(said) else None
            yield Span(trace, name, parent, call, _model(said, "asked", redact))


def _call(span: Mapping[str, Json], said: Mapping[str, Json], redact: Redactor) -> Attempt | None:
    started = moment(span, "startTimeUnixNano", "start_time_unix_nano")
    ended = moment(span, "endTimeUnixNano", "end_time_unix_nano")
    if started is None:
        return None
    seconds = None if ended is None else max(0.0, ended - started)
    error, message = _error(span, said)
    status = whole(said, "status")
    cost = number(said, "cost")
    return Attempt(
        started=started,
        seconds=seconds,
        first_token=first_token(span, said, started, seconds),
        status=status if status is not None and 100 <= status <= 599 else None,
        error=error,
        message=None if error is None else redact.short(message) or error,
        usage=usage(said),
        cost=cost,
        model=_model(said, "model", redact),
    )


def _error(span: Mapping[str, Json], said: Mapping[str, Json]) -> tuple[FailureKind | None, str]:
    found = error_of(span, said)
    if found is None:
        return None, ""
    return _kind(found[0], whole(said, "status")), found[1]


def _kind(name: str, status: int | None) -> FailureKind:
    if name.isdecimal() and len(name) == 3:
        return kind_of_status(int(name))
    if status is not None and 300 <= status <= 599:
        return kind_of_status(status)
    plain = name.lower().replace("_", "").replace(" ", "")
    return next((kind for word, kind in WORDS if word in plain), "server_error")


def _model(said: Mapping[str, Json], what: str, redact: Redactor) -> str | None:
    name = text(said, what)
    return name and redact.clean(name)
