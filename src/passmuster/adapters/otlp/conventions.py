"""What attributes of spans are called: the GenAI conventions, new names and old, and OpenInference's."""

from collections.abc import Mapping

from passmuster.adapters.otlp.walk import LATEST, as_number, attributes, moment, objects
from passmuster.adapters.tokens import count
from passmuster.records.record import Json
from passmuster.records.trial import Usage

CALLS = frozenset(
    {"chat", "text_completion", "completion", "generate_content", "embeddings", "embedding", "rerank"}
)
"""Values of `gen_ai.operation.name` that are calls of a model; agents, tools and workflows are not."""
KINDS = frozenset({"LLM", "EMBEDDING", "RERANKER"})
"""The same for `openinference.span.kind`."""
WORDLESS = ("embedding", "rerank")
"""Beginnings of the calls that answer with no text."""
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


def operation(said: Mapping[str, Json]) -> str:
    """Return what a span did, in lower case; empty where it does not say."""
    kind = said.get("openinference.span.kind")
    named = kind if isinstance(kind, str) else said.get("gen_ai.operation.name", said.get("llm.request.type"))
    return named.lower() if isinstance(named, str) else ""


def is_call(said: Mapping[str, Json]) -> bool:
    """Return whether a span with these attributes is the call of a model.

    Example:
        >>> is_call({"gen_ai.operation.name": "chat"}), is_call({"openinference.span.kind": "TOOL"})
        (True, False)
    """
    named = operation(said)
    if isinstance(said.get("openinference.span.kind"), str):
        return named.upper() in KINDS
    if named:
        return named in CALLS
    # Spans of before the operation was named: what has a model is a call of it, what has tools is an agent.
    return (
        "gen_ai.request.model" in said and "gen_ai.agent.name" not in said and "gen_ai.tool.name" not in said
    )


def usage(said: Mapping[str, Json]) -> Usage | None:
    """Return the tokens that a span reports, None where it reports none."""
    sent, written = whole(said, "input"), whole(said, "output")
    if sent is None and written is None:
        return None
    if written is None and "embedding" in operation(said):
        written = 0
    return Usage(
        input=sent,
        output=written,
        cached=_part(whole(said, "cached"), sent),
        cache_write=_part(whole(said, "cache_write"), sent),
        reasoning=_part(whole(said, "reasoning"), written),
    )


def _part(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)


def first_token(
    span: Mapping[str, Json], said: Mapping[str, Json], started: float, seconds: float | None
) -> float | None:
    """Return the seconds until the first token, None where the span does not say, or says nonsense."""
    first = number(said, "first")
    for event in objects(span, "events") if first is None else ():
        found = moment(event, "timeUnixNano", "time_unix_nano")
        if event.get("name") == FIRST_TOKEN and found is not None:
            first = found - started
    return first if first is not None and seconds is not None and 0 <= first <= seconds else None


def error_of(span: Mapping[str, Json], said: Mapping[str, Json]) -> tuple[str, str] | None:
    """Return the type of a span's error (empty where it has none) and what it says; None where it has no error."""
    status = span.get("status")
    status = status if isinstance(status, dict) else {}
    kind = text(said, "error")
    message = status.get("message")
    for event in objects(span, "events"):
        if event.get("name") == "exception":
            raised = attributes(event)
            kind = kind or text(raised, "error")
            message = message or raised.get("exception.message")
    if kind is None and status.get("code") not in ERROR:
        return None
    return kind or "", ": ".join(part for part in (kind, message) if isinstance(part, str) and part)


def text(said: Mapping[str, Json], what: str) -> str | None:
    """Return a text by one of its `NAMES`, at most 200 characters of it."""
    found = next((said[name] for name in NAMES[what] if said.get(name)), None)
    return found[:200] if isinstance(found, str) else None


def whole(said: Mapping[str, Json], what: str) -> int | None:
    """Return a whole number by one of its `NAMES`, None for anything that is no count."""
    for name in NAMES[what]:
        found = count(as_number(said.get(name)))
        if found is not None:
            return found
    return None


def number(said: Mapping[str, Json], what: str) -> float | None:
    """Return a number of at least 0 by one of its `NAMES`."""
    for name in NAMES[what]:
        found = as_number(said.get(name))
        if found is not None and 0 <= found < LATEST:
            return float(found)
    return None
