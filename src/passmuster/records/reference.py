"""The committed reference of a candidate: its figures, and trial by trial what a paired comparison needs of them.

It is the file `baseline_<date>.json`; `docs/baseline.md` describes it field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from passmuster.records.candidate import Candidate, candidate_digest
from passmuster.records.case import Case
from passmuster.records.comparison import CandidateReport, CorpusReport, MetricReport
from passmuster.records.costs import CostBasis
from passmuster.records.digest import digest
from passmuster.records.outcomes import Turn
from passmuster.records.record import Json, Record
from passmuster.records.score import Direction
from passmuster.records.trial import FailureKind, Reply, Source

REFERENCE_VERSION = 2
"""The version of the file; version 1 held figures only, with which nothing can be paired."""

SHORT = 16
"""Hexadecimal digits of digests that only tell whether two texts of one case are equal: 64 bits."""


class Finite(Record):
    """A record whose numbers are finite wherever it is read from outside."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {**Record.__pydantic_config__, "allow_inf_nan": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenMetric(Finite):
    """What scored the trials: scores of another version, or with other options, are not compared.

    `options` is the digest of the options, and of all that decides what the models answer that the metric asks.
    """

    name: str
    kind: str
    version: int
    options: str
    direction: Direction = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenTrial(Finite):
    """One trial without its text: whose it was, how it went, and what was made of it.

    `case` is the digest of what the model was given, `id` the case's name then, `repeat` counts the trials of this
    case from 0. `reference` and `reply` are digests of what was right and of the text: they tell whether these are
    the same as later ones. `started` is seconds since the epoch, `seconds` and `first_token` are from the first attempt on,
    `retried` the part of them before the last of `attempts`. `in_flight` is how many calls were open when it began.
    `input` and `output` are tokens of the last attempt, estimated ones where `estimated` is true; `cost` is US dollars
    of the tokens of all of them, `review` of the reviews that it got, None without one. `scores`, `unscored` (why there is none) and
    `answers` (the labels that were read) are by metric, as are `details`: what metrics found of parts and kinds.
    `whole` is the reply itself, where the file was told to keep it.
    """

    case: str
    id: str
    repeat: int = 0
    reference: str
    reply: str | None = None
    failure: FailureKind | None = None
    turn: Turn
    scores: Mapping[str, float] = field(default_factory=dict)
    unscored: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    source: Source = "measured"
    started: float | None = None
    seconds: float | None = None
    first_token: float | None = None
    retried: float = 0.0
    attempts: int = 1
    in_flight: int | None = None
    input: int | None = None
    output: int | None = None
    estimated: bool = False
    cost: float | None = None
    basis: CostBasis = "reported"
    review: float | None = None
    whole: Reply | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Finite):
    """A candidate frozen: its row of the comparison, what it was, and its trials.

    `digest` is that of all that decided its answers, `definition` the candidate itself, without secrets: what an environment
    variable filled in stands there as the project file has it. `passmuster` is the release that wrote the file.
    """

    schema_version: int
    task: str
    generated: str
    passmuster: str
    digest: str
    definition: Candidate
    repeats: int
    corpus: CorpusReport
    metrics: tuple[MetricReport, ...]
    candidate: CandidateReport
    scored_by: tuple[FrozenMetric, ...]
    trials: tuple[FrozenTrial, ...]

    @property
    def is_whole(self) -> bool:
        """Whether the definition still is all that decided the answers: it can be asked again."""
        return candidate_digest(self.definition) == self.digest


def wanted_digest(case: Case) -> str:
    """Return the digest of what a case asks of an answer: its scores depend on nothing else of it but the input.

    Example:
        >>> wanted_digest(Case(id="1", input="a", reference="x")) == wanted_digest(Case(id="2", input="b", reference="x"))
        True
        >>> wanted_digest(Case(id="1", input="a", reference="x")) == wanted_digest(Case(id="1", input="a", reference="y"))
        False
    """
    names = ("reference", "expect", "checks", "rubric", "key_points")
    said = {name: getattr(case, name) for name in names}
    return digest({name: value for name, value in said.items() if value not in (None, ())})[:SHORT]


def text_digest(text: str) -> str:
    """Return the digest of a reply's text.

    Example:
        >>> len(text_digest("billing"))
        16
    """
    return digest(text)[:SHORT]
