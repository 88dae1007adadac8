"""How reliably a candidate meets a metric: every time, not on average."""

from dataclasses import dataclass

from passmuster.records.record import Record
from passmuster.records.score import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityReport(Record):
    """Shares in which a candidate meets a pass/fail metric every time; None where nothing is asked twice.

    `repeats` is the share of cases that it meets in every repeat, `prompts` of those that it meets under every
    prompt variant of the same model (in every repeat), `variants` of families of cases made from the same one in
    which it meets every case. `single` is the share of single trials, over the cases of the widest of these, weighted as
    shares of cases are (those of families are not). A trial without a reply meets nothing.
    """

    candidate: str
    metric: str
    single: float
    repeats: Estimate | None = None
    prompts: Estimate | None = None
    variants: Estimate | None = None
