"""What an agent did on its way to a reply, line by line."""

from passmuster.records.case import Message
from passmuster.records.digest import canonical
from passmuster.records.trial import Reply

MOST = 60
"""Lines that are kept of one reply."""

WIDTH = 400
"""Characters that are kept of a line."""


def step_lines(reply: Reply) -> tuple[str, ...]:
    """Return what a reply tells of the way to it: each tool that was called, each result, and the state it left.

    Example:
        >>> from passmuster.records.case import ToolCall
        >>> step_lines(Reply(text="", tool_calls=(ToolCall(name="look_up", arguments='{"id": 7}'),)))
        ('look_up({"id": 7})',)
    """
    if reply.steps is None:
        lines = [_call(call.name, call.arguments) for call in reply.tool_calls]
    else:
        lines = [line for message in reply.steps for line in _lines(message)]
    kept = [_cut(line) for line in lines[:MOST]]
    if len(lines) > MOST:
        kept.append(f"... and {len(lines) - MOST:,} more steps")
    if reply.state is not None:
        kept.append(_cut(f"left: {_json(reply.state)}"))
    return tuple(kept)


def _lines(message: Message) -> list[str]:
    said = message.content if isinstance(message.content, str) else ""
    calls = [_call(call.name, call.arguments) for call in message.tool_calls]
    if message.role == "tool":
        return [f"-> {said}"]
    return [*([f"{message.role}: {said}"] if said else []), *calls]


def _call(name: str, arguments: str) -> str:
    return f"{name}({arguments})"


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}... ({len(line):,} characters)"


def _json(value: object) -> str:
    try:
        return canonical(value).decode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError):
        return type(value).__name__
