"""What `selfcheck` finds out: which statistical promises of passmuster hold, and how its tests behave on one's own trials."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Estimate

PromiseState: TypeAlias = Literal["holds", "broken", "blunt"]
"""Of a promise: it is kept; it is shown to be broken; or the check is too blunt to tell a right method from a naive one."""

OwnState: TypeAlias = Literal["holds", "broken", "too_few"]
"""Of a test on one's own trials; `too_few` are cases from which it could hardly raise any alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseResult(Record):
    """A promise with what a simulation says of it.

    `says` is the promise in a sentence, `counts` what is counted as an error in a run, `naive` the usual shortcut and
    `used` where passmuster keeps the promise. `observed` and `shortcut` are the shares of `repetitions` runs with an
    error by either way, with 95% intervals; `error` is the Monte-Carlo standard error of a rate that is just the
    `limit`, and up to `tolerated` an observed rate may be chance.
    """

    name: str
    says: str
    counts: str
    naive: str
    used: tuple[str, ...]
    repetitions: int
    limit: float
    tolerated: float
    error: float
    observed: Estimate
    shortcut: Estimate
    state: PromiseState
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnResult(Record):
    """How often a test of passmuster sees a difference in one's own trials where there is none.

    `way` says how two versions were made that cannot differ: the `repeats` of one candidate dealt to two sides, or the
    labels of two candidates `swapped` case by case (groups whole). `test` is the verb whose test it is, `metric` what it is
    about. `cases` and `groups` are those that it saw, `differing` those in which the sides ever differed; `alarms` is the share of `draws` with an alarm, to be at most
    `limit`. `shortcut` is that of the naive rule `naive`, where there is one.
    """

    test: Literal["compare", "gate"]
    metric: str
    way: Literal["repeats", "swapped"]
    candidates: tuple[str, ...]
    cases: int
    groups: int | None
    differing: int
    draws: int
    limit: float
    tolerated: float
    alarms: Estimate
    state: OwnState
    sentence: str
    naive: str | None = None
    shortcut: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfcheckReport(Record):
    """Everything that `selfcheck` found out.

    `task`, `own` and `own_missing` are about the user's trials: None and empty where there is no project, and
    `own_missing` says why an A/A run could not be had. The same `seed`, version and repetitions give the same figures.
    """

    schema_version: int
    version: str
    generated: str
    seed: int
    promises: tuple[PromiseResult, ...]
    task: str | None = None
    own: tuple[OwnResult, ...] = ()
    own_missing: str | None = None
    notes: tuple[str, ...] = ()
