"""Conversations as OpenAI's chat completions write them."""

from collections.abc import Mapping
from typing import cast

from passmuster.adapters.simulator.asked import BadRequestError, JsonObject, member
from passmuster.records.case import Conversation, Image, Message, Part, Role, Text, Tool, ToolCall
from passmuster.records.record import Json

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
"""What each name of a role means."""


def chat_conversation(asked: JsonObject) -> Conversation:
    """Return the conversation of a request; a leading system message of text is the system text.

    Raises:
        BadRequestError: where OpenAI would answer 400.
    """
    raw = asked.get("messages")
    if not isinstance(raw, list) or not raw:
        message = "Invalid 'messages': expected an array with at least one message."
        raise BadRequestError(message, "messages")
    messages = [chat_message(item, index) for index, item in enumerate(raw)]
    system = None
    if messages[0].role == "system" and isinstance(messages[0].content, str):
        system = messages.pop(0).content
    tools = asked.get("tools")
    return Conversation(
        messages=tuple(messages),
        system=cast("str | None", system),
        tools=tuple(_tool(tool) for tool in tools) if isinstance(tools, list) else (),
    )


def chat_message(raw: Json, index: int) -> Message:
    """Return one message.

    Raises:
        BadRequestError: where OpenAI would answer 400.
    """
    place = f"messages[{index}]"
    if not isinstance(raw, dict):
        message = f"Invalid type for '{place}': expected an object."
        raise BadRequestError(message, place)
    role = named_role(raw, place)
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
        role=role,
        content=content,
        tool_calls=tuple(_tool_call(call) for call in calls) if isinstance(calls, list) else (),
        tool_call_id=call_id if isinstance(call_id, str) else None,
    )


def named_role(raw: JsonObject, place: str) -> Role:
    """Return the role of a message.

    Raises:
        BadRequestError: where OpenAI would answer 400.
    """
    role = raw.get("role")
    if not isinstance(role, str) or role not in ROLES:
        message = f"Invalid value: '{role}'. Supported values are: {', '.join(map(repr, ROLES))}."
        raise BadRequestError(message, f"{place}.role")
    return ROLES[role]


def image(url: str) -> Image:
    """Return the image behind an address; one that holds its data is taken apart."""
    if url.startswith("data:") and ";base64," in url:
        media_type, data = url.removeprefix("data:").split(";base64,", 1)
        return Image(data=data, media_type=media_type)
    return Image(url=url)


def _part(raw: Json, place: str) -> Part:
    if isinstance(raw, dict) and isinstance(raw.get("text"), str):
        return Text(text=raw["text"])
    url = member(raw, "image_url").get("url")
    if not isinstance(url, str):
        message = f"Invalid value in '{place}': expected parts of type 'text' or 'image_url'."
        raise BadRequestError(message, place)
    return image(url)


def _tool_call(raw: Json) -> ToolCall:
    function = member(raw, "function")
    call_id = raw.get("id") if isinstance(raw, dict) else None
    return ToolCall(
        name=str(function.get("name")),
        arguments=str(function.get("arguments")),
        id=call_id if isinstance(call_id, str) else None,
    )


def _tool(raw: Json) -> Tool:
    function = member(raw, "function")
    description = function.get("description")
    return Tool(
        name=str(function.get("name")),
        description=description if isinstance(description, str) else None,
        parameters=member(function, "parameters"),
    )
