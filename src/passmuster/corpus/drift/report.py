"""What is known of drift: whether today's traffic still looks like the corpus, and what that does to the scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.record import Record
from passmuster.records.score import Estimate

Status: TypeAlias = Literal["found", "none", "unknown"]
"""Drift was found; none was found; there are too few cases to tell."""

TestName: TypeAlias = Literal["strata", "topics", "words", "new", "length", "language"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed(Record):
    """One text of the corpus or of traffic with where it belongs; None is unknown.

    `cell` is its stratum or topic, `cluster` the user or session it came from, `weight` how many cases of traffic it
    stands for, `drawn_by` the stratum that it was sampled by.
    """

    id: str
    text: str
    cell: str | None = None
    cluster: str | None = None
    weight: float | None = None
    drawn_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideReport(Record):
    """One side of the comparison.

    `seen` cases were there, `used` of them were compared, `texts` of these by their text; `groups` users or sessions
    they come from; for its shares the side is worth `effective` independent cases. `oldest` and `newest` are seconds
    since the epoch.
    """

    seen: int
    used: int
    texts: int
    groups: int | None
    effective: float | None
    oldest: float | None = None
    newest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellShift(Record):
    """A stratum, topic or language: its share of the corpus and of today's traffic, each in [0, 1].

    `cases` and `records` are how many of them lie in it; `z` is the difference in standard errors.
    """

    name: str
    corpus: float
    traffic: float
    cases: int
    records: int
    z: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftTest(Record):
    """One test of "nothing has changed": its p-value, and that adjusted for all tests (Holm); None: not possible.

    `effect` says in words how large the change is, `drift` whether it counts as one, `note` why a test was not made
    or what limits it.
    """

    name: TestName
    p: float | None
    adjusted: float | None = None
    effect: str = ""
    drift: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordShift(Record):
    """A word with the share of the corpus's and of today's texts that it stands in, each in [0, 1]."""

    word: str
    corpus: float
    traffic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(Record):
    """A text of today's traffic by its id; `nearest` is the case of the corpus that is most like it."""

    id: str
    text: str
    nearest: str | None = None
    likeness: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTexts(Record):
    """Texts that are like no case of the corpus: the share of today's, and of the corpus's own by the same measure.

    `excess` is the share of today's traffic that chance does not explain, at least 0.
    """

    corpus: float
    traffic: float
    excess: float
    words: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthShift(Record):
    """Median length of texts in characters; `longer` is the chance that one of today's is longer than one of the corpus."""

    corpus: float
    traffic: float
    longer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReweightedScore(Record):
    """A stored candidate's primary score as the corpus stands, and under the mix of today's traffic.

    The verdicts are those of all bars, with the same rules; `covered` is the share of today's traffic that lies where the
    scored cases are.
    """

    candidate: str
    metric: str
    corpus: Estimate
    today: Estimate
    verdict: str
    verdict_today: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reweighted(Record):
    """The comparison under today's mix: what each candidate scores, and whether the decision is another.

    `covered` is the share of today's traffic in strata that have scored cases: of the rest nothing is known. `chosen` is
    the candidate that was decided for, None where none is; statuses are those of a decision.
    """

    covered: float
    scores: tuple[ReweightedScore, ...]
    status: str
    chosen: str | None
    status_today: str
    chosen_today: str | None

    @property
    def changed(self) -> bool:
        """Whether another candidate would be chosen, or the decision has another status."""
        return (self.status, self.chosen) != (self.status_today, self.chosen_today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift(Record):
    """Whether today's traffic still looks like the corpus, with the effect in words.

    `by` is what the cells are. `moved` is the share of traffic that would have to change its cell to give the corpus's mix;
    `smallest` the smallest part of it that so many cases would have shown with 80% power: in a new stratum, or moved
    into one topic.
    `words` and `examples` are what a classifier goes by that tells the two apart.
    """

    schema_version: int
    status: Status
    summary: tuple[str, ...]
    corpus: SideReport
    traffic: SideReport
    by: str | None
    moved: float | None
    smallest: float | None
    tests: tuple[DriftTest, ...]
    cells: tuple[CellShift, ...] = ()
    languages: tuple[CellShift, ...] = ()
    length: LengthShift | None = None
    new: NewTexts | None = None
    words: tuple[WordShift, ...] = ()
    examples: tuple[Example, ...] = ()
    reweighted: Reweighted | None = None
    notes: tuple[str, ...] = ()


def covered(report: Drift) -> float | None:
    """Return the share of today's traffic whose like the corpus holds; None where that cannot be told.

    What lies in a stratum or topic without a case is not covered, and neither is what is like no case beyond what
    chance explains: the smaller of both shares counts.

    Example:
        >>> side = SideReport(seen=10, used=10, texts=10, groups=None, effective=None)
        >>> cells = [CellShift(name="a", corpus=1.0, traffic=0.9, cases=10, records=9)]
        >>> cells.append(CellShift(name="b", corpus=0.0, traffic=0.1, cases=0, records=1))
        >>> covered(Drift(schema_version=1, status="none", summary=(), corpus=side, traffic=side, by="strata",
        ...     moved=None, smallest=None, tests=(), cells=tuple(cells)))
        0.9
    """
    shares = [sum(cell.traffic for cell in report.cells if cell.cases)] if report.cells else []
    if report.new is not None:
        shares.append(1 - report.new.excess)
    return max(0.0, min(1.0, *shares)) if shares else None


def clusters_of(side: Sequence[Observed]) -> list[str] | None:
    """Return one key a text, equal for those of one user or session; None where all are on their own.

    Example:
        >>> texts = [Observed(id="1", text="a", cluster="ann"), Observed(id="2", text="b")]
        >>> clusters_of(texts) is None, clusters_of([*texts, Observed(id="3", text="c", cluster="ann")])
        (True, ['g:ann', 'i:1', 'g:ann'])
    """
    keys = [f"i:{place}" if each.cluster is None else f"g:{each.cluster}" for place, each in enumerate(side)]
    return None if len(set(keys)) == len(keys) else keys
