"""Runs: which candidates were asked which cases, and how that ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.candidate import Candidate
from passmuster.records.record import Record
from passmuster.records.stopped import Stopped, Until

RunStatus: TypeAlias = Literal["running", "complete", "incomplete", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Record):
    """One call of `run`: its plan is every case of `cases` times every candidate times `repeats`.

    `started` is seconds since the epoch; `cases` are (case id, case digest, first repeat) of the corpus
    version that it served. `budget` is the most that it may spend in US dollars, None without a limit. With `until` it
    asks no more of the plan than decides. `rules` is the digest of the bars and requirements as they were when it
    began, None where an older release made it.
    """

    id: str
    started: float
    task: str
    corpus: str
    cases: Sequence[tuple[str, str, int]]
    candidates: tuple[Candidate, ...]
    repeats: int = 1
    budget: float | None = None
    until: Until | None = None
    rules: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag(Record):
    """How late the event loop of this program was, in seconds: what it adds to the times that it measures."""

    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd(Record):
    """How a run ended: trials asked now and taken from before, failures, and US dollars paid (None: unknown).

    `stopped` maps the name of each candidate that was given up before its plan ended to the reason. `cached`
    of the reused trials came from the cache; `withheld` maps candidates to the trials whose cases they may not receive;
    `at_risk` are US dollars beyond `spend` of calls whose account never came. `distorted` names the
    candidates whose p99 latency the program's own `lag` may have moved by more than 5%, and `remarks` say what
    else there is to know, a sentence each. `early` says who was stopped where it asked only until it was decided.
    """

    run: str
    ended: float
    status: RunStatus
    asked: int
    reused: int
    failed: int
    spend: float | None
    stopped: Mapping[str, str] = field(default_factory=dict)
    cached: int = 0
    withheld: Mapping[str, int] = field(default_factory=dict)
    at_risk: float = 0.0
    lag: Lag | None = None
    distorted: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    early: Stopped | None = None
