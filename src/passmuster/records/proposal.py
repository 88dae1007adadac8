"""Cases that a machine proposes, until a person accepts or drops them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.case import Case
from passmuster.records.record import Record

ProposalStatus: TypeAlias = Literal["proposed", "accepted", "dropped"]
ProposalSource: TypeAlias = Literal["mine", "stress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Record):
    """Why a case is proposed: the name of the reason, the reason in words, and its number where it has one.

    The number says how strong it is, in the unit that the words name; higher is stronger only within one kind.
    """

    kind: str
    words: str
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Record):
    """A case that waits for a person, or that a person has decided on.

    `split` is that of the case it was made from: an accepted one stays on that side. `by` and `time` (seconds
    since the epoch) say who decided, and when.
    """

    case: Case
    reasons: tuple[Reason, ...]
    source: ProposalSource
    status: ProposalStatus = "proposed"
    split: Literal["train", "eval"] | None = None
    by: str | None = None
    time: float | None = None
