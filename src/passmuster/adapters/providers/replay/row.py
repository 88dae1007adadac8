"""One recorded output, read from a row of a recording. `docs/replay.md` lists the columns."""

import json
import math
import sys
from collections.abc import Mapping
from typing import NamedTuple

from passmuster.adapters.files.closest import did_you_mean
from passmuster.adapters.files.rows import Row
from passmuster.adapters.providers.wire.errors import UnreadableError
from passmuster.adapters.providers.wire.steps import read_state, read_steps, read_tool_call
from passmuster.errors import Place, RecordingError
from passmuster.records.case import Message, ToolCall
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "case_id"),
    "output": ("output", "reply", "response", "completion", "text"),
    "candidate": ("candidate",),
    "latency_s": ("latency_s", "seconds"),
    "latency_ms": ("latency_ms",),
    "first_token_s": ("first_token_s", "ttft_s"),
    "input_tokens": ("input_tokens", "prompt_tokens"),
    "output_tokens": ("output_tokens", "completion_tokens"),
    "reasoning_tokens": ("reasoning_tokens",),
    "cached_tokens": ("cached_tokens",),
    "cost_usd": ("cost_usd",),
    "error": ("error",),
    "model": ("model_id", "model"),
    "confidence": ("confidence",),
    "finish_reason": ("finish_reason",),
    "tool_calls": ("tool_calls",),
    "steps": ("steps", "trajectory"),
    "state": ("state", "end_state"),
}
"""Our name of a column -> the names that are recognised, the first that a row has being taken."""

_UNITLESS = {"latency", "ttft", "first_token", "time", "duration"}


class Recorded(NamedTuple):
    """A recorded output, or a recorded error; None is not recorded. Times in seconds, cost in US dollars."""

    id: str
    candidate: str | None
    output: str | None
    error: str | None
    seconds: float | None
    first_token: float | None
    input_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    cached_tokens: int | None
    cost: float | None
    model: str | None
    confidence: float | None
    finish_reason: str | None
    tool_calls: tuple[ToolCall, ...] = ()
    steps: tuple[Message, ...] | None = None
    state: Json = None


class RowNames:
    """Knows under which names the columns of a recording are looked for.

    Args:
        columns: Our name -> theirs, for columns that are called something else.
        path: The recording, for errors.

    Raises:
        RecordingError: where the map has a name that is none of `NAMES`.
    """

    def __init__(self, columns: Mapping[str, str] | None, path: str) -> None:
        given = dict(columns or {})
        for name in given:
            if name not in NAMES:
                raise RecordingError(
                    f"columns: a recording has no column {name!r}",
                    place=Place(path),
                    hint=did_you_mean(name, NAMES),
                )
        taken = set(given.values())
        self._names = {
            name: (given[name],) if name in given else tuple(known for known in aliases if known not in taken)
            for name, aliases in NAMES.items()
        }

    def find(self, row: Row, name: str) -> str | None:
        """Return the column of this row that holds `name`, or None."""
        return next((column for column in self._names[name] if column in row.values), None)

    def needed(self, row: Row, what: str, name: str) -> RecordingError:
        """Return the error for a row that lacks a column: what was found, and what is needed."""
        return RecordingError(
            f"no column for {what}; found: {', '.join(row.values) or 'none'}",
            place=row.place(),
            hint=f"needed is one of: {', '.join(self._names[name])}; or map it with `columns`",
        )


def read_recorded(row: Row, names: RowNames) -> Recorded:
    """Return what a row records.

    Raises:
        RecordingError: where the id or the output is missing, or a value is no number or out of range.
    """
    cells = _Cells(row, names)
    cells.refuse_unitless()
    error = cells.error()
    return Recorded(
        id=cells.identity(),
        candidate=cells.word("candidate"),
        output=None if error is not None else cells.output(),
        error=error,
        seconds=cells.seconds(),
        first_token=cells.number("first_token_s"),
        input_tokens=cells.count("input_tokens"),
        output_tokens=cells.count("output_tokens"),
        reasoning_tokens=cells.count("reasoning_tokens"),
        cached_tokens=cells.count("cached_tokens"),
        cost=cells.number("cost_usd"),
        model=cells.word("model"),
        confidence=cells.number("confidence", most=1.0),
        finish_reason=cells.word("finish_reason"),
        tool_calls=cells.calls(),
        steps=cells.steps(),
        state=cells.state(),
    )


def as_text(value: Json) -> str:
    """Return a recorded value as text: text as it is, anything else as JSON; half surrogates become U+FFFD.

    Example:
        >>> as_text("ok"), as_text({"a": 1}), as_text(True)
        ('ok', '{"a": 1}', 'true')
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Cells:
    def __init__(self, row: Row, names: RowNames) -> None:
        self._row = row
        self._names = names

    def refuse_unitless(self) -> None:
        for name in _UNITLESS & set(self._row.values):
            if name not in {self._names.find(self._row, known) for known in NAMES}:
                raise RecordingError(
                    f"the column {name!r} does not say its unit",
                    place=self._row.place(name, key=True),
                    hint="name it latency_s, latency_ms or first_token_s, or map it with `columns`",
                )

    def identity(self) -> str:
        value = self._value("id")
        if value is None:
            raise self._names.needed(self._row, "the id of the case", "id")
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._wrong("id", f"expected text, found {kind_of(value)}")
        return sys.intern(str(value))

    def output(self) -> str | None:
        column = self._names.find(self._row, "output")
        if column is None:
            raise self._names.needed(self._row, "the output", "output")
        value = self._row.values[column]
        return None if value is None else as_text(value)

    def error(self) -> str | None:
        value = self._value("error")
        return None if value is None or value is False else as_text(value)

    def word(self, name: str) -> str | None:
        value = self._value(name)
        return None if value is None else sys.intern(as_text(value))

    def seconds(self) -> float | None:
        seconds = self.number("latency_s")
        if seconds is not None:
            return seconds
        milliseconds = self.number("latency_ms")
        return None if milliseconds is None else milliseconds / 1000

    def number(self, name: str, most: float = math.inf) -> float | None:
        value = self._value(name)
        if value is None:
            return None
        try:
            number = math.nan if isinstance(value, bool) else float(str(value))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self._wrong(name, f"expected a number, found {value!r}")
        if not 0 <= number <= most:
            limit = "0 or more" if most == math.inf else f"between 0 and {most:g}"
            raise self._wrong(name, f"expected {limit}, found {value!r}")
        return number

    def count(self, name: str) -> int | None:
        number = self.number(name)
        if number is None:
            return None
        if number != int(number):
            raise self._wrong(name, f"expected a whole number, found {number!r}")
        return int(number)

    def calls(self) -> tuple[ToolCall, ...]:
        listed = self._listed("tool_calls")
        try:
            return tuple(read_tool_call(call, "the list", as_text) for call in listed or ())
        except UnreadableError as problem:
            raise self._wrong("tool_calls", str(problem)) from None

    def steps(self) -> tuple[Message, ...] | None:
        try:
            return read_steps(self._listed("steps"), as_text)
        except UnreadableError as problem:
            raise self._wrong("steps", str(problem)) from None

    def state(self) -> Json:
        value = self._value("state")
        try:
            return read_state(self._parsed(value), as_text)
        except UnreadableError as problem:
            raise self._wrong("state", str(problem)) from None

    def _listed(self, name: str) -> list[Json] | None:
        """Return a list of objects; a column of this name that holds anything else is none of ours."""
        value = self._parsed(self._value(name))
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        return None

    def _parsed(self, value: Json) -> Json:
        """Return what a cell of a CSV file holds as JSON text, or a text that our export wrote into a JSONL file."""
        if isinstance(value, str) and (self._row.format == "csv" or value.startswith(("[", "{", '"'))):
            try:
                return json.loads(value)
            except (ValueError, RecursionError):
                return value
        return value

    def _value(self, name: str) -> Json:
        column = self._names.find(self._row, name)
        value = None if column is None else self._row.values[column]
        return None if value == "" else value

    def _wrong(self, name: str, message: str) -> RecordingError:
        column = self._names.find(self._row, name) or name
        return RecordingError(f"{column}: {message}", place=self._row.place(column))
