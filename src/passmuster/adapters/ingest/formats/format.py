"""What a format of another tool is: how it is recognised, and how one value of it becomes records of ours."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from passmuster.adapters.ingest.tabular import Bad
from passmuster.records.case import Case
from passmuster.records.record import Json
from passmuster.records.traffic import TrafficRecord

Step: TypeAlias = str | int
"""A step into a value: the name of a field, or the place in a list from 0."""
Kind: TypeAlias = Literal["traffic", "cases"]


class MappingError(Exception):
    """A value does not fit its format; nothing is made of it.

    Args:
        message: What is wrong, with the value that is, and what to do where that is known.
        steps: Where, from the outermost value inwards.

    Example:
        >>> str(MappingError("no text", ("messages", 2, "content")))
        'messages[2].content: no text'
    """

    def __init__(self, message: str, steps: Sequence[Step] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.steps = tuple(steps)

    def __str__(self) -> str:
        """Return the message after the place."""
        place = path_of(self.steps)
        return f"{place}: {self.message}" if place else self.message


class NotCarried(NamedTuple):
    """Something that a source says and a record of ours has no place for.

    `what` and `why` are equal for all of one kind, so that they can be counted; `where` names one of them.
    """

    what: str
    why: str
    where: str = ""


class Value(NamedTuple):
    """One value of a file that is no list of lines, and where it stands, such as `[3]` or `samples/1.json`."""

    where: str
    value: Json


Found: TypeAlias = TrafficRecord | Case | NotCarried | MappingError
"""What one value holds. A value with several records has a `MappingError` in the place of one that does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of another tool.

    Attributes:
        name: As `--format` takes it.
        title: As people call it, for the line that says what was recognised.
        kind: Whether its values hold traffic or cases.
        suffixes: Endings of files that it usually has, in lower case; `/` is a folder.
        recognise: Says why the first values of a file are of this format (a clause such as "its lines hold
            `resourceSpans`"), None where they are not. It never raises.
        read: Yields what one value holds. Raises `MappingError` where the whole value does not fit. An empty
            value (a batch without model calls) yields nothing.
        rows: Yields the values of a folder, or of a document that names other files, and the lines that are none;
            None where `values` of the table reads all there is. Raises `CorpusError`.
        recognise_folder: Says why a folder is of this format; None where no folder is.
    """

    name: str
    title: str
    kind: Kind
    suffixes: tuple[str, ...]
    recognise: Callable[[Sequence[Json]], str | None]
    read: Callable[[Json], Iterable[Found]]
    rows: Callable[[Path], Iterator[Value | Bad]] | None = None
    recognise_folder: Callable[[Path], str | None] | None = None


class Guess(NamedTuple):
    """The format that a file seems to have, and why."""

    format: Format
    why: str


def path_of(steps: Sequence[Step]) -> str:
    """Return steps as people write them.

    Example:
        >>> path_of(("choices", 0, "message"))
        'choices[0].message'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
