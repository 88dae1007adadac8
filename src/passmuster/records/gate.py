"""What the gate finds out about a change: the object that `gate --json` prints and that every form of its report renders.

`docs/gate.md` describes it field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Direction, Estimate

Finding: TypeAlias = Literal["systematic", "noise", "unknown"]
"""What the gate says of a change: it made things worse, nothing is shown to be worse, or that cannot be told yet."""

Level: TypeAlias = Literal["pass", "investigate", "block", "undecided", "refused"]
"""How far a row of the table, or the whole gate, lets a change through; `refused` is what cannot be compared honestly."""

GRAVITY: tuple[Level, ...] = ("block", "refused", "undecided", "investigate", "pass")
"""The levels, the gravest first: what cannot be told weighs more than what is looked into, as it lets nothing through."""

SliceRole: TypeAlias = Literal["core", "edge"]
"""A change that makes a core slice worse is blocked, one that makes an edge slice worse is looked into."""

LineKind: TypeAlias = Literal["quality", "latency", "cost", "failures"]

Change: TypeAlias = Literal["format", "loud", "silent", "fixed"]
"""How a case's result changed: another text that is as right, a failure that shows, a wrong answer that nobody
notices, or a case that was wrong and is right now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy(Record):
    """How much worse a change may make things: shares of quality, and parts of the old latency and cost.

    A drop of quality of `investigate` is looked into, one of `block` is blocked. A rise of latency or cost is blocked
    from `latency` and `cost` on, where it is sustained: in `sustained` of the `blocks` parts of a run. Slices of the
    task that `edge` names are edge slices, all others core. `slices` names what further slices are made of. A
    baseline older than `baseline_age` seconds is no baseline. `again` is how often a flipped case is asked again,
    `false_discovery` the share of slice alarms that may be false, `fail_on` the level from which the gate fails.
    """

    investigate: float = 0.02
    block: float = 0.05
    latency: float = 0.20
    cost: float = 0.20
    blocks: int = 5
    sustained: int = 3
    edge: tuple[str, ...] = ()
    slices: tuple[Literal["category", "stratum", "tag"], ...] = ("category", "stratum")
    baseline_age: float | None = None
    again: int = 3
    false_discovery: float = 0.10
    fail_on: Literal["investigate", "block"] = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSide(Record):
    """One side of the table: who answered, when (ISO 8601), and where the results are from.

    `path` is the committed file of a baseline, None for stored trials; `age_days` is how long ago the newest of its
    trials was asked. `digest` is that of all that decides what it answers.
    """

    name: str
    digest: str
    model: str | None = None
    prompt: str | None = None
    asked: str | None = None
    age_days: float | None = None
    path: str | None = None
    corpus: str | None = None
    trials: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLine(Record):
    """A row of the table: one figure, old beside new, with what the gate says of it.

    `change` is new minus old on the cases of both; of latencies and costs it is the part by which they rose (0.2 is
    20% more). `p` is the one-sided p-value of "it is no worse", `adjusted_p` the same corrected for how many were
    looked at, `p_block` and `p_investigate` are those of "it is worse by as much as the level allows" (shown to hold
    where they are small). `pooled` is the change of a slice drawn towards that of all of them: to show, not to alarm by.
    `more_cases` settle an undecided row with 80% power. `blocks` are the ratios of new to old, block by block.
    A row for `sanity` only is shown, and no part of the verdict. `margins` are the changes for the worse from which quality or
    failures are looked into and blocked, in the unit of the row and without a sign; None where there are none.
    `counts_as` is the level at which the row enters that of the whole gate where this is not its own: times that the
    change itself made incomparable are refused, and hold nothing up.
    """

    name: str
    kind: LineKind
    level: Level
    old: Estimate
    new: Estimate
    change: Estimate
    direction: Direction = "higher"
    slice: str | None = None
    role: SliceRole = "core"
    p: float | None = None
    adjusted_p: float | None = None
    p_investigate: float | None = None
    p_block: float | None = None
    pooled: float | None = None
    more_cases: int | None = None
    blocks: tuple[float | None, ...] = ()
    reason: str = ""
    discovered: bool = False
    sanity: bool = False
    margins: tuple[float, float] | None = None
    counts_as: Level | None = None

    @property
    def weight(self) -> Level:
        """The level at which the row enters that of the whole gate."""
        return self.counts_as or self.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip(Record):
    """A case whose result changed, and what both versions said of it when they were asked again.

    `old_right` and `new_right` count how often each was right of so many times `asked` again, None where it was not.
    `regressed` is whether the new one fails it for good: it failed most of the times, and the old one did not.
    """

    case: str
    change: Change
    category: str
    stratum: str | None = None
    failure_mode: str | None = None
    asked: int = 0
    old_right: int | None = None
    new_right: int | None = None
    regressed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor(Record):
    """How often results flip without any change: the old version beside itself, asked twice.

    `churn` is the share of cases that flipped between old and new beyond that floor.
    """

    flip_rate: Estimate
    churn: Estimate
    cases: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeCheck(Record):
    """The regression cases of one failure mode: none of them may fail for good."""

    mode: str
    level: Level
    cases: int
    failed: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    severity: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport(Record):
    """Everything that the gate found out.

    `lines` are of all cases, `slices` of some of them. `level` is that of the whole gate, `finding` what it says of the
    change, `sentence` says both in words for everybody and `reasons` name what they hang on, the gravest first. `cases`
    were answered by both, `left_out` counts what could not be compared, by reason. `modes` are the regression cases.
    `changes` counts how the results of cases changed.
    """

    schema_version: int
    task: str
    generated: str
    old: GateSide
    new: GateSide
    corpus: str
    cases: int
    level: Level
    finding: Finding
    sentence: str
    policy: GatePolicy
    reasons: tuple[str, ...] = ()
    lines: tuple[GateLine, ...] = ()
    slices: tuple[GateLine, ...] = ()
    modes: tuple[ModeCheck, ...] = ()
    flips: tuple[Flip, ...] = ()
    changes: Mapping[Change, int] = field(default_factory=dict)
    floor: NoiseFloor | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    more_cases: int | None = None
    notes: tuple[str, ...] = ()
    spend: float | None = None


def fails(report: GateReport, fail_on: Literal["investigate", "block"] | None = None) -> bool:
    """Say whether a gate fails: where any row is at the level from which it is to, whatever else is undecided.

    Args:
        report: What the gate found out.
        fail_on: From which level on; None is as the policy says.
    """
    wanted = ("block",) if (fail_on or report.policy.fail_on) == "block" else ("block", "investigate")
    rows = (each.weight for each in (*report.lines, *report.slices))
    return any(level in wanted for level in (report.level, *rows, *(each.level for each in report.modes)))
