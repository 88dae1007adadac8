"""Files to fine-tune models with: conversations that end with the answer to learn."""

import json
from collections.abc import Iterator, Mapping, Sequence

from passmuster.adapters.ingest.formats.chats import Answer, answer_of, asked, input_of
from passmuster.adapters.ingest.formats.fields import as_object, first, label, name_from, sayable
from passmuster.adapters.ingest.formats.format import Format, Found, MappingError, NotCarried
from passmuster.records.case import Case, Conversation, Input, Message, ToolCall
from passmuster.records.record import Json

REFERENCES = (
    "reference",
    "reference_answer",
    "ideal",
    "expected",
    "expected_output",
    "label",
    "target",
    "gold",
)
"""What a field with the right answer is called."""
_TUNING = frozenset(
    {"messages", "tools", "functions", "parallel_tool_calls", "tool_choice", "weight", "response_format"}
)


def _recognise(sample: Sequence[Json]) -> str | None:
    for value in sample:
        if not isinstance(value, dict):
            continue
        if value.keys() >= {"input", "preferred_output"}:
            return "its lines hold `preferred_output`"
        messages = value.get("messages")
        if isinstance(messages, list) and messages and value.keys() <= {*_TUNING, *REFERENCES, "item"}:
            return "its lines hold `messages` alone"
    return None


def _read(value: Json) -> Iterator[Found]:
    held = as_object(value)
    notes: list[NotCarried] = []
    if "preferred_output" in held:
        body = as_object(held.get("input"), ("input",))
        given = asked(body, ("input",), notes)
        reference = _expected(answer_of(held["preferred_output"], ("preferred_output",), notes))
        if held.get("non_preferred_output"):
            notes.append(NotCarried("non_preferred_output", "a case has the right answer only"))
        yield from _case(given, reference, notes, held)
        return
    if "messages" not in held:
        prompt = input_of(held.get("prompt"), ("prompt",), notes)
        reference = _expected(answer_of(held.get("completion"), ("completion",), notes))
        yield from _case(prompt, reference, notes, held)
        return
    whole = asked(held, (), notes)
    reference = first(held, *REFERENCES)
    messages = whole.messages
    if messages and messages[-1].role == "assistant":
        learned = _expected(Answer(_plain(messages[-1]), messages[-1].tool_calls))
        reference = learned if reference is None else reference
        messages = messages[:-1]
    if reference is None:
        message = "the example has no answer: its last message is not the assistant's"
        raise MappingError(message, ("messages",))
    if not messages and not whole.system:
        message = "nothing was asked: there is no message before the answer"
        raise MappingError(message, ("messages",))
    left = Conversation(messages=messages, system=whole.system, tools=whole.tools, context=whole.context)
    yield from _case(left, reference, notes, held)


def _plain(message: Message) -> str:
    content = message.content
    return (
        content if isinstance(content, str) else "".join(part.text for part in content if part.type == "text")
    )


def _expected(answer: Answer) -> Json:
    """Return the answer as a reference: its text, or its calls of tools as an object."""
    if answer.calls:
        return {"tool_calls": [{"name": call.name, "arguments": _arguments(call)} for call in answer.calls]}
    return (answer.text or "").strip()


def _arguments(call: ToolCall) -> Json:
    try:
        return json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments


def _case(
    given: Input, reference: Json, notes: list[NotCarried], held: Mapping[str, Json]
) -> Iterator[Found]:
    if reference is None or reference == "":
        message = "the answer is empty"
        raise MappingError(message)
    name = label(first(held, "id", "custom_id")) or name_from(given)
    yield Case(id=name, input=given, reference=sayable(reference, ("reference",)), origin="expert")
    yield from (note._replace(where=name) for note in notes)


OPENAI_FINE_TUNE = Format(
    name="openai-fine-tune",
    title="fine-tuning examples (conversations that end with the right answer)",
    kind="cases",
    suffixes=(".jsonl", ".jsonl.gz"),
    recognise=_recognise,
    read=_read,
)
"""Supervised, preference and reinforcement fine-tuning; where it is named, also the older `prompt` and `completion`.

Those two alone are not recognised: a log may have these columns as well.
"""
