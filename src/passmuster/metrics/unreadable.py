"""What stands in the place of an answer where there is none to be read."""

from dataclasses import dataclass

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Record):
    """Why nothing could be read out of a reply."""

    reason: str
