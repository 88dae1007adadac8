"""What traffic and a corpus are made of, side by side, and what the corpus can show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from passmuster.records.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Record):
    """One part of a whole: how many there are, and their share in [0, 1].

    `weighted` is the share that the parts of a corpus have when every case counts for as much traffic as it stands
    for; None where no case has a weight.
    """

    name: str
    count: int
    share: float
    weighted: float | None = None


Parts: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths(Record):
    """How long texts are, in words; beyond 1,000 words quantiles are rounded to two digits."""

    least: int
    p5: int
    p50: int
    p95: int
    most: int
    mean: float
    bands: Parts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Record):
    """What a body of records or cases is made of.

    `hours` counts them by the hour of day in UTC, `weekdays` from Monday on, `untimed` those whose time is unknown;
    `first` and `last` are seconds since the epoch. `labelled` counts those with a reference, `weight` adds up the weights.
    """

    n: int
    lengths: Lengths | None = None
    strata: Parts = ()
    languages: Parts = ()
    scripts: Parts = ()
    topics: Parts = ()
    feedback: Parts = ()
    models: Parts = ()
    origins: Parts = ()
    categories: Parts = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    untimed: int = 0
    first: float | None = None
    last: float | None = None
    labelled: int = 0
    failed: int = 0
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift(Record):
    """A part that takes another share of the corpus than of the traffic; `of` is what it is a part of."""

    of: str
    name: str
    traffic: float
    corpus: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Description(Record):
    """Traffic and corpus side by side.

    `strata_by` is the rule that made the strata of the traffic, `unlike` the total variation distance between both in
    each respect, in [0, 1] (0: the same shares), `by_chance` how large it would be, about, for as many cases drawn from
    this very traffic; `shifts` are the parts that differ most. The corpus are its open production cases, those of
    `pools` are counted apart; `splits` counts cases by split, the sealed ones by the lock.
    """

    path: str
    traffic: Profile | None = None
    corpus: Profile | None = None
    strata_by: str | None = None
    topics_from: int = 0
    sources: tuple[str, ...] = ()
    splits: Mapping[str, int] = field(default_factory=dict)
    pools: Mapping[str, int] = field(default_factory=dict)
    unlike: Mapping[str, float] = field(default_factory=dict)
    by_chance: Mapping[str, float] = field(default_factory=dict)
    headline: str = ""
    remarks: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung(Record):
    """A size of a corpus, and what it can show: at 80% power, in shares of cases.

    `between` is the smallest difference of two candidates that one of 5 cases tells apart, `above` how far above a bar of
    `bar` a candidate must be to pass, `width` half of the interval at that rate. None: not even the largest one.
    """

    cases: int
    purpose: str
    reached: bool
    between: float | None
    above: float | None
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumState(Record):
    """How many cases stand for a stratum, against how many should, and its share of the traffic."""

    name: str
    cases: int
    labelled: int
    share: float
    wanted: int

    @property
    def missing(self) -> int:
        """Cases to collect."""
        return max(0, self.wanted - self.cases)


Urgency: TypeAlias = Literal["wrong", "next", "later"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo(Record):
    """Something to do, in a sentence; `wrong` is what makes figures false, `command` what does it."""

    urgency: Urgency
    text: str
    command: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness(Record):
    """What a corpus can show, and what to do next.

    `n` counts the open cases that estimate production, `effective` as how many equally weighted ones they are (Kish):
    what the rungs are measured by.
    """

    path: str
    n: int
    effective: float
    labelled: int
    ladder: tuple[Rung, ...]
    now: Rung | None
    strata: tuple[StratumState, ...] = ()
    origins: Parts = ()
    categories: Parts = ()
    splits: Mapping[str, int] = field(default_factory=dict)
    holdout: Literal["none", "unsealed", "sealed"] = "none"
    overlap: Mapping[str, int] = field(default_factory=dict)
    tasks: tuple[ToDo, ...] = ()
