"""Messages as Anthropic writes them."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from passmuster.adapters.simulator.asked import (
    Asked,
    BadRequestError,
    JsonObject,
    Problem,
    RefusedError,
    member,
    named_model,
    whole_number,
)
from passmuster.adapters.simulator.buckets import Standing
from passmuster.adapters.simulator.surface import Answer, Counted, compact, event
from passmuster.records.case import Conversation, Image, Message, Part, Role, Text, Tool, ToolCall
from passmuster.records.record import Json

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
ROLES = ("user", "assistant", "system")
STOPS = {"length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


class AnthropicMessages:
    """`POST /v1/messages`."""

    name = "messages"

    def check(self, headers: Mapping[str, str], api_key: str | None) -> None:
        """Look at key and version.

        Raises:
            RefusedError: where the key is wrong, or the version is not said.
        """
        if api_key is not None and api_key not in {
            headers.get("x-api-key"),
            headers.get("Authorization", "").removeprefix("Bearer "),
        }:
            raise RefusedError(Problem(401, "invalid x-api-key"))
        if "anthropic-version" not in headers:
            message = "anthropic-version: header is required"
            raise BadRequestError(message)

    def read(self, raw: JsonObject, model: str | None) -> Asked:
        """Return what is asked."""
        limit = whole_number(raw, "max_tokens")
        if limit is None:
            message = "max_tokens: Field required"
            raise BadRequestError(message, "max_tokens")
        return Asked(
            model=named_model(raw, model),
            conversation=_conversation(raw),
            stream=raw.get("stream") is True,
            max_tokens=limit,
        )

    def error(self, problem: Problem) -> bytes:
        """Return the body of an error."""
        kind = KINDS.get(problem.status, "api_error")
        return compact({"type": "error", "error": {"type": kind, "message": problem.message}})

    def limits(self, standing: Standing, now: float) -> dict[str, str]:
        """Return the headers that tell of limits."""
        headers = {}
        for name, allowance in standing._asdict().items():
            if allowance is not None:
                full = datetime.fromtimestamp(math.ceil(now), UTC) + timedelta(
                    seconds=math.ceil(allowance.reset)
                )
                headers[f"anthropic-ratelimit-{name}-limit"] = str(allowance.limit)
                headers[f"anthropic-ratelimit-{name}-remaining"] = str(allowance.remaining)
                headers[f"anthropic-ratelimit-{name}-reset"] = full.strftime("%Y-%m-%dT%H:%M:%SZ")
        return headers

    def whole(self, answer: Answer) -> bytes:
        """Return a message."""
        content = [{"type": "text", "text": answer.reply.text}]
        stop = STOPS.get(answer.reply.finish_reason, "end_turn")
        usage = {} if answer.usage is None else {"usage": _usage(answer.usage)}
        return compact(_message(answer) | {"content": content, "stop_reason": stop} | usage)

    def opening(self, answer: Answer) -> bytes:
        """Return the events before the first token: the message, an empty block, and a ping."""
        usage = {} if answer.usage is None else {"usage": _usage(answer.usage) | {"output_tokens": 1}}
        started = {"type": "message_start", "message": _message(answer) | {"content": []} | usage}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return _events(started, block, {"type": "ping"})

    def piece(self, answer: Answer, token: str, index: int) -> bytes:  # noqa: ARG002 - the port gives it
        """Return the event that brings a token."""
        delta = {"type": "text_delta", "text": token}
        return _events({"type": "content_block_delta", "index": 0, "delta": delta})

    def closing(self, answer: Answer) -> bytes:
        """Return the events after the last token, with the usage."""
        stop = STOPS.get(answer.reply.finish_reason, "end_turn")
        usage = {} if answer.usage is None else {"usage": {"output_tokens": answer.usage.output}}
        changed = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}} | usage
        return _events({"type": "content_block_stop", "index": 0}, changed, {"type": "message_stop"})


def _events(*bodies: Mapping[str, Json]) -> bytes:
    return b"".join(event(dict(body), str(body["type"])) for body in bodies)


def _message(answer: Answer) -> JsonObject:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "stop_reason": None,
        "stop_sequence": None,
    }


def _usage(used: Counted) -> JsonObject:
    """Return the usage; cached tokens are no part of the input here."""
    return {
        "input_tokens": used.input - used.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": used.cached,
        "output_tokens": used.output,
    }


def _conversation(raw: JsonObject) -> Conversation:
    listed = raw.get("messages")
    if not isinstance(listed, list) or not listed:
        message = "messages: at least one message is required"
        raise BadRequestError(message, "messages")
    tools = raw.get("tools")
    return Conversation(
        messages=tuple(message for index, item in enumerate(listed) for message in _turn(item, index)),
        system=_system(raw.get("system")),
        tools=tuple(_tool(tool) for tool in tools) if isinstance(tools, list) else (),
    )


def _system(raw: Json) -> str | None:
    if isinstance(raw, list):
        return "".join(str(part.get("text", "")) for part in raw if isinstance(part, dict))
    return raw if isinstance(raw, str) else None


def _turn(raw: Json, index: int) -> Iterator[Message]:
    """Yield the messages of a turn: results of tools are messages of their own."""
    role = raw.get("role") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or role not in ROLES:
        message = f"messages.{index}.role: Input should be 'user' or 'assistant'"
        raise BadRequestError(message)
    content = raw.get("content")
    if isinstance(content, str):
        yield Message(role=cast("Role", role), content=content)
        return
    if not isinstance(content, list):
        message = f"messages.{index}.content: Input should be a valid string or list"
        raise BadRequestError(message)
    blocks = [block for block in content if isinstance(block, dict)]
    for block in blocks:
        if block.get("type") == "tool_result":
            yield Message(
                role="tool", content=_text(block.get("content")), tool_call_id=str(block.get("tool_use_id"))
            )
    parts = tuple(part for block in blocks if (part := _part(block)) is not None)
    calls = tuple(_call(block) for block in blocks if block.get("type") == "tool_use")
    if parts or calls:
        alone = parts[0].text if len(parts) == 1 and isinstance(parts[0], Text) else None
        yield Message(
            role=cast("Role", role),
            content=alone if alone is not None else parts or "",
            tool_calls=calls,
        )


def _text(raw: Json) -> str:
    return _system(raw) or ""


def _part(block: JsonObject) -> Part | None:
    if block.get("type") == "text" and isinstance(block.get("text"), str):
        return Text(text=str(block["text"]))
    if block.get("type") != "image":
        return None
    source = member(block, "source")
    if source.get("type") == "base64":
        return Image(data=str(source.get("data")), media_type=str(source.get("media_type")))
    return Image(url=str(source.get("url")))


def _call(block: JsonObject) -> ToolCall:
    arguments = json.dumps(block.get("input", {}), ensure_ascii=False)
    return ToolCall(name=str(block.get("name")), arguments=arguments, id=str(block.get("id")))


def _tool(raw: Json) -> Tool:
    description = raw.get("description") if isinstance(raw, dict) else None
    return Tool(
        name=str(raw.get("name")) if isinstance(raw, dict) else "",
        description=description if isinstance(description, str) else None,
        parameters=member(raw, "input_schema"),
    )
