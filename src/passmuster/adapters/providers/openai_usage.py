"""The tokens that an OpenAI-compatible endpoint reports, by the names of any of its surfaces."""

from passmuster.records.record import Json
from passmuster.records.trial import Usage

MOST_TOKENS = 10**12
"""A count above this is nonsense, and more than stores can hold."""
_OTHER = (("prompt", "audio", "input_audio"), ("completion", "audio", "output_audio"))
_NEWER = {"prompt": "input", "completion": "output"}
"""Chat completions say prompt and completion, responses say input and output."""


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
    sent, written = _sum(raw, "prompt"), _sum(raw, "completion")
    if sent is None and written is None:
        return None
    cached = _detail(raw, "prompt", "cached")
    if cached is None:
        cached = count(raw.get("prompt_cache_hit_tokens"))
    reasoning = _detail(raw, "completion", "reasoning")
    total = count(raw.get("total_tokens"))
    if total is not None and sent is not None and written is not None and total > sent + written:
        beyond = total - sent - written
        reasoning = beyond if reasoning is None else reasoning
        written += beyond
    other = {name: number for side, kind, name in _OTHER if (number := _detail(raw, side, kind))}
    return Usage(
        input=sent,
        output=written,
        cached=_at_most(cached, sent),
        reasoning=_at_most(reasoning, written),
        cache_write=_at_most(_detail(raw, "prompt", "cache_write"), sent),
        other=other or None,
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


def _sum(raw: dict[str, Json], side: str) -> int | None:
    value = raw.get(f"{side}_tokens")
    return count(raw.get(f"{_NEWER[side]}_tokens") if value is None else value)


def _detail(raw: dict[str, Json], side: str, kind: str) -> int | None:
    for name in (side, _NEWER[side]):
        details = raw.get(f"{name}_tokens_details")
        if isinstance(details, dict):
            return count(details.get(f"{kind}_tokens"))
    return None


def _at_most(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)
