"""What a candidate costs: per task, per success and per month, part by part, and how surely each is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Estimate

CostBasis: TypeAlias = Literal["reported", "estimated", "lower_bound", "stated", "unknown"]

COMPONENTS = ("tokens", "infrastructure", "calls", "review", "labour", "silent_failure", "upkeep")
"""What the cost of a task is made of; all of them add up to it."""

TOKEN_PARTS = ("input", "cached", "output", "reasoning", "other")
"""What the token part of a cost is made of."""

HOURS_A_MONTH = 730.0
"""Hours of a month that machines are paid for: a twelfth of 365 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InfrastructureReport(Record):
    """The machines of a candidate: US dollars an hour of one, and the tasks that one does in an hour when it is busy.

    `measured` says whether that rate is the run's, with `in_flight` calls open, or stated. `utilisation` is the share
    of it that is used on average, `machines` how many run at least. `peak_factor` is how many times the mean load the
    machines must bear: 1 / utilisation unless a peak is stated.
    """

    hourly: float
    tasks_per_hour: Estimate
    measured: bool
    utilisation: float = 1.0
    machines: int = 1
    in_flight: float | None = None
    peak_factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport(Record):
    """US dollars per task, per success and per month, with the parts of the cost per task.

    `components` (see `COMPONENTS`) add up to `per_task`, `token_parts` (see `TOKEN_PARTS`) to the tokens in it, and
    `calls` to the further calls by name; `retries` is what attempts before the last one cost, a part of the tokens.
    `marginal` is what one more task costs without machines: it grows with the volume. `per_month` is at `volume` tasks:
    marginal costs, the `machines` that this volume needs, and `upkeep`, which is US dollars a month. Where a volume is
    stated each task and each success carries its share of both. `basis` says how the token part is known;
    `reviewed` is the share of tasks that a person looks at; `at_risk` is what calls
    whose account never came may have cost beyond all this, over all trials. `price_source` and `price_date` say where
    the price of tokens is from.
    """

    basis: CostBasis
    per_task: Estimate
    per_success: Estimate
    per_month: Estimate | None
    components: Mapping[str, Estimate]
    input_tokens: float | None
    output_tokens: float | None
    tokens_estimated: bool
    reviewed: float | None
    note: str | None = None
    at_risk: float = 0.0
    token_parts: Mapping[str, Estimate] = field(default_factory=dict)
    retries: Estimate | None = None
    calls: Mapping[str, Estimate] = field(default_factory=dict)
    marginal: Estimate | None = None
    infrastructure: InfrastructureReport | None = None
    upkeep: float = 0.0
    volume: int | None = None
    machines: int | None = None
    price_source: str | None = None
    price_date: str | None = None
