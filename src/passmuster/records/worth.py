"""Whether an LLM is worth it: against every rival that is none, per stratum, and what it brings with it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.candidate import Kind
from passmuster.records.record import Record
from passmuster.records.score import Difference, Estimate

WorthStatus: TypeAlias = Literal["yes", "no", "narrow"]
Shown: TypeAlias = Literal["gain", "loss", "neither"]
"""What the interval of a difference shows: all of it above zero, all below, or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthRival(Record):
    """The LLM against one rival: a baseline, a system of today, or people.

    `difference` is the LLM minus the rival. `times_the_cost` is the LLM's cost per success as a multiple of the rival's,
    None where one is unknown or the rival's is 0. `stated` says that the rival's figure is the user's word.
    """

    name: str
    kind: Kind
    difference: Difference
    status: WorthStatus
    shown: Shown
    times_the_cost: float | None
    stated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthStratum(Record):
    """The LLM against the rival in one stratum of the cases; the interval is of this stratum alone."""

    stratum: str
    difference: Difference
    status: WorthStatus
    shown: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden(Record):
    """What a candidate brings with it besides its quality.

    `flips` is the chance that two replies to one case differ in being right, where cases were asked again. Of its
    `trials` the share `outages` met a server error, a broken connection or a time-out at least once, `rate_limited` a
    refusal for going too fast, whether a retry helped or not; None where that is not known. `upkeep` is US dollars a month.
    """

    name: str
    latency_p50: Estimate
    latency_p95: Estimate
    cost_per_task: Estimate
    cost_per_month: Estimate | None
    flips: Estimate | None
    trials: int
    outages: float | None
    rate_limited: float | None
    upkeep: float
