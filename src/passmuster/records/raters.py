"""How far raters agree: with one another, and with themselves when the same reply comes again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.label import Annotator
from passmuster.records.record import Record
from passmuster.records.score import Estimate

Answered: TypeAlias = Literal["ratings", "choices"]
ScaleLevel: TypeAlias = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterPair(Record):
    """Two people on the replies that both rated: the share of equal values, Cohen's kappa, the first's mean minus the second's."""

    first: str
    second: str
    raw: Estimate
    kappa: Estimate
    gap: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterFigures(Record):
    """One rater beside the other people who rated the same replies.

    `ratings` are values given (of a reply that came again, the last), `unanswered` replies that were seen without one.
    `with_others` is the share of others who gave the same value; `severity` is the mean of its own values minus those
    of the others, in the metric's unit (below 0: more severe). `again` is the share of repeated looks with the same value,
    `again_gap` how far apart they are. A machine is compared with people.
    """

    name: str
    kind: Annotator
    ratings: int
    unanswered: int
    with_others: Estimate
    severity: Estimate
    again: Estimate
    again_gap: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterAgreement(Record):
    """How far the people agree who answered the question of a metric; machines stand apart, in `raters` only.

    `level` says what alpha takes as far apart: `nominal` for pass or fail and for choices, `ordinal` for whole numbers
    on a scale, `interval` for means of criteria. `people` has coefficients by name: `raw`, `within_one`, `mean_gap`,
    `cohen_kappa` (two people) or `fleiss_kappa` (more), `gwet_ac1`, `krippendorff_alpha`; those that mean something on this scale.
    `criteria` has the same of each criterion. `repeated` is the share of equal values where one person saw the same
    reply again. `items` counts replies (or pairs) that any person rated, `shared` those that two or more did,
    `left_out` what was not used and why.
    """

    metric: str
    answered: Answered
    level: ScaleLevel
    items: int
    shared: int
    cases: int
    people: Mapping[str, Estimate]
    repeated: Estimate
    repeated_gap: Estimate
    pairs: tuple[RaterPair, ...] = ()
    raters: tuple[RaterFigures, ...] = ()
    criteria: Mapping[str, Mapping[str, Estimate]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
