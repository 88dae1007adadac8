"""The record of a decision: who decided what, when, on which evidence, and when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from passmuster.records.candidate import Attribute, Kind
from passmuster.records.comparison import VerdictStatus
from passmuster.records.record import Record
from passmuster.records.score import Estimate

RECORD_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Record):
    """A candidate that was weighed: its verdict in a sentence, its figures, and the digest of how it is asked.

    `quality` is the first metric's figure, `latency_p95` seconds, costs US dollars; `price_date` is when its price was
    read.
    """

    name: str
    kind: Kind
    model: str | None
    digest: str
    status: VerdictStatus
    sentence: str
    quality: Estimate
    latency_p95: Estimate
    failure_rate: Estimate
    cost_per_success: Estimate
    cost_per_month: Estimate | None
    cases: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    price_date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvidence(Record):
    """What a decision rests on: `results` is the digest of all rows of the matrix, `metrics` are names with versions."""

    passmuster: str
    corpus: str
    corpus_path: str
    split: str
    cases: int
    scored: int | None
    metrics: tuple[str, ...]
    results: str
    seed: int | None
    generated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord(Record):
    """Everything that belongs into the minutes of a decision.

    `by` is who recorded it, `owner` who answers for the task. `review` is the day on which to look again at the latest,
    `sooner` says in sentences what may ask for it before. `unknown` is what was not known.
    """

    schema_version: int
    task: str
    question: str
    purpose: str | None
    owner: str | None
    by: str
    when: str
    status: Literal["decided", "none", "undecided"]
    chosen: str | None
    answer: str
    reason: str
    runner_up: str | None
    bars: tuple[str, ...]
    requirements: tuple[str, ...]
    alpha: float
    metric: str
    incumbent: str | None
    finalists: tuple[str, ...]
    options: tuple[Option, ...]
    worth: str | None
    turning: tuple[str, ...]
    next_step: str | None
    unknown: tuple[str, ...]
    evidence: DecisionEvidence
    review: str
    sooner: tuple[str, ...] = ()
