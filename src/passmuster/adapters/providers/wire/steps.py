"""What an agent did on the way to its answer, and what it left: read from whatever gives it, as untrusted JSON."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from passmuster.adapters.providers.wire.errors import UnreadableError, whole_characters
from passmuster.metrics.json_text import DEPTH
from passmuster.records.case import Message, Role, ToolCall
from passmuster.records.record import Json

MOST_STEPS = 10_000
LARGEST_STATE = 8 * 1024 * 1024
"""Characters of a state as JSON text."""
NAME_LENGTH = 200
Clean = Callable[[str], str]

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "tool": "tool",
    "function": "tool",
}
"""Names of roles in other tools -> ours."""


def read_steps(value: object, clean: Clean) -> tuple[Message, ...] | None:
    r"""Return the messages on the way, each text through `clean`; None where there are none to read.

    They are in the form of OpenAI's chat messages, or records. What they hold beside role, content, calls
    and the id of the call that they answer is left out; parts of a content that are no text stand as JSON.

    Raises:
        UnreadableError: saying which message is wrong, and how.

    Example:
        >>> call = {"id": "1", "function": {"name": "look_up", "arguments": "{}"}}
        >>> read_steps([{"role": "assistant", "content": None, "tool_calls": [call]}], str)[0].tool_calls[0].name
        'look_up'
    """
    if value is None:
        return None
    if isinstance(value, str) or not isinstance(value, Sequence):
        message = f"steps is a {type(value).__name__}, not a list of messages"
        raise UnreadableError(message)
    if len(value) > MOST_STEPS:
        message = f"steps holds {len(value)} messages; at most {MOST_STEPS} are kept"
        raise UnreadableError(message)
    return tuple(_message(item, f"steps[{index}]", clean) for index, item in enumerate(value))


def read_state(value: object, clean: Clean) -> Json:
    """Return what an agent left, as plain JSON with each text through `clean`.

    Raises:
        UnreadableError: where it is no JSON, nested too deeply or larger than `LARGEST_STATE`.

    Example:
        >>> read_state({"orders": ({"id": 1},)}, str)
        {'orders': [{'id': 1}]}
    """
    if value is None:
        return None
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if len(text) <= LARGEST_STATE:
            return _cleaned(json.loads(text), clean)
    except (TypeError, ValueError, RecursionError) as problem:
        message = f"state is no JSON: {str(problem)[:200]}"
        raise UnreadableError(message) from problem
    message = f"state has {len(text)} characters as JSON; at most {LARGEST_STATE} are kept"
    raise UnreadableError(message)


def _cleaned(value: Json, clean: Clean, depth: int = 0) -> Json:
    if isinstance(value, str):
        return clean(whole_characters(value))
    if isinstance(value, dict | list) and depth == DEPTH:
        message = f"it is nested deeper than {DEPTH} levels"
        raise ValueError(message)
    if isinstance(value, dict):
        return {
            clean(whole_characters(name)): _cleaned(item, clean, depth + 1) for name, item in value.items()
        }
    return [_cleaned(item, clean, depth + 1) for item in value] if isinstance(value, list) else value


def _message(value: object, where: str, clean: Clean) -> Message:
    if isinstance(value, Message):
        value = {name: getattr(value, name) for name in ("role", "content", "tool_calls", "tool_call_id")}
    if not isinstance(value, Mapping):
        message = f"{where} is a {type(value).__name__}, not a message"
        raise UnreadableError(message)
    said = _as_text(value.get("role", value.get("type")), f"{where}.role")
    role = ROLES.get(said.lower())
    if role is None:
        message = f"{where}: {said[:40]!r} is no role: {', '.join(dict.fromkeys(ROLES.values()))}"
        raise UnreadableError(message)
    calls = value.get("tool_calls") or _old_calls(value)
    if isinstance(calls, str) or not isinstance(calls, Sequence):
        message = f"{where}.tool_calls is a {type(calls).__name__}, not a list"
        raise UnreadableError(message)
    answered = value.get("tool_call_id")
    return Message(
        role=role,
        content=clean(whole_characters(_content(value.get("content")))),
        tool_calls=tuple(read_tool_call(call, f"{where}.tool_calls", clean) for call in calls),
        tool_call_id=None if answered is None else _name(answered, f"{where}.tool_call_id", clean),
    )


def _old_calls(value: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the one call of a message in the form that OpenAI had before `tool_calls`."""
    call = value.get("function_call")
    return () if call is None else (call,)


def _content(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Sequence):
        return "\n".join(filter(None, map(_part, value)))
    return _as_json(value)


def _part(value: object) -> str:
    text = value.get("text") if isinstance(value, Mapping) else getattr(value, "text", value)
    return text if isinstance(text, str) else _as_json(value)


def _as_json(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return f"<{type(value).__name__}>"


def read_tool_call(value: object, where: str, clean: Clean) -> ToolCall:
    """Return a tool call: a record, `{name, arguments, id}`, or OpenAI's form with these in `function`.

    Raises:
        UnreadableError: for anything else.
    """
    if isinstance(value, ToolCall):
        value = {"name": value.name, "arguments": value.arguments, "id": value.id}
    inner: Any = value.get("function", value) if isinstance(value, Mapping) else None
    if (
        not isinstance(value, Mapping)
        or not isinstance(inner, Mapping)
        or not isinstance(inner.get("name"), str)
    ):
        message = f"{where} holds what is no tool call: {_as_text(value, where)[:80]!r}"
        raise UnreadableError(message)
    given = inner.get("arguments", inner.get("input", inner.get("args", {})))
    identity = value.get("id")
    return ToolCall(
        name=_name(inner["name"], where, clean),
        arguments=clean(whole_characters(given if isinstance(given, str) else _as_json(given))),
        id=None if identity is None else _name(identity, where, clean),
    )


def _name(value: object, where: str, clean: Clean) -> str:
    return clean(whole_characters(_as_text(value, where)))[:NAME_LENGTH]


def _as_text(value: object, where: str) -> str:
    try:
        return str(value)
    except Exception as problem:  # an object of the user's may raise anything
        message = f"{where} holds a {type(value).__name__} that cannot be written as text"
        raise UnreadableError(message) from problem
