"""What `passmuster route` finds out: routes over candidates, judged on cases that they were not chosen on.

`docs/route.md` describes it field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.comparison import Check
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate

RouteKind: TypeAlias = Literal["single", "slices", "cascade"]
"""One candidate for all, one for each slice, or cheap ones first."""

RouteAim: TypeAlias = Literal["quality", "cost"]
"""What a route is chosen for: the most right answers, or the least money at about as many."""

RouteStatus: TypeAlias = Literal["gain", "cheaper", "no_gain", "worse"]
"""What is shown of a route beside the best single candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStage(Record):
    """A candidate that is asked; its reply stands where `signal` is at least `least`, and always where that is None."""

    candidate: str
    signal: str | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRule(Record):
    """Who is asked for the cases of a slice, one after another; None as `slice` is all others."""

    slice: str | None
    stages: tuple[RouteStage, ...]
    cases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio(Record):
    """One figure over another on the same cases, with its 95% interval; None where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReport(Record):
    """A route with its figures; all of them are of cases that it was not chosen on, but `seen` ones.

    `rules` are what all cases together choose: what would be deployed. `quality`, costs (US dollars), times (seconds)
    and the share of failed trials are of the route as a candidate of its own. `asked` is the share of cases that each
    candidate is asked. `gain` is the difference to the best single candidate, chosen the same way; `p` the one-sided
    p-value that there is one, corrected over all routes (Holm), `p_margin` that of "not worse than it by the margin",
    `cost_ratio` its cost over that candidate's with `p_cheaper`. `seen_gain` is the gain on the cases that the route was chosen on, `optimism` how much of that does not
    hold elsewhere. Of a cascade with one strong candidate, `last`, `versus_last` and `cost_versus_last` hold it against that one for all. `changed` is the share of cases that go elsewhere than to the best single candidate.
    """

    name: str
    kind: RouteKind
    aim: RouteAim
    rules: tuple[RouteRule, ...]
    quality: Estimate
    cost_per_task: Estimate
    cost_per_success: Estimate
    latency_p50: Estimate
    latency_p95: Estimate
    failure_rate: Estimate
    asked: Mapping[str, float]
    gain: Difference
    p: float | None = None
    p_margin: float | None = None
    cost_ratio: Ratio = field(default_factory=lambda: Ratio(value=None))
    p_cheaper: float | None = None
    seen_gain: float | None = None
    optimism: float | None = None
    changed: float = 0.0
    versus_incumbent: Difference | None = None
    last: str | None = None
    versus_last: Difference | None = None
    cost_versus_last: Ratio = field(default_factory=lambda: Ratio(value=None))
    checks: tuple[Check, ...] = ()
    status: RouteStatus = "no_gain"
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePoint(Record):
    """A cascade at one threshold: the share of cases that go on to its last candidate, its quality and mean cost."""

    share: float
    least: tuple[float | None, ...]
    quality: Estimate
    cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCurve(Record):
    """A cascade at every threshold, cheap to strong.

    `lift` is how much better it is than sending the same share of cases on at random, averaged over shares, with its 95%
    interval: the worth of the signal by itself.
    """

    stages: tuple[str, ...]
    signal: str
    points: tuple[RoutePoint, ...]
    lift: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedCandidate(Record):
    """A candidate that routes may take: its quality on the same cases, US dollars of a task, seconds."""

    name: str
    quality: Estimate
    cost_per_task: Estimate
    latency_p95: Estimate
    signal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceReport(Record):
    """A slice of the cases: how many it has, and the quality of each candidate there."""

    name: str
    cases: int
    quality: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingReport(Record):
    """Everything that is known of routes: `quality` names what they are judged by, `slice_by` what parts the cases.

    `best` is the best single candidate, chosen on the same folds as the routes, `cheapest` the cheapest one that is about as good, None
    where costs are unknown. `recommended` is the route that is shown to gain, None where none is. `folds` cases are
    chosen on the folds before them, in `orders` orders.
    """

    schema_version: int = 1
    task: str
    generated: str
    corpus: str
    cases: int
    left_out: int
    quality: str
    slice_by: str | None
    margin: float
    alpha: float
    folds: int
    orders: int
    seed: int
    candidates: tuple[RoutedCandidate, ...]
    slices: tuple[SliceReport, ...]
    best: RouteReport
    cheapest: RouteReport | None
    routes: tuple[RouteReport, ...]
    curves: tuple[RouteCurve, ...] = ()
    recommended: str | None = None
    sentence: str = ""
    notes: tuple[str, ...] = ()
