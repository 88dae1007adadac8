"""What is sent to an OpenAI-compatible endpoint: the JSON body of a chat completion."""

import json

from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message, Part, Text, Tool, ToolCall
from passmuster.records.digest import plain
from passmuster.records.record import Json

OWN_KEYS = ("model", "messages")


class BodyWriter:
    """Writes the bodies of one candidate: its model and parameters with a conversation.

    Every parameter is passed on as it is; `stream: true` also asks for the usage at the end of the stream,
    unless `stream_options` says otherwise (None leaves it out, for endpoints that do not know it).

    Raises:
        ConfigurationError: for a candidate without a model, or parameters that cannot be sent.

    Example:
        >>> candidate = Candidate(name="a", provider="openai", model="m", parameters={"temperature": 0})
        >>> BodyWriter(candidate).write(Conversation(messages=(Message(role="user", content="Hi"),)))
        b'{"model": "m", "temperature": 0, "messages": [{"role": "user", "content": "Hi"}]}'
    """

    def __init__(self, candidate: Candidate) -> None:
        if not candidate.model:
            raise ConfigurationError(
                f"candidate {candidate.name!r} has no model",
                hint="say which with `model:`; the endpoint is asked for it by that name",
            )
        parameters = _parameters(candidate)
        stream = parameters.pop("stream", False)
        if not isinstance(stream, bool):
            raise ConfigurationError(f"candidate {candidate.name!r}: stream is {stream!r}, not true or false")
        self.stream = stream
        options = parameters.pop("stream_options", {"include_usage": True})
        self._fixed: dict[str, Json] = {"model": candidate.model, **parameters}
        if stream:
            self._fixed["stream"] = True
            if options is not None:
                self._fixed["stream_options"] = options

    def write(self, conversation: Conversation) -> bytes:
        """Return the body that asks for an answer to this conversation.

        Raises:
            ValueError: where a message holds an image without content.
        """
        messages: list[Json] = []
        if conversation.system is not None:
            messages.append({"role": "system", "content": conversation.system})
        messages.extend(_message(message) for message in conversation.messages)
        body = {**self._fixed, "messages": messages}
        if conversation.tools:
            body["tools"] = [_tool(tool) for tool in conversation.tools]
        return json.dumps(body).encode("ascii")


def _parameters(candidate: Candidate) -> dict[str, Json]:
    try:
        parameters = plain(candidate.parameters)
        json.dumps(parameters, allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise ConfigurationError(f"candidate {candidate.name!r}: parameters: {problem}") from problem
    taken = [key for key in OWN_KEYS if key in candidate.parameters]
    if taken or not isinstance(parameters, dict):
        raise ConfigurationError(
            f"candidate {candidate.name!r}: `{taken[0]}` is no parameter",
            hint="the model is set with `model:`, the messages come from the prompt and the case",
        )
    return parameters


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
    return {"type": "image_url", "image_url": {"url": _image_url(part)}}


def _image_url(image: Image) -> str:
    if image.url is not None:
        return image.url
    if image.data is None:
        message = "an image has neither url nor data"
        raise ValueError(message)
    return f"data:{image.media_type or 'image/png'};base64,{image.data}"


def _tool_call(call: ToolCall, index: int) -> dict[str, Json]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id or f"call_{index}", "type": "function", "function": function}


def _tool(tool: Tool) -> dict[str, Json]:
    function: dict[str, Json] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters:
        function["parameters"] = plain(tool.parameters)
    return {"type": "function", "function": function}
