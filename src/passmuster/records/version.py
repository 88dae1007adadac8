"""Frozen versions of a corpus, and what differs between two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Json, Record
from passmuster.records.score import Difference, Estimate

PartName: TypeAlias = Literal["train", "eval", "edge", "adversarial", "regression"]
"""The parts of a corpus that a version freezes: the open splits, then the pools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenVersion(Record):
    """What is known of a frozen state of a corpus; its cases lie in a file of its name.

    `version` is the digest of all frozen cases with the part that each stands in, of the topics and of the
    sealed holdout. `scored` maps what a project may score (`eval`, `eval + pools`, `train + eval`, ...) to the digest
    of these cases alone, which is what a report shows. `time` is seconds since the epoch, `parent` the version
    frozen before. `parts`, `strata`, `origins` and `categories` count cases. `canary` is a GUID that stands
    nowhere else; `topics` the digest of the topics file, `holdout` the Merkle root of the sealed holdout.
    """

    version: str
    time: float
    canary: str
    scored: Mapping[str, str] = field(default_factory=dict)
    parent: str | None = None
    note: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    strata: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    topics: str | None = None
    holdout: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Record):
    """A case that only one of two versions has, with the part that it stands in."""

    case: str
    part: str
    stratum: str | None = None
    origin: str = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Record):
    """A case that both versions have and that is not the same in them.

    `fields` names what differs; the references are given where they do. `was` and `part` are where the case stood
    and stands.
    """

    case: str
    fields: tuple[str, ...]
    was: str
    part: str
    before: Json = None
    after: Json = None

    @property
    def relabelled(self) -> bool:
        """Whether the right answer is another one now."""
        return "reference" in self.fields

    @property
    def moved(self) -> bool:
        """Whether it stands in another part now."""
        return self.was != self.part


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally(Record):
    """Numbers of cases: in each version, and what happened in between; a case may be changed in several ways."""

    before: int = 0
    after: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    relabelled: int = 0
    moved: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff(Record):
    """What changed from one version to another: case by case, in all, and by part, stratum and origin.

    A changed case counts where it stands now; one that moved counts as `moved` there.
    """

    added: tuple[Placed, ...]
    removed: tuple[Placed, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    total: Tally
    parts: Mapping[str, Tally]
    strata: Mapping[str, Tally]
    origins: Mapping[str, Tally]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionScores(Record):
    """What one candidate scores on two versions, and what the new cases changed.

    `before` and `after` are on all scored cases of each, `common_before` and `common_after` on those that both
    have, by the references of each; `new` on those that only the later one has, `gone` on those that only the
    earlier had. `harder` is the score on the new cases less that on the common ones, `step` what the new cases did to
    the score of the later version: that on all of its cases less that on the common ones.
    """

    candidate: str
    metric: str
    before: Estimate
    after: Estimate
    common_before: Estimate
    common_after: Estimate
    new: Estimate
    gone: Estimate
    harder: Difference
    step: Difference
