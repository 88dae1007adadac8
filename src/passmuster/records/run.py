"""Runs: which candidates were asked which cases, and how that ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.candidate import Candidate
from passmuster.records.record import Record

RunStatus: TypeAlias = Literal["running", "complete", "incomplete", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Record):
    """One call of `run`: its plan is every case of `cases` times every candidate times `repeats`.

    `started` is seconds since the epoch; `cases` are (case id, case digest, first repeat) of the corpus
    version that it served.
    """

    id: str
    started: float
    task: str
    corpus: str
    cases: tuple[tuple[str, str, int], ...]
    candidates: tuple[Candidate, ...]
    repeats: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd(Record):
    """How a run ended: trials asked now and taken from before, failures, and US dollars paid (None: unknown).

    `stopped` maps the name of each candidate that was given up before its plan ended to the reason.
    """

    run: str
    ended: float
    status: RunStatus
    asked: int
    reused: int
    failed: int
    spend: float | None
    stopped: Mapping[str, str] = field(default_factory=dict)
