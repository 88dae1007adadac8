"""What a metric that counts found, kind by kind."""

from dataclasses import dataclass

from passmuster.records.record import Record
from passmuster.records.score import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CountReport(Record):
    """One kind of thing that a metric counts (a field, a type of entity), over all trials with a reply.

    `right` of what was `answered` is right, of `reference` that the references hold; what was answered beyond
    is invented, what is left of the references was missed. `wrong` of both are values that are there and differ,
    where the metric tells them apart: None where it does not.
    """

    kind: str
    right: float
    answered: float
    reference: float
    precision: Estimate
    recall: Estimate
    f1: Estimate
    wrong: float | None = None
