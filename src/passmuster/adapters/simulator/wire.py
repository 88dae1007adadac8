"""Requests and answers of the simulator as OpenAI writes them."""

import json
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from passmuster.adapters.simulator.answers import RecordedReply
from passmuster.adapters.simulator.profiles import Tokens
from passmuster.records.case import Conversation, Image, Message, Part, Role, Text, Tool, ToolCall
from passmuster.records.money import CHARACTERS_PER_TOKEN, conversation_characters
from passmuster.records.record import Json, Record

JsonObject: TypeAlias = dict[str, Json]
ROLES = {"system", "user", "assistant", "tool"}
ROLE_NAMES = {"developer": "system", "function": "tool"}


class BadRequestError(Exception):
    """The request is not one that OpenAI would take; `param` names the part."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Record):
    """A chat completion request."""

    model: str
    conversation: Conversation
    stream: bool = False
    usage_in_stream: bool = False
    logprobs: bool = False


def read_request(body: bytes) -> Asked:
    """Return what is asked.

    Raises:
        BadRequestError: where OpenAI would answer 400.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as problem:
        message = "We could not parse the JSON body of your request."
        raise BadRequestError(message) from problem
    if not isinstance(asked, dict):
        message = "The body of the request must be a JSON object."
        raise BadRequestError(message)
    model = asked.get("model")
    if not isinstance(model, str):
        message = "you must provide a model parameter"
        raise BadRequestError(message, "model")
    options = asked.get("stream_options")
    return Asked(
        model=model,
        conversation=_conversation(asked),
        stream=asked.get("stream") is True,
        usage_in_stream=isinstance(options, dict) and options.get("include_usage") is True,
        logprobs=asked.get("logprobs") is True,
    )


def _conversation(asked: JsonObject) -> Conversation:
    raw = asked.get("messages")
    if not isinstance(raw, list) or not raw:
        message = "Invalid 'messages': expected an array with at least one message."
        raise BadRequestError(message, "messages")
    messages = [_message(item, index) for index, item in enumerate(raw)]
    system = None
    if messages[0].role == "system" and isinstance(messages[0].content, str):
        system = messages.pop(0).content
    tools = asked.get("tools")
    return Conversation(
        messages=tuple(messages),
        system=cast("str | None", system),
        tools=tuple(_tool(tool) for tool in tools) if isinstance(tools, list) else (),
    )


def _message(raw: Json, index: int) -> Message:
    place = f"messages[{index}]"
    if not isinstance(raw, dict):
        message = f"Invalid type for '{place}': expected an object."
        raise BadRequestError(message, place)
    role = ROLE_NAMES.get(str(raw.get("role")), raw.get("role"))
    if role not in ROLES:
        message = f"Invalid value: '{role}'. Supported values are: 'system', 'user', 'assistant', 'tool'."
        raise BadRequestError(message, f"{place}.role")
    content = raw.get("content")
    if isinstance(content, list):
        content = tuple(_part(part, f"{place}.content") for part in content)
    elif content is None:
        content = ""
    elif not isinstance(content, str):
        message = f"Invalid type for '{place}.content': expected a string or an array."
        raise BadRequestError(message, f"{place}.content")
    calls = raw.get("tool_calls")
    call_id = raw.get("tool_call_id")
    return Message(
        role=cast("Role", role),
        content=content,
        tool_calls=tuple(_tool_call(call) for call in calls) if isinstance(calls, list) else (),
        tool_call_id=call_id if isinstance(call_id, str) else None,
    )


def _part(raw: Json, place: str) -> Part:
    if isinstance(raw, dict) and isinstance(raw.get("text"), str):
        return Text(text=raw["text"])
    url = _member(raw, "image_url").get("url")
    if not isinstance(url, str):
        message = f"Invalid value in '{place}': expected parts of type 'text' or 'image_url'."
        raise BadRequestError(message, place)
    if url.startswith("data:") and ";base64," in url:
        media_type, data = url.removeprefix("data:").split(";base64,", 1)
        return Image(data=data, media_type=media_type)
    return Image(url=url)


def _tool_call(raw: Json) -> ToolCall:
    function = _member(raw, "function")
    call_id = raw.get("id") if isinstance(raw, dict) else None
    return ToolCall(
        name=str(function.get("name")),
        arguments=str(function.get("arguments")),
        id=call_id if isinstance(call_id, str) else None,
    )


def _tool(raw: Json) -> Tool:
    function = _member(raw, "function")
    description = function.get("description")
    return Tool(
        name=str(function.get("name")),
        description=description if isinstance(description, str) else None,
        parameters=_member(function, "parameters"),
    )


def _member(raw: Json, key: str) -> JsonObject:
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, dict) else {}


def error_body(message: str, kind: str, code: str | None = None, param: str | None = None) -> bytes:
    """Return the body of an error."""
    return _json({"error": {"message": message, "type": kind, "param": param, "code": code}})


def tokens_of(text: str) -> list[str]:
    """Return the text in tokens of four characters, as the rule for missing usage has it."""
    return [text[at : at + CHARACTERS_PER_TOKEN] for at in range(0, len(text), CHARACTERS_PER_TOKEN)]


def usage_of(asked: Asked, reply: RecordedReply, tokens: Tokens) -> JsonObject:
    """Return the usage of a reply: as recorded, else by the rule of four characters a token."""
    sent = reply.input_tokens
    if sent is None:
        sent = -(-conversation_characters(asked.conversation) // CHARACTERS_PER_TOKEN)
    reasoning = tokens.reasoning if reply.reasoning_tokens is None else reply.reasoning_tokens
    written = reply.output_tokens
    if written is None:
        written = len(tokens_of(reply.text)) + reasoning
    cached = tokens.cached if reply.cached_tokens is None else reply.cached_tokens
    return {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": min(cached, sent)},
        "completion_tokens_details": {"reasoning_tokens": min(reasoning, written)},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Record):
    """All that the body of an answer is made of; `logprob` is that of every token, None shows none."""

    id: str
    model: str
    fingerprint: str
    reply: RecordedReply
    usage: JsonObject | None
    logprob: float | None

    def completion(self) -> bytes:
        """Return the body of an answer that is not streamed."""
        text = self.reply.text
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": None},
            "logprobs": self._logprobs(tokens_of(text)),
            "finish_reason": self.reply.finish_reason,
        }
        body = self._head("chat.completion") | {"choices": [choice]}
        return _json(body if self.usage is None else body | {"usage": self.usage})

    def opening(self) -> bytes:
        """Return the first event of a stream: the role, and no text yet."""
        return self._event({"role": "assistant", "content": ""}, [], None)

    def piece(self, token: str) -> bytes:
        """Return the event that brings a token."""
        return self._event({"content": token}, [token], None)

    def closing(self, *, usage: bool) -> bytes:
        """Return the last events: finish reason, usage where it was asked for, and the end."""
        events = self._event({}, [], self.reply.finish_reason)
        if usage and self.usage is not None:
            events += _sse(self._head("chat.completion.chunk") | {"choices": [], "usage": self.usage})
        return events + b"data: [DONE]\n\n"

    def _event(self, delta: JsonObject, tokens: list[str], finish_reason: str | None) -> bytes:
        choice = {
            "index": 0,
            "delta": delta,
            "logprobs": self._logprobs(tokens) if tokens else None,
            "finish_reason": finish_reason,
        }
        return _sse(self._head("chat.completion.chunk") | {"choices": [choice]})

    def _head(self, kind: Literal["chat.completion", "chat.completion.chunk"]) -> JsonObject:
        return {
            "id": self.id,
            "object": kind,
            "created": 0,
            "model": self.model,
            "system_fingerprint": self.fingerprint,
        }

    def _logprobs(self, tokens: list[str]) -> JsonObject | None:
        if self.logprob is None:
            return None
        content = [
            {
                "token": token,
                "logprob": self.logprob,
                "bytes": list(token.encode("utf-8", "replace")),
                "top_logprobs": [],
            }
            for token in tokens
        ]
        return {"content": content, "refusal": None}


def _json(body: JsonObject) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def _sse(body: JsonObject) -> bytes:
    return b"data: " + _json(body) + b"\n\n"
