"""Model calls in OpenTelemetry spans: the GenAI conventions, new names and old, and OpenInference's."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from passmuster.adapters.providers.openai.usage import count
from passmuster.adapters.providers.wire.errors import Redactor, kind_of_status
from passmuster.records.record import Json
from passmuster.records.trial import Attempt, FailureKind, Usage

CALLS = frozenset(
    {"chat", "text_completion", "completion", "generate_content", "embeddings", "embedding", "rerank"}
)
"""Values of `gen_ai.operation.name` that are calls of a model; agents, tools and workflows are not."""
KINDS = frozenset({"LLM", "EMBEDDING", "RERANKER"})
"""The same for `openinference.span.kind`."""
NANO = 1e-9
LATEST = 1e20
"""No number above it is a time or a price."""
ERROR = (2, "2", "STATUS_CODE_ERROR", "ERROR")
FIRST_TOKEN = "First Token Stream Event"  # noqa: S105 - the name of an event
NAMES: Mapping[str, tuple[str, ...]] = {
    "model": ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "embedding.model_name"),
    "asked": ("gen_ai.request.model", "llm.model_name", "embedding.model_name"),
    "input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"),
    "output": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"),
    "cached": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
    ),
    "cache_write": (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "reasoning": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ),
    "cost": ("llm.cost.total", "gen_ai.usage.cost"),
    "first": ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token"),
    "status": ("http.response.status_code", "http.status_code"),
    "error": ("error.type", "exception.type"),
}
"""Where each thing stands; the first name that a span has counts."""
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
    for resource in _objects(body, "resourceSpans", "resource_spans"):
        # Exporters of before 2022 wrote `instrumentationLibrarySpans`.
        for scope in _objects(resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
            for span in _objects(scope, "spans"):
                trace, name = _identity(span, "traceId", "trace_id"), _identity(span, "spanId", "span_id")
                if trace and name:
                    parent = _identity(span, "parentSpanId", "parent_span_id")
                    said = _attributes(span)
                    call = _call(span, said, redact) if _is_call(said) else None
                    yield Span(trace, name, parent, call, _model(said, "asked", redact))


def _is_call(said: Mapping[str, Json]) -> bool:
    kind = said.get("openinference.span.kind")
    if isinstance(kind, str):
        return kind.upper() in KINDS
    operation = said.get("gen_ai.operation.name", said.get("llm.request.type"))
    if isinstance(operation, str):
        return operation.lower() in CALLS
    # Spans of before the operation was named: what has a model is a call of it, what has tools is an agent.
    return (
        "gen_ai.request.model" in said and "gen_ai.agent.name" not in said and "gen_ai.tool.name" not in said
    )


def _call(span: Mapping[str, Json], said: Mapping[str, Json], redact: Redactor) -> Attempt | None:
    started = _moment(span, "startTimeUnixNano", "start_time_unix_nano")
    ended = _moment(span, "endTimeUnixNano", "end_time_unix_nano")
    if started is None:
        return None
    seconds = None if ended is None else max(0.0, ended - started)
    error, message = _error(span, said)
    status = _whole(said, "status")
    cost = _number(said, "cost")
    return Attempt(
        started=started,
        seconds=seconds,
        first_token=_first_token(span, said, started, seconds),
        status=status if status is not None and 100 <= status <= 599 else None,
        error=error,
        message=None if error is None else redact.short(message) or error,
        usage=_usage(said),
        cost=cost,
        model=_model(said, "model", redact),
    )


def _usage(said: Mapping[str, Json]) -> Usage | None:
    sent, written = _whole(said, "input"), _whole(said, "output")
    if sent is None and written is None:
        return None
    if (
        written is None
        and "embedding" in str(said.get("gen_ai.operation.name", said.get("openinference.span.kind"))).lower()
    ):
        written = 0
    return Usage(
        input=sent,
        output=written,
        cached=_part(_whole(said, "cached"), sent),
        cache_write=_part(_whole(said, "cache_write"), sent),
        reasoning=_part(_whole(said, "reasoning"), written),
    )


def _part(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)


def _first_token(
    span: Mapping[str, Json], said: Mapping[str, Json], started: float, seconds: float | None
) -> float | None:
    first = _number(said, "first")
    for event in _objects(span, "events") if first is None else ():
        moment = _moment(event, "timeUnixNano", "time_unix_nano")
        if event.get("name") == FIRST_TOKEN and moment is not None:
            first = moment - started
    return first if first is not None and seconds is not None and 0 <= first <= seconds else None


def _error(span: Mapping[str, Json], said: Mapping[str, Json]) -> tuple[FailureKind | None, str]:
    status = span.get("status")
    status = status if isinstance(status, dict) else {}
    kind = _text(said, "error")
    message = status.get("message")
    for event in _objects(span, "events"):
        if event.get("name") == "exception":
            raised = _attributes(event)
            kind = kind or _text(raised, "error")
            message = message or raised.get("exception.message")
    if kind is None and status.get("code") not in ERROR:
        return None, ""
    told = ": ".join(part for part in (kind, message) if isinstance(part, str) and part)
    return _kind(kind or "", _whole(said, "status")), told


def _kind(name: str, status: int | None) -> FailureKind:
    if name.isdecimal() and len(name) == 3:
        return kind_of_status(int(name))
    if status is not None and 300 <= status <= 599:
        return kind_of_status(status)
    plain = name.lower().replace("_", "").replace(" ", "")
    return next((kind for word, kind in WORDS if word in plain), "server_error")


def _objects(holder: Json, *names: str) -> Iterator[dict[str, Json]]:
    for name in names:
        found = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(found, list):
            yield from (item for item in found if isinstance(item, dict))
            return


def _attributes(holder: Mapping[str, Json]) -> dict[str, Json]:
    said: dict[str, Json] = {}
    for item in _objects(holder, "attributes"):
        key, value = item.get("key"), item.get("value")
        if isinstance(key, str) and isinstance(value, dict):
            said[key] = next(iter(value.values()), None)
    return said


def _identity(span: Mapping[str, Json], *names: str) -> str:
    """Return a name in lower-case hexadecimal digits; some exporters write base64 all the same."""
    text = next((span[name] for name in names if isinstance(span.get(name), str)), "")
    if not isinstance(text, str) or len(text) > 64:
        return ""
    if len(text) in {12, 24}:
        try:
            return base64.b64decode(text, validate=True).hex()
        except (binascii.Error, ValueError):
            return text.lower()
    return text.lower()


def _moment(holder: Mapping[str, Json], *names: str) -> float | None:
    for name in names:
        value = _as_number(holder.get(name))
        if value is not None and 0 < value < LATEST:
            return value * NANO
    return None


def _text(said: Mapping[str, Json], what: str) -> str | None:
    found = next((said[name] for name in NAMES[what] if said.get(name)), None)
    return found[:200] if isinstance(found, str) else None


def _model(said: Mapping[str, Json], what: str, redact: Redactor) -> str | None:
    name = _text(said, what)
    return name and redact.clean(name)


def _whole(said: Mapping[str, Json], what: str) -> int | None:
    for name in NAMES[what]:
        found = count(_as_number(said.get(name)))
        if found is not None:
            return found
    return None


def _number(said: Mapping[str, Json], what: str) -> float | None:
    for name in NAMES[what]:
        found = _as_number(said.get(name))
        if found is not None and 0 <= found < LATEST:
            return float(found)
    return None


def _as_number(value: Json) -> int | float | None:
    """Return a number; OTLP writes whole numbers of 64 bits as text."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            return int(value)
        except ValueError:
            try:
                return float(value)
            except ValueError:
                return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
