"""Entities as answers and references write them in JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from passmuster.metrics.answers import as_text
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.json_kind import kind_of
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention(Record):
    """One entity: its label, and its text, its span (`end` is the first place behind it), or both."""

    label: str
    text: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys(Record):
    """What the parts of an entity are called in JSON."""

    label: str = "label"
    text: str = "text"
    start: str = "start"
    end: str = "end"


Read: TypeAlias = Mention | Unreadable


def read_mentions(value: Json, keys: Keys) -> list[Read] | Unreadable:
    """Return the entities that a JSON value lists, each that cannot be read as an `Unreadable` in its place.

    Read are an object of labels with their entities (`{"person": ["Ada"]}`), and a list of objects
    (`{"label": "person", "text": "Ada", "start": 0, "end": 3}`, text or span may be left out), of pairs
    `["Ada", "person"]` or of triples `[0, 3, "person"]`.

    Example:
        >>> read_mentions({"person": ["Ada"], "place": []}, Keys())
        [Mention(label='person', text='Ada', start=None, end=None)]
    """
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [mention for label, items in value.items() for mention in _labelled(str(label), items, keys)]
    if isinstance(value, list | tuple):
        return [_mention(item, keys) for item in value]
    return Unreadable(reason=f"the answer is {kind_of(value)}, not a list of entities")


def _labelled(label: str, items: Json, keys: Keys) -> Iterator[Read]:
    if items is None:
        return
    for item in items if isinstance(items, list | tuple) else [items]:
        if isinstance(item, str):
            yield Mention(label=label, text=item)
        elif isinstance(item, Mapping):
            yield _from_object(item, label, keys)
        elif isinstance(item, list | tuple):
            yield _from_row([*item, label])
        else:
            yield _broken(item)


def _mention(item: Json, keys: Keys) -> Read:
    if isinstance(item, Mapping):
        label = item.get(keys.label)
        return _from_object(item, label, keys) if isinstance(label, str) else _broken(item)
    return _from_row(item) if isinstance(item, list | tuple) else _broken(item)


def _from_object(item: Mapping[str, Json], label: str, keys: Keys) -> Read:
    text, start, end = item.get(keys.text), item.get(keys.start), item.get(keys.end)
    if not isinstance(text, str | None):
        return _broken(item)
    if start is None and end is None and text is not None:
        return Mention(label=label, text=text)
    return _spanned(label, text, start, end) or _broken(item)


def _from_row(item: Sequence[Json]) -> Read:
    if len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], str):
        return Mention(label=item[1], text=item[0])
    if len(item) == 3 and isinstance(item[2], str):
        return _spanned(item[2], None, item[0], item[1]) or _broken(item)
    return _broken(item)


def _spanned(label: str, text: str | None, start: Json, end: Json) -> Mention | None:
    if (
        not isinstance(start, int)
        or not isinstance(end, int)
        or isinstance(start, bool)
        or isinstance(end, bool)
    ):
        return None
    return Mention(label=label, text=text, start=start, end=end) if 0 <= start < end else None


def _broken(item: Json) -> Unreadable:
    return Unreadable(reason=f"no entity: {as_text(item)}")
