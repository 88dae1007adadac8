"""A conversation as the Responses API takes it: instructions and input items."""

from collections import deque

from passmuster.adapters.providers.openai.chat import function_of, image_url
from passmuster.records.case import Conversation, Message, Part, Text, Tool, ToolCall
from passmuster.records.record import Json


def responses_content(conversation: Conversation) -> dict[str, Json]:
    """Return the part of a body that depends on the conversation.

    A tool call and its result are items of their own; a result that does not say which call it answers is
    for the oldest one that is open.

    Raises:
        ValueError: where a message holds an image without content.

    Example:
        >>> responses_content(Conversation(messages=(Message(role="user", content="Hi"),), system="Be brief."))
        {'input': [{'role': 'user', 'content': 'Hi'}], 'instructions': 'Be brief.'}
    """
    items = _Items()
    for message in conversation.messages:
        items.add(message)
    content: dict[str, Json] = {"input": items.written}
    if conversation.system is not None:
        content["instructions"] = conversation.system
    if conversation.tools:
        content["tools"] = [_tool(tool) for tool in conversation.tools]
    return content


class _Items:
    """The input items of a conversation; a call without a name of its own is numbered."""

    def __init__(self) -> None:
        self.written: list[Json] = []
        self._open: deque[tuple[str | None, str]] = deque()
        self._number = 0

    def add(self, message: Message) -> None:
        """Take the next message."""
        if message.role == "tool":
            output = _content(message, "input_text")
            call_id = self._answered(message)
            self.written.append({"type": "function_call_output", "call_id": call_id, "output": output})
            return
        if message.content or not message.tool_calls:
            kind = "output_text" if message.role == "assistant" else "input_text"
            self.written.append({"role": message.role, "content": _content(message, kind)})
        self.written.extend(self._call(call) for call in message.tool_calls)

    def _call(self, call: ToolCall) -> Json:
        call_id = call.id or f"call_{self._number}"
        self._number += 1
        self._open.append((call.id, call_id))
        return {
            "type": "function_call",
            "call_id": call_id,
            "name": call.name,
            "arguments": call.arguments,
        }

    def _answered(self, message: Message) -> str:
        for place, (given, call_id) in enumerate(self._open):
            if message.tool_call_id in {None, given}:
                del self._open[place]
                return call_id
        return message.tool_call_id or "call_0"


def _content(message: Message, kind: str) -> Json:
    if isinstance(message.content, str):
        return message.content
    return [_part(part, kind) for part in message.content]


def _part(part: Part, kind: str) -> Json:
    if isinstance(part, Text):
        return {"type": kind, "text": part.text}
    return {"type": "input_image", "image_url": image_url(part)}


def _tool(tool: Tool) -> Json:
    function = function_of(tool)
    # Chat completions take a schema as it is; here that has to be said, or it would be changed to a strict one.
    return {"type": "function", **function, "parameters": function.get("parameters"), "strict": False}
