"""Probabilities of tokens as OpenAI-compatible endpoints give them, and the confidence that they make."""

import math
from collections.abc import Callable, Iterable, Sequence

from passmuster.records.record import Json
from passmuster.records.trial import TokenLogprob

MOST_LIKELY = 100
"""Alternatives kept of a token: no endpoint gives more in earnest."""


def confidence(logprobs: Sequence[TokenLogprob] | None) -> float | None:
    """Return the geometric mean of the tokens' probabilities: exp of the mean logprob, in [0, 1].

    Example:
        >>> confidence([TokenLogprob(token="a", logprob=0.0), TokenLogprob(token="b", logprob=-2.0)])
        0.36787944117144233
    """
    if not logprobs:
        return None
    return min(1.0, math.exp(min(0.0, math.fsum(token.logprob for token in logprobs) / len(logprobs))))


def read_logprobs(raw: Sequence[Json], clean: Callable[[str], str]) -> tuple[TokenLogprob, ...] | None:
    """Return the tokens of `{token, logprob, top_logprobs}` items; None unless every one can be read."""
    tokens = [_token(item, clean) for item in raw]
    known = tuple(token for token in tokens if token is not None)
    return known if known and len(known) == len(raw) else None


def read_columns(raw: Sequence[Json], clean: Callable[[str], str]) -> tuple[TokenLogprob, ...] | None:
    """Return the tokens of a completion's `{tokens, token_logprobs, top_logprobs}`, one or more of them.

    None unless every one can be read; the first token of an echoed prompt has no probability and is left out.
    """
    items: list[Json] = []
    for part in raw:
        if not isinstance(part, dict):
            return None
        tokens, values = _list(part.get("tokens")), _list(part.get("token_logprobs"))
        top = _list(part.get("top_logprobs")) or [None] * len(tokens)
        if not len(tokens) == len(values) == len(top):
            return None
        for token, value, others in zip(tokens, values, top, strict=True):
            if items or value is not None:
                items.append({"token": token, "logprob": value, "top_logprobs": _named(others)})
    return read_logprobs(items, clean)


def _named(others: Json) -> list[Json]:
    """Return the alternatives of a token as items; a completion has them by name."""
    if not isinstance(others, dict):
        return []
    return [{"token": token, "logprob": value} for token, value in others.items()]


def _token(raw: Json, clean: Callable[[str], str]) -> TokenLogprob | None:
    if not isinstance(raw, dict):
        return None
    token, logprob = raw.get("token"), _finite(raw.get("logprob"))
    if not isinstance(token, str) or logprob is None:
        return None
    top = dict(_alternatives(_list(raw.get("top_logprobs"))[:MOST_LIKELY], clean))
    return TokenLogprob(token=clean(token), logprob=logprob, top=top or None)


def _alternatives(listed: Sequence[Json], clean: Callable[[str], str]) -> Iterable[tuple[str, float]]:
    for other in listed:
        if isinstance(other, dict) and isinstance(other.get("token"), str):
            value = _finite(other.get("logprob"))
            if value is not None:
                yield clean(other["token"]), value


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _finite(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
