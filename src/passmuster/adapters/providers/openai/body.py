"""What is sent to an OpenAI-compatible endpoint: a candidate's model and parameters with a conversation."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic_core import to_json

from passmuster.adapters.providers.openai.chat import chat_content
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation
from passmuster.records.digest import plain
from passmuster.records.record import Json, Record

API = "api"
"""The parameter that chooses a surface; it is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Record):
    """What the bodies of a surface look like.

    `content` makes the part that depends on the conversation, `own` are the keys that it and the model fill.
    `added` are parameters sent unless a candidate sets them (None leaves one out), `streamed` those sent
    with a stream; without `streams` there are no streams.
    """

    content: Callable[[Conversation], dict[str, Json]]
    own: tuple[str, ...]
    added: Mapping[str, Json] = field(default_factory=dict)
    streamed: Mapping[str, Json] = field(default_factory=dict)
    streams: bool = True


USAGE_AT_THE_END = {"stream_options": {"include_usage": True}}
CHAT = Form(content=chat_content, own=("model", "messages"), streamed=USAGE_AT_THE_END)


class BodyWriter:
    """Writes the bodies of one candidate: its model and parameters with a conversation.

    Every parameter is passed on as it is; `stream: true` also asks for the usage at the end of the stream,
    unless `stream_options` says otherwise (None leaves it out, for endpoints that do not know it). Tools of a
    conversation stand behind those of the parameters. `stream` says whether streams are asked for.

    Raises:
        ConfigurationError: for a candidate without a model, or parameters that cannot be sent.

    Example:
        >>> from passmuster.records.case import Message
        >>> candidate = Candidate(name="a", provider="openai", model="m", parameters={"temperature": 0})
        >>> BodyWriter(candidate).write(Conversation(messages=(Message(role="user", content="Hi"),)))
        b'{"model":"m","temperature":0,"messages":[{"role":"user","content":"Hi"}]}'
    """

    def __init__(self, candidate: Candidate, form: Form = CHAT) -> None:
        if not candidate.model:
            raise ConfigurationError(
                f"candidate {candidate.name!r} has no model",
                hint="say which with `model:`; the endpoint is asked for it by that name",
            )
        parameters = _parameters(candidate, form)
        self.stream = _streams(candidate, parameters.pop("stream", False), form)
        added = {**form.added, **(form.streamed if self.stream else {})}
        tools = parameters.pop("tools", None)
        self._tools: list[Json] = tools if isinstance(tools, list) else []
        self._content = form.content
        fixed: dict[str, Json] = {"model": candidate.model, **parameters}
        if self.stream:
            fixed["stream"] = True
        for name in form.streamed:
            fixed.pop(name, None)
        for name, value in added.items():
            fixed[name] = parameters.get(name, value)
            if fixed[name] is None:
                del fixed[name]
        self._head = _written(fixed)[:-1]

    def write(self, conversation: Conversation) -> bytes:
        """Return the body that asks for an answer to this conversation.

        Raises:
            ValueError: where it cannot be sent: an image without content, or one where only text goes.
        """
        content = self._content(conversation)
        if self._tools:
            own = content.get("tools")
            content["tools"] = [*self._tools, *(own if isinstance(own, list) else [])]
        try:
            # The fixed part is written once; behind it stands what the conversation adds.
            return b"%s,%s" % (self._head, _written(content)[1:])
        except RecursionError as problem:
            message = "the conversation is nested too deeply to be sent as JSON"
            raise ValueError(message) from problem


def _written(content: Mapping[str, Json]) -> bytes:
    try:
        return to_json(content)
    except ValueError:
        # Half of a surrogate pair, which only an escape can carry; or what is too deep, which is told as such.
        return json.dumps(content).encode("ascii")


def _streams(candidate: Candidate, stream: Json, form: Form) -> bool:
    if not isinstance(stream, bool):
        raise ConfigurationError(f"candidate {candidate.name!r}: stream is {stream!r}, not true or false")
    if stream and not form.streams:
        raise ConfigurationError(
            f"candidate {candidate.name!r}: api {candidate.parameters.get(API)!r} has no streams",
            hint="take `stream` out of its parameters",
        )
    return stream


def _parameters(candidate: Candidate, form: Form) -> dict[str, Json]:
    try:
        parameters = plain(candidate.parameters)
        json.dumps(parameters, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise ConfigurationError(f"candidate {candidate.name!r}: parameters: {problem}") from problem
    taken = [key for key in form.own if key in candidate.parameters]
    if taken or not isinstance(parameters, dict):
        raise ConfigurationError(
            f"candidate {candidate.name!r}: `{taken[0]}` is no parameter",
            hint="the model is set with `model:`, what is asked comes from the prompt and the case",
        )
    parameters.pop(API, None)
    return parameters
