"""What became of cases that were to be regression cases."""

from dataclasses import dataclass

from passmuster.records.failure_mode import FailureMode
from passmuster.records.record import Json, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike(Record):
    """A case of the corpus that is nearly the same: the Jaccard index of their five-word runs, 1 for equal texts."""

    case: str
    part: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedCase(Record):
    """A new regression case: `source` names what it was made of, `alike` what the corpus has of its like."""

    id: str
    source: str
    reference: Json = None
    alike: tuple[Alike, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition(Record):
    """What was added to the regression pool, what stood there already, and under which failure mode.

    `present` maps each that was not added to the regression case with the same input; `taken` are train cases that
    were taken out for it; `replaced` counts identifiers of people that pseudonyms stand for now.
    """

    mode: FailureMode
    new_mode: bool
    file: str
    added: tuple[AddedCase, ...] = ()
    present: tuple[tuple[str, str], ...] = ()
    taken: tuple[str, ...] = ()
    replaced: int = 0
    warnings: tuple[str, ...] = ()
