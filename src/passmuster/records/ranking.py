"""Who is preferred to whom: strengths of candidates out of choices between two replies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.record import Record
from passmuster.records.score import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedReport(Record):
    """How strong a candidate is among those that it was compared with.

    `strength` is in log-odds against an average candidate of its `island` (candidates that no choices connect have no
    common scale), `elo` the same in Elo points, of which the average has 1,000. `points` is the share of its
    comparisons that it won, a tie half a win; it depends on whom it met. `first` to `last` are the ranks that it may
    have, all candidates' ranges true at once with 95%; None where strengths have no interval. `adjusted` is the strength
    with style held equal, None where style was not looked at.
    """

    candidate: str
    island: int
    strength: Estimate
    elo: Estimate
    points: Estimate
    wins: int
    ties: int
    losses: int
    cases: int
    first: int | None = None
    last: int | None = None
    adjusted: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(Record):
    """How often one candidate was preferred to another: `share` is of `one`, a tie half a win."""

    one: str
    other: str
    wins: int
    ties: int
    losses: int
    cases: int
    share: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Record):
    """What sways a choice besides who it is: in log-odds (`effect`), with a two-sided p-value.

    Of style it is the effect of a reply that has all of it beside one that has none: (a - b) / (a + b) = 1. Of the
    place, that of being shown first; `share` is how often the first of two equals is then preferred.
    """

    name: str
    effect: Estimate
    p: float | None = None
    share: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Record):
    """Who is preferred to whom, on the answers to one question (`metric`), by people or by one judge.

    `source` is `people` or the name of the judge, whose version is `judge` (None: people, or not stated). `choices`
    were used, on so many `cases`, by the `raters`; `left_out` says how many were not, by reason. `clustered` names the
    ways in which choices belong together for the intervals. `islands` are the candidates that choices connect; with
    several, `connect` names a pair of each two to compare next. `ladders` are groups, the strongest first, that never lost
    a point to the groups after them: with several of an island, strengths are without bound and have no intervals.
    `position` is None where it cannot be told. `styled` is how many choices the style effects come from. `date` is when
    the newest choice was made (ISO 8601, None: not stated), `generated` when this was made.
    """

    schema_version: int = 1
    metric: str
    source: str
    candidates: tuple[RankedReport, ...]
    meetings: tuple[Meeting, ...]
    choices: int
    cases: int
    raters: tuple[str, ...]
    method: str
    clustered: tuple[str, ...]
    islands: tuple[tuple[str, ...], ...]
    judge: str | None = None
    ladders: tuple[tuple[str, ...], ...] = ()
    connect: tuple[tuple[str, str], ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    position: Effect | None = None
    style: tuple[Effect, ...] = ()
    styled: int | None = None
    remarks: tuple[str, ...] = ()
    seed: int = 0
    date: str | None = None
    generated: str | None = None
