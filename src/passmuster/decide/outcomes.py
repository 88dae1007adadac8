"""How trials turn out: of one trial, of all trials of a candidate, and the bars on them."""

from collections.abc import Mapping, Sequence

import numpy as np

from passmuster.decide.measured import TURNS, UNKNOWN_TURN, BoolArray, FloatArray, Measured
from passmuster.decide.rates import mean_estimate, rate_estimate
from passmuster.metrics.endings.expected import accepted_endings
from passmuster.metrics.endings.graceful_failure import GracefulFailure
from passmuster.metrics.endings.outcome import turn_of
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.outcomes import LOUD, LOUD_FAILURE, OutcomeReport, Turn
from passmuster.records.score import Estimate, Score, ScoreOutcome
from passmuster.records.task import Success, Task
from passmuster.records.trial import Outcome

FORMS = frozenset(f"passmuster.metrics.structure.{name}" for name in ("json_schema", "xml_tags", "table"))
"""Metrics whose 0 says that the reply has not the promised form."""

RATES: Mapping[str, tuple[Turn, ...]] = {
    "silent_failure_rate": ("silent_failure",),
    "loud_failure_rate": LOUD,
    "refusal_rate": ("refusal",),
}
"""The turns that each bar counts; `refusal_rate` looks only at cases that expect an answer."""


class Turns:
    """Tells how trials turn out, by what a task calls a success.

    Args:
        task: Whose success rule and patterns.
        metrics: Its metrics; what `graceful_failure` accepts and goes by holds here, too.
    """

    def __init__(self, task: Task, metrics: Sequence[Metric], rule: Success) -> None:
        self.metrics = tuple(metrics)
        self.rule = rule
        graceful = next((each for each in metrics if isinstance(each, GracefulFailure)), GracefulFailure())
        kinds = dict.fromkeys((*task.endings, *graceful.patterns))
        self._patterns = {
            kind: (*task.endings.get(kind, ()), *graceful.patterns.get(kind, ())) for kind in kinds
        }
        self._accept = graceful.accept
        self._forms = tuple(each.name for each in metrics if type(each).__module__ in FORMS)

    def of(self, case: Case, outcome: Outcome, scores: Mapping[str, ScoreOutcome]) -> Turn:
        """Return how a trial turned out."""
        score = scores.get(self.rule.metric)
        right = self.rule.met_by(score.value) if isinstance(score, Score) else None
        return turn_of(
            case,
            outcome,
            right=right,
            readable=self._readable(score, scores),
            patterns=self._patterns,
            accept=self._accept,
        )

    def succeeded(self, case: Case, scores: Mapping[str, ScoreOutcome], turn: Turn) -> bool:
        """Return whether a trial is a success: by its ending where the case expects no answer, else by the rule."""
        if accepted_endings(case):
            return turn == "correct"
        score = scores.get(self.rule.metric)
        return isinstance(score, Score) and self.rule.met_by(score.value)

    def _readable(self, score: ScoreOutcome | None, scores: Mapping[str, ScoreOutcome]) -> bool:
        if isinstance(score, Score) and score.details.get("unreadable"):
            return False
        forms = (scores.get(name) for name in self._forms)
        return not any(isinstance(each, Score) and each.value == 0 for each in forms)


def outcome_report(measured: Measured, severity: Mapping[str, float] | None = None) -> OutcomeReport | None:
    """Return how a candidate's trials turned out; None where none of them can be judged."""
    if not measured.asked.any():
        return None
    occurred = [turn for turn in LOUD if (measured.columns.turn == TURNS.index(turn)).any()]
    return OutcomeReport(
        correct=_share(measured, ("correct",)),
        silent=_share(measured, ("silent_failure",)),
        loud=_share(measured, LOUD),
        kinds={turn: _share(measured, (turn,)) for turn in occurred},
        refusals=_refusals(measured),
        severity=_severity(measured, severity) if severity else None,
        unknown=int((measured.columns.turn == UNKNOWN_TURN).sum()),
        unjudged=_unjudged(measured),
    )


def turn_rates(measured: Measured, metric: str) -> tuple[FloatArray, FloatArray]:
    """Return per case the share of its trials that a bar counts, at worst and at best.

    A reply whose correctness is not known may be a silent failure; what is loud is known without that.
    """
    turns = RATES[metric]
    if metric == "refusal_rate":
        rates = _answerable(measured, measured.turned(turns, of_all=True))
        return rates, rates
    best = measured.turned(turns, of_all=True)
    worst = measured.turned((*turns, "unknown"), of_all=True) if metric == "silent_failure_rate" else best
    return worst, best


def _share(measured: Measured, turns: Sequence[Turn]) -> Estimate:
    """Return a share of all trials, those that cannot be judged among them; none where no trial can be.

    What is loud is known without a reference: of the judged ones alone, its share would be too large.
    """
    judged = not np.isnan(measured.turned(("correct",))).all()
    values = measured.turned(turns, of_all=judged)
    return rate_estimate(values, measured, _missing(values, measured))


def _unjudged(measured: Measured) -> Estimate:
    values = measured.turned(("unknown",), of_all=True)
    return rate_estimate(values, measured, _missing(values, measured))


def _refusals(measured: Measured) -> Estimate | None:
    values = _answerable(measured, measured.turned(("refusal",), of_all=True))
    if np.isnan(values).all():
        return None
    held = np.zeros(measured.cases) if measured.withheld is None else measured.withheld
    receivable = np.where(held, 0.0, 1.0)
    return rate_estimate(values, measured, int(np.nansum(_answerable(measured, receivable))) - _known(values))


def _severity(measured: Measured, severity: Mapping[str, float]) -> Estimate:
    """Return the mean severity; the estimate is made of shares of the worst and scaled back."""
    levels = [severity_of(turn, severity) for turn in TURNS]
    most = max(*levels, 0.0) or 1.0
    values = measured.graded([level / most for level in levels])
    found = mean_estimate(values, measured, _missing(values, measured))
    scaled = [None if part is None else part * most for part in (found.value, found.low, found.high)]
    return Estimate(
        value=scaled[0],
        low=scaled[1],
        high=scaled[2],
        n=found.n,
        n_missing=found.n_missing,
        method=found.method,
    )


def severity_of(turn: Turn, severity: Mapping[str, float]) -> float:
    """Return how bad a turn is: its own severity, that of all loud failures, else 1; 0 where it is correct.

    Example:
        >>> severity_of("refusal", {"loud_failure": 2}), severity_of("silent_failure", {"loud_failure": 2})
        (2, 1.0)
    """
    if turn in severity:
        return severity[turn]
    if turn in LOUD:
        return severity.get(LOUD_FAILURE, 1.0)
    return 1.0 if turn == "silent_failure" else 0.0


def _answerable(measured: Measured, values: FloatArray) -> FloatArray:
    answerable: BoolArray | None = measured.layout.answerable
    return values if answerable is None else np.where(answerable, values, np.nan)


def _missing(values: FloatArray, measured: Measured) -> int:
    return measured.receivable - _known(values)


def _known(values: FloatArray) -> int:
    return int((~np.isnan(values)).sum())
