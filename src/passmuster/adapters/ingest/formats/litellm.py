"""LiteLLM's logs: its standard logging payload, and the proxy's table of spend logs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from passmuster.adapters.ingest.formats.chats import answer_of, input_of, system_text
from passmuster.adapters.ingest.formats.feedback import feedback, shown_in
from passmuster.adapters.ingest.formats.fields import (
    LONGEST_LABEL,
    as_object,
    columns,
    decoded,
    first,
    label,
    moment,
    number,
    tags,
)
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried
from passmuster.adapters.ingest.formats.parts import tools_of
from passmuster.adapters.ingest.formats.token_counts import provider_usage
from passmuster.adapters.ingest.spellings.numbers import whole
from passmuster.records.case import Conversation, Input
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage

_PAYLOAD = "standard_logging_object"
_REDACTED = "redacted-by-litellm"
_WORDED = ("completion", "response", "anthropic_messages", "generate_content", "chat", "pass_through")
"""In the names of the kinds of calls that answer with text."""
_KEPT = (
    *("call_type", "status", "model_group", "model_id", "custom_llm_provider", "cache_hit"),
    *("team_id", "organization_id", "agent_id", "stream"),
)
"""Columns that are kept; keys, their hashes and addresses are not."""
_KEPT_METADATA = ("user_api_key_alias", "user_api_key_team_alias", "user_api_key_team_id")
_NO_CONTENT = (
    "the log does not hold what was asked: let the proxy store it, with `store_prompts_in_spend_logs: true`"
)


class _Times(NamedTuple):
    started: float | None
    seconds: float | None
    first_token: float | None


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if _PAYLOAD in value:
            return f"its lines hold `{_PAYLOAD}`"
        if value.keys() >= {"call_type", "startTime", "endTime", "request_id"}:
            return "its columns are those of the proxy's spend logs (`request_id`, `call_type`, `startTime`)"
        if value.keys() >= {"call_type", "startTime", "messages"} and "response_cost" in value:
            return "its lines hold `call_type`, `startTime` and `response_cost`"
    return None


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    held = as_object(held.get(_PAYLOAD, held), (_PAYLOAD,))
    name = label(first(held, "id", "request_id"))
    if name is None:
        message = "the call has no `id` or `request_id`"
        raise MappingError(message, ("id",))
    kind = label(held.get("call_type")) or ""
    if kind and not any(word in kind for word in _WORDED):
        yield NotCarried(f"calls of the kind {kind!r}", "they are not answered with text", name)
        return
    notes: list[NotCarried] = []
    yield _record(held, name, notes)
    yield from (note._replace(where=name) for note in notes)


def _record(held: Mapping[str, Json], name: str, notes: list[NotCarried]) -> TrafficRecord:
    metadata, response = _object(held.get("metadata")), _object(held.get("response"))
    answer = answer_of(response or held.get("response"), ("response",), notes)
    failed = held.get("status") == "failure"
    times = _times(held)
    shown = feedback(shown_in(_object(metadata.get("requester_metadata")).get("feedback")))
    user = first(held, "end_user", "user") or first(
        metadata, "user_api_key_end_user_id", "user_api_key_user_id"
    )
    return TrafficRecord(
        id=name,
        input=_asked(held, notes),
        output=answer.text,
        tool_calls=answer.calls,
        time=times.started,
        model=label(response.get("model")) or label(first(held, "model", "model_group")),
        usage=_usage(held, metadata, response, failed=failed),
        cost=_cost(held, failed=failed),
        first_token=times.first_token,
        seconds=times.seconds,
        error=_error(held, metadata) if failed else None,
        user=label(user),
        session=label(first(held, "session_id", "trace_id")),
        tags=tags(held.get("request_tags")),
        feedback=shown.word,
        columns=_columns(held, metadata, shown.raw),
    )


def _object(value: Json) -> Mapping[str, Json]:
    found = decoded(value)
    return found if isinstance(found, dict) else {}


def _asked(held: Mapping[str, Json], notes: list[NotCarried]) -> Input:
    request = _object(held.get("proxy_server_request"))
    body = _object(request.get("body")) or request
    given = decoded(held.get("messages"))
    given = (
        given if given not in (None, {}, [], "") else first(body, "messages", "input", "prompt", "contents")
    )
    if given is None:
        raise MappingError(_NO_CONTENT, ("messages",))
    if _is_redacted(given):
        message = "the log does not hold what was asked: LiteLLM was told to redact messages"
        raise MappingError(message, ("messages",))
    asked = input_of(given, ("messages",), notes)
    parameters = _object(held.get("model_parameters"))
    tools = first(parameters, "tools", "functions") or first(body, "tools", "functions")
    system = first(body, "system", "instructions")
    if isinstance(asked, str) and not tools and not system:
        return asked
    if isinstance(asked, str | Conversation):
        turns: Json = [{"role": "user", "content": asked}] if isinstance(asked, str) else None
        turned = asked if isinstance(asked, Conversation) else input_of(turns, ("messages",), notes)
        if isinstance(turned, Conversation):
            said = turned.system or (system_text(system, ("system",)) if system else None)
            return Conversation(
                messages=turned.messages,
                system=said or None,
                tools=turned.tools or tools_of(tools, ("model_parameters", "tools"), notes),
                context=turned.context,
            )
    return asked


def _is_redacted(given: Json) -> bool:
    if isinstance(given, str):
        return given == _REDACTED
    members = given if isinstance(given, list) else []
    return any(isinstance(item, dict) and item.get("content") == _REDACTED for item in members)


def _times(held: Mapping[str, Json]) -> _Times:
    started, ended = moment(held.get("startTime"), ("startTime",)), moment(held.get("endTime"), ("endTime",))
    seconds = None if started is None or ended is None or ended < started else round(ended - started, 6)
    begun = moment(held.get("completionStartTime"), ("completionStartTime",))
    # Where nothing was streamed LiteLLM writes the end of the call as the beginning of its answer.
    known = begun is not None and started is not None and ended is not None and started <= begun < ended
    return _Times(started, seconds, round(begun - started, 6) if known and begun and started else None)


def _usage(
    held: Mapping[str, Json], metadata: Mapping[str, Json], response: Mapping[str, Json], *, failed: bool
) -> Usage | None:
    for raw in (metadata.get("usage_object"), response.get("usage")):
        found = provider_usage(raw)
        if found is not None:
            return found
    sent, said = whole(held.get("prompt_tokens")), whole(held.get("completion_tokens"))
    if (sent is None and said is None) or (not sent and not said):
        return None  # the table has 0 where nothing is known
    return None if failed and not said and not sent else Usage(input=sent, output=said)


def _cost(held: Mapping[str, Json], *, failed: bool) -> float | None:
    """Return what the call cost; 0 only for what was answered from the cache: else it is a price that is not known."""
    found = number(first(held, "response_cost", "spend"))
    free = str(held.get("cache_hit")).lower() == "true"
    return found if found or (free and not failed) else None


def _error(held: Mapping[str, Json], metadata: Mapping[str, Json]) -> str:
    told = _object(held.get("error_information")) or _object(metadata.get("error_information"))
    said = label(first(held, "error_str")) or label(told.get("error_message"))
    kind = label(first(told, "error_class", "error_code"))
    return ": ".join(part for part in (kind, said) if part)[:LONGEST_LABEL] or "failed"


def _columns(held: Mapping[str, Json], metadata: Mapping[str, Json], raw: str | None) -> dict[str, Json]:
    return columns(
        ("", {"feedback": raw}),
        ("", {name: held[name] for name in _KEPT if name in held}),
        ("", {name: metadata[name] for name in _KEPT_METADATA if name in metadata}),
        ("metadata.", _object(metadata.get("requester_metadata"))),
        ("metadata.", _object(metadata.get("spend_logs_metadata"))),
    )


LITELLM = Format(
    name="litellm",
    title="LiteLLM logs (standard logging payload, or the proxy's spend logs)",
    kind="traffic",
    suffixes=(".jsonl", ".csv", ".json", ".parquet"),
    recognise=_recognise,
    read=_read,
)
