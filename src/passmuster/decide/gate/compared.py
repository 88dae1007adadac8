"""What the gate is made from: the old and the new version laid out over the same cases, and what asking again found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from passmuster.decide.measured import BoolArray, Measured
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.gate import Change, Finding, Flip, GateLine, GateSide, Level, ModeCheck, NoiseFloor
from passmuster.records.judged import JudgeReport
from passmuster.records.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """Both versions over the same cases, in the same order: row i of every column is `cases[i]`.

    Both layouts must be made with `timed=True`, else latencies cannot be compared. `changed` says of each cell (case,
    repeat) whether the text of the reply is another; None where no texts are known.
    """

    cases: Sequence[Case]
    old: Measured
    new: Measured
    changed: BoolArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What looking at single cases found, and asking them again: flips, the noise floor, regression cases, found slices.

    `level` is how far it lets the change through by itself; None where it has nothing to say, for example because
    nothing was asked again. `finding` is what it says of the flips; None likewise. `settled` says that every flip was
    asked again and none of them lasted: what is not decided otherwise is then noise. `reasons` are the gravest first. `fresh` says
    of each flipped case (id) how many more of its fresh answers are right than of the old version's; empty where not
    every flip was asked again of both.
    """

    level: Level | None = None
    finding: Finding | None = None
    settled: bool = False
    flips: tuple[Flip, ...] = ()
    changes: Mapping[Change, int] = field(default_factory=dict)
    floor: NoiseFloor | None = None
    modes: tuple[ModeCheck, ...] = ()
    discovered: tuple[GateLine, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    more_cases: int | None = None
    spend: float | None = None
    fresh: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The whole question of a gate, ready to be answered by `gate_report`.

    Args:
        task: With its metrics' specs, named slices, success rule (settled, see `with_success`) and `gate` policy.
        metrics: The task's metrics, the primary one first.
        main: The cases that the figures are of.
        apart: Cases of other categories and origins (`edge`, `adversarial`, ...) by the name of their population:
            each of them is one more slice, and enters no line of the whole. Regression cases belong into the triage.
        old_side: Who answered before.
        new_side: Who answers now.
        corpus: The version of the corpus.
        generated: When the report is made (ISO 8601).
        judges: What is known of the metrics that ask a judge, by metric.
        left_out: What could not be compared before this, counted by reason; both have a score only of common cases.
        notes: What a reader must know.
        unasked: Whether both sides are the very same trials: nothing was asked since the old ones.
        triage: What looking at single cases found; empty where nobody looked.
    """

    task: Task
    metrics: tuple[Metric, ...]
    main: Laid
    old_side: GateSide
    new_side: GateSide
    corpus: str
    generated: str
    apart: Mapping[str, Laid] = field(default_factory=dict)
    judges: Mapping[str, JudgeReport] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unasked: bool = False
    triage: Triage = field(default_factory=Triage)

    @property
    def cases(self) -> Sequence[Case]:
        """The cases that the figures are of."""
        return self.main.cases

    @property
    def old(self) -> Measured:
        """The version of before on these."""
        return self.main.old

    @property
    def new(self) -> Measured:
        """The version of now on these."""
        return self.main.new
