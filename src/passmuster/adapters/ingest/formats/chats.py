"""Conversations, from the messages of any provider and of any tool that logs them."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from passmuster.adapters.ingest.formats.fields import as_object, decoded, label, sayable, text
from passmuster.adapters.ingest.formats.format import MappingError, NotCarried
from passmuster.adapters.ingest.formats.parts import (
    THOUGHTS,
    Sorted,
    Steps,
    are_parts,
    sorted_parts,
    tool_call,
    tools_of,
    written_result,
)
from passmuster.records.case import Conversation, Document, Input, Message, Role, ToolCall
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "tool": "tool",
    "function": "tool",
}
"""What roles are called, and ours for each."""
_TEXTS = ("prompt", "query", "question", "input", "text", "content")
_DOCUMENTS = ("context", "documents", "retrieved_documents", "retrieved_context")


class Answer(NamedTuple):
    """What a model answered; text None where it answered nothing that is known."""

    text: str | None
    calls: tuple[ToolCall, ...] = ()


def input_of(value: Json, steps: Steps, notes: list[NotCarried]) -> Input:
    """Return what a model was asked: text, a conversation, or named fields.

    A text stays text, except where it is the JSON of messages.

    Raises:
        MappingError: where nothing was asked, or something that a case cannot hold.

    Example:
        >>> input_of([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}], (), []).system
        'Be brief.'
    """
    found = decoded(value)
    if isinstance(found, list) and found and all(_is_message(item) or _is_empty_turn(item) for item in found):
        return conversation(found, steps, notes)
    if isinstance(found, dict) and isinstance(found.get("messages"), list):
        return asked(found, steps, notes)
    if isinstance(value, str):
        if value.strip():
            return text(value, steps)
    elif isinstance(found, dict) and found:
        return _fields(found, steps, notes)
    message = f"nothing was asked: {kind_of(value) if value not in ('', {}, []) else 'it is empty'}"
    raise MappingError(message, steps)


def _fields(found: dict[str, Json], steps: Steps, notes: list[NotCarried]) -> Input:
    if _is_message(found):
        return conversation([found], steps, notes)
    if "messages" in found:
        message = "expected a list of messages"
        raise MappingError(message, (*steps, "messages"))
    name, value = next(iter(found.items()))
    if len(found) == 1 and name in _TEXTS and isinstance(value, str) and value.strip():
        return text(value, (*steps, name))
    return as_object(sayable(found, steps))


def asked(body: Mapping[str, Json], steps: Steps, notes: list[NotCarried]) -> Conversation:
    """Return the conversation in the body of a request: its messages, system text, tools and documents.

    Raises:
        MappingError: where a message is none, or the conversation is empty.
    """
    messages = decoded(body.get("messages"))
    if not isinstance(messages, list):
        message = f"expected a list of messages, found {kind_of(messages)}"
        raise MappingError(message, (*steps, "messages"))
    system = next((body[name] for name in ("system", "instructions") if body.get(name)), None)
    tools = tools_of(body.get("tools"), (*steps, "tools"), notes)
    tools = tools or tools_of(body.get("functions"), (*steps, "functions"), notes)
    found = conversation(messages, (*steps, "messages"), notes, system=system)
    held = next((body[name] for name in _DOCUMENTS if body.get(name)), None)
    return Conversation(
        messages=found.messages, system=found.system, tools=tools, context=documents(held, steps)
    )


def documents(value: Json, steps: Steps) -> tuple[Document, ...]:
    """Return retrieved documents: a text, a list of texts, or objects with `text`, `content` or `page_content`.

    Raises:
        MappingError: for anything else.

    Example:
        >>> documents([{"id": 7, "page_content": "Returns within 30 days."}], ())
        (Document(text='Returns within 30 days.', id='7', title=None),)
    """
    value = decoded(value)
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (Document(text=text(value, steps)),)
    members = value if isinstance(value, list) else [value]
    found = []
    for index, member in enumerate(members):
        place = (*steps, index)
        if isinstance(member, str):
            found.append(Document(text=text(member, place)))
            continue
        held = as_object(member, place)
        name = next((name for name in ("text", "content", "page_content", "chunk") if held.get(name)), "text")
        metadata = held.get("metadata")
        titled = held.get("title") or (metadata.get("title") if isinstance(metadata, dict) else None)
        found.append(
            Document(text=text(held.get(name), (*place, name)), id=label(held.get("id")), title=label(titled))
        )
    return tuple(found)


def conversation(
    members: list[Json], steps: Steps, notes: list[NotCarried], system: Json = None
) -> Conversation:
    """Return messages as a conversation; those of the system at the start become its system text.

    Raises:
        MappingError: with the place of a message that is none, and where there is nothing at all.
    """
    leading = [] if system is None else [system_text(system, steps)]
    messages: list[Message] = []
    for index, member in enumerate(members):
        for message in _messages(as_object(member, (*steps, index)), (*steps, index), notes):
            if message.role == "system" and not messages and isinstance(message.content, str):
                leading.append(message.content)
            elif message.role == "assistant" and _continues(messages, message):
                before = messages.pop()
                messages.append(_joined(before, message))
            else:
                messages.append(message)
    whole = "\n\n".join(part for part in leading if part)
    if not messages and not whole:
        nothing = "nothing was asked: there is no message"
        raise MappingError(nothing, steps)
    return Conversation(messages=tuple(messages), system=whole or None)


def system_text(value: Json, steps: Steps) -> str:
    """Return what a model was told beforehand, which some providers write as parts.

    Raises:
        MappingError: for parts that are none.

    Example:
        >>> system_text([{"type": "text", "text": "Be brief."}], ())
        'Be brief.'
    """
    content = sorted_parts(decoded(value), steps).content
    if isinstance(content, str):
        return content
    return "\n\n".join(part.text for part in content if part.type == "text")


def _continues(messages: list[Message], message: Message) -> bool:
    """Return whether a message holds only more calls of the same turn, as the items of responses do."""
    return bool(
        messages
        and messages[-1].role == "assistant"
        and messages[-1].tool_calls
        and message.tool_calls
        and not message.content
    )


def _joined(before: Message, after: Message) -> Message:
    return Message(
        role="assistant", content=before.content, tool_calls=(*before.tool_calls, *after.tool_calls)
    )


def _is_item(kind: Json) -> bool:
    """Return whether this is the type of what stands beside messages in the responses API."""
    return isinstance(kind, str) and kind in {"function_call", "function_call_output", "reasoning"}


def _is_message(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    kind = value.get("type")
    if _is_item(kind):
        return True
    role = value.get("role", kind)
    return (
        isinstance(role, str)
        and role.lower() in ROLES
        and not value.keys().isdisjoint({"content", "parts", "tool_calls", "function_call"})
    )


def _is_empty_turn(value: Json) -> bool:
    """Return whether this is a message without content: a tool may give back nothing."""
    role = value.get("role") if isinstance(value, dict) else None
    return isinstance(role, str) and role.lower() in ROLES


def _messages(held: dict[str, Json], steps: Steps, notes: list[NotCarried]) -> list[Message]:
    kind = held.get("type")
    if _is_item(kind) and "role" not in held:
        parts, role = sorted_parts([held], steps), None
    else:
        role = _role(held, steps)
        name = "parts" if "parts" in held else "content"
        parts = sorted_parts(held.get(name), (*steps, name))
    if parts.thoughts or held.get("reasoning_content"):
        notes.append(THOUGHTS)
    if role == "tool" and not parts.results:
        said = parts.content if isinstance(parts.content, str) else written_result(held.get("content"), steps)
        call = label(held.get("tool_call_id", held.get("id")))
        return [Message(role="tool", content=said, tool_call_id=call)]
    found = [Message(role="tool", content=each.content, tool_call_id=each.call) for each in parts.results]
    calls = (*parts.calls, *_calls(held, steps)) if role is not None else parts.calls
    content = parts.content or text(held.get("refusal") or "", (*steps, "refusal"))
    if content or calls or (role is not None and not found):
        found.append(Message(role=role or "assistant", content=content, tool_calls=tuple(calls)))
    return found


def _role(held: Mapping[str, Json], steps: Steps) -> Role:
    role = held.get("role", held.get("type"))
    known = ROLES.get(role.lower()) if isinstance(role, str) else None
    if known is None:
        message = f"{str(role)[:40]!r} is no role: system, user, assistant or tool"
        raise MappingError(message, (*steps, "role"))
    return known


def _calls(held: Mapping[str, Json], steps: Steps) -> tuple[ToolCall, ...]:
    listed = held.get("tool_calls")
    if isinstance(listed, list):
        return tuple(
            tool_call(as_object(call, (*steps, "tool_calls", index)), (*steps, "tool_calls", index))
            for index, call in enumerate(listed)
        )
    single = held.get("function_call")
    return () if not isinstance(single, dict) else (tool_call(single, (*steps, "function_call")),)


def answer_of(value: Json, steps: Steps, notes: list[NotCarried]) -> Answer:
    """Return what a model answered, in whichever way its provider writes it; other objects stay as JSON.

    A text is the answer itself, also where it is JSON, unless that is a whole reply: models answer in JSON too.

    Example:
        >>> answer_of({"choices": [{"message": {"role": "assistant", "content": "Hello"}}]}, (), [])
        Answer(text='Hello', calls=())
        >>> answer_of('[{"type": "refund"}]', (), []).text
        '[{"type": "refund"}]'
    """
    if value is None or value in ("", {}, []):
        return Answer(None)
    found = decoded(value)
    if isinstance(value, str) and not _is_reply(found):
        return Answer(text(value, steps))
    if isinstance(found, dict):
        return _answered(found, steps, notes)
    if isinstance(found, list):
        turns = [item for item in found if _is_message(item)]
        if turns and len(turns) == len(found):
            return _said(turns[-1], (*steps, len(found) - 1), notes)
        if are_parts(found):
            return _from_parts(sorted_parts(found, steps), notes)
    return Answer(text(json.dumps(found, ensure_ascii=False), steps))


def _is_reply(found: Json) -> bool:
    """Return whether JSON in a text is a reply of a provider, and not what a model wrote."""
    if isinstance(found, list):
        return bool(found) and all(_is_message(item) for item in found)
    if not isinstance(found, dict):
        return False
    choices = found.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if isinstance(choice, dict) and not choice.keys().isdisjoint({"message", "delta", "finish_reason"}):
        return True
    return _is_message(found) or (found.get("object") == "response" and "output" in found)


def _answered(found: dict[str, Json], steps: Steps, notes: list[NotCarried]) -> Answer:
    for name in ("choices", "candidates"):
        choices = found.get(name)
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choices, list) and isinstance(choice, dict):
            if len(choices) > 1:
                notes.append(NotCarried("further choices", "a record holds the first answer"))
            if isinstance(choice.get("text"), str):
                return Answer(text(choice["text"], (*steps, name, 0, "text")))
            inner = choice.get("message", choice.get("delta", choice.get("content")))
            return _said(as_object(inner, (*steps, name, 0)), (*steps, name, 0, "message"), notes)
    output = found.get("output")
    if found.get("object") == "response" and isinstance(output, list):
        whole = _turns(output, (*steps, "output"), notes)
        written = [message.content for message in whole if isinstance(message.content, str)]
        return Answer("".join(written), tuple(call for message in whole for call in message.tool_calls))
    if _is_message(found) or are_parts(found.get("content")) or are_parts(found.get("parts")):
        return _said(found, steps, notes)
    return Answer(text(json.dumps(found, ensure_ascii=False), steps))


def _turns(items: list[Json], steps: Steps, notes: list[NotCarried]) -> list[Message]:
    found = []
    for index, item in enumerate(items):
        held = as_object(item, (*steps, index))
        if _is_message(held):
            found += _messages(held, (*steps, index), notes)
    return found


def _said(held: dict[str, Json], steps: Steps, notes: list[NotCarried]) -> Answer:
    name = "parts" if "parts" in held else "content"
    parts = sorted_parts(held.get(name), (*steps, name))
    answer = _from_parts(parts, notes)
    refused = text(held.get("refusal") or "", (*steps, "refusal"))
    return Answer(answer.text or refused, (*answer.calls, *_calls(held, steps)))


def _from_parts(parts: Sorted, notes: list[NotCarried]) -> Answer:
    if parts.thoughts:
        notes.append(THOUGHTS)
    if isinstance(parts.content, str):
        return Answer(parts.content, parts.calls)
    texts = [part.text for part in parts.content if part.type == "text"]
    if len(texts) < len(parts.content):
        notes.append(NotCarried("images in answers", "an answer is text"))
    return Answer("".join(texts), parts.calls)
