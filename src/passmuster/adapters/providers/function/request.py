"""A request in the form that functions and commands are given: plain data, as the OpenAI clients take it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from passmuster.adapters.providers.openai.chat import chat_content
from passmuster.adapters.providers.pipeline.link import current_link
from passmuster.errors import ConfigurationError
from passmuster.records.candidate import Candidate
from passmuster.records.case import Conversation, Text
from passmuster.records.digest import plain
from passmuster.records.record import Json, Record
from passmuster.records.trial import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRequest(Record):
    """What a function is asked; every value is a copy of its own.

    `input` is the text of a case, its fields, or the last user message of a conversation; `fields` the named
    fields, {} where it has none. `messages` and `tools` are the rendered conversation in OpenAI's form, the
    system text first. The id and the reference of the case are not in here: they are no part of a trial's
    identity. `base_url` and `traceparent` are set inside a pipeline whose inner calls are recorded.
    """

    input: str | dict[str, Any]
    messages: list[dict[str, Any]]
    fields: dict[str, Any] = field(default_factory=dict)
    tools: list[dict[str, Any]] = field(default_factory=list)
    context: list[dict[str, Any]] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    model: str | None = None
    repeat: int = 0
    base_url: str | None = None
    traceparent: str | None = None

    def data(self) -> dict[str, Json]:
        """Return what is set as JSON data, in a fixed order."""
        always = {"input", "messages", "parameters", "repeat"}
        return {
            name: value
            for name in self.__dataclass_fields__
            if (value := getattr(self, name)) or name in always
        }


def function_request(request: Request, candidate: Candidate, own: Sequence[str] = ()) -> FunctionRequest:
    """Return the request as a function or a command of this candidate is given it.

    `own` are parameters that stand for the candidate's identity only and are not told.

    Raises:
        ValueError: where a message holds an image without content.

    Example:
        >>> from passmuster.testing import text_request
        >>> candidate = Candidate(name="a", provider="python", parameters={"source": "d1", "style": "short"})
        >>> function_request(text_request("Hi"), candidate, own=("source",)).data()
        {'input': 'Hi', 'messages': [{'role': 'user', 'content': 'Hi'}], 'parameters': {'style': 'short'}, 'repeat': 0}
    """
    written: dict[str, Any] = chat_content(request.conversation)
    link = current_link()
    given = request.case.input
    return FunctionRequest(
        input=_copy(given) if isinstance(given, Mapping) else _text(given),
        messages=written["messages"],
        fields=_copy(given) if isinstance(given, Mapping) else {},
        tools=written.get("tools", []),
        context=[asdict(document) for document in request.conversation.context],
        parameters=_copy({name: value for name, value in candidate.parameters.items() if name not in own}),
        model=candidate.model,
        repeat=request.repeat,
        base_url=link.base_url if link else None,
        traceparent=link.traceparent if link else None,
    )


def check_parameters(candidate: Candidate) -> None:
    """Look whether the parameters of a candidate can be told.

    Raises:
        ConfigurationError: where they are no JSON data.
    """
    try:
        json.dumps(plain(candidate.parameters), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise ConfigurationError(f"candidate {candidate.name!r}: parameters: {problem}") from problem


def _copy(values: Mapping[str, Json]) -> dict[str, Any]:
    copied = plain(values)
    return copied if isinstance(copied, dict) else {}


def _text(given: str | Conversation) -> str:
    if isinstance(given, str):
        return given
    last = next((message for message in reversed(given.messages) if message.role == "user"), None)
    if last is None:
        return ""
    if isinstance(last.content, str):
        return last.content
    return "".join(part.text for part in last.content if isinstance(part, Text))
