"""What all surfaces of the simulator share: an answer with its tokens, and the port that writes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from pydantic_core import PydanticSerializationError, to_json

from passmuster.adapters.simulator.answers import RecordedReply
from passmuster.adapters.simulator.asked import Asked, JsonObject, Problem
from passmuster.adapters.simulator.buckets import Standing
from passmuster.adapters.simulator.profiles import Tokens
from passmuster.records.money import CHARACTERS_PER_TOKEN, conversation_characters
from passmuster.records.record import Record


class Counted(NamedTuple):
    """The tokens of an answer; cached ones are part of the input, reasoning ones of the output."""

    input: int
    output: int
    cached: int
    reasoning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Record):
    """All that the body of an answer is made of.

    `usage` is None where the endpoint does not tell it; `logprob` is that of every token, None shows none.
    """

    id: str
    model: str
    fingerprint: str
    asked: Asked
    reply: RecordedReply
    tokens: tuple[str, ...]
    usage: Counted | None
    logprob: float | None


class Surface(Protocol):
    """Reads requests and writes answers as one API has them."""

    @property
    def name(self) -> str:
        """What the truth log calls it."""

    def check(self, headers: Mapping[str, str], api_key: str | None) -> None:
        """Look at the headers of a request; None asks for no key.

        Raises:
            RefusedError: where the key is wrong, or a header is missing.
        """

    def read(self, raw: JsonObject, model: str | None) -> Asked:
        """Return what is asked; `model` is the one in the address.

        Raises:
            BadRequestError: where the API would answer 400.
        """

    def error(self, problem: Problem) -> bytes:
        """Return the body of an error."""

    def limits(self, standing: Standing, now: float) -> dict[str, str]:
        """Return the headers that tell of limits; `now` is seconds since the epoch."""

    def whole(self, answer: Answer) -> bytes:
        """Return the body of an answer that is not streamed."""

    def opening(self, answer: Answer) -> bytes:
        """Return the events of a stream before its first token."""

    def piece(self, answer: Answer, token: str, index: int) -> bytes:
        """Return the event that brings a token, the first one with index 0."""

    def closing(self, answer: Answer) -> bytes:
        """Return the events after the last token."""


def tokens_of(text: str) -> list[str]:
    """Return the text in tokens of four characters, as the rule for missing usage has it."""
    return [text[at : at + CHARACTERS_PER_TOKEN] for at in range(0, len(text), CHARACTERS_PER_TOKEN)]


def sent_tokens(asked: Asked) -> int:
    """Return the tokens of a request by the rule of four characters a token."""
    characters = sum(map(len, asked.inputs)) or conversation_characters(asked.conversation)
    return -(-characters // CHARACTERS_PER_TOKEN)


def count(asked: Asked, reply: RecordedReply, tokens: Tokens) -> Counted:
    """Return the tokens of a reply: as recorded, else by the rule of four characters a token."""
    sent = sent_tokens(asked) if reply.input_tokens is None else reply.input_tokens
    reasoning = tokens.reasoning if reply.reasoning_tokens is None else reply.reasoning_tokens
    written = reply.output_tokens
    if written is None:
        written = -(-len(reply.text) // CHARACTERS_PER_TOKEN) + reasoning
    cached = tokens.cached if reply.cached_tokens is None else reply.cached_tokens
    return Counted(sent, written, min(cached, sent), min(reasoning, written))


def shortened(reply: RecordedReply, used: Counted, limit: int | None) -> tuple[RecordedReply, Counted]:
    """Return a reply that keeps to `max_tokens`, with finish reason `length` where it had to be cut.

    Example:
        >>> reply, used = shortened(RecordedReply(text="one two three"), Counted(1, 4, 0, 0), 2)
        >>> reply.text, reply.finish_reason, used.output
        ('one two ', 'length', 2)
    """
    if limit is None or used.output <= limit:
        return reply, used
    reasoning = min(used.reasoning, limit)
    text = reply.text[: (limit - reasoning) * CHARACTERS_PER_TOKEN]
    used = Counted(used.input, limit, used.cached, reasoning)
    return replace(reply, text=text, output_tokens=limit, finish_reason="length"), used


def compact(body: JsonObject) -> bytes:
    """Return JSON without spaces."""
    try:
        return to_json(body)
    except PydanticSerializationError:  # half a surrogate pair, which UTF-8 has no form for
        return json.dumps(body, separators=(",", ":")).encode("ascii")


def event(body: JsonObject, name: str | None = None) -> bytes:
    """Return one server-sent event."""
    kind = b"" if name is None else b"event: " + name.encode("ascii") + b"\n"
    return kind + b"data: " + compact(body) + b"\n\n"
