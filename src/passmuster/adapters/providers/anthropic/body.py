"""What is sent to Anthropic's Messages API: the JSON body of one message."""

import json
import re
from collections.abc import Iterable, Mapping

from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Image, Message, Part, Text, Tool, ToolCall
from passmuster.records.digest import plain
from passmuster.records.record import Json

MAX_TOKENS = 4096
"""The API asks for a bound; this one is sent where the parameters name none."""
OWN_KEYS = ("model", "messages", "system")
DATA_ADDRESS = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+);base64,(?P<data>.*)", re.DOTALL)
NOT_IN_IDS = re.compile(r"[^a-zA-Z0-9_-]")


class MessageWriter:
    """Writes the bodies of one candidate: its model and parameters with a conversation.

    Every parameter is passed on as it is, except `betas`: a list of names for the `anthropic-beta` header.
    `max_tokens` is 4096 where the parameters do not say it. `stream` and `betas` are what was asked for.

    Raises:
        ConfigurationError: for a candidate without a model, or parameters that cannot be sent.

    Example:
        >>> candidate = Candidate(name="a", provider="anthropic", model="m", parameters={"max_tokens": 9})
        >>> MessageWriter(candidate).write(Conversation(messages=(Message(role="user", content="Hi"),)))
        b'{"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}'
    """

    def __init__(self, candidate: Candidate) -> None:
        if not candidate.model:
            raise ConfigurationError(
                f"candidate {candidate.name!r} has no model",
                hint="say which with `model:`; the endpoint is asked for it by that name",
            )
        parameters = _parameters(candidate)
        stream, betas = parameters.pop("stream", False), parameters.pop("betas", [])
        if not isinstance(stream, bool):
            raise ConfigurationError(f"candidate {candidate.name!r}: stream is {stream!r}, not true or false")
        if not isinstance(betas, list) or not all(isinstance(name, str) for name in betas):
            raise ConfigurationError(f"candidate {candidate.name!r}: betas is {betas!r}, not a list of names")
        self.stream = stream
        self.betas = tuple(betas)
        tools = parameters.pop("tools", None)
        self._tools: list[Json] = tools if isinstance(tools, list) else []
        self._fixed: dict[str, Json] = {"model": candidate.model, "max_tokens": MAX_TOKENS, **parameters}
        if stream:
            self._fixed["stream"] = True

    def write(self, conversation: Conversation) -> bytes:
        """Return the body that asks for an answer to this conversation.

        Raises:
            ValueError: where a message cannot be sent: an image without content, arguments of a tool call
                that are no JSON object.
        """
        try:
            return json.dumps(self._body(conversation), allow_nan=False).encode("ascii")
        except RecursionError as problem:
            message = "the conversation is nested too deeply to be sent as JSON"
            raise ValueError(message) from problem

    def _body(self, conversation: Conversation) -> dict[str, Json]:
        turns = _Turns(conversation.system)
        for message in conversation.messages:
            turns.add(message)
        body = {**self._fixed}
        if turns.system:
            body["system"] = "\n\n".join(turns.system)
        body["messages"] = [_turn(role, blocks) for role, blocks in turns.turns]
        tools = [*self._tools, *(_tool(tool) for tool in conversation.tools)]
        if tools:
            body["tools"] = tools
        return body


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
            hint="the model is set with `model:`, messages and system text come from the prompt and the case",
        )
    return parameters


class _Turns:
    """The messages of a conversation as the API wants them: turns of user and assistant, one after the other.

    A result of a tool belongs to the user; system messages join the system text. The name that a call had in
    the conversation is kept as far as the API takes it: some endpoints give none, the same one twice, or one
    with other characters.
    """

    def __init__(self, system: str | None) -> None:
        self.system = [system] if system else []
        self.turns: list[tuple[str, list[Json]]] = []
        self._taken: set[str] = set()
        self._open: list[tuple[str | None, str]] = []

    def add(self, message: Message) -> None:
        """Take the next message."""
        if message.role == "system":
            self.system.extend(_only_texts(message.content))
        elif message.role == "tool":
            content = message.content if isinstance(message.content, str) else list(_parts(message.content))
            result: dict[str, Json] = {"type": "tool_result", "tool_use_id": self._answered(message)}
            self._extend("user", [{**result, "content": content} if content else result])
        else:
            calls = [self._call(call) for call in message.tool_calls]
            self._extend(message.role, [*_parts(message.content), *calls])

    def _extend(self, role: str, blocks: list[Json]) -> None:
        if not self.turns or self.turns[-1][0] != role:
            self.turns.append((role, []))
        self.turns[-1][1].extend(blocks)

    def _call(self, call: ToolCall) -> Json:
        wish = NOT_IN_IDS.sub("_", call.id or "") or "call"
        name, number = wish, 1
        while name in self._taken:
            number += 1
            name = f"{wish}_{number}"
        self._taken.add(name)
        self._open.append((call.id, name))
        return {"type": "tool_use", "id": name, "name": call.name, "input": _arguments(call)}

    def _answered(self, message: Message) -> str:
        """Return the name of the call that this result is for: the oldest open one, where it does not say."""
        for place, (given, name) in enumerate(self._open):
            if message.tool_call_id in {None, given}:
                del self._open[place]
                return name
        return NOT_IN_IDS.sub("_", message.tool_call_id or "") or "call"


def _turn(role: str, blocks: list[Json]) -> Json:
    match blocks:
        case []:
            return {"role": role, "content": ""}
        case [{"type": "text", "text": text}]:
            return {"role": role, "content": text}
    # The API wants the results of tools before anything else that the user says.
    return {"role": role, "content": sorted(blocks, key=lambda block: not _is_result(block))}


def _is_result(block: Json) -> bool:
    return isinstance(block, dict) and block.get("type") == "tool_result"


def _arguments(call: ToolCall) -> dict[str, Json]:
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as problem:
        message = f"the arguments of a call of the tool {call.name!r} are no JSON: {problem}"
        raise ValueError(message) from problem
    if not isinstance(arguments, dict):
        message = (
            f"the arguments of a call of the tool {call.name!r} are no JSON object: {call.arguments[:80]!r}"
        )
        raise ValueError(message)  # noqa: TRY004 - the case holds a wrong value, the caller a right type
    return arguments


def _parts(content: str | tuple[Part, ...]) -> Iterable[Json]:
    """Yield the blocks of a message; the API refuses a text block that is empty."""
    for part in (Text(text=content),) if isinstance(content, str) else content:
        if isinstance(part, Image):
            yield {"type": "image", "source": _source(part)}
        elif part.text:
            yield {"type": "text", "text": part.text}


def _only_texts(content: str | tuple[Part, ...]) -> list[str]:
    parts = (Text(text=content),) if isinstance(content, str) else content
    if any(isinstance(part, Image) for part in parts):
        message = "a system message holds an image"
        raise ValueError(message)
    return [part.text for part in parts if isinstance(part, Text) and part.text]


def _source(image: Image) -> Mapping[str, Json]:
    if image.url is None:
        if image.data is None:
            message = "an image has neither url nor data"
            raise ValueError(message)
        return {"type": "base64", "media_type": image.media_type or "image/png", "data": image.data}
    inside = DATA_ADDRESS.fullmatch(image.url)
    if inside is None:
        return {"type": "url", "url": image.url}
    return {"type": "base64", "media_type": inside["kind"], "data": inside["data"]}


def _tool(tool: Tool) -> Json:
    written: dict[str, Json] = {"name": tool.name}
    if tool.description is not None:
        written["description"] = tool.description
    parameters = plain(tool.parameters)
    written["input_schema"] = {"type": "object", **(parameters if isinstance(parameters, dict) else {})}
    return written
