"""What `compare` finds out: the object that `--json` prints and that every report renders.

`docs/comparison.md` describes it field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.break_even import BreakEvenReport
from passmuster.records.candidate import Attribute, Kind
from passmuster.records.choice import ChoiceReport
from passmuster.records.classes import Classification
from passmuster.records.consistency import ConsistencyReport
from passmuster.records.corpus import Conflict
from passmuster.records.costs import CostReport
from passmuster.records.counts import CountReport
from passmuster.records.decision import DecisionReport
from passmuster.records.judged import JudgedReport, JudgeReport
from passmuster.records.outcomes import OutcomeReport, Turn
from passmuster.records.prompt_effects import PromptEffects
from passmuster.records.record import Json, Record
from passmuster.records.reliability import ReliabilityReport
from passmuster.records.requirement import RequirementCheck
from passmuster.records.score import Difference, Direction, Estimate
from passmuster.records.spread import TailReport, VarianceReport
from passmuster.records.stopped import Stop, Stopped
from passmuster.records.task import Role
from passmuster.records.trial import Source

SCHEMA_VERSION = 1

CheckStatus: TypeAlias = Literal["meets", "misses", "undecided"]
VerdictStatus: TypeAlias = Literal["pass", "fail", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusReport(Record):
    """Which cases were used: version, counts per category and origin, splits, conflicting references, holdout state.

    `basis` says what the figures are of: `production` (typical cases from production), `typical` (none of the
    typical ones come from production) or `all`; `scored` how many of the `cases` these are. `effective` is how
    many equally weighted cases the scored ones are worth, where they stand for different numbers of cases of
    traffic. `age_days` is how long ago half of the scored cases were asked; `coverage` the share of the traffic that
    drift was last looked for in whose like the corpus holds. `ledger` is the head of the ledger of the holdout.
    """

    version: str
    path: str
    split: str
    cases: int
    counts: Mapping[str, int]
    splits: Mapping[str, int]
    conflicts: tuple[Conflict, ...]
    holdout: str
    basis: str = "production"
    scored: int | None = None
    origins: Mapping[str, int] = field(default_factory=dict)
    effective: float | None = None
    age_days: float | None = None
    coverage: float | None = None
    ledger: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricReport(Record):
    """A metric of the task: its name, version, direction, whether it is pass/fail per case, and what it is for."""

    name: str
    version: int
    direction: Direction
    binary: bool
    primary: bool
    role: Role = "verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Record):
    """Under which load latencies were taken: calls in flight of this candidate, and where the times are from."""

    source: Source
    mean_in_flight: float | None
    max_in_flight: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GapReport(Record):
    """Seconds between the non-empty pieces of streamed replies, over all `n` gaps; a piece may be several tokens."""

    p50: float
    p95: float
    p99: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryReport(Record):
    """What retries did to the times: `share` of trials were retried, `attempts` is the mean of a trial.

    `seconds` is the mean part of a reply's latency that went to failed attempts and the waits after them.
    """

    share: float
    attempts: float
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyReport(Record):
    """Seconds from first attempt to last byte, and to the first token where it streamed.

    All times of a candidate are of one source (`load.source`). Of its `replies`, `cached` came from the cache:
    they enter no figure here unless there are no others.
    """

    p50: Estimate
    p95: Estimate
    p99: Estimate
    first_token_p50: Estimate | None
    first_token_p95: Estimate | None
    load: Load
    retries: RetryReport | None = None
    gaps: GapReport | None = None
    replies: int = 0
    cached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureReport(Record):
    """The share of trials that ended without a reply, how many of each kind, and how many were retried."""

    rate: Estimate
    kinds: Mapping[str, int]
    retried: int
    score_failures: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Record):
    """The test of one bar for one candidate.

    `p` is the one-sided p-value of "does not meet the bar", `p_misses` of "meets it". `more_cases` is how
    many more cases settle an undecided check with 80% power if the observed rate is the true one; None where
    no number would. `more_ratings` is how many more replies people would have to rate instead, where a judge is tested.
    With `slice` it is about those cases only, and so are `more_cases`; `versus` the incumbent `value` and `limit` are
    of the difference to it, of costs and latencies of the ratio.
    """

    metric: str
    bar: str
    limit: float
    direction: Literal["at_least", "at_most"]
    value: float | None
    status: CheckStatus
    p: float | None
    p_misses: float | None
    more_cases: int | None
    method: str
    note: str | None = None
    more_ratings: int | None = None
    slice: str | None = None
    versus: Literal["incumbent"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReport(Record):
    """A candidate against all its bars: `p` is the largest of its checks, `adjusted_p` Holm's over the family.

    `more_ratings` says how many more of its replies people must rate before it passes, where the stakes are high.
    `reason` is for those who know the bars, `sentence` for everybody. `undeclared` names the required attributes
    that must be declared before it passes.
    """

    status: VerdictStatus
    p: float | None
    adjusted_p: float | None
    reason: str
    more_cases: int | None = None
    more_ratings: int | None = None
    sentence: str = ""
    stopped: Stop | None = None
    undeclared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateReport(Record):
    """One row of the matrix; `n_withheld` cases may not be sent to it, and count as neither failed nor missing."""

    name: str
    kind: Kind
    provider: str
    model: str | None
    prompt: str | None
    simulated: bool
    n: int
    n_missing: int
    metrics: Mapping[str, Estimate]
    versus_incumbent: Mapping[str, Difference]
    latency: LatencyReport
    cost: CostReport
    failures: FailureReport
    checks: tuple[Check, ...]
    verdict: VerdictReport
    dominated_by: tuple[str, ...]
    classification: Classification | None = None
    parts: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    counts: Mapping[str, tuple[CountReport, ...]] = field(default_factory=dict)
    n_withheld: int = 0
    outcomes: OutcomeReport | None = None
    variance: VarianceReport | None = None
    tail: TailReport | None = None
    judged: Mapping[str, JudgedReport] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    requirements: tuple[RequirementCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptReport(Record):
    """A prompt variant against the first variant of the same model: `difference` of the primary metric."""

    candidate: str
    prompt: str
    versus: str
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartReport(Record):
    """One candidate on cases that are measured apart: its metrics, its successes and its failed trials."""

    candidate: str
    metrics: Mapping[str, Estimate]
    success: Estimate
    failures: Estimate
    outcomes: OutcomeReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationReport(Record):
    """Cases that do not estimate production, by category (`edge`, ...) or origin (`synthetic`, ...): how each did."""

    name: str
    cases: int
    candidates: tuple[ApartReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Record):
    """Everything that a comparison found out; `seed` is that of its resamples."""

    schema_version: int
    task: str
    generated: str
    corpus: CorpusReport
    metrics: tuple[MetricReport, ...]
    incumbent: str | None
    alpha: float
    finalists: tuple[str, ...]
    candidates: tuple[CandidateReport, ...]
    decision: DecisionReport
    prompts: tuple[PromptReport, ...] = ()
    prompt_effects: PromptEffects | None = None
    apart: tuple[PopulationReport, ...] = ()
    consistency: tuple[ConsistencyReport, ...] = ()
    reliability: tuple[ReliabilityReport, ...] = ()
    judges: tuple[JudgeReport, ...] = ()
    seed: int | None = None
    choice: ChoiceReport | None = None
    stopped: Stopped | None = None
    break_even: BreakEvenReport | None = None
    purpose: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateFile(Record):
    """One row of a comparison with what it needs to be read alone: a file in the reports folder."""

    schema_version: int
    task: str
    generated: str
    corpus: CorpusReport
    metrics: tuple[MetricReport, ...]
    candidate: CandidateReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Record):
    """What one candidate answered to one case: its reply or failure, what was read from it, and the scores.

    `details` is what each metric kept beside its score, `score_failures` why a metric has none. `steps` says line by
    line what it did on the way: the tools that it called, and what they gave back.
    `turn` is how the trial turned out, `seconds` how long it took.
    """

    candidate: str
    text: str | None
    failure: str | None
    scores: Mapping[str, float | None]
    answer: str | None = None
    details: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    score_failures: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    turn: Turn | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvidence(Record):
    """One case with its reference and all candidates' answers side by side.

    `right` names the candidates that succeeded; `disputed` is true where some did and some did not. `wanted` says in
    words what the case asks of an answer beside its reference: how it is to end, and its own checks. `slow` names
    the candidates to whose slowest cases it belongs.
    """

    id: str
    category: str
    stratum: str | None
    input: str
    reference: Json
    answers: tuple[Answer, ...]
    right: tuple[str, ...]
    disputed: bool
    wanted: tuple[str, ...] = ()
    slow: tuple[str, ...] = ()
