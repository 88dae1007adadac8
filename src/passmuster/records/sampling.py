"""What a sample of traffic came to, and what a split did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record

Allocation: TypeAlias = Literal["proportional", "neyman"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStratum(Record):
    """One stratum of a sample: records of traffic, cases of them drawn now and before, and what each stands for."""

    name: str
    traffic: int
    drawn: int
    before: int = 0
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled(Record):
    """A sample of traffic.

    `traffic` counts the records that were gone through, `cases` those that were drawn. `bounded` says whether records are
    so large that fewer of them were held than might have been needed. `reweighted` counts cases of earlier samples of the same traffic, which now stand for less.
    """

    path: str
    traffic: int
    cases: int
    wanted: int
    strata: tuple[DrawnStratum, ...]
    minimum: int
    seed: int
    strata_by: str | None = None
    allocation: Allocation = "proportional"
    bounded: bool = False
    reweighted: int = 0
    personal: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitCounts(Record):
    """One stratum of a split: its cases on each side."""

    name: str
    train: int = 0
    eval: int = 0
    holdout: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitResult(Record):
    """What a split did: how many cases went where, and how many were there before.

    `clusters` counts what stays together, `duplicates` the cases that have a near-duplicate, `left_out` names cases that
    hang together with cases of both sides, and so can be on neither. `root` is the Merkle root of the seal.
    """

    path: str
    train: int
    eval: int
    holdout: int
    before: int
    pools: Mapping[str, int]
    strata: tuple[SplitCounts, ...]
    clusters: int
    largest: int
    duplicates: int
    left_out: tuple[str, ...] = ()
    root: str | None = None
    source: str | None = None
