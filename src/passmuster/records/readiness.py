"""The production readiness checklist: each item with what the tool found, and what would settle it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record

ItemStatus: TypeAlias = Literal["done", "missing", "not needed", "not available"]
"""`not needed` is what this task has no use for, such as a judge's calibration where no judge is asked; `not
available` is what this release of passmuster has no verb for, so that nothing can be said of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyItem(Record):
    """One item: what was asked, how it stands in a sentence, the evidence, and what settles it where it is missing.

    `evidence` are facts that can be looked up: a file with its line, a version, a run, a hash, a figure. `fix` are
    commands, one after the other, or what to write into passmuster.yaml.
    """

    name: str
    question: str
    status: ItemStatus
    finding: str
    evidence: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyReport(Record):
    """The checklist of a task; `candidate` is whom it is about: the one chosen, else the incumbent."""

    schema_version: int
    task: str
    generated: str
    candidate: str | None
    items: tuple[ReadyItem, ...]

    def count(self, status: ItemStatus) -> int:
        """Return how many items stand so."""
        return sum(item.status == status for item in self.items)
