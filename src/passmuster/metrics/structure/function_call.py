"""Is the function called that should be, with the right arguments: `function_call`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import jsonschema_rs

from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import Step, as_text, same
from passmuster.metrics.json_text import parse_json
from passmuster.metrics.metric import UNIT, Bounds, Summary, no_reference, shown
from passmuster.metrics.structure.calls import Call, calls_of, expected_calls
from passmuster.metrics.structure.schemas import UNSUPPORTED, compile_schema, first_error
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, Conversation, Tool
from passmuster.records.digest import canonical
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

SHOWN = 20
PARTS = ("call", "name", "argument_names", "types", "values")
CONTENT = ("required", "additionalProperties", "minProperties", "dependentRequired")
"""What a schema says of which arguments there are, not of what they are."""


@dataclass(slots=True)
class _Found:
    """What one call has right, and what is wrong with it."""

    right: dict[str, bool] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall(Record):
    """1 where the reply calls the functions that it should, with the right arguments, else 0.

    The reference is a call `{"name": ..., "arguments": {...}}`, a list of calls, or `[]`: none is right. Without a
    reference a call must fit the case's tools. Types are those of the tool's schema, or of the reference where
    the case has no such tool. `normalise` says what does not count in texts, `ignore` which arguments are not
    compared, `any_order` that several calls may come in any order. `fenced` and `repaired` are as for
    `json_schema`, for calls that are written as text.

    Example:
        >>> case = Case(id="1", input="", reference={"name": "add", "arguments": {"a": 1, "b": 2}})
        >>> score = FunctionCall().score(case, Reply(text='{"name": "add", "arguments": {"a": 1, "b": "2"}}'))
        >>> score.details["parts"]
        {'call': 1, 'name': 1, 'argument_names': 1, 'types': 0, 'values': 1}
    """

    version: ClassVar[int] = 1
    direction: ClassVar[Direction] = "higher"
    bounds: ClassVar[Bounds] = UNIT
    binary: ClassVar[bool] = True
    summary: ClassVar[Summary] = "parts"

    name: str = "function_call"
    normalise: tuple[Step, ...] = ()
    ignore: tuple[str, ...] = ()
    any_order: bool = False
    fenced: bool = False
    repaired: bool = False

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return 1 or 0, with a part each for the call, its name, and names, types and values of arguments."""
        expected = expected_calls(case)
        tools = _tools(case)
        if expected is None and not tools:
            expected = no_reference(case)
        if isinstance(expected, ScoreFailure):
            return expected
        calls = calls_of(reply, fenced=self.fenced, mended=self.repaired)
        if expected == []:
            return _none_expected(calls)
        names = PARTS if expected else PARTS[:-1]
        if isinstance(calls, Unreadable) or not calls:
            reason = calls.reason if isinstance(calls, Unreadable) else "no call"
            parts: dict[str, Json] = dict.fromkeys(names, 0)
            return Score(value=0.0, details={"parts": parts, "unreadable": True, "reason": shown(reason)})
        try:
            found = [self._one(call, right, tools) for call, right in self._pairs(calls, expected, tools)]
        except ConfigurationError as error:
            kind = "unsupported_pattern" if error.message == UNSUPPORTED else "wrong_tools"
            return ScoreFailure(kind=kind, message=error.message)
        return _score(calls, expected, found, names)

    def _pairs(
        self, calls: Sequence[Call], expected: Sequence[Call] | None, tools: Mapping[str, Tool]
    ) -> list[tuple[Call, Call | None]]:
        """Pair calls with those of the reference: in order, or each with the likest one that is left."""
        if expected is None:
            return [(call, None) for call in calls]
        if not self.any_order:
            return list(zip(calls, expected, strict=False))
        left = list(calls)
        pairs: list[tuple[Call, Call | None]] = []
        for right in expected:
            if left:
                best = max(left, key=lambda call: sum(self._one(call, right, tools).right.values()))
                left.remove(best)
                pairs.append((best, right))
        return pairs

    def _one(self, call: Call, right: Call | None, tools: Mapping[str, Tool]) -> _Found:
        tool = tools.get(call.name)
        found = _Found()
        found.right["name"] = (tool is not None) if right is None else call.name == right.name
        if not found.right["name"]:  # arguments of another function say nothing
            found.wrong.append(shown(call.name))
            found.right |= dict.fromkeys(PARTS[2:], False)
            return found
        self._names(found, call, right, tool)
        self._types(found, call, right, tool)
        if right is not None:
            there = [name for name in right.arguments if name not in self.ignore]
            wrong = [
                name
                for name in there
                if not same(call.arguments.get(name), right.arguments[name], self.normalise)
            ]
            found.right["values"] = not wrong
            found.wrong += [_named(call, name) for name in wrong]
        return found

    def _names(self, found: _Found, call: Call, right: Call | None, tool: Tool | None) -> None:
        if right is not None:
            needed = known = set(right.arguments)
        else:
            schema = {} if tool is None else tool.parameters
            needed, known = _strings(schema.get("required")), _strings(schema.get("properties"))
            if schema.get("additionalProperties") not in (None, False) or not known:
                known = known | set(call.arguments)
        given = set(call.arguments)
        found.missing = [_named(call, name) for name in sorted(needed - given - set(self.ignore))]
        found.invented = [_named(call, name) for name in sorted(given - known - set(self.ignore))]
        found.right["argument_names"] = not found.missing and not found.invented

    def _types(self, found: _Found, call: Call, right: Call | None, tool: Tool | None) -> None:
        given = {name: value for name, value in call.arguments.items() if name not in self.ignore}
        if tool is not None:
            error = first_error(_validator(tool), given)
            found.right["types"] = error is None
            found.error = None if error is None else f"{error[1]}: {error[0]}"
        elif right is not None:
            common = [name for name in given if name in right.arguments]
            wrong = [name for name in common if _kind(given[name]) != _kind(right.arguments[name])]
            found.right["types"] = not wrong
            found.error = f"{_named(call, wrong[0])} is of another type" if wrong else None


def _none_expected(calls: list[Call] | Unreadable) -> Score:
    called = isinstance(calls, Unreadable) or bool(calls)
    details: dict[str, Json] = {"parts": {"call": int(not called)}}
    if called:
        details["reason"] = "a call where none is right"
    return Score(value=float(not called), details=details)


def _score(
    calls: Sequence[Call], expected: Sequence[Call] | None, found: Sequence[_Found], names: Sequence[str]
) -> Score:
    as_many = expected is None or len(calls) == len(expected)
    parts = {"call": int(as_many), **{name: int(all(one.right[name] for one in found)) for name in names[1:]}}
    answer = as_text([{"name": call.name, "arguments": call.arguments} for call in calls])
    details: dict[str, Json] = {"parts": parts}
    for title, lists in (
        ("missing", [one.missing for one in found]),
        ("invented", [one.invented for one in found]),
        ("wrong", [one.wrong for one in found]),
    ):
        listed = [name for each in lists for name in each]
        if listed:
            details[title] = listed[:SHOWN]
    error = next((one.error for one in found if one.error), None)
    if error is not None:
        details["error"] = error
    if not as_many and expected is not None:
        details["reason"] = f"{len(calls)} calls where {len(expected)} are right"
    return Score(value=float(all(parts.values())), answer=shown(answer), details=details)


def _tools(case: Case) -> dict[str, Tool]:
    return {tool.name: tool for tool in case.input.tools} if isinstance(case.input, Conversation) else {}


def _strings(value: Json) -> set[str]:
    return (
        {name for name in value if isinstance(name, str)}
        if isinstance(value, Mapping | list | tuple)
        else set()
    )


def _named(call: Call, argument: str) -> str:
    return shown(f"{call.name}.{argument}")


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "object" if isinstance(value, Mapping) else type(value).__name__


def _validator(tool: Tool) -> jsonschema_rs.Validator:
    schema = {
        key: value
        for key, value in tool.parameters.items()
        if key not in CONTENT or isinstance(value, Mapping)  # of which type additional arguments are
    }
    found = _compiled(canonical(schema).decode("utf-8"))
    if found is None:
        raise ConfigurationError(UNSUPPORTED)
    return found


@lru_cache(maxsize=256)
def _compiled(schema: str) -> jsonschema_rs.Validator | None:
    plain = parse_json(schema)
    return compile_schema(plain if isinstance(plain, dict) else {})
