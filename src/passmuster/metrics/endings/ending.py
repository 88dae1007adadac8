"""How a reply ends, from all that is known of it: its text, its finish reason and its tool calls."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from passmuster.metrics.endings.reading import HEAD, SAID, Ending, compiled, read_text
from passmuster.metrics.json_text import FENCE, find_json
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.outcomes import EndingKind
from passmuster.records.record import Json
from passmuster.records.trial import Reply

Patterns: TypeAlias = Mapping[EndingKind, Sequence[str]]
"""RE2 patterns of a task's own, by the ending that they are a sign of."""

CUT = frozenset(
    {"length", "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded"}
)
FILTERED = frozenset(
    [
        *("content_filter", "content_filtered", "guardrail_intervened", "refusal", "safety", "recitation"),
        *("prohibited_content", "blocklist", "spii"),
    ]
)
STOPPED = frozenset(
    [
        *("stop", "end_turn", "stop_sequence", "tool_calls", "tool_use", "function_call"),
        *("eos", "eos_token", "complete", "completed"),
    ]
)
HANDS_OVER = re.compile(
    r"(?i)escalat|hand[_-]?(?:off|over)|human(?!i[sz]|_?read)|live_agent"
    r"|(?:transfer|forward|connect|rout|refer)\w{0,20}to\w{0,20}"
    r"(?:agent|person(?!al)|operator|supervisor|manager|specialist|expert|representative|support|team|staff|colleague)"
)
"""Names of tools that hand the matter to a person; what moves money or opens a connection does not."""
SAYING = frozenset(
    [
        *("answer", "response", "reply", "message", "text", "output", "result", "error"),
        *("status", "note", "reason", "comment", "action", "decision"),
    ]
)
"""Fields of a JSON reply in which it may say that it does not answer."""
READ = 100_000
"""Characters of JSON that are looked into."""


def ending_of(reply: Reply, patterns: Patterns | None = None) -> Ending:
    """Return how a reply ends.

    Patterns of the task come first, then what the endpoint says (a filter stopped it), a call of a tool that hands
    over to a person (also one on the way), the text, and last that the endpoint cut it. A reply that calls another tool acts, whatever it
    says on the way ("I don't know, let me look").

    Args:
        reply: The reply.
        patterns: RE2 patterns by ending, looked for in the first 2,000 characters.

    Example:
        >>> ending_of(Reply(text="The total is", finish_reason="length")).kind
        'truncated'
        >>> ending_of(Reply(text="REVIEW"), {"escalation": ["^REVIEW$"]}).kind
        'escalation'
    """
    own = _by_patterns(reply.text, patterns or {})
    if own is not None:
        return own
    reason = (reply.finish_reason or "").lower()
    if reason in FILTERED:
        return Ending(kind="refusal", said=f"finish reason {reason}", declines=True)
    calls = (*reply.tool_calls, *(call for step in reply.steps or () for call in step.tool_calls))
    call = next((call.name for call in calls if HANDS_OVER.search(call.name[:SAID])), None)
    if call is not None:
        return Ending(kind="escalation", said=f"calls {call[:SAID]}", declines=True)
    if reply.tool_calls:
        found = Ending(kind="answer")
    else:
        found = _in_json(reply.text) or read_text(reply.text, whole=reason in STOPPED)
    if reason in CUT and found.kind in {"answer", "hedged", "empty"}:
        return Ending(kind="truncated", said=f"finish reason {reason}", declines=found.declines)
    return found


def _by_patterns(text: str, patterns: Patterns) -> Ending | None:
    if not patterns:
        return None
    head = text[:HEAD].encode("utf-8", "replace").decode("utf-8")
    for kind, each in patterns.items():
        for pattern in each:
            match = compiled(pattern).search(head)
            if match is not None:
                return Ending(
                    kind=kind, said=str(match.group())[:SAID], declines=kind not in {"answer", "hedged"}
                )
    return None


def _in_json(text: str) -> Ending | None:
    """Return the ending that a JSON reply tells of; None where it is no JSON."""
    start = text.lstrip()
    if not (start.startswith(("{", "[", FENCE)) or start.rstrip() == "null") or len(text) > READ:
        return None
    value = find_json(text)
    if isinstance(value, Unreadable):
        return None
    if _nothing(value):
        return Ending(kind="empty", said="no field has a value")
    return _in_fields(value) if isinstance(value, dict) else Ending(kind="answer")


def _in_fields(value: dict[str, Json]) -> Ending:
    for name, part in value.items():
        if isinstance(part, str) and (name.lower() in SAYING or len(value) == 1):
            found = read_text(part, whole=True)
            if found.kind not in {"answer", "empty"}:
                return found
    return Ending(kind="answer")


def _nothing(value: Json) -> bool:
    """Return whether a JSON value says nothing at all; empty lists alone are an answer: there is none of these."""
    if isinstance(value, dict):
        if value and all(isinstance(part, list) for part in value.values()):
            return False
        return all(
            part is None or (isinstance(part, str | list | dict) and not part) for part in value.values()
        )
    return value is None
