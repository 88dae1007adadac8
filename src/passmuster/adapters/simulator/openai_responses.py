"""Responses as OpenAI writes them."""

from collections.abc import Iterable, Iterator

from passmuster.adapters.simulator.asked import (
    Asked,
    BadRequestError,
    JsonObject,
    member,
    named_model,
    whole_number,
)
from passmuster.adapters.simulator.conversations import image, named_role
from passmuster.adapters.simulator.openai_surface import OpenAISurface, token_logprobs
from passmuster.adapters.simulator.surface import Answer, compact, event
from passmuster.records.case import Conversation, Message, Part, Text, Tool, ToolCall
from passmuster.records.record import Json

LOGPROBS = "message.output_text.logprobs"
BEFORE = 4
"""Events of a stream before its first token."""


class Responses(OpenAISurface):
    """`POST /v1/responses`."""

    name = "responses"

    def read(self, raw: JsonObject, model: str | None) -> Asked:
        """Return what is asked."""
        included = raw.get("include")
        return Asked(
            model=named_model(raw, model),
            conversation=_conversation(raw),
            stream=raw.get("stream") is True,
            logprobs=isinstance(included, list) and LOGPROBS in included,
            max_tokens=whole_number(raw, "max_output_tokens"),
        )

    def whole(self, answer: Answer) -> bytes:
        """Return a response."""
        return compact(_ended(answer))

    def opening(self, answer: Answer) -> bytes:
        """Return the events before the first token."""
        started = _response(answer, "in_progress", [])
        item = _item(answer, "in_progress", [])
        return _numbered(
            0,
            {"type": "response.created", "response": started},
            {"type": "response.in_progress", "response": started},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.content_part.added", **_place(answer), "part": _part(answer, "", ())},
        )

    def piece(self, answer: Answer, token: str, index: int) -> bytes:
        """Return the event that brings a token."""
        logprobs = token_logprobs(answer, [token]) or []
        delta = {"type": "response.output_text.delta", **_place(answer), "delta": token, "logprobs": logprobs}
        return _numbered(BEFORE + index, delta)

    def closing(self, answer: Answer) -> bytes:
        """Return the events after the last token, with the usage."""
        ended = _ended(answer)
        text, logprobs = answer.reply.text, token_logprobs(answer, answer.tokens) or []
        item = _item(answer, str(ended["status"]), [_part(answer, text, answer.tokens)])
        return _numbered(
            BEFORE + len(answer.tokens),
            {"type": "response.output_text.done", **_place(answer), "text": text, "logprobs": logprobs},
            {
                "type": "response.content_part.done",
                **_place(answer),
                "part": _part(answer, text, answer.tokens),
            },
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": f"response.{ended['status']}", "response": ended},
        )


def _numbered(first: int, *bodies: JsonObject) -> bytes:
    numbered = (body | {"sequence_number": first + index} for index, body in enumerate(bodies))
    return b"".join(event(body, str(body["type"])) for body in numbered)


def _place(answer: Answer) -> JsonObject:
    return {"item_id": f"msg_{answer.id}", "output_index": 0, "content_index": 0}


def _part(answer: Answer, text: str, tokens: Iterable[str]) -> JsonObject:
    logprobs = token_logprobs(answer, list(tokens)) or []
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}


def _item(answer: Answer, status: str, content: list[JsonObject]) -> JsonObject:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": content,
    }


def _ended(answer: Answer) -> JsonObject:
    cut = answer.reply.finish_reason == "length"
    status = "incomplete" if cut else "completed"
    part = _part(answer, answer.reply.text, answer.tokens)
    ended = _response(answer, status, [_item(answer, status, [part])])
    if cut:
        ended["incomplete_details"] = {"reason": "max_output_tokens"}
    used = answer.usage
    if used is not None:
        ended["usage"] = {
            "input_tokens": used.input,
            "input_tokens_details": {"cached_tokens": used.cached},
            "output_tokens": used.output,
            "output_tokens_details": {"reasoning_tokens": used.reasoning},
            "total_tokens": used.input + used.output,
        }
    return ended


def _response(answer: Answer, status: str, output: list[JsonObject]) -> JsonObject:
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": 0,
        "status": status,
        "model": answer.model,
        "output": output,
        "error": None,
        "incomplete_details": None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


def _conversation(raw: JsonObject) -> Conversation:
    asked, system, tools = raw.get("input"), raw.get("instructions"), raw.get("tools")
    if isinstance(asked, str):
        messages = [Message(role="user", content=asked)]
    elif isinstance(asked, list) and asked:
        messages = list(_joined(_message(item, index) for index, item in enumerate(asked)))
    else:
        message = "Invalid 'input': expected a string or an array with at least one item."
        raise BadRequestError(message, "input")
    if not isinstance(system, str) and messages and messages[0].role == "system":
        system = messages.pop(0).content
    return Conversation(
        messages=tuple(messages),
        system=system if isinstance(system, str) else None,
        tools=tuple(_tool(tool) for tool in tools) if isinstance(tools, list) else (),
    )


def _joined(messages: Iterable[Message | None]) -> Iterator[Message]:
    """Yield messages; tools that were called one after another, or with a text, are one message."""
    last: Message | None = None
    for message in messages:
        if message is None:
            continue
        if last is not None and last.role == "assistant" and message.tool_calls:
            calls = (*last.tool_calls, *message.tool_calls)
            last = Message(role="assistant", content=last.content, tool_calls=calls)
            continue
        if last is not None:
            yield last
        last = message
    if last is not None:
        yield last


def _message(raw: Json, index: int) -> Message | None:
    place = f"input[{index}]"
    if not isinstance(raw, dict):
        message = f"Invalid type for '{place}': expected an object."
        raise BadRequestError(message, place)
    kind = raw.get("type", "message")
    if kind == "function_call":
        call = ToolCall(
            name=str(raw.get("name")), arguments=str(raw.get("arguments")), id=str(raw.get("call_id"))
        )
        return Message(role="assistant", tool_calls=(call,))
    if kind == "function_call_output":
        return Message(role="tool", content=str(raw.get("output")), tool_call_id=str(raw.get("call_id")))
    if kind != "message":
        return None
    return Message(role=named_role(raw, place), content=_content(raw.get("content"), place))


def _content(raw: Json, place: str) -> str | tuple[Part, ...]:
    if isinstance(raw, str):
        return raw
    if not isinstance(raw, list):
        message = f"Invalid type for '{place}.content': expected a string or an array."
        raise BadRequestError(message, f"{place}.content")
    parts: list[Part] = []
    for part in raw:
        text = part.get("text") if isinstance(part, dict) else None
        url = part.get("image_url") if isinstance(part, dict) else None
        if isinstance(text, str):
            parts.append(Text(text=text))
        elif isinstance(url, str):
            parts.append(image(url))
    only = parts[0] if len(parts) == 1 else None
    return only.text if isinstance(only, Text) else tuple(parts)


def _tool(raw: Json) -> Tool:
    described = raw if isinstance(raw, dict) else {}
    description = described.get("description")
    return Tool(
        name=str(described.get("name")),
        description=description if isinstance(description, str) else None,
        parameters=member(described, "parameters"),
    )
