"""The decision: which candidate to use, and why, with what it was weighed against."""

from dataclasses import dataclass
from typing import Literal

from passmuster.records.record import Record
from passmuster.records.score import Difference
from passmuster.records.worth import Burden, Shown, WorthRival, WorthStatus, WorthStratum

HOPELESS = 100_000
"""More cases than this are no advice: the figure is too close to its bar to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading(Record):
    """A candidate that might be chosen, and in which share of resamples of the cases it would be."""

    name: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth(Record):
    """Is an LLM worth it? The best LLM minus the best rival that is none on the primary metric, against the margin.

    `baseline` is the best baseline; people only where there is no baseline. `shown` is whether a gain is shown at all,
    whatever the margin. `rivals` are all of them, `strata` the difference in each stratum, `burdens` what the two bring
    with them, the LLM first, and `brings` that in a sentence.
    """

    status: WorthStatus
    llm: str
    baseline: str
    difference: Difference
    margin: float
    sentence: str
    shown: Shown = "neither"
    rivals: tuple[WorthRival, ...] = ()
    strata: tuple[WorthStratum, ...] = ()
    burdens: tuple[Burden, ...] = ()
    brings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep(Record):
    """The cheapest step that would settle an undecided decision: more cases, or more replies that people rate."""

    candidate: str
    metric: str
    more_cases: int
    cost: float | None
    sentence: str
    more_ratings: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerUp(Record):
    """The next cheapest that passes: its primary metric minus the chosen one's, and its price as a multiple."""

    name: str
    difference: Difference
    times_the_price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport(Record):
    """Which candidate to use, and why.

    `status` is `decided` (then `chosen` is set), `none` (every candidate fails) or `undecided`. `reason` is
    one sentence or two whose every number stands elsewhere in this object. `ties` are those that pass and
    cannot be told from the chosen one in cost.
    """

    status: Literal["decided", "none", "undecided"]
    chosen: str | None
    reason: str
    leading: tuple[Leading, ...]
    passing: tuple[str, ...]
    ties: tuple[str, ...]
    next_step: NextStep | None
    worth: Worth | None
    versus_manual: str | None
    warnings: tuple[str, ...]
    resamples: int
    family: int
    runner_up: RunnerUp | None = None
