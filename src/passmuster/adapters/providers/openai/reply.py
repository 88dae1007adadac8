"""What comes back from chat completions, put together into a reply and its usage."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from passmuster.adapters.providers.openai.logprobs import confidence, read_logprobs
from passmuster.adapters.providers.wire.errors import (
    UnreadableError,
    check_finish,
    error_in_answer,
    parse_object,
)
from passmuster.adapters.tokens import read_usage
from passmuster.records.case import ToolCall
from passmuster.records.record import Json
from passmuster.records.trial import Reply, Usage

DONE = b"[DONE]"
NAME_LENGTH = 200
"""Characters kept of what an endpoint says about itself."""


@dataclass(slots=True)
class Called:
    """A tool call that is still being written."""

    name: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    id: Json = None

    def whole(self, clean: Callable[[str], str]) -> ToolCall:
        """Return the call, each text through `clean`."""
        name, arguments = "".join(self.name), "".join(self.arguments)
        return ToolCall(name=clean(name), arguments=clean(arguments), id=name_of(self.id, clean))


@dataclass(slots=True)
class Draft:
    """A reply that is still being written: from the chunks of a stream, or from one whole completion."""

    text: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    calls: dict[int, Called] = field(default_factory=dict)
    logprobs: list[Json] = field(default_factory=list)
    finish_reason: Json = None
    model: Json = None
    fingerprint: Json = None
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
        self.model = body.get("model") or self.model
        self.fingerprint = body.get("system_fingerprint") or self.fingerprint
        self.reported = body.get("usage") or self.reported
        choice = first_choice(body.get("choices"))
        if choice is None:
            if part == "message":
                message = "the answer has no choices"
                raise UnreadableError(message)
            return False
        return self._take(choice, part)

    def _take(self, choice: dict[str, Json], part: str) -> bool:
        self.begun = True
        self.finish_reason = choice.get("finish_reason") or self.finish_reason
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(logprobs.get("content"), list):
            self.logprobs.extend(logprobs["content"])
        message = choice.get(part)
        if not isinstance(message, dict):
            if part == "message":
                text = "the first choice has no message"
                raise UnreadableError(text)
            return False
        text, refusal = text_of(message.get("content")), text_of(message.get("refusal"))
        if text:
            self.text.append(text)
        if refusal:
            self.refusal.append(refusal)
        called = "tool_calls" in message and self._take_calls(message["tool_calls"])
        return called or bool(text or refusal)

    def _take_calls(self, calls: Json) -> bool:
        taken = False
        for position, call in enumerate(calls if isinstance(calls, list) else []):
            if not isinstance(call, dict):
                continue
            index = call.get("index")
            draft = self.calls.setdefault(index if isinstance(index, int) else position, Called())
            draft.id = call.get("id") or draft.id
            function = call.get("function")
            if isinstance(function, dict):
                draft.name.append(text_of(function.get("name")))
                draft.arguments.append(text_of(function.get("arguments")))
                taken = True
        return taken

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was written, each text through `clean`; a refusal stands in where there is no text.

        Raises:
            UnreadableError: where a stream was cut off, brought nothing but its end, or the server gave up.
        """
        if not self.begun:
            message = "the stream has no choices"
            raise UnreadableError(message)
        reason = name_of(self.finish_reason, clean)
        if self.streamed and not self.done and reason is None:
            message = "the stream was cut off before its end"
            raise UnreadableError(message)
        check_finish(reason)
        logprobs = read_logprobs(self.logprobs, clean) if self.logprobs else None
        calls = [self.calls[index].whole(clean) for index in sorted(self.calls)] if self.calls else ()
        return Reply(
            text=clean("".join(self.text) or "".join(self.refusal)),
            tool_calls=tuple(calls),
            finish_reason=reason,
            confidence=confidence(logprobs),
            logprobs=logprobs,
            model=name_of(self.model, clean),
            fingerprint=name_of(self.fingerprint, clean),
        )


def first_choice(choices: Json) -> dict[str, Json] | None:
    """Return the first choice of an answer, None where there is none."""
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, dict) and choice.get("index") in (None, 0):
            return choice
    return None


def text_of(value: Json) -> str:
    """Return a text, or the texts of a list of parts; nothing for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [part.get("text") for part in value if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return ""


def name_of(value: Json, clean: Callable[[str], str]) -> str | None:
    """Return the beginning of a name that the other side gives, through `clean`; None for anything else."""
    return clean(value[:NAME_LENGTH]) if isinstance(value, str) and value else None
