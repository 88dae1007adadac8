"""What comes back from Anthropic's Messages API, put together into a reply and its usage."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from passmuster.adapters.providers.anthropic.errors import error_in_answer
from passmuster.adapters.providers.wire.errors import UnreadableError, parse_object, whole_characters
from passmuster.adapters.tokens import count
from passmuster.records.case import ToolCall
from passmuster.records.money import CHARACTERS_PER_TOKEN
from passmuster.records.record import Json
from passmuster.records.trial import Reply, Usage

NAME_LENGTH = 200
"""Characters kept of what an endpoint says about itself."""
PIECES = {
    "text_delta": ("text", "text"),
    "input_json_delta": ("tool_use", "partial_json"),
    "thinking_delta": ("thinking", "thinking"),
}
"""The pieces of a stream: the kind of block that each belongs to, and where its text is."""
KEPT = frozenset({"text", "tool_use"})
"""The kinds of blocks that are the answer."""


@dataclass(slots=True)
class _Block:
    """A part of the answer that is still being written: its kind, what it began with, and its pieces."""

    kind: str
    begun: dict[str, Json]
    pieces: list[str] = field(default_factory=list)


@dataclass(slots=True)
class MessageReader:
    """A reply that is still being written: from the events of a stream, or from one whole message.

    Thinking, and tools that the endpoint runs itself, are no part of the answer. `done` is whether the endpoint
    said that it is complete.
    """

    blocks: dict[int, _Block] = field(default_factory=dict)
    finish_reason: str | None = None
    refusal: str = ""
    model: str | None = None
    counts: dict[str, Json] = field(default_factory=dict)
    counted: bool = False
    characters: int = 0
    begun: bool = False
    done: bool = False

    def whole(self, body: bytes) -> None:
        """Take a whole message.

        Raises:
            UnreadableError: where it is none, or says that the call failed.
        """
        message = parse_object(body)
        if message.get("type") == "error" or message.get("error"):
            raise error_in_answer(message.get("error"))
        content = message.get("content")
        if not isinstance(content, list):
            text = "the answer has no content"
            raise UnreadableError(text)
        self._begin(message)
        for index, block in enumerate(content):
            self._open(index, block)
        self._end(message)
        self.done = True

    def event(self, data: bytes) -> bool:
        """Take the data of an event and return whether it brought a piece of the answer: text, or a tool call.

        Raises:
            UnreadableError: where it is no JSON object, or says that the call failed.
        """
        event = parse_object(data)
        match event.get("type"):
            case "content_block_delta":
                return self._grow(event.get("index"), _object(event.get("delta")))
            case "content_block_start":
                return self._open(event.get("index"), event.get("content_block"))
            case "message_start":
                self._begin(_object(event.get("message")))
            case "message_delta":
                self._end({**_object(event.get("delta")), "usage": event.get("usage")})
            case "message_stop":
                self.done = True
            case "error":
                raise error_in_answer(event.get("error"))
        return False

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was written, each text through `clean`.

        Where the model refused and wrote nothing, the endpoint's explanation stands in.

        Raises:
            UnreadableError: where a stream ended before the answer was whole.
        """
        if not self.begun:
            message = "the stream has no message"
            raise UnreadableError(message)
        if not self.done and self.finish_reason is None:
            message = "the stream was cut off before its end"
            raise UnreadableError(message)
        blocks = [self.blocks[index] for index in sorted(self.blocks)]
        text = "".join(_written(block) for block in blocks if block.kind == "text")
        return Reply(
            text=clean(text or self.refusal),
            tool_calls=tuple(_call(block, clean) for block in blocks if block.kind == "tool_use"),
            finish_reason=self.finish_reason and clean(self.finish_reason),
            model=self.model and clean(self.model),
        )

    def usage(self) -> Usage | None:
        """Return the tokens that were reported so far.

        What the beginning of a stream says of the output is not what it comes to: without a later count it is
        estimated from what was written, thinking too.
        """
        usage = read_usage(self.counts)
        if usage is None or usage.output is None or self.counted:
            return usage
        written = -(-self.characters // CHARACTERS_PER_TOKEN)
        return replace(usage, output=max(usage.output, written), estimated=True)

    def _begin(self, message: dict[str, Json]) -> None:
        self.begun = True
        self.model = _name(message.get("model")) or self.model
        self._count(message.get("usage"))

    def _open(self, index: Json, block: Json) -> bool:
        if type(index) is not int or not isinstance(block, dict):
            return False
        self.begun = True
        kind = block.get("type")
        begun = self.blocks[index] = _Block(kind if isinstance(kind, str) else "", block)
        return begun.kind == "tool_use" or (begun.kind == "text" and bool(_text(block.get("text"))))

    def _grow(self, index: Json, delta: dict[str, Json]) -> bool:
        kind, place = PIECES.get(str(delta.get("type")), ("", ""))
        piece = _text(delta.get(place))
        self.characters += len(piece)
        if kind not in KEPT or type(index) is not int:
            return False
        self.begun = True
        block = self.blocks.setdefault(index, _Block(kind, {}))
        if block.kind != kind or not piece:
            return False
        block.pieces.append(piece)
        return True

    def _end(self, message: dict[str, Json]) -> None:
        self.finish_reason = _name(message.get("stop_reason")) or self.finish_reason
        self.refusal = _text(_object(message.get("stop_details")).get("explanation")) or self.refusal
        self.counted = self._count(message.get("usage")) or self.counted

    def _count(self, usage: Json) -> bool:
        # Each count of an event is the total so far; what an event leaves out keeps its value.
        said = {name: value for name, value in _object(usage).items() if value is not None}
        self.counts.update(said)
        return "output_tokens" in said


def read_usage(raw: Json) -> Usage | None:
    """Return the tokens that the endpoint reports, or None where it reports none.

    The API counts what was read from its cache and written to it apart from `input_tokens`; here both are
    parts of the input. Tokens written to the cache for an hour, which cost more, and searches of the web are
    counted in `other`. Thinking is part of the output.

    Example:
        >>> usage = read_usage({"input_tokens": 5, "cache_read_input_tokens": 90, "output_tokens": 7})
        >>> usage.input, usage.cached, usage.output
        (95, 90, 7)
    """
    if not isinstance(raw, dict):
        return None
    fresh, written = count(raw.get("input_tokens")), count(raw.get("output_tokens"))
    if fresh is None and written is None:
        return None
    lasting = _object(raw.get("cache_creation"))
    hour, minutes = (count(lasting.get(f"ephemeral_{time}_input_tokens")) for time in ("1h", "5m"))
    stored = count(raw.get("cache_creation_input_tokens"))
    if stored is None and (hour is not None or minutes is not None):
        stored = (hour or 0) + (minutes or 0)
    cached = count(raw.get("cache_read_input_tokens"))
    thinking = count(_object(raw.get("output_tokens_details")).get("thinking_tokens"))
    searches = count(_object(raw.get("server_tool_use")).get("web_search_requests"))
    other = {"cache_write_1h": min(hour or 0, stored or 0), "web_searches": searches or 0}
    return Usage(
        input=None if fresh is None else fresh + (cached or 0) + (stored or 0),
        output=written,
        cached=None if fresh is None else cached,
        cache_write=None if fresh is None else stored,
        reasoning=thinking if thinking is None or written is None else min(thinking, written),
        other={name: number for name, number in other.items() if number} or None,
    )


def _written(block: _Block) -> str:
    return _text(block.begun.get("text")) + "".join(block.pieces)


def _call(block: _Block, clean: Callable[[str], str]) -> ToolCall:
    try:
        arguments = "".join(block.pieces) or json.dumps(block.begun.get("input") or {}, ensure_ascii=False)
    except RecursionError as problem:
        message = "the arguments of a tool call are nested too deeply"
        raise UnreadableError(message) from problem
    named = _name(block.begun.get("id"))
    return ToolCall(
        name=clean(_name(block.begun.get("name")) or ""),
        arguments=clean(arguments),
        id=named and clean(named),
    )


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _name(value: Json) -> str | None:
    return whole_characters(value)[:NAME_LENGTH] if isinstance(value, str) and value else None
