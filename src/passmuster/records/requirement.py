"""What became of a requirement: a hard bar on what is declared of a candidate."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Json, Record

RequirementStatus: TypeAlias = Literal["meets", "misses", "undeclared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementCheck(Record):
    """One requirement for one candidate: what is asked, in words, what is declared, and where and when that was read.

    `undeclared` is nothing that the candidate meets: it cannot pass before it is declared.
    """

    attribute: str
    requirement: str
    status: RequirementStatus
    value: Json = None
    source: str | None = None
    date: str | None = None
    note: str | None = None
