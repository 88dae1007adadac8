"""The task: what "correct" means, which bars must be met, and what a task costs besides its tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.digest import digest, plain
from passmuster.records.escalation import EscalationPolicy
from passmuster.records.gate import GatePolicy
from passmuster.records.outcomes import EndingKind
from passmuster.records.record import Json, Record
from passmuster.records.routing_policy import RoutingPolicy

CORPUS_BARS = ("corpus_age", "corpus_coverage")
"""What can be asked of the cases themselves: seconds since half of them were asked, and the share of traffic they are like."""

OPERATIONAL = (
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "first_token_p50",
    "first_token_p95",
    "failure_rate",
    "silent_failure_rate",
    "loud_failure_rate",
    "refusal_rate",
    "cost_per_task",
    "cost_per_success",
    "cost_per_month",
    *CORPUS_BARS,
)
"""What every task can set a bar on, whatever its metrics are."""


Role: TypeAlias = Literal["verdict", "sanity"]
"""What a metric is for: a part of the verdict, or shown and warned about only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec(Record):
    """A metric by its name, with its options; `name` is how it is shown and how bars refer to it."""

    name: str
    kind: str
    options: Mapping[str, Json] = field(default_factory=dict)
    role: Role = "verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar(Record):
    """A limit that a candidate must meet, in the metric's own unit (shares, seconds, US dollars).

    Exactly one of `at_least` and `at_most` is set. With `slice`, the name of one of the task's or an expression over
    cases, only those count; with `each` the limit holds for the cases of every category, stratum or tag by themselves.
    Versus the incumbent the limit is one of the difference to it, paired; of costs and latencies it is one of the ratio.
    """

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    slice: str | None = None
    versus: Literal["incumbent"] | None = None
    each: Literal["category", "stratum", "tag"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Record):
    """When a person looks at a reply, how many minutes it takes, at how many US dollars an hour.

    `when` is an expression over `confidence`, `failed`, `failure`, `category`, `stratum` and `tags`.
    """

    when: str
    minutes: float
    hourly: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionCall(Record):
    """A further call that a task makes in production, such as a guard's or a judge's: US dollars of one, and its share.

    `share` is the share of tasks that make it. Instead of `usd`, `scorer` names one of the task's whose stored
    answers say what a call costs.
    """

    name: str
    usd: float | None = None
    share: float = 1.0
    scorer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel(Record):
    """What a task costs besides its tokens, and how many tasks a month there are.

    `calls` are further calls of a task; `silent_failure` are the US dollars that one wrong answer costs that nobody notices.
    A reply is looked at, and paid for, under each review that applies. `peak` are the tasks of the busiest hour at that volume, for which machines must be enough.
    """

    review: tuple[Review, ...] = ()
    monthly_volume: int | None = None
    calls: tuple[ProductionCall, ...] = ()
    silent_failure: float | None = None
    peak: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement(Record):
    """What a candidate's declared attribute must be: one of these values, a day after `after`, or `at_most` so much.

    Exactly one of the three is set. Times are in seconds.
    """

    attribute: str
    one_of: tuple[Json, ...] = ()
    after: str | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension(Record):
    """A figure that candidates are weighed by, and its weight: a metric of the task or an operational one.

    `best` and `worst` are the values that count as 1 and 0; None are those of the candidates that are compared.
    """

    metric: str
    weight: float
    best: float | None = None
    worst: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Success(Record):
    """When a trial counts as a success in "cost per success": a metric, and the least or the most of it."""

    metric: str
    at_least: float | None = 1.0
    at_most: float | None = None

    def met_by(self, value: float) -> bool:
        """Return whether a value is a success."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes(Record):
    """What high stakes ask for: so many ratings by people, not older than `within` seconds, of a candidate's replies.

    `slices` are expressions over cases; each of them needs the ratings by itself. None: all cases together.
    """

    within: float = 30 * 86400.0
    ratings: int = 20
    slices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Record):
    """Metrics, bars and cost model of one job; `margin` is what an LLM must add over the best baseline.

    `alpha` is the chance, over all candidates together, that any is passed which does not meet its bars.
    `severity` says how bad each way to fail is, `endings` has RE2 patterns that are a sign of an ending. With
    `stakes` no candidate passes without a recent look of people. `purpose` and `owner` say in words what the task is
    for and who answers for it; `requires` are hard bars on what candidates declare of themselves, `weights` the
    dimensions that those are weighed by which meet every bar. `slices` are named: name -> expression.
    `choose` says who of these is chosen: the cheapest, or the best by weight. `gate` says how much worse a change may
    make things, `escalation` what must hold of replies that nobody looks at, `routing` which routes are looked at.
    """

    name: str
    metrics: tuple[MetricSpec, ...]
    bars: tuple[Bar, ...] = ()
    success: Success | None = None
    cost: CostModel = field(default_factory=CostModel)
    incumbent: str | None = None
    finalists: tuple[str, ...] = ()
    margin: float = 0.05
    repeats: int = 1
    alpha: float = 0.05
    severity: Mapping[str, float] = field(default_factory=dict)
    endings: Mapping[EndingKind, tuple[str, ...]] = field(default_factory=dict)
    stakes: Stakes | None = None
    purpose: str | None = None
    owner: str | None = None
    requires: tuple[Requirement, ...] = ()
    weights: tuple[Dimension, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)
    choose: Literal["cheapest", "weights"] = "cheapest"
    gate: GatePolicy = field(default_factory=GatePolicy)
    escalation: EscalationPolicy = field(default_factory=EscalationPolicy)
    routing: RoutingPolicy = field(default_factory=RoutingPolicy)


def rules_digest(task: Task) -> str:
    """Return the digest of what a candidate must meet: bars and requirements, with the slices that bars name.

    Example:
        >>> task = Task(name="t", metrics=())
        >>> rules_digest(task) == rules_digest(Task(name="u", metrics=(), incumbent="a"))
        True
        >>> rules_digest(task) == rules_digest(Task(name="t", metrics=(), bars=(Bar(metric="m", at_least=0.9),)))
        False
    """
    rules = {"bars": task.bars, "requires": task.requires, "slices": task.slices}
    return digest(plain(rules))
