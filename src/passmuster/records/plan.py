"""What is known before a run: what it costs, what its cases can show, and how likely a decision is."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.decision import Leading
from passmuster.records.record import Record

Known: TypeAlias = Literal["pilot", "stated", "pilot and stated", "nothing"]
"""What a chance rests on: stored trials, what the project file says is expected, both, or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance(Record):
    """How likely a run over `cases` cases is to come to a decision, by simulation of the decision rule.

    `decided` is the chance that a candidate passes every bar, `none` that every candidate is shown to miss one; `total` is
    their sum. `error` is twice the standard error of `total` from the simulation alone. `family` are the candidates
    that could pass, of which `finalists` were named (empty: none were); `chosen` says in which share of all simulated runs each would be
    chosen, `passing` in which share it would pass.
    """

    cases: int
    family: int
    finalists: tuple[str, ...]
    decided: float
    none: float
    error: float
    chosen: tuple[Leading, ...]
    passing: tuple[Leading, ...]
    repetitions: int

    @property
    def total(self) -> float:
        """The chance of any decision."""
        return self.decided + self.none


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom(Record):
    """The chance that the best candidate passes a bar whose true figure is `above` it; with finalists, and alone."""

    above: float
    all_candidates: float
    three_finalists: float
    alone: float
