"""Cards: what a person reads, and what they are asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from passmuster.errors import UsageError
from passmuster.records.record import Record

COMMANDS = "snuq"
"""Keys of the form itself, which no answer has: skip, note, undo, quit."""

ANSWER_KEYS = "123456789abcdefghijklmoprtvwxyz"
"""Keys of answers in a list, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Record):
    """An answer that one key gives: what is taken down, and what is shown beside the key."""

    key: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Record):
    """One question. `options` are the answers with a key; `typed` says that any text may be typed instead.

    `low` and `high` bound an answer that is typed where it is a whole number; None: it is text.

    Raises:
        UsageError: where two answers have one key, a key is a command's, or nothing can be answered.
    """

    name: str
    text: str
    options: tuple[Option, ...] = ()
    typed: bool = False
    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered."""
        keys = [option.key for option in self.options]
        if len(set(keys)) < len(keys) or set(keys) & set(COMMANDS):
            raise UsageError(f"the keys of {self.name!r} cannot be told apart: {' '.join(keys)}")
        if not keys and not self.typed:
            raise UsageError(f"nothing can be answered to {self.name!r}")

    def option(self, key: str) -> Option | None:
        """Return the answer that a key gives; None where it gives none."""
        return next((option for option in self.options if option.key == key.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Record):
    """A text under a title. `text` is what somebody else wrote, and is shown harmlessly."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Record):
    """One thing to look at, and what is asked of it; one answer to each question makes an entry."""

    passages: tuple[Passage, ...]
    asks: tuple[Ask, ...]


def keyed(values: Iterable[str]) -> tuple[Option, ...]:
    """Return answers in a list with a key each: digits first, then letters; none where there are more than keys.

    Example:
        >>> [(option.key, option.value) for option in keyed(["billing", "refund"])]
        [('1', 'billing'), ('2', 'refund')]
    """
    listed = list(values)
    if len(listed) > len(ANSWER_KEYS):
        return ()
    return tuple(Option(key=key, value=value) for key, value in zip(ANSWER_KEYS, listed, strict=False))
