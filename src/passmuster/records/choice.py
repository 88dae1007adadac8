"""Choice beyond the cheapest: candidates by weight, the Pareto front, and what would change the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Direction

TurningKind: TypeAlias = Literal["price", "volume", "review", "loss", "weight"]
"""What could change a decision: a price, the tasks a month, the share that people review, the loss of a wrong answer, a weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionReport(Record):
    """A figure that candidates are weighed by: its share of the weights, and the values that count as 1 and as 0.

    `stated` is whether the project says these two; otherwise they are those of the candidates.
    """

    metric: str
    direction: Direction
    weight: float
    best: float
    worst: float
    stated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed(Record):
    """One candidate under the weights.

    `place` is its rank among those that pass, None where it does not. `value` is the weighted mean of `parts`, each
    from 0 to 1; it is None where a figure of it is `unknown`. `low` and `high` are its 95% interval over resamples,
    `first` the share of resamples in which it is the best that passes. `share` is that of the weight space in which
    it wins, `clear` that in which it does with no other within noise.
    """

    name: str
    place: int | None
    value: float | None
    low: float | None = None
    high: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    first: float | None = None
    share: float | None = None
    clear: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing(Record):
    """All candidates by weight: the best that passes, and `ties` that are within noise of it.

    `draws` are points of the weight space, drawn evenly; `resamples` are those of the cases. `decides` is whether the
    project says that the weights choose.
    """

    dimensions: tuple[DimensionReport, ...]
    ranking: tuple[Weighed, ...]
    best: str | None
    ties: tuple[str, ...]
    draws: int
    resamples: int
    decides: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPlace(Record):
    """Where a candidate stands to the Pareto front of quality, cost per success and p95.

    `on` is whether no other is at least as good in all that is known of both and better in one; `share` is that of
    resamples of the cases in which that holds. `beaten_by` names the others.
    """

    name: str
    on: bool
    share: float
    beaten_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint(Record):
    """A value of one quantity at which another candidate would be chosen, if all else stays as it is.

    `of` is the candidate whose price or reviews change, or the figure that weighs; None for what all share. `now` is today's value, `at` the one
    at which it turns; both are factors of the price, tasks a month, shares of replies or of weights, or US dollars. `chosen` is who is
    chosen beyond it.
    """

    what: TurningKind
    of: str | None
    now: float | None
    at: float
    chosen: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceReport(Record):
    """What stands beside the cheapest: the weighing (where there are weights), the front, and the turning points."""

    weighing: Weighing | None
    front: tuple[FrontPlace, ...]
    turning: tuple[TurningPoint, ...]
