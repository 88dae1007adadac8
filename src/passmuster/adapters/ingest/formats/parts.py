"""Parts of messages, as OpenAI, Anthropic, Google and the GenAI conventions write them: text, images, tools."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from passmuster.adapters.ingest.formats.fields import as_object, decoded, label, sayable, text
from passmuster.adapters.ingest.formats.format import MappingError, NotCarried, Step
from passmuster.records.case import Image, Part, Text, Tool, ToolCall
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

Steps: TypeAlias = tuple[Step, ...]

_DATA = re.compile(r"data:([\w.+/-]+)(?:;[\w=.+-]+)*;base64,", re.ASCII)
_CALLS = frozenset({"tool_call", "tool_use", "function_call", "server_tool_call", "tool-call"})
_RESULTS = frozenset(
    {"tool_call_response", "tool_result", "function_call_output", "function_response", "tool-result"}
)
_THOUGHTS = frozenset({"reasoning", "thinking", "redacted_thinking"})
_TEXTS = ("text", "input_text", "output_text", "refusal")
_IMAGES = ("image", "image_url", "input_image", "blob", "uri")
_KINDS = (*_CALLS, *_RESULTS, *_THOUGHTS, *_TEXTS, *_IMAGES)
"""What a part may say of its kind; a tuple, since what is said may be anything."""
THOUGHTS = NotCarried("reasoning", "a model's own thoughts are not handed to the next model")


class ToolResult(NamedTuple):
    """What a tool gave back, with the call that it answers."""

    content: str
    call: str | None


class Sorted(NamedTuple):
    """The parts of one message, by what they are."""

    content: str | tuple[Part, ...]
    calls: tuple[ToolCall, ...]
    results: tuple[ToolResult, ...]
    thoughts: bool


def sorted_parts(value: Json, steps: Steps) -> Sorted:
    """Return the parts of a message's content.

    Raises:
        MappingError: for a part that a case cannot hold: sound, video, files; without it the case would be another.
    """
    if value is None:
        return Sorted("", (), (), thoughts=False)
    if isinstance(value, str):
        return Sorted(text(value, steps), (), (), thoughts=False)
    members = value if isinstance(value, list) else [value]
    parts: list[Part] = []
    calls: list[ToolCall] = []
    results: list[ToolResult] = []
    thoughts = False
    for index, member in enumerate(members):
        place = (*steps, index) if isinstance(value, list) else steps
        if isinstance(member, str):
            parts.append(Text(text=text(member, place)))
            continue
        part = as_object(member, place)
        kind = _kind(part)
        if kind in _THOUGHTS:
            thoughts = True
        elif kind in _CALLS:
            calls.append(tool_call(part, place))
        elif kind in _RESULTS:
            results.append(_result(part, place))
        else:
            parts.append(_said(part, kind, place))
    return Sorted(_plainest(parts), tuple(calls), tuple(results), thoughts)


def are_parts(value: Json) -> bool:
    """Return whether a list is one of parts: each an object of a kind that messages have.

    Example:
        >>> are_parts([{"type": "text", "text": "Hi"}]), are_parts([{"type": "refund"}])
        (True, False)
    """
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and (part.get("type") in _KINDS or "text" in part) for part in value)
    )


def _plainest(parts: Sequence[Part]) -> str | tuple[Part, ...]:
    if not parts:
        return ""
    only = parts[0] if len(parts) == 1 else None
    return only.text if isinstance(only, Text) else tuple(parts)


def _kind(part: Mapping[str, Json]) -> str:
    kind = part.get("type")
    if isinstance(kind, str):
        return kind
    # Google's parts have no type: the name of their only field is it.
    names = {
        "functionCall": "function_call",
        "functionResponse": "function_response",
        "inlineData": "inline_data",
    }
    return next((names.get(name, name) for name in part if name != "thought"), "")


def _said(part: Mapping[str, Json], kind: str, steps: Steps) -> Part:
    if kind in _TEXTS:
        name = next((name for name in ("text", "content", "refusal") if name in part), "text")
        return Text(text=text(part.get(name), (*steps, name)))
    image = _image(part, kind, steps)
    if image is not None:
        return image
    message = f"a part of the kind {kind[:40]!r} cannot be held by a case"
    raise MappingError(message, steps)


def _image(part: Mapping[str, Json], kind: str, steps: Steps) -> Image | None:
    media = label(part.get("mime_type", part.get("mimeType"))) or ""
    if kind in {"blob", "uri"} and (part.get("modality") == "image" or media.startswith("image/")):
        if kind == "uri":
            return image_at(part.get("uri"), (*steps, "uri"))
        data = part.get("content", part.get("data"))
        return Image(data=text(data, (*steps, "content")), media_type=media or "image/png")
    if kind in {"image_url", "input_image"}:
        held = part.get("image_url")
        url = held.get("url") if isinstance(held, dict) else held
        return image_at(url, (*steps, "image_url"))
    if kind == "inline_data":
        held = as_object(part.get("inline_data", part.get("inlineData")), steps)
        media = label(held.get("mime_type", held.get("mimeType"))) or ""
        if media.startswith("image/"):
            return Image(data=text(held.get("data"), (*steps, "inline_data", "data")), media_type=media)
    if kind == "image":
        return _anthropic_image(part, steps)
    return None


def _anthropic_image(part: Mapping[str, Json], steps: Steps) -> Image:
    source = part.get("source", part.get("image"))
    if isinstance(source, str):
        return image_at(source, (*steps, "image"))
    held = as_object(source, (*steps, "source"))
    if isinstance(held.get("image"), dict):  # OpenInference wraps twice
        held = as_object(held["image"], steps)
    if held.get("data") is not None:
        media = label(held.get("media_type")) or "image/png"
        return Image(data=text(held["data"], (*steps, "source", "data")), media_type=media)
    return image_at(held.get("url"), (*steps, "source", "url"))


def image_at(url: Json, steps: Steps) -> Image:
    """Return an image by its address; one in a `data:` address by its data.

    Example:
        >>> image_at("data:image/png;base64,aGk=", ())
        Image(url=None, data='aGk=', media_type='image/png', type='image')
    """
    address = text(url, steps)
    found = _DATA.match(address)
    if found is not None:
        return Image(data=address[found.end() :], media_type=found[1])
    if not address:
        message = "an image without address or data"
        raise MappingError(message, steps)
    return Image(url=address)


def tool_call(part: Mapping[str, Json], steps: Steps) -> ToolCall:
    """Return a call of a tool, in whichever way it is written.

    Raises:
        MappingError: where it has no name.

    Example:
        >>> tool_call({"id": "c1", "function": {"name": "look_up", "arguments": "{}"}}, ())
        ToolCall(name='look_up', arguments='{}', id='c1')
    """
    wrapped = next(
        (part[name] for name in ("function", "function_call", "functionCall") if name in part), part
    )
    # Inspect writes the name alone there, with the arguments beside it.
    held = part if isinstance(wrapped, str) else as_object(wrapped, (*steps, "function"))
    name = label(wrapped) if isinstance(wrapped, str) else label(held.get("name", held.get("toolName")))
    if name is None:
        message = "a call of a tool without its name"
        raise MappingError(message, (*steps, "name"))
    given = next((held[key] for key in ("arguments", "input", "args") if held.get(key) is not None), {})
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    number = label(part.get("call_id", part.get("id", part.get("toolCallId"))))
    return ToolCall(name=name, arguments=text(arguments, (*steps, "arguments")), id=number)


def _result(part: Mapping[str, Json], steps: Steps) -> ToolResult:
    held = part.get("functionResponse", part.get("function_response", part))
    held = held if isinstance(held, dict) else part
    value = next(
        (held[key] for key in ("result", "response", "output", "content") if held.get(key) is not None), ""
    )
    call = next(
        (
            found
            for key in ("tool_use_id", "tool_call_id", "call_id", "toolCallId", "id")
            if (found := label(held.get(key)))
        ),
        None,
    )
    return ToolResult(written_result(value, steps), call)


def written_result(value: Json, steps: Steps) -> str:
    """Return what a tool gave back as text: the text of its parts, or JSON.

    Example:
        >>> written_result([{"type": "text", "text": "rainy"}], ()), written_result({"sky": "rainy"}, ())
        ('rainy', '{"sky": "rainy"}')
    """
    if isinstance(value, list) and value and all(isinstance(item, dict) and "text" in item for item in value):
        return "\n".join(text(as_object(item).get("text"), steps) for item in value)
    found = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text(found, steps)


def tools_of(value: Json, steps: Steps, notes: list[NotCarried]) -> tuple[Tool, ...]:
    """Return the tools that a model was given; those that run at the provider are noted as not carried.

    Raises:
        MappingError: where one has no name, or parameters that are no object.
    """
    value = decoded(value)
    if value is None or value == "":
        return ()
    if not isinstance(value, list):
        message = f"expected a list of tools, found {kind_of(value)}"
        raise MappingError(message, steps)
    found: list[Tool] = []
    for index, member in enumerate(value):
        place = (*steps, index)
        tool = as_object(decoded(member), place)
        held = tool.get("function", tool.get("functionDeclaration", tool))
        held = as_object(held, (*place, "function"))
        name = label(held.get("name"))
        schema = next(
            (held[key] for key in ("parameters", "input_schema", "inputSchema") if key in held), None
        )
        if name is None or (schema is None and tool.get("type") not in (None, "function", "custom")):
            kind = label(tool.get("type")) or name or "?"
            notes.append(
                NotCarried(
                    f"tool of the kind {kind!r}", "it runs at the provider; a case holds functions only"
                )
            )
            continue
        parameters = decoded(schema)
        description = label(held.get("description")) and text(held["description"], (*place, "description"))
        found.append(
            Tool(
                name=name,
                description=description or None,
                parameters={}
                if parameters is None
                else as_object(sayable(parameters), (*place, "parameters")),
            )
        )
    return tuple(found)
