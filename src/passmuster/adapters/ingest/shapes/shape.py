"""Which column of a table is which field of a record, and the records that its rows make."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from passmuster.adapters.ingest.formats.chats import Answer, answer_of, input_of
from passmuster.adapters.ingest.formats.fields import LONGEST_COLUMN, columns, decoded, label, tags, text
from passmuster.adapters.ingest.formats.format import MappingError, NotCarried
from passmuster.adapters.ingest.shapes.names import field_called, flat
from passmuster.adapters.ingest.spellings.feedback import STRONGEST, Scale, flag, says_nothing, word_of
from passmuster.adapters.ingest.spellings.moments import moment
from passmuster.adapters.ingest.spellings.numbers import duration, number, whole
from passmuster.records.case import Conversation, Input
from passmuster.records.digest import digest
from passmuster.records.record import Json
from passmuster.records.text import input_text
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage

MADE = re.compile(r"row-[0-9a-f]{16}")
"""An id that was made from the content, because the source gives none."""

SIGNS = ("complained", "escalated", "edited", "retried")
"""Columns that say that something happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which columns are which fields, and in which unit and on which scale they count.

    `columns` are by field; only `input` and `feedback` have several. `units` are seconds by field, `scales` by
    column of feedback.
    """

    columns: Mapping[str, tuple[str, ...]]
    units: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, Scale | None] = field(default_factory=dict)


class Reader:
    """Makes records of rows by their shape, and counts what it could not read.

    Args:
        shape: Which columns are which fields.
        known: All columns that were seen when it was guessed.
    """

    def __init__(self, shape: Shape, known: Iterable[str] = ()) -> None:
        self._shape = shape
        self._first = {name: names[0] for name, names in shape.columns.items() if names}
        self._used = frozenset(name for names in shape.columns.values() for name in names)
        self.unread: Counter[str] = Counter()
        """How many values of a field could not be read, by field and column."""
        self.examples: dict[str, str] = {}
        """One of them each."""
        self.notes: list[NotCarried] = []
        """What the rows hold that a record has no place for; to be emptied by who counts them."""
        self.unseen = set(self._used).difference(known)
        """Columns of the shape that no row has had yet."""
        self.late: dict[str, str] = {}
        """Columns that the guess had not seen -> the field whose name they have."""
        self._known: set[str] = set(known)
        self._skipped = {*self._used, *(name for name in known if _inside(name, self._used))}
        reads: dict[str, Callable[[Json], Any]] = {
            **_READS,
            **{name: partial(duration, unit=unit) for name, unit in shape.units.items()},
        }
        self._plan = [(name, column, reads[name]) for name, column in self._first.items() if name in reads]

    def record(self, row: Mapping[str, Json]) -> TrafficRecord:
        """Return the record of a row; one without an id gets one from its content.

        Raises:
            MappingError: where it holds no input, or one that a case cannot hold.
        """
        values = flat(row)
        if not values.keys() <= self._known:
            self._look_at(values)
        asked, answer = self._input(values), None
        if "output" in self._first:
            answer = answer_of(values.get(self._first["output"]), (self._first["output"],), self.notes)
        elif isinstance(asked, Conversation):
            asked, answer = answered(asked)
        known: dict[str, Any] = {"id": "", "input": asked, **self._fields(values)}
        if answer is not None:
            known |= {"output": answer.text, "tool_calls": answer.calls}
        word, raw, edited = self._feedback(values, known.get("output"))
        if word is not None:
            known["feedback"] = word
        if edited is not None:
            known.setdefault("reference", edited)
        others = columns(("", values), without=self._skipped)
        if raw is not None:
            others["feedback"] = raw
        record = TrafficRecord(columns=others, **known)
        return record if record.id else _named(record)

    def _fields(self, values: Mapping[str, Json]) -> dict[str, Any]:
        """Return the fields that columns give by themselves; what cannot be read is counted and left out."""
        known: dict[str, Any] = {}
        for name, column, read in self._plan:
            value = values.get(column)
            if value is None or value == "" or value != value:  # noqa: PLR0124  # NaN says nothing either
                continue
            found = read(value)
            if found is not None:
                known[name] = found
            elif name != "error" and not says_nothing(value):
                self._not_read(name, column, value)
        read, written = known.pop("input_tokens", None), known.pop("output_tokens", None)
        if read is not None or written is not None:
            known["usage"] = Usage(input=read, output=written)
        return known

    def _look_at(self, values: Mapping[str, Json]) -> None:
        for name in values.keys() - self._known:
            self._known.add(name)
            self.unseen.discard(name)
            if _inside(name, self._used):
                self._skipped.add(name)
            field = field_called(name)
            if field is not None and field not in self._first and name not in self._used:
                self.late[name] = field

    def _input(self, values: Mapping[str, Json]) -> Input:
        names = self._shape.columns["input"]
        if len(names) > 1:
            fields = {name: values[name] for name in names if not _empty(values.get(name))}
            if not fields:
                message = f"no input: the columns {', '.join(names)} are empty"
                raise MappingError(message)
            return fields
        name = names[0]
        value = values.get(name)
        if name not in values or _empty(value):
            message = "the input is empty" if name in values else f"no input: there is no column {name!r}"
            raise MappingError(message)
        if isinstance(value, str) and not _is_conversation(decoded(value)):
            return text(value, (name,))  # JSON that a user wrote stays what the user wrote
        return input_of(value, (name,), self.notes)

    def _feedback(
        self, values: Mapping[str, Json], output: str | None
    ) -> tuple[str | None, Json, str | None]:
        """Return the word, what the source said, and the answer as users changed it."""
        edited = self._edited(values, output)
        shown: list[tuple[str | None, Json]] = [] if edited is None else [("edited", edited)]
        shown += [*self._happened(values), *self._rated(values)]
        words = [word for word, _ in shown]
        strongest = next((word for word in STRONGEST if word in words), None)
        raw = next((value for word, value in shown if word == strongest), None)
        return strongest, _scalar(raw), edited

    def _edited(self, values: Mapping[str, Json], output: str | None) -> str | None:
        value = values.get(self._first.get("edited", ""))
        if not isinstance(value, str) or says_nothing(value) or flag(value) is not None:
            return None
        return value if output is None or value.strip() != output.strip() else None

    def _happened(self, values: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
        for sign in SIGNS:
            value = values.get(self._first.get(sign, ""))
            happened = flag(value)
            if happened:
                yield sign, value
            elif happened is None and sign != "edited" and not says_nothing(value):
                self._not_read(sign, self._first[sign], value)

    def _rated(self, values: Mapping[str, Json]) -> Iterator[tuple[str | None, Json]]:
        for column in self._shape.columns.get("feedback", ()):
            value = values.get(column)
            if says_nothing(value) or value != value:  # noqa: PLR0124  # NaN says nothing either
                continue
            word = word_of(value, self._shape.scales.get(column))
            yield word, value
            if word is None and number(value) != 0:
                self._not_read("feedback", column, value)

    def _not_read(self, name: str, column: str, value: Json) -> None:
        key = f"{name} ({column})"
        self.unread[key] += 1
        self.examples.setdefault(key, str(value)[:60])


def _inside(name: str, used: Iterable[str]) -> bool:
    """Return whether a column is a part of another one that is used as a whole."""
    return any(name.startswith(f"{each}.") for each in used)


def _name(value: Json) -> str | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of whole numbers with gaps comes as one of floats
    return label(value)


def _error(value: Json) -> str | None:
    """Return what went wrong, if anything did; a column of true and false, or of 1 and 0, says only that."""
    happened = flag(value)
    return label(value) if happened is None else ("error" if happened else None)


def _cost(value: Json) -> float | None:
    found = number(value)
    return found if found is None or found >= 0 else None


_READS: Mapping[str, Callable[[Json], Any]] = {
    "id": _name,
    "time": moment,
    "model": label,
    "input_tokens": whole,
    "output_tokens": whole,
    "cost": _cost,
    "error": _error,
    "user": _name,
    "session": _name,
    "tags": tags,
    "reference": lambda value: None if _empty(value) else value,
}
"""Field -> what reads its column; None where that cannot be read."""


def answered(asked: Conversation) -> tuple[Conversation, Answer | None]:
    """Return a conversation without its last turn, and that as the answer, where the assistant had the last word.

    Example:
        >>> from passmuster.records.case import Message
        >>> turns = (Message(role="user", content="Hi"), Message(role="assistant", content="Hello"))
        >>> answered(Conversation(messages=turns))[1]
        Answer(text='Hello', calls=())
    """
    *before, last = asked.messages or (None,)
    if last is None or last.role != "assistant" or not any(before):
        return asked, None
    kept = tuple(message for message in before if message is not None)
    said = (
        last.content
        if isinstance(last.content, str)
        else input_text(replace(asked, messages=(last,), context=()))
    )
    return replace(asked, messages=kept), Answer(said, last.tool_calls)


def _is_conversation(value: Json) -> bool:
    if isinstance(value, dict):
        return "messages" in value
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, dict) and "role" in each for each in value)
    )


def _empty(value: Json) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _scalar(value: Json) -> Json:
    if isinstance(value, str):
        return value[:LONGEST_COLUMN]
    return value if isinstance(value, int | float) else None


def _named(record: TrafficRecord) -> TrafficRecord:
    """Give a record an id by its content: the same in every import of the same row."""
    try:
        return replace(record, id=f"row-{digest(record)[:16]}")
    except (ValueError, TypeError, RecursionError) as error:
        message = f"it cannot be written: {error}"
        raise MappingError(message) from None
