"""A conversation as chat completions take it."""

from passmuster.records.case import Conversation, Image, Message, Part, Text, Tool, ToolCall
from passmuster.records.digest import plain
from passmuster.records.record import Json


def chat_content(conversation: Conversation) -> dict[str, Json]:
    """Return the part of a body that depends on the conversation.

    Raises:
        ValueError: where a message holds an image without content.
    """
    messages: list[Json] = []
    if conversation.system is not None:
        messages.append({"role": "system", "content": conversation.system})
    messages += map(_message, conversation.messages)
    if not conversation.tools:
        return {"messages": messages}
    return {"messages": messages, "tools": [_tool(tool) for tool in conversation.tools]}


def image_url(image: Image) -> str:
    """Return the address of an image, a `data:` one for an image given as data.

    Raises:
        ValueError: for an image without content.
    """
    if image.url is not None:
        return image.url
    if image.data is None:
        message = "an image has neither url nor data"
        raise ValueError(message)
    return f"data:{image.media_type or 'image/png'};base64,{image.data}"


def function_of(tool: Tool) -> dict[str, Json]:
    """Return what is said about a tool: name, description, JSON Schema of its parameters."""
    function: dict[str, Json] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters:
        function["parameters"] = plain(tool.parameters)
    return function


def _message(message: Message) -> dict[str, Json]:
    content: Json = message.content
    if isinstance(message.content, tuple):
        content = [_part(part) for part in message.content]
    written: dict[str, Json] = {"role": message.role, "content": content}
    if message.tool_calls:
        written["content"] = content or None
        written["tool_calls"] = [_tool_call(call, index) for index, call in enumerate(message.tool_calls)]
    if message.tool_call_id is not None:
        written["tool_call_id"] = message.tool_call_id
    return written


def _part(part: Part) -> dict[str, Json]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    return {"type": "image_url", "image_url": {"url": image_url(part)}}


def _tool_call(call: ToolCall, index: int) -> dict[str, Json]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id or f"call_{index}", "type": "function", "function": function}


def _tool(tool: Tool) -> dict[str, Json]:
    return {"type": "function", "function": function_of(tool)}
