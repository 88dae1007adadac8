"""What `escalate` finds out: signals of confidence, how well they tell right from wrong, and a certified threshold.

`docs/escalate.md` describes it field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate

SignalKind: TypeAlias = Literal[
    "confidence",  # the reply's own: of log-probabilities, or a baseline's probability
    "first_token_margin",  # log-probability of the first token less that of the best other one
    "mean_logprob",  # of all tokens of the reply
    "answer_logprob",  # of the tokens that spell the answer which the metric reads
    "probability_margin",  # the most probable label less the next one
    "self_consistency",  # share of the repeats that answer as the first one does
    "stated",  # what the reply says of itself, found by a pattern or a path
    "metric",  # a metric's score, such as a judge's
    "agreement",  # whether another candidate answers the same
    "length",  # of the reply, in characters
    "finish_reason",  # whether the reply ended of itself
]

PROBABILITIES: frozenset[SignalKind] = frozenset({"confidence", "self_consistency", "stated"})
"""Kinds whose values are read as chances of being right, where all of them lie in [0, 1]."""

Escalated: TypeAlias = Literal["person", "candidate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal(Record):
    """A signal of confidence of a candidate's replies; what is surer has the larger value.

    `of` names the metric of `metric` and the candidate of `agreement`. `regex` (RE2) or `json_path` finds what is
    `stated`, a number of which `scale` is the surest, or one of `levels`, the least sure first. With `reverse`
    less is surer: so is `length`, unless it is said.
    """

    name: str
    kind: SignalKind
    of: str | None = None
    regex: str | None = None
    json_path: str | None = None
    scale: float = 1.0
    levels: tuple[str, ...] = ()
    reverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy(Record):
    """What must hold of the replies that nobody looks at, and who gets the others.

    `target` is the most share of them that may be wrong, `delta` the chance that a certified threshold does not
    keep it. The others go to the candidate `to`, or where that is None to a person, who takes `minutes` for each, at
    `hourly` US dollars an hour; None is not said. No `signals`: all that exist.
    """

    target: float = 0.05
    delta: float = 0.10
    signals: tuple[Signal, ...] = ()
    to: str | None = None
    minutes: float | None = None
    hourly: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint(Record):
    """What follows from one threshold: a reply is accepted whose signal is at least so much, which `rule` says in words.

    `coverage` is the share of all tasks that is accepted, `risk` the share of errors among these, with the ends of
    the band over all points together; `errors` of `accepted` labelled cases. `p` is that of "the risk is above the
    target"; `certified` says that the fixed sequence got here. `cost_per_task` is in US dollars with those escalated,
    `wrong_per_thousand` the wrong answers that go out in 1,000 tasks, those of the candidate escalated to included.
    """

    threshold: float
    coverage: float
    accepted: int
    errors: int
    risk: float
    low: float
    high: float
    p: float
    certified: bool
    rule: str
    cost_per_task: float | None = None
    wrong_per_thousand: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin(Record):
    """Cases of about the same confidence: its mean, and the share of them that is right, with its interval."""

    confidence: float
    right: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCalibration(Record):
    """Whether a signal's values are the chances of being right.

    `squared_error` is the debiased squared calibration error, 0 on average where they are, and `p` that of
    this; `ece` is the expected calibration error over the bins, and `ece_null` what a signal without any error
    shows on as many cases (the mean), `ece_null_high` at most in 95 of 100.
    """

    brier: Estimate
    squared_error: float
    p: float
    ece: float
    ece_null: float
    ece_null_high: float
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalReport(Record):
    """One signal on the labelled cases that have it.

    `auroc` is the chance that a right reply has the larger value than a wrong one; `aurc` the risk averaged over
    coverages, `augrc` the share of tasks that is accepted and wrong, averaged alike: less is better, and `aurc_best` and
    `augrc_best` are those of a signal that ranks every right reply first. `threshold` is None where none is certified,
    `more_labels` how many more labelled cases would probably do; None where no number would, or none is needed. `proxy` is one that is no confidence at all.
    With `reverse` less is surer, and thresholds are of the negative value; `of` is the metric or candidate that it is of.
    """

    name: str
    kind: SignalKind
    n: int
    n_missing: int
    auroc: Estimate
    aurc: float | None
    aurc_best: float | None
    augrc: float | None
    augrc_best: float | None
    calibration: SignalCalibration | None
    points: tuple[RiskPoint, ...]
    threshold: float | None
    certified: RiskPoint | None
    more_labels: int | None
    usable: bool
    sentence: str
    proxy: bool = False
    note: str | None = None
    of: str | None = None
    reverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalDifference(Record):
    """How much more often the `first` signal tells right from wrong than the `second`: AUROC, paired on common cases."""

    first: str
    second: str
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationReport(Record):
    """Which replies of a candidate may go out unseen: its signals on the same cases, and a threshold with a guarantee.

    `success` names the metric that says which replies are right. Of `cases`, `failed` ended without a reply and are
    always escalated; `unlabelled` have nothing to be compared with and are left out, `unscored` count as wrong.
    `family` is how many signals share `delta`. `best` is the signal whose certified threshold costs least,
    or where costs are unknown accepts most, None where none is certified; `leading` that with the largest AUROC. `absent` says of each signal that was looked for why there is none.
    """

    schema_version: int
    task: str
    generated: str
    corpus: str
    candidate: str
    success: str
    target: float
    delta: float
    family: int
    to: str | None
    to_kind: Escalated
    price: float | None
    cases: int
    failed: int
    unlabelled: int
    unscored: int
    error_rate: Estimate
    cost_per_task: float | None
    signals: tuple[SignalReport, ...]
    differences: tuple[SignalDifference, ...]
    leading: str | None
    best: str | None
    sentence: str
    remarks: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
