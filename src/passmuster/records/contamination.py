"""What speaks for it that a candidate has seen the cases before, and what does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from passmuster.records.record import Record


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
