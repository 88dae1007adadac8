"""The tokens that an OpenAI-compatible endpoint reports, by the names of any of its surfaces."""

from passmuster.records.record import Json
from passmuster.records.trial import Usage

MOST_TOKENS = 10**12
"""A count above this is nonsense, and more than stores can hold."""
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
    sent, written, total = count(raw.get(of_input)), count(raw.get(of_output)), count(raw.get("total_tokens"))
    if sent is None and written is None:
        return None
    beyond = None
    if total is not None and sent is not None and written is not None and total > sent + written:
        beyond = total - sent - written
        written += beyond
    read, said = raw.get(in_input), raw.get(in_output)
    cached, reasoning = _part(read, "cached_tokens", sent), _part(said, "reasoning_tokens", written)
    return Usage(
        input=sent,
        output=written,
        cached=_part(raw, "prompt_cache_hit_tokens", sent) if cached is None else cached,
        reasoning=beyond if reasoning is None else reasoning,
        cache_write=_part(read, "cache_write_tokens", sent),
        other=_other(read, said) if read or said else None,
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


def _part(details: Json, name: str, whole: int | None) -> int | None:
    if not isinstance(details, dict) or name not in details:
        return None
    part = count(details[name])
    return part if part is None or whole is None else min(part, whole)


def _other(read: Json, said: Json) -> dict[str, int] | None:
    """Return the parts that cards price apart, by their names there."""
    counts = {
        "input_audio": _part(read, "audio_tokens", None),
        "output_audio": _part(said, "audio_tokens", None),
    }
    return {name: number for name, number in counts.items() if number} or None
