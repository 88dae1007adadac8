"""Calls of functions: as an endpoint gave them, or as JSON in the text of a reply."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.metrics.json_text import find_json, parse_json
from passmuster.metrics.structure.repair import repaired
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case
from passmuster.records.record import Json, Record
from passmuster.records.score import ScoreFailure
from passmuster.records.trial import Reply

LISTS = ("tool_calls", "calls", "actions")
"""Where an object keeps its calls."""

ARGUMENTS = ("arguments", "parameters", "kwargs", "args")

BEGUN = re.compile(r"\s*+(?:```[A-Za-z0-9]*\s*+)?[\[{]")
NAMED = re.compile(r"[\"'](?:name|function)[\"']\s*+:")
"""What tells a call that cannot be read from an answer in brackets."""

MOST = 100
"""Calls of one reply that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Record):
    """A call: which function, with which arguments."""

    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)


def calls_of(reply: Reply, *, fenced: bool, mended: bool) -> list[Call] | Unreadable:
    """Return the calls of a reply: its tool calls, else those that its text holds as JSON; none for other text or JSON.

    JSON is one call or a list: `{"name": ..., "arguments": {...}}`, as endpoints write it (`function`,
    `tool_calls`), or with `parameters`, `kwargs` or `args` for `arguments`.

    Example:
        >>> calls_of(Reply(text='{"name": "add", "arguments": {"a": 1}}'), fenced=False, mended=False)
        [Call(name='add', arguments={'a': 1})]
    """
    if reply.tool_calls:
        raw: list[Json] = [{"name": each.name, "arguments": each.arguments} for each in reply.tool_calls]
        return _calls(raw, mended=mended)
    value = _read(reply.text, fenced=fenced, mended=mended)
    if isinstance(value, Unreadable):
        return value if BEGUN.match(reply.text) and NAMED.search(reply.text) else []
    items = _listed(value)
    named = any(isinstance(item, Mapping) and ("name" in item or "function" in item) for item in items)
    return _calls(items, mended=mended) if named else []


def expected_calls(case: Case) -> list[Call] | ScoreFailure | None:
    """Return the calls that the reference asks for (none: an empty list), None without a reference."""
    reference = case.reference
    if isinstance(reference, str):
        reference = parse_json(reference)
    if reference is None:
        return None
    found = reference if isinstance(reference, Unreadable) else _calls(_listed(reference), mended=False)
    if isinstance(found, Unreadable):
        message = f"the reference of case {case.id!r} holds no call with a name and arguments: {found.reason}"
        return ScoreFailure(kind="wrong_reference", message=message)
    return found


def _listed(value: Json) -> list[Json]:
    if isinstance(value, Mapping):
        value = next((value[key] for key in LISTS if isinstance(value.get(key), list | tuple)), value)
    return list(value) if isinstance(value, list | tuple) else [value]


def _calls(items: Sequence[Json], *, mended: bool) -> list[Call] | Unreadable:
    if len(items) > MOST:
        return Unreadable(reason=f"{len(items)} calls; at most {MOST} are looked at")
    found = list(_each(items, mended=mended))
    wrong = next((item for item in found if isinstance(item, Unreadable)), None)
    return wrong or [item for item in found if isinstance(item, Call)]


def _each(items: Sequence[Json], *, mended: bool) -> Iterator[Call | Unreadable]:
    for item in items:
        inner = item.get("function") if isinstance(item, Mapping) else None
        body = inner if isinstance(inner, Mapping) else item
        if not isinstance(body, Mapping) or not isinstance(body.get("name"), str):
            yield Unreadable(reason="a call needs a name")
            continue
        arguments = next((body[key] for key in ARGUMENTS if key in body), None)
        if isinstance(arguments, str):
            arguments = _read(arguments, fenced=False, mended=mended) if arguments.strip() else {}
        if isinstance(arguments, Unreadable):
            yield Unreadable(reason=f"arguments of a call: {arguments.reason}")
        elif arguments is None or isinstance(arguments, Mapping):
            yield Call(name=body["name"], arguments=dict(arguments or {}))
        else:
            yield Unreadable(reason="the arguments of a call are no object")


def _read(text: str, *, fenced: bool, mended: bool) -> Json | Unreadable:
    if not mended:
        return find_json(text) if fenced else parse_json(text)
    found = repaired(text)
    return found if isinstance(found, Unreadable) else found.value
