"""Token counts, as providers and the tools that log them write them."""

from collections.abc import Mapping
from typing import Any

from passmuster.adapters.ingest.formats.fields import decoded
from passmuster.adapters.ingest.spellings.numbers import whole
from passmuster.adapters.tokens import read_usage
from passmuster.records.record import Json
from passmuster.records.trial import Usage

_READ = ("cache_read_input_tokens", "input_cache_read", "input_cached_tokens", "cached_tokens", "cache_read")
_WRITTEN = ("cache_creation_input_tokens", "input_cache_creation", "cache_write_input_tokens", "cache_write")
_THOUGHT = ("output_reasoning_tokens", "reasoning_tokens", "output_reasoning", "reasoning")


def provider_usage(raw: Json) -> Usage | None:
    """Return the tokens in a provider's `usage`: OpenAI's names, Anthropic's, Google's.

    Anthropic counts what is read from and written to its cache beside its input tokens; here both are part of them.

    Example:
        >>> provider_usage({"input_tokens": 5, "cache_read_input_tokens": 90, "output_tokens": 2}).input
        95
    """
    raw = decoded(raw)
    if not isinstance(raw, dict):
        return None
    if "promptTokenCount" in raw:
        return _of_google(raw)
    read, written = _sum(raw, _READ[:1]), _sum(raw, _WRITTEN[:1])
    if "prompt_tokens" in raw or (read is None and written is None):
        found = read_usage(raw)
        if found is None or read is None or found.cached is not None:
            return found
        return Usage(
            input=found.input,
            output=found.output,
            cached=_part(read, found.input),
            reasoning=found.reasoning,
            cache_write=_part(written, found.input),
            other=found.other,
        )
    plain = whole(raw.get("input_tokens"))
    return Usage(
        input=None if plain is None else plain + (read or 0) + (written or 0),
        output=whole(raw.get("output_tokens")),
        cached=read,
        cache_write=written,
    )


def _of_google(raw: Mapping[str, Json]) -> Usage:
    thought, said = whole(raw.get("thoughtsTokenCount")), whole(raw.get("candidatesTokenCount"))
    sent = whole(raw.get("promptTokenCount"))
    return Usage(
        input=sent,
        output=None if said is None else said + (thought or 0),
        cached=_part(whole(raw.get("cachedContentTokenCount")), sent),
        reasoning=thought,
    )


def bucket_usage(raw: Json) -> Usage | None:
    """Return the tokens in Langfuse's `usage_details`: buckets beside each other, or a whole with its parts.

    They are parts where input and output alone make the total.

    Example:
        >>> found = bucket_usage({"input": 10, "input_cached_tokens": 90, "output": 5, "total": 105})
        >>> found.input, found.cached, found.output
        (100, 90, 5)
    """
    raw = decoded(raw)
    if not isinstance(raw, dict):
        return None
    named: dict[str, Any] = {
        name: found for name, value in raw.items() if (found := whole(value)) is not None
    }
    sent, said = (
        _first(named, "input", "promptTokens", "prompt_tokens"),
        _first(named, "output", "completionTokens", "completion_tokens"),
    )
    if sent is None and said is None:
        return provider_usage(raw)
    total = _first(named, "total", "totalTokens", "total_tokens")
    cached, written, thought = _sum(named, _READ), _sum(named, _WRITTEN), _sum(named, _THOUGHT)
    beside = total is None or (sent or 0) + (said or 0) != total
    if beside:
        sent = None if sent is None else sent + (cached or 0) + (written or 0)
        said = None if said is None else said + (thought or 0)
    return Usage(
        input=sent,
        output=said,
        cached=_part(cached, sent),
        reasoning=_part(thought, said),
        cache_write=_part(written, sent),
    )


def _first(named: Mapping[str, int], *names: str) -> int | None:
    return next((named[name] for name in names if name in named), None)


def _sum(raw: Mapping[str, Json], names: tuple[str, ...]) -> int | None:
    found = [number for name in names if (number := whole(raw.get(name))) is not None]
    return sum(found) if found else None


def _part(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)
