"""What speaks for it that a candidate has seen the cases before, and what does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.record import Record
from passmuster.records.run import RunEnd
from passmuster.records.score import Difference, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied(Record):
    """A case of which a source holds a run of words: `share` in (0, 1] of the case's words stand in such runs.

    `place` is where in the source it was met first, `excerpt` the longest run, cut short.
    """

    case: str
    source: str
    place: str
    share: float
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOverlap(Record):
    """How many texts a source has, and how many of the cases it holds a run of."""

    texts: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap(Record):
    """Which cases stand in what candidates are given or learn from, in whole or in part.

    `looked_for` of the `cases` were: a text of one or two words says nothing wherever it stands. `boilerplate`
    cases share nothing but runs of words that stand in many cases. `copied` has one entry a case and source, the
    largest share first.
    """

    cases: int
    looked_for: int
    boilerplate: int = 0
    sources: Mapping[str, SourceOverlap] = field(default_factory=dict)
    copied: tuple[Copied, ...] = ()

    @property
    def flagged(self) -> tuple[str, ...]:
        """The ids of the cases that some source holds a run of, without boilerplate."""
        return tuple(dict.fromkeys(each.case for each in self.copied))


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryReply(Record):
    """How many digits of a version's canary a candidate went on with, of those that it was not given.

    None where no reply came.
    """

    version: str
    digits: int | None
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryProbe(Record):
    """Whether a candidate completes a canary: it has read the files then."""

    replies: tuple[CanaryReply, ...]
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedCompletion(Record):
    """How near the second halves that a candidate writes come to the true ones (ROUGE-L, 0 to 1).

    `named` with the name of the source in the question, `unnamed` without; `difference` is named less unnamed on
    the same cases, its `p` one-sided. `exact` counts cases of which the named second half is nearly the true one.
    """

    named: Estimate
    unnamed: Estimate
    difference: Difference
    exact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RephraseGap(Record):
    """How much better a candidate does on cases than on rephrasings of them; the `p` is one-sided.

    `beyond` is the same less the gap of an `older` candidate, on the same pairs: what the rephrasing itself costs
    any model falls out of it.
    """

    metric: str
    original: Estimate
    rephrased: Estimate
    gap: Difference
    older: str | None = None
    beyond: Difference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoveltyGap(Record):
    """How much worse a candidate does on cases newer than its training cut-off (epoch seconds).

    `gap` is newer less older within the same strata; its `p` is one-sided, small when newer ones score less. `strata`
    counts those that have both; cases of other strata and those without a time are `n_missing`.
    """

    metric: str
    cutoff: float
    newer: Estimate
    older: Estimate
    gap: Difference
    strata: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateContamination(Record):
    """What was found of one candidate; None was not looked at. `why_not` says why, by method."""

    candidate: str
    canary: CanaryProbe | None = None
    completion: GuidedCompletion | None = None
    rephrase: RephraseGap | None = None
    novelty: NoveltyGap | None = None
    why_not: Mapping[str, str] = field(default_factory=dict)
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contamination(Record):
    """All that is known of whether candidates have seen the cases before.

    `found` of a candidate names the methods that speak for it: a completed canary, and tests whose p-value,
    adjusted by Holm over all tests of this report, is below `alpha`. `limits` says of each method what it can
    and cannot show. `runs` are those that were made for it; `rephrasings` counts those made now, and by reason those
    that were dropped.
    """

    overlap: Overlap
    candidates: tuple[CandidateContamination, ...] = ()
    alpha: float = 0.05
    limits: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[RunEnd, ...] = ()
    rephrasings: Mapping[str, int] = field(default_factory=dict)
