"""What spans say was asked and answered: by the GenAI conventions, new and old, and by OpenInference."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from passmuster.adapters.ingest.formats.chats import Answer, answer_of, conversation, documents, input_of
from passmuster.adapters.ingest.formats.fields import as_object, decoded, label, objects
from passmuster.adapters.ingest.formats.flat import nested
from passmuster.adapters.ingest.formats.format import MappingError, NotCarried
from passmuster.adapters.ingest.formats.parts import Steps, are_parts, tools_of
from passmuster.records.case import Input
from passmuster.records.record import Json

NO_CONTENT = (
    "the span does not hold what was asked: let the instrumentation record content, "
    "mostly with OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
)
_DETAILS = "gen_ai.client.inference.operation.details"
_TODAY = frozenset({"gen_ai.input.messages", "gen_ai.system_instructions"})
_VALUES = ("ai.prompt.messages", "ai.prompt", "input.value", "llm.prompts", "traceloop.entity.input")
_JSON = frozenset({"ai.prompt.messages", "ai.prompt"})
"""The Vercel AI SDK's names, which are always JSON."""
_ANSWERS = ("output.value", "ai.response.text", "ai.response.toolCalls", "ai.result.text")
_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}


class Event(NamedTuple):
    """An event of a span: its name, and what it says."""

    name: str
    said: Mapping[str, Json]


class Content(NamedTuple):
    """What was asked and answered."""

    input: Input
    answer: Answer


def content_of(said: Mapping[str, Json], events: list[Event], notes: list[NotCarried]) -> Content:
    """Return what was asked and answered in a span.

    Raises:
        MappingError: where the span does not say what was asked, or a case cannot hold it.
    """
    # Content in events was the way before conventions 1.28, and is one of the ways since 1.37.
    said = _with_events(said, events, {_DETAILS, "gen_ai.content.prompt", "gen_ai.content.completion"})
    if not _TODAY.isdisjoint(said):
        return _of_today(said, notes)
    if any(event.name in _ROLES for event in events):
        return _of_events(said, events, notes)
    if any(name.startswith("llm.input_messages") for name in said):
        return _of_openinference(said, notes)
    return _of_values(said, notes)


def _with_events(said: Mapping[str, Json], events: list[Event], names: set[str]) -> Mapping[str, Json]:
    for event in events:
        if event.name in names:
            said = {**event.said, **said}
    return said


def _of_today(said: Mapping[str, Json], notes: list[NotCarried]) -> Content:
    name = "gen_ai.input.messages"
    messages = decoded(said.get(name)) or []
    if not isinstance(messages, list):
        message = "expected a list of messages"
        raise MappingError(message, ("attributes", name))
    asked = conversation(
        messages, ("attributes", name), notes, system=decoded(said.get("gen_ai.system_instructions"))
    )
    tools = tools_of(said.get("gen_ai.tool.definitions"), ("attributes", "gen_ai.tool.definitions"), notes)
    name = "gen_ai.output.messages"
    given = decoded(said.get(name))
    if isinstance(given, list) and len(given) > 1:
        notes.append(NotCarried("further choices", "a record holds the first answer"))
        given = given[:1]
    return Content(replace(asked, tools=tools), answer_of(given, ("attributes", name), notes))


def _of_events(said: Mapping[str, Json], events: list[Event], notes: list[NotCarried]) -> Content:
    messages: list[Json] = []
    answer = Answer(None)
    for number, event in enumerate(events):
        body = decoded(event.said.get("gen_ai.event.content", event.said.get("body")))
        held = {**event.said, **body} if isinstance(body, dict) else dict(event.said)
        if event.name in _ROLES:
            messages.append(_event_message(held, _ROLES[event.name]))
        elif event.name == "gen_ai.choice" and answer == Answer(None):
            inner = decoded(held.get("message"))
            held = (
                {**held, **inner}
                if isinstance(inner, dict)
                else {**held, "content": inner or held.get("content")}
            )
            answer = answer_of([_event_message(held, "assistant")], ("events", number), notes)
    asked = conversation(messages, ("events",), notes)
    tools = tools_of(said.get("gen_ai.tool.definitions"), ("attributes", "gen_ai.tool.definitions"), notes)
    return Content(replace(asked, tools=tools), answer)


def _event_message(held: Mapping[str, Json], role: str) -> dict[str, Json]:
    calls = decoded(held.get("tool_calls"))
    return {
        "role": role,
        "content": _parts(held.get("content")),
        "tool_calls": calls if isinstance(calls, list) else None,
        "tool_call_id": held.get("id"),
    }


def _of_before(said: Mapping[str, Json], prompt: Json, notes: list[NotCarried]) -> Content:
    """Read `gen_ai.prompt`: a text, JSON, or flat names as OpenLLMetry writes them."""
    steps: Steps = ("attributes", "gen_ai.prompt")
    given = nested(said, "gen_ai.completion")
    found = decoded(prompt)
    asked: Input
    if isinstance(found, list) and all(isinstance(item, dict) for item in found):
        members: list[Json] = [_indexed(as_object(item)) for item in found]
        functions = nested(said, "llm.request.functions")
        asked = replace(
            conversation(members, steps, notes),
            tools=tools_of(functions, ("attributes", "llm.request.functions"), notes),
        )
    else:
        asked = input_of(found if isinstance(found, dict) else prompt, steps, notes)
    answers = decoded(given)
    if isinstance(answers, list) and answers and isinstance(answers[0], dict):
        given = [_indexed({"role": "assistant", **answers[0]})]
    return Content(asked, answer_of(given, ("attributes", "gen_ai.completion"), notes))


def _indexed(held: Mapping[str, Json]) -> dict[str, Json]:
    """Return a message of flat names: its content may be JSON, its calls may be a list of objects."""
    message = {**held, "content": _parts(held.get("content"))}
    if "role" not in message:
        message["role"] = "user"
    return message


def _parts(content: Json) -> Json:
    found = decoded(content)
    return found if are_parts(found) else content


def _of_openinference(said: Mapping[str, Json], notes: list[NotCarried]) -> Content:
    name = "llm.input_messages"
    members: list[Json] = [_unwrapped(item) for item in _listed(nested(said, name))]
    asked = conversation(members, ("attributes", name), notes)
    schemas: list[Json] = [
        each.get("json_schema", each)
        for item in _listed(nested(said, "llm.tools"))
        for each in [_stripped(item, "tool")]
    ]
    held = [_stripped(item, "document") for item in _listed(nested(said, "retrieval.documents"))]
    given = [_unwrapped(item) for item in _listed(nested(said, "llm.output_messages"))]
    answer = answer_of(given[:1], ("attributes", "llm.output_messages"), notes)
    if answer == Answer(None):
        answer = answer_of(said.get("output.value"), ("attributes", "output.value"), notes)
    return Content(
        replace(
            asked,
            tools=tools_of(schemas, ("attributes", "llm.tools"), notes),
            context=documents(held, ("attributes", "retrieval.documents")),
        ),
        answer,
    )


def _listed(value: Json) -> list[dict[str, Json]]:
    return list(objects(decoded(value)))


def _stripped(held: Mapping[str, Json], word: str) -> dict[str, Json]:
    """Return an object without the word that wraps it, or that stands before all its names."""
    inner = held.get(word)
    if isinstance(inner, dict):
        return inner
    return {name.removeprefix(f"{word}."): value for name, value in held.items()}


def _unwrapped(held: Mapping[str, Json]) -> dict[str, Json]:
    message = _stripped(held, "message")
    content = message.get("content")
    parts = [_part(_stripped(item, "message_content")) for item in _listed(nested(message, "contents"))]
    calls = []
    for item in _listed(nested(message, "tool_calls")):
        call = _stripped(item, "tool_call")
        function = nested(call, "function")
        calls.append({"id": call.get("id"), "function": function} if isinstance(function, dict) else call)
    return {
        "role": message.get("role") or "user",
        "content": parts or _parts(content),
        "tool_calls": calls or None,
        "tool_call_id": message.get("tool_call_id"),
    }


def _part(held: Mapping[str, Json]) -> dict[str, Json]:
    image = nested(held, "image.image.url") or nested(held, "image.url") or nested(held, "image")
    while isinstance(image, dict):
        image = image.get("image", image.get("url"))
    if held.get("type") == "image" or image:
        return {"type": "image_url", "image_url": image}
    return dict(held)


def _of_values(said: Mapping[str, Json], notes: list[NotCarried]) -> Content:
    """Read what is no list of messages by its name: one text, or one JSON value."""
    prompt = nested(said, "gen_ai.prompt")
    if prompt is not None:
        return _of_before(said, prompt, notes)
    values = ((name, nested(said, name)) for name in _VALUES)
    name, value = next(((name, value) for name, value in values if value), ("", None))
    if not name:
        raise MappingError(NO_CONTENT, ("attributes",))
    if name == "llm.prompts" and isinstance(value, list):
        value = "\n".join(filter(None, (_prompt(item) for item in value)))
    is_json = name in _JSON or label(said.get("input.mime_type")) == "application/json"
    asked = input_of(decoded(value) if is_json else value, ("attributes", name), notes)
    given = next((said[each] for each in _ANSWERS if said.get(each)), nested(said, "llm.completions"))
    return Content(asked, answer_of(given, ("attributes", "output.value"), notes))


def _prompt(item: Json) -> str:
    found: Iterator[Json] = iter([item])
    if isinstance(item, dict):
        found = iter(_stripped(item, "prompt").values())
    return next((each for each in found if isinstance(each, str)), "")
