"""One candidate's trials and scores laid out over the cases, as the tests of bars need them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.cost import TrialCost
from passmuster.records.candidate import Candidate
from passmuster.records.comparison import CostBasis
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Reply, Trial

FloatArray: TypeAlias = NDArray[np.float64]

NO_REFERENCE = "no_reference"
"""The score failure that says nothing about the candidate: the case has nothing to compare with."""

NOT_ASKED = ("not_recorded",)
"""Failures that say nothing about the candidate: nothing was recorded for this case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One trial with its scores and its cost; the scores are empty where there is no reply."""

    trial: Trial
    scores: Mapping[str, ScoreOutcome]
    cost: TrialCost

    @property
    def asked(self) -> bool:
        """Whether this trial says anything about the candidate."""
        outcome = self.trial.outcome
        return isinstance(outcome, Reply) or outcome.kind not in NOT_ASKED

    @property
    def failed(self) -> bool:
        """Whether it ended without a reply."""
        return isinstance(self.trial.outcome, Failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A candidate's rows, case by case in the order of the corpus; several repeats of a case stay together.

    `groups` numbers the group of each case where cases are grouped.
    """

    candidate: Candidate
    rows: tuple[tuple[Row, ...], ...]
    binary: Mapping[str, bool]
    groups: NDArray[np.int64] | None = None

    @property
    def present(self) -> FloatArray:
        """1 for each case with a trial that says something, else 0."""
        return np.array([float(any(row.asked for row in rows)) for rows in self.rows])

    @property
    def failed(self) -> FloatArray:
        """Share of a case's repeats that ended without a reply; NaN where it was not asked."""
        return self._per_case(lambda row: float(row.failed))

    def scores(self, metric: str) -> FloatArray:
        """Mean score of each case over its repeats; NaN where there is none."""
        return self._per_case(lambda row: _value(row.scores.get(metric)))

    def tested(self, metric: str, *, failed: float, unknown: float) -> FloatArray:
        """Mean score of each case with a value put in for a failed trial and for a score that is unknown.

        A case without a reference is left out: nobody can be right or wrong on it.
        """

        def value(row: Row) -> float:
            if row.failed:
                return failed
            score = row.scores.get(metric)
            if isinstance(score, ScoreFailure):
                return np.nan if score.kind == NO_REFERENCE else unknown
            return unknown if score is None else score.value

        return self._per_case(value)

    def latencies(self) -> FloatArray:
        """Seconds of each case's first repeat with a reply; NaN where that is unknown."""
        return self._first_reply(lambda trial: trial.latency)

    def first_tokens(self) -> FloatArray:
        """Seconds to the first token of each case's first repeat with a reply; NaN where not streamed."""
        return self._first_reply(lambda trial: trial.first_token)

    def over(self, limit: float, *, first_token: bool = False) -> FloatArray:
        """Share of a case's repeats slower than `limit` seconds; a failed trial met no deadline."""

        def slow(row: Row) -> float:
            if row.failed:
                return 1.0
            seconds = row.trial.first_token if first_token else row.trial.latency
            return np.nan if seconds is None else float(seconds > limit)

        return self._per_case(slow)

    def costs(self) -> FloatArray:
        """US dollars per task of each case; NaN where unknown."""
        return self._per_case(lambda row: np.nan if row.cost.total is None else row.cost.total)

    def successes(self, metric: str, at_least: float) -> FloatArray:
        """Share of a case's repeats that succeeded; NaN where the score could not be computed."""

        def success(row: Row) -> float:
            if row.failed:
                return 0.0
            value = _value(row.scores.get(metric))
            return value if np.isnan(value) else float(value >= at_least)

        return self._per_case(success)

    @property
    def basis(self) -> CostBasis:
        """How surely the token costs are known: the worst of all trials."""
        order: Sequence[CostBasis] = ("unknown", "lower_bound", "estimated", "stated", "reported")
        found = {row.cost.basis for rows in self.rows for row in rows if row.asked and not row.failed}
        return next((basis for basis in order if basis in found), "unknown")

    def all_rows(self) -> list[Row]:
        """Return every row that says something, in the order of the corpus."""
        return [row for rows in self.rows for row in rows if row.asked]

    def _per_case(self, value: Callable[[Row], float]) -> FloatArray:
        means = np.full(len(self.rows), np.nan)
        for index, rows in enumerate(self.rows):
            values = [value(row) for row in rows if row.asked]
            known = [item for item in values if not np.isnan(item)]
            if known:
                means[index] = sum(known) / len(known)
        return means

    def _first_reply(self, seconds: Callable[[Trial], float | None]) -> FloatArray:
        values = np.full(len(self.rows), np.nan)
        for index, rows in enumerate(self.rows):
            found = next((row.trial for row in rows if row.asked and not row.failed), None)
            measured = None if found is None else seconds(found)
            if measured is not None:
                values[index] = measured
        return values


def _value(score: ScoreOutcome | None) -> float:
    return score.value if isinstance(score, Score) else np.nan
