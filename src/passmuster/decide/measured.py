"""One candidate's trials and scores laid out over the cases in columns, as the tests of bars need them.

No trial is kept: a cell is a few numbers, so that a million trials fit into memory and every figure is a sum
over arrays. `Sheet` fills the columns in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.gaps import Gaps
from passmuster.decide.labels import Classes
from passmuster.decide.loads import Loads
from passmuster.decide.parts import PartCells
from passmuster.decide.pricing.cells import CostCells, Reading
from passmuster.decide.rated import RatedCells
from passmuster.decide.success import reached
from passmuster.decide.tally import Counted
from passmuster.metrics.metric import NOT_APPLICABLE, UNIT, Bounds
from passmuster.metrics.two_steps import NOTHING_TO_COMPARE
from passmuster.records.candidate import Candidate
from passmuster.records.costs import CostBasis
from passmuster.records.outcomes import LOUD, Turn
from passmuster.records.task import Success
from passmuster.records.trial import Source

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
CodeArray: TypeAlias = NDArray[np.int8]
LabelArray: TypeAlias = NDArray[np.int32]

NO_REFERENCE = "no_reference"
"""The score failure that says nothing about the candidate: the case has nothing to compare with."""

UNTOLD = (NO_REFERENCE, NOT_APPLICABLE, "wrong_reference", "wrong_check", NOTHING_TO_COMPARE)
"""Score failures that say nothing about the candidate."""

NOT_ASKED = ("not_recorded",)
"""Failures that say nothing about the candidate: nothing was recorded for this case."""

ABSENT, REPLIED, FAILED, NOTHING_RECORDED = range(4)
"""States of a cell; only `REPLIED` and `FAILED` say anything about the candidate."""

NO_SCORE, SCORED, UNSCORED, WITHOUT_REFERENCE, INAPPLICABLE = range(5)
"""What a metric made of a cell; without a reply `NO_SCORE`, or one of the last two where the case does not concern it."""

SOURCES: tuple[Source, ...] = ("measured", "simulated", "recorded", "cached")
BASES: tuple[CostBasis, ...] = ("unknown", "lower_bound", "estimated", "stated", "reported")
"""How surely a cost is known, the least sure first."""

NO_LABEL = -1

TURNS: tuple[Turn, ...] = ("unknown", "correct", "silent_failure", *LOUD)
"""How a trial turned out, by its number in the column."""
UNKNOWN_TURN = 0
NO_TURN = -1
"""That of a cell without a trial that says anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the candidates of a comparison share: the cases and how they are scored.

    `groups` numbers the group of each case where cases are grouped; `classes` are those of metrics whose
    answers are labels; `part_metrics` names those that score parts, `count_metrics` those that count. `bounds` are
    those of metrics whose values are no shares. `judged` names those that ask a judge. `weights` says how many cases of traffic
    each stands for, with a mean of 1, where they differ. `answerable` are the cases that expect an answer, None
    where all do. `timed` keeps the loads of every cell (`Columns.loads`), as comparing times takes them.
    """

    cases: int
    repeats: int
    binary: Mapping[str, bool]
    groups: NDArray[np.int64] | None = None
    classes: Mapping[str, Classes] = field(default_factory=dict)
    part_metrics: tuple[str, ...] = ()
    count_metrics: tuple[str, ...] = ()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    judged: tuple[str, ...] = ()
    weights: FloatArray | None = None
    answerable: BoolArray | None = None
    timed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What one metric made of every cell; `value` is NaN where there is no score."""

    value: FloatArray
    code: CodeArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The right and the answered label of every cell by their number in `Classes.labels`.

    `NO_LABEL` is a label that no reference uses, an answer that is none of them, and no answer at all.
    """

    right: LabelArray
    answered: LabelArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One cell per case (rows) and repeat; NaN is unknown. `source`, `basis`, `turn`: numbers in the lists above."""

    state: CodeArray
    source: CodeArray
    basis: CodeArray
    reviewed: BoolArray
    seconds: FloatArray
    first_token: FloatArray
    retried: FloatArray
    at_risk: FloatArray
    scores: Mapping[str, Scored]
    labels: Mapping[str, Labelled]
    counts: Mapping[str, Counted] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, PartCells]] = field(default_factory=dict)
    rated: Mapping[str, RatedCells] = field(default_factory=dict)
    turn: CodeArray = field(default_factory=lambda: np.empty((0, 0), dtype=np.int8))
    loads: Loads | None = None


@dataclass(slots=True)
class Taken:
    """Sums over the trials of one source: their own calls (not those inside a pipeline), and the load.

    `in_flight` adds up how many calls were open when one of the `loaded` calls began that know it.
    """

    trials: int = 0
    calls: int = 0
    retried: int = 0
    in_flight: int = 0
    loaded: int = 0
    most_in_flight: int | None = None
    gaps: Gaps | None = None


@dataclass(slots=True)
class Account:
    """Sums over all trials that say anything of a candidate.

    `kinds` counts failures by kind; `outages` the trials that met an outage with any of their calls, `rate_limited`
    those that were refused for going too fast.
    """

    asked: int = 0
    replies: int = 0
    retried: int = 0
    outages: int = 0
    rate_limited: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    kinds: dict[str, int] = field(default_factory=dict)
    taken: dict[Source, Taken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A candidate's trials, case by case in the order of the corpus, and the sums over them.

    `cost` is what each of its cells costs. `withheld` are the cases that it may not receive, None where there are none.
    """

    candidate: Candidate
    layout: Layout
    columns: Columns
    account: Account
    cost: CostCells
    withheld: BoolArray | None = None

    @property
    def cases(self) -> int:
        """How many cases there are, asked or not."""
        return self.layout.cases

    @property
    def n_withheld(self) -> int:
        """How many of the cases it may not receive."""
        return 0 if self.withheld is None else int(self.withheld.sum())

    @property
    def receivable(self) -> int:
        """How many of the cases it may receive."""
        return self.cases - self.n_withheld

    @property
    def groups(self) -> NDArray[np.int64] | None:
        """The number of each case's group, where cases are grouped."""
        return self.layout.groups

    @property
    def weights(self) -> FloatArray | None:
        """How many cases of traffic each case stands for, with a mean of 1; None where all stand for as many."""
        return self.layout.weights

    @property
    def binary(self) -> Mapping[str, bool]:
        """Whether each metric is 0 or 1 in every case."""
        return self.layout.binary

    def bounds(self, metric: str) -> Bounds:
        """Return the least and the greatest value of a metric."""
        return self.layout.bounds.get(metric, UNIT)

    @property
    def asked(self) -> BoolArray:
        """The cells that say anything of the candidate."""
        return np.isin(self.columns.state, (REPLIED, FAILED))

    @property
    def present(self) -> FloatArray:
        """1 for each case with a trial that says something, else 0."""
        return np.asarray(self.asked.any(axis=1), dtype=np.float64)

    @property
    def failed(self) -> FloatArray:
        """Share of a case's repeats that ended without a reply; NaN where it was not asked."""
        return self.per_case(np.where(self.asked, (self.columns.state == FAILED).astype(np.float64), np.nan))

    def scores(self, metric: str) -> FloatArray:
        """Mean score of each case over its repeats; NaN where there is none."""
        return self.per_case(self._scored(metric).value)

    def scores_by_cell(self, metric: str) -> FloatArray:
        """Score of each case (row) and repeat (column); NaN where there is none."""
        scored = self._scored(metric)
        return np.where(scored.code == SCORED, scored.value, np.nan)

    def unscored_cells(self, metric: str) -> BoolArray:
        """Return the replies that the metric should have scored and could not."""
        return np.equal(self._scored(metric).code, UNSCORED) & np.equal(self.columns.state, REPLIED)

    def tested(self, metric: str, *, failed: float, unknown: float) -> FloatArray:
        """Mean score of each case with a value put in for a failed trial and for a score that is unknown.

        A case without a reference is left out: nobody can be right or wrong on it.
        """
        scored = self._scored(metric)
        replied = self.columns.state == REPLIED
        values = np.where(scored.code == SCORED, scored.value, np.nan)
        values = np.where(replied & (scored.code == UNSCORED), unknown, values)
        return self.per_case(np.where(self.failed_on(metric), failed, values))

    def failed_on(self, metric: str) -> BoolArray:
        """Return the cells that ended without a reply, of cases that the metric concerns."""
        untold = np.isin(self._scored(metric).code, (WITHOUT_REFERENCE, INAPPLICABLE))
        return np.equal(self.columns.state, FAILED) & ~untold

    def concerned(self, metric: str) -> BoolArray:
        """Return the cases with a trial that a metric concerns, though it may lack a reference or a score."""
        return np.asarray(
            (self.asked & (self._scored(metric).code != INAPPLICABLE)).any(axis=1), dtype=np.bool_
        )

    def unscored(self, metric: str) -> int:
        """Count the replies that the metric should have scored and could not."""
        return int((self._scored(metric).code == UNSCORED).sum())

    def inapplicable(self, metric: str) -> int:
        """Count the cases that the metric does not concern."""
        code = self._scored(metric).code
        return int(((code == INAPPLICABLE).any(axis=1) & (code != SCORED).all(axis=1)).sum())

    def without_reference(self, metric: str) -> int:
        """Count the cases with replies and without anything that the metric could compare them with."""
        code = self._scored(metric).code
        return int(((code == WITHOUT_REFERENCE).any(axis=1) & (code != SCORED).all(axis=1)).sum())

    def score_failures(self, metric: str) -> int:
        """Count the replies without a score, those to cases without a reference included."""
        code = self._scored(metric).code
        bare = (code == WITHOUT_REFERENCE) & (self.columns.state == REPLIED)
        return int(((code == UNSCORED) | bare).sum())

    @property
    def cached(self) -> int:
        """How many replies came from the cache."""
        return int((self.from_source("cached") & np.equal(self.columns.state, REPLIED)).sum())

    def retry_seconds(self) -> float | None:
        """Mean seconds of a reply's latency that went to failed attempts and waits; None without replies."""
        found = self.columns.retried[self._timed()]
        return float(found.mean()) if found.size else None

    @property
    def source(self) -> Source:
        """Where the times come from that enter percentiles: two kinds never enter one.

        Times of calls made now come before those of calls that were recorded elsewhere or simulated, and a
        reply from the cache counts only where there is nothing else.
        """
        for state in (REPLIED, FAILED):
            counts = np.bincount(self.columns.source[self.columns.state == state], minlength=len(SOURCES))
            if counts[0]:
                return SOURCES[0]
            if counts[1:3].any():
                return SOURCES[1 + int(counts[1:3].argmax())]
            if counts[3]:
                return SOURCES[3]
        return SOURCES[0]

    def from_source(self, source: Source) -> BoolArray:
        """Return the cells whose times come from there."""
        return np.equal(self.columns.source, SOURCES.index(source))

    def latencies(self) -> FloatArray:
        """Seconds of each case's first repeat with a reply; NaN where that is unknown."""
        return self._first_reply(self.columns.seconds)

    def first_tokens(self) -> FloatArray:
        """Seconds to the first token of each case's first repeat with a reply; NaN where not streamed."""
        return self._first_reply(self.columns.first_token)

    def over(self, limit: float, *, first_token: bool = False) -> FloatArray:
        """Share of a case's repeats slower than `limit` seconds; a failed trial met no deadline."""
        seconds = self.columns.first_token if first_token else self.columns.seconds
        timed = self._timed() & ~np.isnan(seconds)
        slow = np.where(timed, (seconds > limit).astype(np.float64), np.nan)
        return self.per_case(np.where(self.columns.state == FAILED, 1.0, slow))

    def costs(self, reading: Reading = "expected") -> FloatArray:
        """US dollars per task of each case; NaN where unknown."""
        return self.per_case(np.where(self.asked, self.cost.total(reading), np.nan))

    def successes(self, rule: Success) -> FloatArray:
        """Share of a case's repeats that succeeded; NaN where the score could not be computed."""
        return self.per_case(self.succeeded(rule))

    def succeeded(self, rule: Success) -> FloatArray:
        """Return 1 or 0 for each cell, NaN where that is not known.

        A trial without a reply is no success; where a case expects no answer, its ending decides.
        """
        value = self._scored(rule.metric).value
        right = np.where(np.isnan(value), np.nan, reached(value, rule).astype(np.float64))
        return self.by_ending(np.where(self.failed_on(rule.metric), 0.0, right))

    def by_ending(self, reached: FloatArray) -> FloatArray:
        """Return who succeeded in each cell, by the ending where the case expects no answer."""
        if self.layout.answerable is None or not self.columns.turn.size:
            return reached
        ended = np.where(self.asked, (self.columns.turn == TURNS.index("correct")).astype(np.float64), np.nan)
        return np.where(self.layout.answerable[:, None], reached, ended)

    def turned(self, turns: Sequence[Turn], *, of_all: bool = False) -> FloatArray:
        """Share of a case's repeats that turned out so; NaN where none can be judged.

        `of_all` also counts those whose correctness is not known.
        """
        wanted = {TURNS.index(turn) for turn in turns}
        return self.graded([float(number in wanted) for number in range(len(TURNS))], of_all=of_all)

    def graded(self, levels: Sequence[float], *, of_all: bool = False) -> FloatArray:
        """Mean level of a case's repeats, one level for each of `TURNS`; NaN where none can be judged."""
        turn = self.columns.turn
        table = np.array([*levels, np.nan], dtype=np.float64)  # the last is that of `NO_TURN`
        if not of_all:
            table[UNKNOWN_TURN] = np.nan
        return self.per_case(np.asarray(table[turn], dtype=np.float64))

    @property
    def basis(self) -> CostBasis:
        """How surely the token costs are known: the worst of all trials."""
        found = self.columns.basis[self.columns.state == REPLIED]
        return BASES[int(found.min())] if found.size else "unknown"

    def _scored(self, metric: str) -> Scored:
        found = self.columns.scores.get(metric)
        if found is not None:
            return found
        state = self.columns.state
        code = np.where(state == REPLIED, UNSCORED, NO_SCORE).astype(np.int8)
        return Scored(value=np.full(state.shape, np.nan), code=code)

    def _timed(self) -> BoolArray:
        return self.from_source(self.source) & np.equal(self.columns.state, REPLIED)

    def per_case(self, cells: FloatArray) -> FloatArray:
        """Return the mean of each case's repeats where it is known, NaN where it never is."""
        if cells.shape[1] == 1:
            return cells[:, 0].copy()
        known = ~np.isnan(cells)
        total = np.zeros(len(cells))
        for repeat in range(cells.shape[1]):
            total += np.where(known[:, repeat], cells[:, repeat], 0.0)
        count = known.sum(axis=1)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _first_reply(self, seconds: FloatArray) -> FloatArray:
        timed = self._timed()
        first = timed.argmax(axis=1)
        rows = np.arange(len(timed))
        return np.where(timed[rows, first], seconds[rows, first], np.nan)
