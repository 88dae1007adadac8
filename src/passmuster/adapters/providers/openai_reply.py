"""What comes back from an OpenAI-compatible endpoint, put together into a reply and its usage."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from passmuster.adapters.providers.wire_errors import (
    UnreadableError,
    error_in_answer,
    parse_object,
    whole_characters,
)
from passmuster.records.case import ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Reply, TokenLogprob, Usage

DONE = b"[DONE]"
NAME_LENGTH = 200
"""Characters kept of what an endpoint says about itself."""
MOST_TOKENS = 10**12
"""A count above this is nonsense, and more than stores can hold."""


@dataclass(slots=True)
class _Call:
    """A tool call that is still being written."""

    name: str = ""
    arguments: list[str] = field(default_factory=list)
    id: str | None = None

    def whole(self, clean: Callable[[str], str]) -> ToolCall:
        """Return the call, each text through `clean`."""
        return ToolCall(name=clean(self.name), arguments=clean("".join(self.arguments)), id=self.id)


@dataclass(slots=True)
class Draft:
    """A reply that is still being written: from the chunks of a stream, or from one whole completion."""

    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    calls: dict[int, _Call] = field(default_factory=dict)
    logprobs: list[Json] = field(default_factory=list)
    finish_reason: str | None = None
    model: str | None = None
    fingerprint: str | None = None
    reported: Json = None
    begun: bool = False
    done: bool = False
    streamed: bool = False

    def event(self, data: bytes) -> bool:
        """Take an event of a stream; return whether it brought a piece of the answer."""
        self.streamed = True
        if data.strip() == DONE:
            self.done = True
            return False
        return self.add(data, "delta")

    def whole(self, body: bytes) -> None:
        """Take a whole completion."""
        self.add(body, "message")

    def usage(self) -> Usage | None:
        """Return the tokens that were reported, None for none."""
        return read_usage(self.reported)

    def add(self, data: bytes, part: Literal["delta", "message"]) -> bool:
        """Take a chunk of a stream (`delta`) or a whole completion (`message`).

        Returns whether it brought a piece of the answer: text that is not empty, or a part of a tool call.

        Raises:
            UnreadableError: where it is no JSON object of the promised form, or says that the call failed.
        """
        body = parse_object(data)
        if body.get("error"):
            raise error_in_answer(body["error"])
        self.model = _name(body.get("model")) or self.model
        self.fingerprint = _name(body.get("system_fingerprint")) or self.fingerprint
        self.reported = body.get("usage") or self.reported
        choice = _first_choice(body.get("choices"))
        if choice is None:
            if part == "message":
                message = "the answer has no choices"
                raise UnreadableError(message)
            return False
        return self._take(choice, part)

    def _take(self, choice: dict[str, Json], part: str) -> bool:
        self.begun = True
        self.finish_reason = _name(choice.get("finish_reason")) or self.finish_reason
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(logprobs.get("content"), list):
            self.logprobs.extend(logprobs["content"])
        message = choice.get(part)
        if not isinstance(message, dict):
            if part == "message":
                text = "the first choice has no message"
                raise UnreadableError(text)
            return False
        pieces = [_text(message.get("content")), _text(message.get("refusal"))]
        self.text.append(pieces[0])
        self.refusal.append(pieces[1])
        called = self._take_calls(message.get("tool_calls"))
        return called or any(pieces)

    def _take_calls(self, calls: Json) -> bool:
        taken = False
        for position, call in enumerate(calls if isinstance(calls, list) else []):
            if not isinstance(call, dict):
                continue
            index = call.get("index")
            draft = self.calls.setdefault(index if isinstance(index, int) else position, _Call())
            draft.id = _name(call.get("id")) or draft.id
            function = call.get("function")
            if isinstance(function, dict):
                draft.name += _text(function.get("name"))
                draft.arguments.append(_text(function.get("arguments")))
                taken = True
        return taken

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was written, each text through `clean`; a refusal stands in where there is no text.

        Raises:
            UnreadableError: where a stream was cut off, or brought nothing but its end.
        """
        if not self.begun:
            message = "the stream has no choices"
            raise UnreadableError(message)
        if self.streamed and not self.done and self.finish_reason is None:
            message = "the stream was cut off before its end"
            raise UnreadableError(message)
        logprobs = _logprobs(self.logprobs, clean)
        return Reply(
            text=clean("".join(self.text) or "".join(self.refusal)),
            tool_calls=tuple(self.calls[index].whole(clean) for index in sorted(self.calls)),
            finish_reason=self.finish_reason,
            confidence=None if logprobs is None else confidence(logprobs),
            logprobs=logprobs,
            model=self.model and clean(self.model),
            fingerprint=self.fingerprint and clean(self.fingerprint),
        )


def confidence(logprobs: Sequence[TokenLogprob]) -> float | None:
    """Return the geometric mean of the tokens' probabilities: exp of the mean logprob, in [0, 1].

    Example:
        >>> confidence([TokenLogprob(token="a", logprob=0.0), TokenLogprob(token="b", logprob=-2.0)])
        0.36787944117144233
    """
    if not logprobs:
        return None
    return min(1.0, math.exp(min(0.0, math.fsum(token.logprob for token in logprobs) / len(logprobs))))


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
    sent, written = _count(raw.get("prompt_tokens")), _count(raw.get("completion_tokens"))
    if sent is None and written is None:
        return None
    cached = _count(_detail(raw, "prompt_tokens_details", "cached_tokens"))
    if cached is None:
        cached = _count(raw.get("prompt_cache_hit_tokens"))
    reasoning = _count(_detail(raw, "completion_tokens_details", "reasoning_tokens"))
    total = _count(raw.get("total_tokens"))
    if total is not None and sent is not None and written is not None and total > sent + written:
        beyond = total - sent - written
        reasoning = beyond if reasoning is None else reasoning
        written += beyond
    return Usage(
        input=sent, output=written, cached=_at_most(cached, sent), reasoning=_at_most(reasoning, written)
    )


def _first_choice(choices: Json) -> dict[str, Json] | None:
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and (choice.get("index") is None or choice["index"] == 0):
            return choice
    return None


def _text(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [part.get("text") for part in value if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return ""


def _name(value: Json) -> str | None:
    return whole_characters(value)[:NAME_LENGTH] if isinstance(value, str) and value else None


def _count(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MOST_TOKENS else None


def _detail(raw: dict[str, Json], part: str, key: str) -> Json:
    details = raw.get(part)
    return details.get(key) if isinstance(details, dict) else None


def _at_most(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)


def _logprobs(raw: list[Json], clean: Callable[[str], str]) -> tuple[TokenLogprob, ...] | None:
    tokens = [_token(item, clean) for item in raw]
    known = tuple(token for token in tokens if token is not None)
    return known if known and len(known) == len(raw) else None


def _token(raw: Json, clean: Callable[[str], str]) -> TokenLogprob | None:
    if not isinstance(raw, dict):
        return None
    token, logprob = raw.get("token"), _finite(raw.get("logprob"))
    if not isinstance(token, str) or logprob is None:
        return None
    listed = raw.get("top_logprobs")
    top: dict[str, float] = {}
    for other in listed if isinstance(listed, list) else []:
        if isinstance(other, dict) and isinstance(other.get("token"), str):
            value = _finite(other.get("logprob"))
            if value is not None:
                top[clean(other["token"])] = value
    return TokenLogprob(token=clean(token), logprob=logprob, top=top or None)


def _finite(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
