"""What `score` says of all stored trials."""

from collections.abc import Mapping
from dataclasses import dataclass

from passmuster.records.judge_drift import JudgeDrift
from passmuster.records.record import Json, Record
from passmuster.records.run import RunEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSummary(Record):
    """What a metric made of a candidate's trials: the mean of `n` values, and how many it could not score by kind."""

    metric: str
    mean: float | None
    n: int
    failures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateScores(Record):
    """A candidate's scores: of `trials` stored ones, `failed` ended without a reply."""

    name: str
    trials: int
    failed: int
    metrics: tuple[ScoreSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredMetric(Record):
    """A metric that was scored with: its name, what it is, the version of it, and its options.

    `judge` is the version of the judge that it asks, None where it asks none: what a judge says alone is no figure yet.
    """

    name: str
    kind: str
    version: int
    options: Mapping[str, Json]
    judge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReport(Record):
    """What `score` did: which metrics, on which corpus, what each candidate got.

    `not_scored` scores still miss a step. `ran` programs were run now, `asked` are the runs in which scorers were
    asked. `path` is the file of scores, and `remark` says what else there is to know. `anchors` says of the judges that were
    asked whether they moved.
    """

    task: str
    corpus: str
    metrics: tuple[ScoredMetric, ...]
    candidates: tuple[CandidateScores, ...]
    not_scored: int = 0
    ran: int = 0
    asked: tuple[RunEnd, ...] = ()
    path: str | None = None
    remark: str | None = None
    anchors: tuple[JudgeDrift, ...] = ()
