"""A frozen version of a corpus: one line of `versions.jsonl`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record

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
