"""A run that asks only until it is decided: what was settled before it began, and who was stopped, when and why."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record

StopReason: TypeAlias = Literal["hopeless", "untestable", "passed", "not_needed", "dropped", "best", "tied"]
"""Why a candidate is asked no more: it could hardly pass; a bar cannot be tested; it has passed, whatever the rest
brings; a cheaper one has passed; it was shown not to be the best; every other one was; the best differs from it by
less than `within`."""

STOPPED_EARLY = "stopped early"
"""How the note of a figure begins whose candidate was asked only as many cases as its own figures called for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Until(Record):
    """What a run that asks until it is decided settles before its first call, so that looking early costs no certainty.

    `aim` is who is looked for: the cheapest that meets every bar, or the best on the primary metric. Cases come in
    whole groups in an order that the `seed` draws; a look follows every `block` of them. `family` names the candidates that
    the correction is over, `level` is what is left of alpha for each. Differences below `within` do not matter
    to a race for the best.
    """

    aim: Literal["bars", "best"]
    seed: int
    block: int
    family: tuple[str, ...]
    level: float
    within: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Record):
    """A candidate that is asked no more after so many of its cases, and why.

    `bar` is the one that it could hardly have met, `by` the candidate that made it needless or dropped it.
    """

    candidate: str
    reason: StopReason
    cases: int
    of: int
    bar: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Record):
    """How a run that asks until it is decided went: trials made of those that a full run makes, and who was stopped.

    `looks` counts the blocks that a look followed. `chosen` are those that were decided for: the cheapest that has
    passed; of a race the one that is left, or all of a tie. It is empty where nothing was decided. `finished` is false as long as
    the rule would go on asking.
    """

    until: Until
    looks: int
    trials: int
    full: int
    stops: tuple[Stop, ...]
    chosen: tuple[str, ...]
    finished: bool

    def stop_of(self, candidate: str) -> Stop | None:
        """Return why a candidate was stopped; None where it was asked to the end."""
        return next((stop for stop in self.stops if stop.candidate == candidate), None)
