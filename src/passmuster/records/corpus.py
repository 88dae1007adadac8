"""A frozen state of the cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from passmuster.records.case import Case, Split
from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(Record):
    """Cases with equal input and references that differ: at most one of them can be right."""

    cases: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusVersion(Record):
    """The cases that a run serves, named by the digest of their content.

    `counts` holds cases per category, `splits` cases per split where the corpus is split; `holdout` says in
    which state the sealed part is. `cases` may be read from its file each time: go through them, hold none.
    `origins` holds cases per origin; half of the cases from production were asked before `asked`, in seconds since
    the epoch. `coverage` is the share of the traffic that drift was last looked for in whose like the corpus holds,
    `ledger` the head of the ledger of the holdout; None is unknown.
    """

    version: str
    path: str
    split: Split
    cases: Sequence[Case]
    counts: Mapping[str, int] = field(default_factory=dict)
    splits: Mapping[str, int] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    holdout: Literal["none", "unsealed", "sealed"] = "none"
    origins: Mapping[str, int] = field(default_factory=dict)
    asked: float | None = None
    coverage: float | None = None
    ledger: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage(Record):
    """How much of some traffic a corpus was found to be like: `share`, in [0, 1].

    `time` is when that was looked at, in seconds since the epoch, `against` the names of the traffic, `corpus` the
    digest of the open cases as they were then: of other cases it says nothing.
    """

    share: float
    time: float
    against: tuple[str, ...]
    corpus: str
