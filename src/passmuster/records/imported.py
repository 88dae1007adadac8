"""What an import of traffic or of a test set brought, and what it could not bring."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record

ImportKind: TypeAlias = Literal["traffic", "cases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped(Record):
    """Which column was read as which field; the remark says in which unit or on which scale."""

    field: str
    column: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised(Record):
    """What a source was taken for, and why; `columns` where it is a plain table."""

    format: str
    kind: ImportKind
    why: str
    columns: tuple[Mapped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow(Record):
    """A row that could not be read: where it stands (a line, or a place in words), why, and the beginning of it."""

    where: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Record):
    """What an import brought.

    `sources` are addresses without secrets, `sha256` the digests of the files among them; `rows` were read,
    of which `bad` could not be used (`reasons` counts them by kind). `records` were kept, `repeated` were there
    more than once with the same id and content, `renamed` had an id that another record has, `retried` were asked
    again soon after. `times` are the first and the last, in seconds since the epoch. `unread` counts values of
    optional fields that could not be read, `left` what a record has no place for, `remarks` are sentences.
    """

    name: str
    path: str
    kind: ImportKind
    sources: tuple[str, ...]
    recognised: Recognised
    rows: int = 0
    bad: int = 0
    records: int = 0
    repeated: int = 0
    renamed: int = 0
    retried: int = 0
    sha256: Mapping[str, str] = field(default_factory=dict)
    quarantine: str | None = None
    reasons: Mapping[str, int] = field(default_factory=dict)
    feedback: Mapping[str, int] = field(default_factory=dict)
    times: tuple[float, float] | None = None
    timeless: int = 0
    unread: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    imported: float | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Record):
    """What is known of a source once all of it was read.

    `sha256` is by file. `unread` counts values that could not be read, `left` what a record has no place for;
    `remarks` are sentences.
    """

    sha256: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Record):
    """What became of records with equal ids: those that were there twice are gone, others got an id of their own.

    `feedback` and `timeless` count what the records say that are gone.
    """

    repeated: int = 0
    renamed: int = 0
    feedback: Mapping[str, int] = field(default_factory=dict)
    timeless: int = 0
