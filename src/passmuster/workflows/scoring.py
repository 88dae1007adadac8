"""How a reply is scored: by a pure metric at once, by one of two steps from what the store holds.

The one place where metrics of two steps become metrics of one. What lies between their steps is looked up by
what was asked or run: the trial of a question, the execution of a program. So nothing is asked or run twice,
and a metric that reads its answers otherwise needs nothing but to be scored again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from passmuster.metrics.around import Around
from passmuster.metrics.metric import Metric
from passmuster.metrics.returned import raised
from passmuster.metrics.two_steps import AskingMetric, RunningMetric, not_scored
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.program import Execution, Program
from passmuster.records.record import Record
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Outcome, Reply

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Record):
    """Looks up what lies between two steps; None where it was not made yet.

    `answer` takes the name of a scorer and a question, `execution` a program.
    """

    answer: Callable[[str, Case], Outcome | None]
    execution: Callable[[Program], Execution | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Around):
    """A metric of two steps as one of a single step: the step between is looked up."""

    kept: Kept

    @property
    def name(self) -> str:
        """How it is shown."""
        return self.metric.name

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        """Return the score, or the failure `not_scored` where the step between was not made yet."""
        metric = self.metric
        if isinstance(metric, AskingMetric):
            return self._asked(metric, case, reply)
        if isinstance(metric, RunningMetric):
            return self._ran(metric, case, reply)
        return metric.score(case, reply)

    def _asked(self, metric: AskingMetric, case: Case, reply: Reply) -> ScoreOutcome:
        questions = _tried(lambda: metric.ask(case, reply))
        if isinstance(questions, Score | ScoreFailure):
            return questions
        answers: list[Outcome] = []
        for each in questions:
            answer = self.kept.answer(metric.asks, each)
            if answer is None:
                return not_scored(metric.name)
            answers.append(answer)
        return _tried(lambda: metric.read(case, reply, answers))

    def _ran(self, metric: RunningMetric, case: Case, reply: Reply) -> ScoreOutcome:
        program = _tried(lambda: metric.program(case, reply))
        if isinstance(program, Score | ScoreFailure):
            return program
        execution = self.kept.execution(program)
        if execution is None:
            return not_scored(metric.name, runs=True)
        return _tried(lambda: metric.read(case, reply, execution))


def settled(metric: Metric, kept: Kept) -> Metric:
    """Return a metric that scores at once: itself where it is pure."""
    return Settled(metric=metric, kept=kept) if is_of_two_steps(metric) else metric


def unsettled(metric: Metric) -> Metric:
    """Return the metric that `settled` was given."""
    return metric.metric if isinstance(metric, Settled) else metric


def is_of_two_steps(metric: Metric) -> bool:
    """Return whether something has to be asked or run before this metric can score."""
    return isinstance(metric, AskingMetric | RunningMetric)


@dataclass(slots=True)
class Steps:
    """What metrics of two steps want done: questions by scorer and digest, and programs by digest.

    `withheld` are the questions that may not be sent to their scorer, which no other case asks either.
    """

    questions: dict[str, dict[str, Case]] = field(default_factory=dict)
    withheld: dict[str, set[str]] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    """The names of the metrics that want programs run."""


MayAsk: TypeAlias = Callable[[str, Case], bool]
"""Whether a scorer (by name) may be sent a question."""


def steps_of(
    metrics: Sequence[Metric], replies: Iterable[tuple[Case, Reply]], may_ask: MayAsk = lambda *_: True
) -> Steps:
    """Return all that these metrics want done about these replies, each thing once, in their order.

    A text that several cases ask about is asked for the first of those for which it may be sent.
    """
    found = Steps()
    wanting = [metric for metric in map(unsettled, metrics) if is_of_two_steps(metric)]
    if not wanting:
        return found
    for case, reply in replies:
        for metric in wanting:
            _take(found, metric, case, reply, may_ask)
    for scorer, digests in found.withheld.items():
        digests.difference_update(found.questions[scorer])
    return found


def _take(found: Steps, metric: Metric, case: Case, reply: Reply, may_ask: MayAsk) -> None:
    """Take what one metric wants done; where it raises, its score says so later."""
    if isinstance(metric, AskingMetric):
        questions = _tried(lambda: metric.ask(case, reply))
        if not isinstance(questions, Score | ScoreFailure):
            own = found.questions.setdefault(metric.asks, {})
            for each in questions:
                if may_ask(metric.asks, each):
                    own.setdefault(case_digest(each), each)
                else:
                    found.withheld.setdefault(metric.asks, set()).add(case_digest(each))
    elif isinstance(metric, RunningMetric):
        program = _tried(lambda: metric.program(case, reply))
        if isinstance(program, Program):
            found.running.add(metric.name)
            found.programs.setdefault(digest(program), program)


def _tried(step: Callable[[], T]) -> T | ScoreFailure:
    """Return what a step of a metric gives; one that raises gives a score failure, as a user's function does."""
    try:
        return step()
    except Exception:  # noqa: BLE001 - a metric's code may raise anything; it becomes a value
        return raised()


def scores_of(metrics: Sequence[Metric], case: Case, outcome: Outcome) -> Mapping[str, ScoreOutcome]:
    """Return what each metric makes of how a trial ended; nothing where it ended without a reply."""
    if not isinstance(outcome, Reply):
        return {}
    return {metric.name: metric.score(case, outcome) for metric in metrics}
