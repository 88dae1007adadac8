"""What comes back from any endpoint: a reply read out of its JSON by the paths that the user gives."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from passmuster.adapters.providers.wire.errors import UnreadableError, whole_characters
from passmuster.adapters.providers.wire.steps import read_state, read_steps
from passmuster.errors import ConfigurationError
from passmuster.metrics.answers import as_text
from passmuster.metrics.patterns import compile_path, follow
from passmuster.records.case import ToolCall
from passmuster.records.record import Json, Record
from passmuster.records.trial import Reply, Usage

SHOWN = 200
"""Characters of an answer that a message shows."""
NAME_LENGTH = 200
END = b"[DONE]"
MOST_TOKENS = 10**12
MOST_DOLLARS = 1e9
"""A count or a cost above these is nonsense, and more than stores can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPaths(Record):
    """Where in an answer what is kept stands: JSON paths of names, indices, slices, `*` and at most one `..`.

    Only `text` has to be found (unless there are tool calls); several texts are joined. Tokens are counts,
    `cost` is in US dollars, `confidence` and the values of `probabilities` (an object of labels) are in
    [0, 1]: what is not is left out. `tool_calls` are objects with `name` and `arguments` or `input`, or with
    these in `function`. Where `error` finds something that is not empty, the call failed, whatever its status.
    Where `done` does, a stream has ended; without it every end of a stream is one. `steps` is the list of an
    agent's messages on the way, in OpenAI's form, `state` what it left.
    """

    text: str
    input_tokens: str | None = None
    output_tokens: str | None = None
    cached_tokens: str | None = None
    reasoning_tokens: str | None = None
    cost: str | None = None
    finish_reason: str | None = None
    confidence: str | None = None
    probabilities: str | None = None
    tool_calls: str | None = None
    model: str | None = None
    error: str | None = None
    done: str | None = None
    steps: str | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        for name in NAMES:
            path = getattr(self, name)
            if path is not None:
                try:
                    compile_path(path)
                except ConfigurationError as problem:
                    message = f"reply.{name}: {problem.message}"
                    raise ConfigurationError(message, hint=problem.hint) from problem


NAMES = tuple(each.name for each in fields(ReplyPaths))
LAST_COUNTS = tuple(name for name in NAMES if name not in {"text", "tool_calls", "error", "done"})


@dataclass(slots=True)
class JsonReader:
    """A reply that is still being read: from one whole answer, or from the events of a stream.

    Of a stream every event is read by the same paths: texts and tool calls are put one after the other, of all
    else the last that was found counts. Data that is `[DONE]` ends any stream.
    """

    paths: ReplyPaths
    text: list[str] = field(default_factory=list)
    calls: list[Json] = field(default_factory=list)
    found: dict[str, Json] = field(default_factory=dict)
    start: bytes = b""
    done: bool = False
    begun: bool = False

    def whole(self, body: bytes) -> None:
        """Take a whole answer.

        Raises:
            UnreadableError: where it is no JSON, or says that the call failed.
        """
        self._add(body)
        self.done = True

    def event(self, data: bytes) -> bool:
        """Take the data of an event and return whether it brought a piece of the reply that is not empty.

        Raises:
            UnreadableError: where it is no JSON, or says that the call failed.
        """
        if data.strip() == END:
            self.done = True
            return False
        return self._add(data)

    def _add(self, data: bytes) -> bool:
        self.start = self.start or data[: 4 * SHOWN]
        value = _parse(data)
        failed = self._first("error", value)
        if failed:
            message = f"error in the answer: {as_text(failed)}"
            raise UnreadableError(message, "server_error")
        for name in LAST_COUNTS:
            found = self._first(name, value)
            if found is not None:
                self.found[name] = found
        calls = self._calls(value)
        self.calls.extend(calls)
        texts = [as_text(item) for item in _follow(self.paths.text, value) if item is not None]
        self.text.extend(texts)
        self.begun = self.begun or bool(texts or calls)
        self.done = self.done or bool(self._first("done", value))
        return bool(calls) or any(texts)

    def _first(self, name: str, value: Json) -> Json:
        path = getattr(self.paths, name)
        return None if path is None else next(iter(_follow(path, value)), None)

    def _calls(self, value: Json) -> list[Json]:
        path = self.paths.tool_calls
        found = [] if path is None else _follow(path, value)
        if len(found) == 1 and isinstance(found[0], list):
            found = found[0]
        return [call for call in found if isinstance(call, dict)]

    def reply(self, clean: Callable[[str], str]) -> Reply:
        """Return what was read, each text through `clean`.

        Raises:
            UnreadableError: where there is no text, or a stream was cut off before its end.
        """
        if not self.begun:
            raise UnreadableError(_nothing_found(self.paths.text, self.start))
        if self.paths.done is not None and not self.done:
            message = f"the stream was cut off: reply.done: {self.paths.done} found nothing in any event"
            raise UnreadableError(message)
        finish, model = self._name("finish_reason"), self._name("model")
        return Reply(
            text=clean("".join(self.text)),
            tool_calls=tuple(_tool_call(call, clean) for call in self.calls),
            finish_reason=finish and clean(finish),
            confidence=_probability(self.found.get("confidence")),
            probabilities=_probabilities(self.found.get("probabilities"), clean),
            model=model and clean(model),
            steps=read_steps(self.found.get("steps"), clean),
            state=read_state(self.found.get("state"), clean),
        )

    def _name(self, name: str) -> str | None:
        found = self.found.get(name)
        return None if found is None else whole_characters(as_text(found))[:NAME_LENGTH]

    def usage(self) -> Usage | None:
        """Return the tokens that the answer reports, or None where it reports none."""
        sent, written = _count(self.found.get("input_tokens")), _count(self.found.get("output_tokens"))
        if sent is None and written is None:
            return None
        cached, reasoning = (
            _count(self.found.get("cached_tokens")),
            _count(self.found.get("reasoning_tokens")),
        )
        return Usage(
            input=sent,
            output=written,
            cached=_at_most(cached, sent),
            reasoning=_at_most(reasoning, written),
        )

    def cost(self) -> float | None:
        """Return the US dollars that the answer says it cost, or None."""
        cost = _number(self.found.get("cost"))
        return cost if cost is not None and 0 <= cost <= MOST_DOLLARS else None


def _nothing_found(path: str, start: bytes) -> str:
    shown = start.decode("utf-8", "replace").strip()
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
    return f"reply.text: {path} finds nothing in the answer: {shown or '(empty)'}"


def _follow(path: str, value: Json) -> list[Json]:
    try:
        return list(follow(path, value))
    except RecursionError as problem:
        message = f"the answer is nested too deeply to look for {path}"
        raise UnreadableError(message) from problem


def _parse(data: bytes) -> Json:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        start = data[:120].decode("utf-8", "replace")
        message = f"the answer is no JSON: {start!r}" if data.strip() else "the answer is empty"
        raise UnreadableError(message) from problem


def _tool_call(call: Json, clean: Callable[[str], str]) -> ToolCall:
    outer = call if isinstance(call, Mapping) else {}
    inner = outer.get("function") if isinstance(outer.get("function"), Mapping) else outer
    named = inner if isinstance(inner, Mapping) else outer
    arguments = named.get("arguments", named.get("input", {}))
    name, given = named.get("name"), outer.get("id")
    return ToolCall(
        name=clean(name[:NAME_LENGTH]) if isinstance(name, str) else "",
        arguments=clean(as_text(arguments)),
        id=clean(given[:NAME_LENGTH]) if isinstance(given, str) and given else None,
    )


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _probability(value: Json) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def _probabilities(value: Json, clean: Callable[[str], str]) -> Mapping[str, float] | None:
    read = {
        clean(label): _probability(item) for label, item in (value.items() if isinstance(value, dict) else ())
    }
    known = {label: item for label, item in read.items() if item is not None}
    return known if known and len(known) == len(read) else None


def _count(value: Json) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number <= MOST_TOKENS else None


def _at_most(part: int | None, whole: int | None) -> int | None:
    return part if part is None or whole is None else min(part, whole)
