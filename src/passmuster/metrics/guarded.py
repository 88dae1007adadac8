"""A user's metric class behind a guard: what goes wrong in it is a score failure, and the run goes on.

The guards have the class's own methods and no others, so that what a class can do is told as for the built-in ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from passmuster.metrics.around import Around
from passmuster.metrics.judges.rubric import Rubric
from passmuster.metrics.metric import LabelMetric, Metric, shown
from passmuster.metrics.returned import outcome_of, raised
from passmuster.metrics.two_steps import Asked, AskingMetric, Questions, RunningMetric
from passmuster.records.case import Case
from passmuster.records.program import Execution, Program
from passmuster.records.score import ScoreOutcome
from passmuster.records.trial import Outcome, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded(Around):
    """A metric whose `score` never raises, whatever the metric in it does; `name` is how it is shown."""

    name: str

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return what the metric says, or why that is no score."""
        try:
            result: object = self.metric.score(case, reply)
        except (Exception, SystemExit):  # noqa: BLE001 - a user's code may raise anything; it becomes a value
            return raised()
        return self._outcome(result)

    def _outcome(self, result: object) -> ScoreOutcome:
        return outcome_of(self.name, result, self.bounds, binary=self.binary, summary=self.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedLabels(Guarded):
    """A guarded metric whose answers are labels."""

    metric: LabelMetric

    def label(self, case: Case) -> str | None:
        """Return the right label of a case; None also where the metric raises."""
        try:
            found: object = self.metric.label(case)
        except (Exception, SystemExit):  # noqa: BLE001 - as above
            return None
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedAsking(Guarded):
    """A guarded metric that asks a model."""

    metric: AskingMetric

    @property
    def asks(self) -> str | tuple[str, ...]:
        """The names of whom it asks."""
        return self.metric.asks

    def ask(self, case: Case, reply: Reply) -> Questions | ScoreOutcome:
        """Return what is to be asked, or the score where nothing need be."""
        try:
            found: object = self.metric.ask(case, reply)
        except (Exception, SystemExit):  # noqa: BLE001 - as above
            return raised()
        return found if _are_questions(found) else self._outcome(found)

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> Questions | ScoreOutcome:
        """Return the score that the answers give, or what is to be asked besides."""
        try:
            result: object = self.metric.read(case, reply, answers)
        except (Exception, SystemExit):  # noqa: BLE001 - as above
            return raised()
        return result if _are_questions(result) else self._outcome(result)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedJudging(GuardedAsking):
    """A guarded metric that asks a judge, by a rubric that people can be asked by too."""

    @property
    def rubric(self) -> Rubric:
        """What is asked."""
        found: Rubric = self.metric.rubric  # type: ignore[attr-defined]  # looked at when the guard was chosen
        return found

    @property
    def independent(self) -> bool:
        """Whether a judge of a candidate's own model or family is refused; not where the class says nothing."""
        return getattr(self.metric, "independent", False) is True

    @property
    def at_its_word(self) -> bool:
        """Whether bars take the judge at its word; not where the class says nothing."""
        return getattr(self.metric, "at_its_word", False) is True


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedRunning(Guarded):
    """A guarded metric that runs a program."""

    metric: RunningMetric

    def program(self, case: Case, reply: Reply) -> Program | ScoreOutcome:
        """Return what is to be run, or the score where nothing need be."""
        try:
            found: object = self.metric.program(case, reply)
        except (Exception, SystemExit):  # noqa: BLE001 - as above
            return raised()
        return found if isinstance(found, Program) else self._outcome(found)

    def read(self, case: Case, reply: Reply, execution: Execution) -> ScoreOutcome:
        """Return the score that the run gives."""
        try:
            result: object = self.metric.read(case, reply, execution)
        except (Exception, SystemExit):  # noqa: BLE001 - as above
            return raised()
        return self._outcome(result)


def guarded(metric: Metric, name: str) -> Guarded:
    """Return a metric behind the guard that fits what it can do.

    Example:
        >>> class Broken:
        ...     version, direction, bounds, binary, summary = 1, "higher", (0.0, 1.0), True, "mean"
        ...     def score(self, case, reply):
        ...         return reply.texts
        >>> guarded(Broken(), "broken").score(Case(id="1", input=""), Reply(text="")).kind
        'error'
    """
    if _has(metric, "ask", "read", "asks") and isinstance(getattr(metric, "rubric", None), Rubric):
        return GuardedJudging(metric=metric, name=name)  # type: ignore[arg-type]  # looked at just now
    if _has(metric, "ask", "read", "asks"):
        return GuardedAsking(metric=metric, name=name)  # type: ignore[arg-type]  # looked at just now
    if _has(metric, "program", "read"):
        return GuardedRunning(metric=metric, name=name)  # type: ignore[arg-type]  # looked at just now
    if _has(metric, "label"):
        return GuardedLabels(metric=metric, name=name)  # type: ignore[arg-type]  # looked at just now
    return Guarded(metric=metric, name=name)


def promises_broken(metric: Metric) -> str | None:
    """Return what a metric says of itself that it cannot mean; None where all is sound.

    Example:
        >>> from passmuster.metrics.text.exact_match import ExactMatch
        >>> promises_broken(ExactMatch()) is None
        True
    """
    bounds: object = metric.bounds
    wrong = {
        "version": type(metric.version) is not int or metric.version < 1,
        "direction": metric.direction not in {"higher", "lower"},
        "bounds": not isinstance(bounds, tuple | list)
        or len(bounds) != 2
        or not all(isinstance(each, int | float) for each in bounds)
        or not bounds[0] < bounds[1],
        "binary": type(metric.binary) is not bool,
        "summary": metric.summary not in {"mean", "classes", "parts", "counts"},
    }
    found = next((part for part, is_wrong in wrong.items() if is_wrong), None)
    return None if found is None else f"{found} is {shown(repr(getattr(metric, found)))}"


def _are_questions(found: object) -> TypeGuard[Questions]:
    return isinstance(found, tuple) and all(isinstance(each, Case | Asked) for each in found)


def _has(metric: object, *parts: str) -> bool:
    return all(hasattr(metric, part) for part in parts)
