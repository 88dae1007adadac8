"""Whether a candidate's replies keep one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.record import Record
from passmuster.records.score import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyReport(Record):
    """In how many pairs of replies of one candidate both have the same form; None where there are no such pairs.

    `repeats` is over the repeats of a case, `prompts` against the other prompt variants of the same model on the
    same case, `paraphrases` over cases that were made from the same one and still expect an answer. `forms` counts
    `replies` by their form, the commonest first, those beyond the first ones as `(others)`.
    """

    candidate: str
    replies: int
    forms: Mapping[str, int] = field(default_factory=dict)
    repeats: Estimate | None = None
    prompts: Estimate | None = None
    paraphrases: Estimate | None = None
