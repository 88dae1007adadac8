"""Failure modes: the ways in which a task is known to go wrong, by name."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record

Severity: TypeAlias = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode(Record):
    """A way to go wrong; `first_seen` is a date (ISO 8601), `link` leads to an incident or a ticket."""

    name: str
    description: str = ""
    severity: Severity = "medium"
    first_seen: str | None = None
    link: str | None = None
