"""The sheet on which a candidate's trials are entered, one by one as they come; none of them is kept."""

from array import array
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.costs.machines import machine_cells, upkeep_share
from passmuster.decide.gaps import Gaps
from passmuster.decide.judging.book import Rated
from passmuster.decide.loads import LoadSheet
from passmuster.decide.measured import (
    ABSENT,
    BASES,
    FAILED,
    INAPPLICABLE,
    NO_LABEL,
    NO_SCORE,
    NO_TURN,
    NOT_ASKED,
    NOTHING_RECORDED,
    REPLIED,
    SCORED,
    SOURCES,
    TURNS,
    UNKNOWN_TURN,
    UNSCORED,
    UNTOLD,
    WITHOUT_REFERENCE,
    Account,
    Columns,
    Labelled,
    Layout,
    Measured,
    Scored,
    Taken,
)
from passmuster.decide.parts import Parts
from passmuster.decide.pricing.cells import Prices, TokenSheet
from passmuster.decide.pricing.trial import TrialCost, labour
from passmuster.decide.rated import RatingsEntered
from passmuster.decide.tally import Tally, counts_of, differing_of
from passmuster.metrics.metric import NOT_APPLICABLE
from passmuster.records.candidate import Candidate
from passmuster.records.outcomes import Turn
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Attempt, Reply, Trial

OUTAGES = frozenset({"server_error", "connection", "timeout"})
"""Errors of calls that say that an endpoint was not there."""

_SOURCE = {source: number for number, source in enumerate(SOURCES)}
_BASIS = {basis: number for number, basis in enumerate(BASES)}
_TURN = {turn: number for number, turn in enumerate(TURNS)}
_NAN = float("nan")

T = TypeVar("T", np.int8, np.int32, np.float64, np.bool_)


class Sheet:
    """One candidate's trials as columns in the making.

    Args:
        candidate: Whose trials.
        layout: The cases.
        prices: What its tasks cost besides tokens; people's work is its own.
        withheld: The cases that it may not receive; their trials are not entered.
    """

    def __init__(
        self,
        candidate: Candidate,
        layout: Layout,
        *,
        prices: Prices | None = None,
        withheld: NDArray[np.bool_] | None = None,
    ) -> None:
        self.candidate = candidate
        self.layout = layout
        self.prices = replace(prices or Prices(), labour=labour(candidate))
        self.withheld = withheld
        cells = layout.cases * layout.repeats
        self._state, self._source, self._basis = (_codes(cells) for _ in range(3))
        self._reviewed = _codes(cells)
        self._turn = array("b", [NO_TURN]) * cells
        self._seconds, self._first_token = (_floats(cells) for _ in range(2))
        self._tokens = TokenSheet(cells)
        # Nearly all stay 0, and memory that is never written to is never taken.
        self._retried, self._at_risk = (np.zeros(cells) for _ in range(2))
        self._scores = {metric: (_floats(cells), _codes(cells)) for metric in layout.binary}
        self._labels = {
            metric: (array("i", [NO_LABEL]) * cells, array("i", [NO_LABEL]) * cells)
            for metric in layout.classes
        }
        self._places = {
            metric: {label: place for place, label in enumerate(classes.labels)}
            for metric, classes in layout.classes.items()
        }
        self._tallies = {metric: Tally(cells) for metric in layout.count_metrics}
        self._parts = {metric: Parts() for metric in layout.part_metrics}
        self._rated = {metric: RatingsEntered(cells) for metric in layout.judged}
        self._loads = LoadSheet(cells) if layout.timed else None
        self._account = Account()

    def enter(
        self,
        cell: int,
        trial: Trial,
        scores: Mapping[str, ScoreOutcome],
        cost: TrialCost,
        turn: Turn | None = None,
        rated: Mapping[str, Rated] | None = None,
    ) -> None:
        """Enter a trial; the first of a cell stays, and a case that is withheld has none.

        Args:
            cell: The number of the case times the repeats, plus the repeat.
            trial: The trial.
            scores: By metric; where there is no reply, those that an empty one would get of metrics that count, and
                the failures that say that the case does not concern a metric.
            cost: What it costs in production.
            turn: How it turned out; None is not known.
            rated: What people said of the reply, by metric.
        """
        if self._state[cell] != ABSENT:
            return
        if self.withheld is not None and self.withheld[cell // self.layout.repeats]:
            return
        outcome = trial.outcome
        if isinstance(outcome, Reply):
            self._state[cell] = REPLIED
            self._account.replies += 1
            self._reply(cell, scores)
            self._rate(cell, rated or {})
        elif outcome.kind in NOT_ASKED:
            self._state[cell] = NOTHING_RECORDED
            return
        else:
            self._state[cell] = FAILED
            self._account.kinds[outcome.kind] = self._account.kinds.get(outcome.kind, 0) + 1
            self._count_parts(cell, scores)
            self._pass_over(cell, scores)
        self._turn[cell] = _TURN[turn or ("unknown" if self._state[cell] == REPLIED else "failed")]
        self._source[cell] = _SOURCE[trial.source]
        self._basis[cell] = _BASIS[cost.basis]
        self._reviewed[cell] = cost.reviewed
        self._tokens.enter(cell, cost)
        calls = trial.calls
        self._times(cell, trial, calls)
        self._count(trial, calls)
        if self._loads is not None:
            self._loads.enter(cell, trial)
        for attempt in trial.attempts:
            self._attempt(cell, attempt)

    def measured(self) -> Measured:
        """Return what was entered."""
        shape = (self.layout.cases, self.layout.repeats)
        made = Measured(
            candidate=self.candidate,
            layout=self.layout,
            columns=Columns(
                state=_array(self._state, np.int8, shape),
                source=_array(self._source, np.int8, shape),
                basis=_array(self._basis, np.int8, shape),
                reviewed=_array(self._reviewed, np.bool_, shape),
                turn=_array(self._turn, np.int8, shape),
                seconds=_array(self._seconds, np.float64, shape),
                first_token=_array(self._first_token, np.float64, shape),
                retried=self._retried.reshape(shape),
                at_risk=self._at_risk.reshape(shape),
                scores={
                    metric: Scored(
                        value=_array(values, np.float64, shape), code=_array(codes, np.int8, shape)
                    )
                    for metric, (values, codes) in self._scores.items()
                },
                labels={
                    metric: Labelled(
                        right=_array(right, np.int32, shape), answered=_array(answered, np.int32, shape)
                    )
                    for metric, (right, answered) in self._labels.items()
                },
                counts={metric: tally.counted(shape[1]) for metric, tally in self._tallies.items()},
                parts={metric: parts.entered() for metric, parts in self._parts.items()},
                rated={metric: entered.cells(shape) for metric, entered in self._rated.items()},
                loads=None if self._loads is None else self._loads.loads(shape),
            ),
            account=self._account,
            cost=self._tokens.cells(shape, self.prices),
            withheld=self.withheld,
        )
        upkeep = upkeep_share(self.candidate, self.prices.volume)
        cells = replace(made.cost, machine=machine_cells(made), upkeep=upkeep, silent=self._unnoticed(made))
        return replace(made, cost=cells)

    def _unnoticed(self, made: Measured) -> NDArray[np.float64] | None:
        """Say of each cell whether a wrong answer goes unnoticed there: what a person reviews does not."""
        if self.prices.silent_failure is None:
            return None
        table = np.array([float(turn == "silent_failure") for turn in (*TURNS, "")])
        table[[UNKNOWN_TURN, NO_TURN]] = _NAN
        return np.where(made.columns.reviewed, 0.0, table[made.columns.turn])

    def _reply(self, cell: int, scores: Mapping[str, ScoreOutcome]) -> None:
        for metric, (values, codes) in self._scores.items():
            score = scores.get(metric)
            if isinstance(score, Score):
                codes[cell] = SCORED
                values[cell] = score.value
                if metric in self._labels:
                    self._label(cell, metric, score)
                if metric in self._parts:
                    self._parts[metric].enter(cell, score)
            else:
                codes[cell] = _untold(score) or UNSCORED
        self._count_parts(cell, scores)

    def _rate(self, cell: int, rated: Mapping[str, Rated]) -> None:
        for metric, said in rated.items():
            stands = said.drawn_for.get(self.candidate.name, 0.0)
            self._rated[metric].enter(cell, said.value, said.raters, stands=stands, newest=said.newest)

    def _pass_over(self, cell: int, scores: Mapping[str, ScoreOutcome]) -> None:
        """Note which metrics a trial without a reply does not concern, so that it counts against none of them."""
        for metric, (_, codes) in self._scores.items():
            codes[cell] = _untold(scores.get(metric)) or NO_SCORE

    def _count_parts(self, cell: int, scores: Mapping[str, ScoreOutcome]) -> None:
        for metric, tally in self._tallies.items():
            counts = counts_of(scores.get(metric))
            if counts is not None:
                tally.enter(cell, counts)
            differing = differing_of(scores.get(metric))
            if differing is not None:
                tally.tell_apart(differing)

    def _label(self, cell: int, metric: str, score: Score) -> None:
        """Number the right label and the answered one; of several right labels, the score says which counted."""
        places = self._places[metric]
        right, answered = self._labels[metric]
        truth = score.details.get("reference")
        if not isinstance(truth, str):
            truth = self.layout.classes[metric].truths[cell // self.layout.repeats]
        right[cell] = NO_LABEL if truth is None else places.get(truth, NO_LABEL)
        answered[cell] = NO_LABEL if score.answer is None else places.get(score.answer, NO_LABEL)

    def _times(self, cell: int, trial: Trial, calls: tuple[Attempt, ...]) -> None:
        if len(calls) == 1:  # nearly always; the trial would go through its attempts for each of these
            seconds, first_token = calls[0].seconds, calls[0].first_token
        else:
            seconds, first_token = trial.latency, trial.first_token
            self._retried[cell] = trial.retried
        if seconds is not None:
            self._seconds[cell] = seconds
        if first_token is not None:
            self._first_token[cell] = first_token

    def _count(self, trial: Trial, calls: tuple[Attempt, ...]) -> None:
        account, again = self._account, len(calls) > 1
        taken = account.taken.get(trial.source)
        if taken is None:
            taken = account.taken[trial.source] = Taken()
        account.asked += 1
        account.retried += again
        if again or not isinstance(trial.outcome, Reply):
            errors = {call.error for call in calls}
            account.outages += not errors.isdisjoint(OUTAGES)
            account.rate_limited += "rate_limit" in errors
        taken.trials += 1
        taken.retried += again
        taken.calls += len(calls)
        for call in calls:
            if call.in_flight is not None:
                taken.in_flight += call.in_flight
                taken.loaded += 1
                taken.most_in_flight = max(taken.most_in_flight or 0, call.in_flight)
        if calls and calls[-1].gaps and isinstance(trial.outcome, Reply):
            taken.gaps = taken.gaps or Gaps()
            taken.gaps.add(calls[-1].gaps)

    def _attempt(self, cell: int, attempt: Attempt) -> None:
        account, usage = self._account, attempt.usage
        if attempt.at_risk:
            self._at_risk[cell] += attempt.at_risk
        if usage is not None:
            if usage.input is not None:
                account.input_tokens = (account.input_tokens or 0) + usage.input
            if usage.output is not None:
                account.output_tokens = (account.output_tokens or 0) + usage.output


def _untold(score: ScoreOutcome | None) -> int | None:
    """Return the code of a score failure that says nothing about the candidate; None for any other outcome."""
    if not isinstance(score, ScoreFailure) or score.kind not in UNTOLD:
        return None
    return INAPPLICABLE if score.kind == NOT_APPLICABLE else WITHOUT_REFERENCE


def _codes(cells: int) -> "array[int]":
    return array("b", bytes(cells))


def _floats(cells: int) -> "array[float]":
    return array("d", [_NAN]) * cells


def _array(values: "array[int] | array[float]", kind: type[T], shape: tuple[int, int]) -> NDArray[T]:
    return np.frombuffer(values, dtype=kind).reshape(shape)
