"""What an agent did: the tools that it called on the way, in their order, and what the case asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.metrics.json_text import parse_json
from passmuster.metrics.metric import no_reference, shown
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, Message, ToolCall
from passmuster.records.record import Json, Record
from passmuster.records.score import ScoreFailure
from passmuster.records.trial import Reply

MOST_CALLS = 1000
"""Calls of one reply that are looked at."""
MOST_SHOWN = 20

_CALLS = ("calls", "tool_calls", "actions")
_ARGUMENTS = ("arguments", "kwargs", "args", "input", "parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Record):
    """A call of a tool.

    `arguments` is None where nothing is said of them, `unreadable` why they are no object; `result` is what the
    tool gave back, None where nobody kept it.
    """

    name: str
    arguments: Mapping[str, Json] | None = field(default_factory=dict)
    unreadable: str | None = None
    result: str | None = None


def all_calls(reply: Reply) -> list[ToolCall]:
    """Return the calls of a reply in their order: those of its steps, then its own where the last step has others.

    Example:
        >>> [call.name for call in all_calls(Reply(text="", tool_calls=(ToolCall(name="look_up", arguments=""),)))]
        ['look_up']
    """
    made = [call for message in reply.steps or () if message.role != "tool" for call in message.tool_calls]
    own = list(reply.tool_calls)
    return made if made[max(len(made) - len(own), 0) :] == own else made + own


def calls_made(reply: Reply) -> list[Done]:
    """Return the first 1,000 of all calls of a reply, with their arguments and what each gave back.

    Example:
        >>> calls_made(Reply(text="", tool_calls=(ToolCall(name="look_up", arguments='{"id": 7}'),)))
        [Done(name='look_up', arguments={'id': 7}, unreadable=None, result=None)]
    """
    results = _results(reply.steps or ())
    return [_made(call, results.get(place)) for place, call in enumerate(all_calls(reply)[:MOST_CALLS])]


def _results(steps: Sequence[Message]) -> dict[int, str]:
    """Return by place of a call the next result that names it, or where results name none the next of all."""
    found: dict[int, str] = {}
    open_calls: dict[int, str | None] = {}
    count = 0
    for message in steps:
        if message.role == "tool":
            named = (place for place, name in open_calls.items() if name == message.tool_call_id)
            place = next(named, next(iter(open_calls), None) if message.tool_call_id is None else None)
            if place is not None:
                del open_calls[place]
                found[place] = str(message.content)
        elif message.tool_calls:  # what an earlier turn called is answered by now, or never
            calls = message.tool_calls[:MOST_CALLS]
            open_calls = {count + place: call.id for place, call in enumerate(calls)}
            count += len(message.tool_calls)
    return found


def _made(call: ToolCall, result: str | None) -> Done:
    value = parse_json(call.arguments) if call.arguments.strip() else {}
    if isinstance(value, Mapping):
        return Done(name=call.name, arguments=value, result=result)
    reason = value.reason if isinstance(value, Unreadable) else "the arguments are no object"
    return Done(name=call.name, unreadable=shown(reason), result=result)


def calls_asked(case: Case) -> list[Done] | ScoreFailure:
    """Return the calls that the reference of a case asks for; an empty list asks for none.

    It is a list of calls (`{name, arguments}`, `kwargs` for `arguments`, or a name alone: any arguments), one call, or
    an object that holds such a list as `calls`, `tool_calls` or `actions`.

    Example:
        >>> calls_asked(Case(id="1", input="", reference={"calls": ["look_up"]}))
        [Done(name='look_up', arguments=None, unreadable=None, result=None)]
    """
    reference = case.reference
    if isinstance(reference, str) and reference.lstrip().startswith(("[", "{")):
        reference = parse_json(reference)
    if reference is None:
        return no_reference(case)
    if isinstance(reference, Mapping) and not isinstance(reference.get("name"), str):
        reference = next((reference[name] for name in _CALLS if name in reference), None)
    items = list(reference) if isinstance(reference, list | tuple) else [reference]
    found = [_asked(item) for item in items[:MOST_CALLS]]
    if all(item is not None for item in found):
        return [item for item in found if item is not None]
    message = f"the reference of case {case.id!r} is no list of calls with a name each"
    return ScoreFailure(kind="wrong_reference", message=message)


def _asked(item: Json) -> Done | None:
    if isinstance(item, str):
        return Done(name=item, arguments=None) if item.strip() else None
    inner = item.get("function") if isinstance(item, Mapping) else None
    body = inner if isinstance(inner, Mapping) else item
    if not isinstance(body, Mapping) or not isinstance(body.get("name"), str):
        return None
    given = next((body[name] for name in _ARGUMENTS if name in body), None)
    if isinstance(given, str):
        given = parse_json(given) if given.strip() else {}
    return Done(name=body["name"], arguments=given) if given is None or isinstance(given, Mapping) else None


def names_shown(names: Iterable[str]) -> list[str]:
    """Return names as a score keeps them: the first 20, each cut where it is long."""
    return [shown(name) for name, _ in zip(names, range(MOST_SHOWN), strict=False)]
