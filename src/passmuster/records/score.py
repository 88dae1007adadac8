"""Scores of single trials, and estimates over many."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Record):
    """The value of a metric for one trial.

    `answer` is what the metric read out of the reply and compared; `details` holds the parts of a score,
    such as one value per field.
    """

    value: float
    answer: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFailure(Record):
    """A metric that could not be computed for one trial: counted apart, never a zero."""

    kind: str
    message: str


ScoreOutcome: TypeAlias = Score | ScoreFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Record):
    """A figure with its 95% interval.

    `value` is None where nothing can be said; `n` cases were used and `n_missing` were not; `method` names
    the interval; `note` says what a reader must know (`stated`, `estimated`, `lower bound`, ...).
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    n_missing: int = 0
    method: str = ""
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Record):
    """A candidate minus another on the same cases, with its 95% interval and two-sided p-value.

    For pass/fail metrics `better` and `worse` count the cases that only one of the two got right.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    n: int = 0
    n_missing: int = 0
    better: int | None = None
    worse: int | None = None
    method: str = ""


Direction: TypeAlias = Literal["higher", "lower"]
