"""The tokens that an OpenAI-compatible endpoint reports, by the names of any of its surfaces."""

from passmuster.records.record import Json
from passmuster.records.trial import Usage

MOST_TOKENS = 10**12
"""A count above this is nonsense, and more than stores can hold."""
_NONE: dict[str, Json] = {}
# Chat completions say prompt and completion, responses say input and output.
_OLDER = ("prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details")
_NEWER = ("input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details")


def read_usage(raw: Json) -> Usage | None:
    """Return the tokens that the endpoint reports, or None where it reports none.

    Tokens in the total beyond prompt and completion are reasoning that the endpoint left out of the
    completion: they are billed as output, so they are counted there. A part is never larger than its whole.

    Example:
        >>> usage = read_usage({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115})
        >>> usage.output, usage.reasoning
        (105, 100)
    """
    if not isinstance(raw, dict):
        return None
    older = "prompt_tokens" in raw or "completion_tokens" in raw
    of_input, of_output, in_input, in_output = _OLDER if older else _NEWER
    sent, written = count(raw.get(of_input)), count(raw.get(of_output))
    if sent is None and written is None:
        return None
    parts = _details(raw, in_input)
    cached = count(parts.get("cached_tokens", raw.get("prompt_cache_hit_tokens")))
    output_parts = _details(raw, in_output)
    reasoning = count(output_parts.get("reasoning_tokens"))
    total = count(raw.get("total_tokens"))
    if total is not None and sent is not None and written is not None and total > sent + written:
        beyond = total - sent - written
        reasoning = beyond if reasoning is None else reasoning
        written += beyond
    return Usage(
        input=sent,
        output=written,
        cached=_at_most(cached, sent),
        reasoning=_at_most(reasoning, written),
        cache_write=_at_most(count(parts.get("cache_write_tokens")), sent),
        other=_other(parts, output_parts) if parts or output_parts else None,
    )


def count(value: Json) -> int | None:
    """Return a number of tokens, None for anything else.

    Example:
        >>> count(3.0), count(-1), count("3")
        (3, None, None)
    """
    if type(value) is not int and type(value) is not float:
        return None
    return int(value) if 0 <= value <= MOST_TOKENS else None


def _details(raw: dict[str, Json], name: str) -> dict[str, Json]:
    details = raw.get(name)
    return details if isinstance(details, dict) else _NONE


def _other(sent: dict[str, Json], written: dict[str, Json]) -> dict[str, int] | None:
    """Return the parts that cards price apart, by their names there."""
    counts = {
        "input_audio": count(sent.get("audio_tokens")),
        "output_audio": count(written.get("audio_tokens")),
    }
    return {name: number for name, number in counts.items() if number} or None


def _at_most(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)
