"""Texts in which cases are looked for, and the texts of a case that would be copied by themselves."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from passmuster.records.case import Conversation, Input
from passmuster.records.text import input_text

SHORTEST = 3
"""Words that a text needs to be looked for at all."""
EMBEDDED = 8
"""Words from which a short text is looked for in the middle of others, not only as a line of its own.

Of 347 queries of seven words to a bank 26 stand within another customer's query by chance, of 362 of eight words 12.
"""


class Passage(NamedTuple):
    """A text of a source, and where in it it stands."""

    place: str
    text: str


def pieces(value: Input) -> list[str]:
    """Return the texts of an input that would be copied by themselves: each value, each message.

    Retrieved documents, system text and tools are left out: what many cases are given is no secret of one.

    Example:
        >>> pieces({"subject": "Lost card", "body": "I lost it."})
        ['Lost card', 'I lost it.']
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, Conversation):
        return [input_text(Conversation(messages=(message,))) for message in value.messages]
    return [found for item in value.values() for found in strings(item)]


def strings(value: object) -> Iterator[str]:
    """Yield every text in a JSON value, but no names.

    Example:
        >>> list(strings({"a": ["x", {"b": "y"}], "c": 1}))
        ['x', 'y']
    """
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            stack.extend(reversed(list(item.values())))
        elif isinstance(item, list | tuple):
            stack.extend(reversed(item))
