"""What repeats of a case tell, and where a candidate does worst."""

from collections.abc import Mapping
from dataclasses import dataclass

from passmuster.records.record import Record
from passmuster.records.score import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport(Record):
    """So many cases, each asked so many times, and the standard error of the metric's mean that this gives."""

    cases: int
    repeats: int
    standard_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceReport(Record):
    """One candidate's repeats: `cases` were scored more than once, `repeats` times at most.

    `between` and `within` are the variances of `metric` between cases and between the repeats of one, None where
    too little was repeated; `share_between` is their share (None without any variance). `errors` has the standard
    error of the mean over as many cases by the number of repeats; it is empty, and there are no plans, where no variance was seen. `best` is the best use of as many trials as there
    were on the cases that there are, `fresh` the same where further cases can be had. `pass_at` is the share of cases
    in which at least one of k repeats succeeds, `pass_all` in which all do (pass^k), both by k; `flips` how often two
    repeats of a case end differently.
    """

    metric: str
    cases: int
    repeats: int
    between: float | None
    within: float | None
    share_between: float | None
    errors: Mapping[str, float]
    best: PlanReport | None
    fresh: PlanReport | None
    pass_at: Mapping[str, Estimate]
    pass_all: Mapping[str, Estimate]
    flips: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceReport(Record):
    """Successes in one slice of the cases; its interval holds together with those of all the other slices."""

    name: str
    success: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class TailReport(Record):
    """Where a candidate does worst: `slices`, the worst first, and the mean of the worst tenth of the cases.

    `left_out` slices had too few cases, or were too many; `worst_tenth` is None where every score is 0 or 1.
    """

    metric: str
    slices: tuple[SliceReport, ...]
    left_out: int
    worst_tenth: Estimate | None
