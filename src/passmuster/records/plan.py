"""What is known before a run: what it costs, what its cases can show, and how likely a decision is."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from passmuster.records.decision import Leading
from passmuster.records.record import Record

Known: TypeAlias = Literal["pilot", "stated", "nothing"]
"""What a chance rests on: stored trials, what the project file says is expected, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance(Record):
    """How likely a run over `cases` cases is to come to a decision, by simulation of the decision rule.

    `decided` is the chance that a candidate passes every bar, `none` that every candidate is shown to miss one; `total` is
    their sum. `error` is twice the standard error of `total` from the simulation alone. `family` are the candidates
    that could pass, of which `finalists` were named (empty: none were); `chosen` says in which share of all simulated runs each would be
    chosen, `passing` in which share it would pass.
    """

    cases: int
    family: int
    finalists: tuple[str, ...]
    decided: float
    none: float
    total: float
    error: float
    chosen: tuple[Leading, ...]
    passing: tuple[Leading, ...]
    repetitions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom(Record):
    """The chance that the best candidate passes a bar whose true figure is `above` it; with finalists, and alone."""

    above: float
    all_candidates: float
    three_finalists: float
    alone: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePlan(Record):
    """What the open trials of a candidate will take: US dollars, tokens and seconds, all of them together; None is unknown.

    `worst` is the most that it can cost with one call a trial. `basis` says what the cost is computed from (as `run
    --estimate` does), `known` what its chance rests on.
    """

    name: str
    trials: int
    stored: int
    expected: float | None
    worst: float | None
    basis: str
    input_tokens: float | None
    output_tokens: float | None
    seconds: float | None
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPlan(Record):
    """The true figure with which a candidate passes a bar in 80% of runs over these cases; None: not even the best one does.

    `among_all` is at the level of the whole family, `among_finalists` of three, `alone` of one candidate. For a bar on times the figures are
    the share of replies within the limit (`within`). `cases` are those that the bar is about, such as those of its slice, as how many equally weighted ones they count; `least_cases` are the fewest with which a candidate without any fault passes.
    """

    bar: str
    metric: str
    limit: float
    within: bool
    cases: int
    among_all: float | None
    among_finalists: float | None
    alone: float | None
    least_cases: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discordance(Record):
    """The share of cases that exactly one of two candidates gets right, with its interval, and what it shows.

    `difference` is the smallest true difference of two candidates that these cases show with 80% power (two-sided 5%), `margin`
    the smallest margin by which they show an equally good one not to be worse. `known` is `nothing` where a usual value is taken.
    """

    value: float
    low: float | None
    high: float | None
    known: Known
    difference: float | None
    margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesNeeded(Record):
    """How many cases in all show with 80% power what is asked of a candidate, if what is known of it is true.

    `value` is what is known of it; for a bar on times (`within`) the share of replies within the limit. `shows` is on which side of the bar it lies. `low` and `high` are the numbers at the ends of the interval of what is known; None: no number would.
    """

    candidate: str
    bar: str
    within: bool
    value: float
    known: Known
    shows: Literal["meets", "misses"]
    cases: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginPlan(Record):
    """How many cases show a difference as large as a margin, or that a candidate is not worse by as much."""

    what: str
    margin: float
    cases: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Record):
    """What is known before a run: the answer of `passmuster plan`.

    `corpus_cases` are those of the corpus that the verdicts would rest on, `cases` those that this is about, `effective` as how many equally weighted ones they count. `family` is how many candidates the correction covers. `chance` is None where nothing is known
    of any candidate, or no bars are set; `with_finalists` where naming some would not help. `unknown` are the candidates of which nothing is known, `assumed`
    the bars that are taken to be met where nothing is stated. `advice` are sentences.
    """

    schema_version: int
    task: str
    corpus: str
    split: str
    corpus_cases: int
    cases: int
    effective: float
    alpha: float
    family: int
    candidates: tuple[CandidatePlan, ...]
    trials: int
    expected: float | None
    worst: float | None
    seconds: float | None
    chance: Chance | None
    with_finalists: Chance | None
    headroom: tuple[Headroom, ...] = ()
    headroom_bar: str | None = None
    unknown: tuple[str, ...]
    assumed: tuple[str, ...]
    bars: tuple[BarPlan, ...] = ()
    discordance: Discordance
    needs: tuple[CasesNeeded, ...] = ()
    margins: tuple[MarginPlan, ...] = ()
    advice: tuple[str, ...] = ()
