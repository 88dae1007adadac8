"""What a function or a command gave back, read into an outcome with its account."""

import json
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, get_args

from passmuster.adapters.providers.wire.errors import UnreadableError, whole_characters
from passmuster.adapters.providers.wire.steps import read_state, read_steps
from passmuster.records.case import ToolCall
from passmuster.records.record import Record
from passmuster.records.trial import Failure, FailureKind, Outcome, Reply, TokenLogprob, Usage

KEYS = (
    "text",
    "usage",
    "cost",
    "confidence",
    "probabilities",
    "tool_calls",
    "finish_reason",
    "model",
    "error",
    "kind",
    "steps",
    "state",
)
"""What an answer may hold."""
THEIRS = {"prompt_tokens": "input", "completion_tokens": "output", "total_tokens": None}
"""OpenAI's names of token counts, as its clients give them."""
COUNTS = ("input", "output", "cached", "cache_write", "reasoning")
MOST_TOKENS = 10**12
LONGEST = 32 * 1024 * 1024
"""Characters of the longest reply; a longer one is malformed."""
Clean = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Record):
    """How a call ended, with the tokens and the US dollars that it named itself; None is not said."""

    outcome: Outcome
    usage: Usage | None = None
    cost: float | None = None


def read_answer(answer: object, clean: Clean) -> Answered:
    """Return what an answer says: text, a mapping with the keys of `KEYS`, a `Reply` or a `Failure`.

    Every text goes through `clean`, which takes secrets out.

    Raises:
        UnreadableError: saying what is wrong with it.

    Example:
        >>> read_answer({"text": "yes", "usage": {"input": 3, "output": 1}}, str).usage.output
        1
    """
    if isinstance(answer, str):
        return Answered(outcome=Reply(text=_text(answer, "the answer", clean)))
    if isinstance(answer, Failure):
        return Answered(outcome=_failure(answer.message, answer.kind, clean))
    if isinstance(answer, Reply):
        return Answered(outcome=_reply_of(answer, clean))
    if not isinstance(answer, Mapping):
        message = f"the answer is a {type(answer).__name__}; expected text, a mapping with `text`, or a Reply"
        raise UnreadableError(message)
    _known(answer, KEYS, "the answer", "an answer that is JSON itself goes into `text`, as text")
    usage = None if answer.get("usage") is None else _usage(answer["usage"])
    cost = _number(answer.get("cost"), "cost", math.inf)
    if answer.get("error") is not None:
        kind = answer.get("kind", "internal")
        return Answered(outcome=_failure(answer["error"], kind, clean), usage=usage, cost=cost)
    return Answered(outcome=_reply(answer, clean), usage=usage, cost=cost)


def _reply(answer: Mapping[str, Any], clean: Clean) -> Reply:
    calls = tuple(_tool_call(call, clean) for call in _list(answer.get("tool_calls"), "tool_calls"))
    text = answer.get("text")
    if text is None and not calls:
        found = ", ".join(map(str, answer)) or "nothing"
        message = f"the answer has no `text`; it has: {found}"
        raise UnreadableError(message)
    return Reply(
        text=_text(text if text is not None else "", "text", clean),
        tool_calls=calls,
        finish_reason=_name(answer.get("finish_reason"), "finish_reason", clean),
        confidence=_number(answer.get("confidence"), "confidence", 1.0),
        probabilities=_probabilities(answer.get("probabilities"), clean),
        model=_name(answer.get("model"), "model", clean),
        steps=read_steps(answer.get("steps"), clean),
        state=read_state(answer.get("state"), clean),
    )


def _reply_of(reply: Reply, clean: Clean) -> Reply:
    """Return a record that the user's code made, read as if it had come from outside: nothing checked it."""
    values = {name: getattr(reply, name) for name in KEYS if name in reply.__dataclass_fields__}
    read = _reply(values, clean)
    return Reply(
        text=read.text,
        tool_calls=read.tool_calls,
        finish_reason=read.finish_reason,
        confidence=read.confidence,
        probabilities=read.probabilities,
        logprobs=_logprobs(reply.logprobs, clean),
        model=read.model,
        fingerprint=_name(reply.fingerprint, "fingerprint", clean),
        steps=read.steps,
        state=read.state,
    )


def _logprobs(value: object, clean: Clean) -> tuple[TokenLogprob, ...] | None:
    return None if value is None else tuple(_token(item, clean) for item in _list(value, "logprobs"))


def _token(value: object, clean: Clean) -> TokenLogprob:
    if not isinstance(value, TokenLogprob):
        message = f"logprobs holds a {type(value).__name__}; expected TokenLogprob records"
        raise UnreadableError(message)
    top = None if value.top is None else _mapping(value.top, "top of logprobs")
    return TokenLogprob(
        token=_text(value.token, "a token", clean),
        logprob=_logprob(value.logprob),
        top=top and {_text(token, "a token", clean): _logprob(share) for token, share in top.items()},
    )


def _logprob(value: object) -> float:
    number = _finite(value)
    if not number <= 0:
        message = f"a logprob is {str(value)[:40]!r}; expected a number of at most 0"
        raise UnreadableError(message)
    return number


def _failure(message: object, kind: object, clean: Clean) -> Failure:
    if kind not in get_args(FailureKind):
        known = ", ".join(get_args(FailureKind))
        text = f"kind is {str(kind)[:80]!r}; expected one of {known}"
        raise UnreadableError(text)
    said = clean(whole_characters(str(message)))[:300]
    return Failure(kind=kind, message=said or "it failed without a message")  # type: ignore[arg-type]  # checked above


def _known(given: Mapping[Any, Any], known: Sequence[str], where: str, hint: str) -> None:
    strange = [str(key)[:40] for key in given if key not in known]
    if strange:
        message = f"{where} has no key {strange[0]!r}; it may hold {', '.join(known)} ({hint})"
        raise UnreadableError(message)


def _text(value: object, where: str, clean: Clean) -> str:
    if not isinstance(value, str):
        message = f"{where} is a {type(value).__name__}, not text"
        raise UnreadableError(message)
    if len(value) > LONGEST:
        message = f"{where} is longer than {LONGEST} characters"
        raise UnreadableError(message)
    return clean(whole_characters(str(value)))


def _name(value: object, where: str, clean: Clean) -> str | None:
    return None if value is None else _text(value, where, clean)[:200]


def _number(value: object, where: str, most: float) -> float | None:
    if value is None:
        return None
    number = _finite(value)
    if not 0 <= number <= most:
        bound = "a number from 0" if most == math.inf else f"a number from 0 to {most:g}"
        message = f"{where} is {str(value)[:40]!r}; expected {bound}"
        raise UnreadableError(message)
    return number


def _finite(value: object) -> float:
    """Return a number, NaN for whatever is none."""
    try:
        number = math.nan if isinstance(value, bool) or not isinstance(value, Real) else float(value)
    except (OverflowError, ValueError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def _count(value: object, where: str) -> int | None:
    if value is None:
        return None
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]  # it is tried
    except TypeError:
        number = -1
    if not 0 <= number <= MOST_TOKENS:
        message = f"{where} is {str(value)[:40]!r}; expected a whole number of tokens"
        raise UnreadableError(message)
    return number


def _list(value: object, where: str) -> Sequence[Any]:
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        message = f"{where} is a {type(value).__name__}, not a list"
        raise UnreadableError(message)
    return value


def _mapping(value: object, where: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        message = f"{where} is a {type(value).__name__}, not a mapping"
        raise UnreadableError(message)
    return value


def _probabilities(value: object, clean: Clean) -> Mapping[str, float] | None:
    if value is None:
        return None
    labels = _mapping(value, "probabilities")
    return {
        _text(label, "a label", clean): _number(share, f"the probability of {str(label)[:40]!r}", 1.0) or 0.0
        for label, share in labels.items()
    }


def _usage(value: object) -> Usage:
    if isinstance(value, Usage):
        value = {name: getattr(value, name) for name in (*COUNTS, "estimated", "other")}
    given = _mapping(value, "usage")
    _known(given, (*COUNTS, "estimated", "other", *THEIRS), "usage", "tokens of the call")
    named = {ours: given[theirs] for theirs, ours in THEIRS.items() if ours and theirs in given}
    named.update(given)
    counts = {name: _count(named.get(name), f"usage.{name}") for name in COUNTS}
    estimated = given.get("estimated", False)
    if not isinstance(estimated, bool):
        message = f"usage.estimated is {str(estimated)[:40]!r}, neither true nor false"
        raise UnreadableError(message)
    return Usage(
        input=counts["input"],
        output=counts["output"],
        cached=_part(counts["cached"], counts["input"]),
        cache_write=_part(counts["cache_write"], counts["input"]),
        reasoning=_part(counts["reasoning"], counts["output"]),
        estimated=estimated,
        other=_other(given.get("other")),
    )


def _part(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)


def _other(value: object) -> Mapping[str, int] | None:
    if value is None:
        return None
    named = _mapping(value, "usage.other")
    return {
        str(name)[:200]: _count(count, f"usage.other.{name}") or 0 for name, count in named.items()
    } or None


def _tool_call(value: object, clean: Clean) -> ToolCall:
    if isinstance(value, ToolCall):
        value = {"name": value.name, "arguments": value.arguments, "id": value.id}
    call = _mapping(value, "a tool call")
    identity = _name(call.get("id"), "the id of a tool call", clean)
    function = _mapping(call["function"], "function of a tool call") if "function" in call else call
    arguments = function.get("arguments", "{}")
    if not isinstance(arguments, str):
        try:
            arguments = json.dumps(arguments, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError) as problem:
            message = f"the arguments of a tool call are no JSON: {problem}"
            raise UnreadableError(message) from problem
    return ToolCall(
        name=_text(function.get("name"), "the name of a tool call", clean),
        arguments=_text(arguments, "the arguments of a tool call", clean),
        id=identity,
    )
