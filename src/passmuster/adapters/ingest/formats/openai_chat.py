"""Logs of chat, completions and responses calls: the body of a request with what came back."""

from collections.abc import Iterator, Mapping, Sequence

from passmuster.adapters.ingest.formats.chats import Answer, answer_of, asked, input_of
from passmuster.adapters.ingest.formats.feedback import feedback, shown_in
from passmuster.adapters.ingest.formats.fields import (
    as_object,
    columns,
    decoded,
    first,
    label,
    moment,
    name_from,
    number,
    tags,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried
from passmuster.adapters.ingest.formats.token_counts import provider_usage
from passmuster.records.case import Conversation, Input
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

_REQUESTS = ("request", "request_body", "requestBody", "body", "kwargs", "input")
_RESPONSES = ("response", "response_body", "responseBody", "completion", "output")
_TIMES = ("created", "created_at", "createdAt", "timestamp", "time", "start_time", "ts")
_USERS = ("user", "user_id", "userId", "end_user", "safety_identifier")
_SESSIONS = ("session_id", "sessionId", "conversation_id", "thread_id", "session")
_SHOWN = ("feedback", "rating", "thumbs", "user_feedback")
_SAID = frozenset(
    {*_REQUESTS, *_RESPONSES, *_TIMES, *_USERS, *_SESSIONS, "id", "messages", "choices", "usage"}
)
_SAID_ELSEWHERE = _SAID | {"tags", "metadata", "tools", "system", "instructions", "prompt", "model", "error"}


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        body = _body(value)
        if body is None:
            continue
        if _response(value) is not None:
            return "its lines hold a request with `messages` (or `input`) and its response"
        if (
            value is body
            and value.keys() & {"model", "id", "created"}
            and isinstance(body.get("messages"), list)
        ):
            return "its lines hold `messages` and `model`"
    return None


def _body(held: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return the request in a log line: the line itself, or what stands under one of the names for it."""
    if isinstance(decoded(held.get("messages")), list):
        return held
    for name in _REQUESTS:
        inner = decoded(held.get(name))
        if isinstance(inner, dict) and (
            isinstance(inner.get("messages"), list)
            or ("model" in inner and inner.keys() & {"input", "prompt"})
        ):
            return inner
    if held.get("object") == "response" and held.get("input"):
        return held
    return None


def _response(held: Mapping[str, Json]) -> Json:
    if "choices" in held or (held.get("object") == "response" and "output" in held):
        return held
    found = decoded(first(held, *_RESPONSES))
    return (
        found
        if isinstance(found, dict | list) or not isinstance(held.get("messages"), list)
        else first(held, *_RESPONSES)
    )


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    body = _body(held)
    if body is None:
        message = "there is no request in it: a list of `messages`, an `input` or a `prompt` with the `model`"
        raise MappingError(message)
    response = _response(held)
    said = decoded(held.get("messages")) if response is None and body is held else None
    if (
        isinstance(said, list)
        and len(said) > 1
        and isinstance(said[-1], dict)
        and said[-1].get("role") == "assistant"
    ):
        # Nothing else came back: the last message is the answer, and no part of what was asked.
        body, response = {**body, "messages": said[:-1]}, said[-1:]
    yield from call_record(held, body, response)


def call_record(held: Mapping[str, Json], body: Mapping[str, Json], response: Json) -> Iterator[Found]:
    """Yield the record of a call.

    Args:
        held: The whole line: names, times, who asked.
        body: The request.
        response: What came back; None where that is not known.

    Raises:
        MappingError: where the request is none.
    """
    notes: list[NotCarried] = []
    answered = response if isinstance(response, dict) else {}
    metadata = decoded(first(held, "metadata") or body.get("metadata"))
    metadata = metadata if isinstance(metadata, dict) else {}
    error = _error(held, answered)
    answer = (
        Answer(None) if error and not answered.get("choices") else answer_of(response, ("response",), notes)
    )
    about = {**metadata, **held}
    shown = feedback(each for name in _SHOWN for each in shown_in(decoded(about.get(name))))
    name = label(first(held, "id", "request_id", "custom_id")) or label(answered.get("id"))
    yield TrafficRecord(
        id=name or name_from(dict(held)),
        input=request_input(body, notes),
        output=answer.text,
        tool_calls=answer.calls,
        time=moment(first(held, *_TIMES) or first(answered, "created", "created_at"), ("created",)),
        model=label(answered.get("model")) or label(first(body, "model")),
        usage=provider_usage(first(answered, "usage", "usageMetadata") or held.get("usage")),
        cost=number(first(about, "cost", "response_cost", "cost_usd")),
        seconds=_seconds(about),
        error=error,
        user=label(first(about, *_USERS)) or label(first(body, *_USERS)),
        session=label(first(about, *_SESSIONS)),
        tags=tags(about.get("tags")),
        feedback=shown.word,
        columns=columns(
            ("", {"feedback": shown.raw, "finish_reason": _finish(answered)}),
            ("", held),
            ("metadata.", metadata),
            without=_SAID_ELSEWHERE,
        ),
    )
    yield from (note._replace(where=name or "") for note in notes)


def request_input(body: Mapping[str, Json], notes: list[NotCarried]) -> Input:
    """Return what the body of a request asks: of chat, completions, responses or messages endpoints.

    Raises:
        MappingError: where it asks nothing.
    """
    if body.get("messages") is not None:
        return asked(body, ("body",), notes)
    given = first(body, "input", "prompt", "contents")
    if isinstance(given, list) and given and all(isinstance(item, dict) for item in given):
        return asked({**body, "messages": given}, ("body",), notes)
    system, tools = first(body, "instructions", "system"), body.get("tools")
    if isinstance(given, str) and (system or tools):
        return asked({**body, "messages": [{"role": "user", "content": given}]}, ("body",), notes)
    found = input_of(given, ("body",), notes)
    return found if isinstance(found, str | Conversation) else dict(found)


def _seconds(about: Mapping[str, Json]) -> float | None:
    thousandths = number(first(about, "latency_ms", "duration_ms", "response_time_ms"))
    if thousandths is not None:
        return round(thousandths / 1000, 6)
    return number(first(about, "latency_seconds", "duration_seconds", "latency_s"))


def _error(held: Mapping[str, Json], answered: Mapping[str, Json]) -> str | None:
    for found in (held.get("error"), answered.get("error")):
        if isinstance(found, dict) and found:
            kind, said = label(first(found, "type", "code")), label(found.get("message"))
            return ": ".join(part for part in (kind, said) if part) or "error"
        if isinstance(found, str) and found:
            return label(found)
    return None


def _finish(answered: Mapping[str, Json]) -> Json:
    choices = answered.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    found = choice.get("finish_reason") if isinstance(choice, dict) else answered.get("stop_reason")
    return found if isinstance(found, str) else None


OPENAI_CHAT = Format(
    name="openai-chat",
    title="logs of chat calls (a request with `messages`, and its response)",
    kind="traffic",
    suffixes=(".jsonl", ".jsonl.gz", ".json"),
    recognise=_recognise,
    read=_read,
)
"""Also completions, responses, Anthropic's messages, and completions that OpenAI stored."""
