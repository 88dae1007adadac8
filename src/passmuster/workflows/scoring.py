"""How a reply is scored: by a pure metric at once, by one of two steps from what the store holds.

The one place where metrics of two steps become metrics of one. What lies between their steps is looked up by
what was asked or run: the trial of a question, the execution of a program. So nothing is asked or run twice,
and a metric that reads its answers otherwise needs nothing but to be scored again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from passmuster.metrics.around import Around
from passmuster.metrics.metric import Metric
from passmuster.metrics.returned import raised
from passmuster.metrics.two_steps import (
    NOTHING_TO_COMPARE,
    WITHHELD,
    Asked,
    AskingMetric,
    ComparingMetric,
    Questions,
    RunningMetric,
    not_scored,
    scorers_of,
)
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.program import Execution, Program
from passmuster.records.record import Record
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Outcome, Reply

T = TypeVar("T")


MayAsk: TypeAlias = Callable[[str, Case], bool]
"""Whether a scorer (by name) may be sent a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Record):
    """Looks up what lies between two steps; None where it was not made yet.

    `answer` takes the name of a scorer and a question, `execution` a program, `reply` the name of a candidate and a
    case. `may_ask` tells what was not made yet from what never will be.
    """

    answer: Callable[[str, Case], Outcome | None] = lambda _scorer, _question: None
    execution: Callable[[Program], Execution | None] = lambda _program: None
    reply: Callable[[str, Case], Outcome | None] = lambda _candidate, _case: None
    may_ask: MayAsk = lambda _scorer, _question: True


MOST_ROUNDS = 4
"""How many times one metric may ask about one reply: an answer may lead to further questions, but not for ever."""


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
        if isinstance(metric, RunningMetric):
            return self._ran(metric, case, reply)
        asking = self._asking(case)
        if asking is None:
            return metric.score(case, reply)
        if isinstance(asking, ScoreFailure):
            return asking
        *_, last = self._rounds(asking, case, reply)
        return not_scored(metric.name) if isinstance(last, tuple) else last

    def questions(self, case: Case, reply: Reply) -> tuple[Asked, ...]:
        """Return what is asked of this reply, as far as the answers that are there tell."""
        asking = self._asking(case)
        if asking is None or isinstance(asking, ScoreFailure):
            return ()
        rounds = self._rounds(asking, case, reply)
        return tuple(asked for each in rounds if isinstance(each, tuple) for asked in each)

    def _asking(self, case: Case) -> AskingMetric | ScoreFailure | None:
        """Return who asks about this reply: where it is compared with another one, the metric beside that."""
        metric = self.metric
        if isinstance(metric, ComparingMetric) and metric.against is not None:
            other = self.kept.reply(metric.against, case)
            if isinstance(other, Reply):
                return _tried(lambda: metric.beside(other))
            told = "no reply yet" if other is None else f"no reply, but {other.kind}"
            message = f"{metric.against} has {told} to case {case.id!r}"
            return ScoreFailure(kind=NOTHING_TO_COMPARE, message=message)
        return metric if isinstance(metric, AskingMetric) else None

    def _rounds(
        self, metric: AskingMetric, case: Case, reply: Reply
    ) -> Iterator[tuple[Asked, ...] | ScoreOutcome]:
        """Yield the questions of each round, and last the score, unless an answer is missing."""
        answers: list[Outcome] = []
        found: Questions | ScoreOutcome = _tried(lambda: metric.ask(case, reply))
        for _ in range(MOST_ROUNDS):
            if isinstance(found, Score | ScoreFailure):
                break
            asked = _addressed(metric, found)
            yield asked
            for each in asked:
                answer = self.kept.answer(each.scorer, each.question)
                if answer is None:
                    if not self.kept.may_ask(each.scorer, each.question):
                        yield _withheld(each.scorer, case)
                    return
                answers.append(answer)
            found = _tried(lambda: metric.read(case, reply, answers))
        if isinstance(found, Score | ScoreFailure):
            yield found
        else:
            message = f"{self.name} asks more than {MOST_ROUNDS} times about one reply"
            yield ScoreFailure(kind="error", message=message)

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
    return isinstance(metric, AskingMetric | ComparingMetric | RunningMetric)


def _withheld(scorer: str, case: Case) -> ScoreFailure:
    message = f"case {case.id!r} may not be sent to {scorer}: its egress rules forbid it"
    return ScoreFailure(kind=WITHHELD, message=message)


def _addressed(metric: AskingMetric, questions: Questions) -> tuple[Asked, ...]:
    first = scorers_of(metric)[0]
    return tuple(each if isinstance(each, Asked) else Asked(first, each) for each in questions)


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


def steps_of(
    metrics: Sequence[Metric], replies: Iterable[tuple[Case, Reply]], may_ask: MayAsk = lambda *_: True
) -> Steps:
    """Return all that these metrics want done about these replies, each thing once, in their order.

    A text that several cases ask about is asked for the first of those for which it may be sent.
    """
    found = Steps()
    wanting = [
        metric if isinstance(metric, Settled) else Settled(metric=metric, kept=Kept())
        for metric in metrics
        if is_of_two_steps(unsettled(metric))
    ]
    if not wanting:
        return found
    for case, reply in replies:
        for metric in wanting:
            _take(found, metric, case, reply, may_ask)
    for scorer, digests in found.withheld.items():
        digests.difference_update(found.questions[scorer])
    return found


def _take(found: Steps, settled: Settled, case: Case, reply: Reply, may_ask: MayAsk) -> None:
    """Take what one metric wants done; where it raises, its score says so later."""
    metric = settled.metric
    if isinstance(metric, RunningMetric):
        program = _tried(lambda: metric.program(case, reply))
        if isinstance(program, Program):
            found.running.add(metric.name)
            found.programs.setdefault(digest(program), program)
        return
    for scorer, each in settled.questions(case, reply):
        own = found.questions.setdefault(scorer, {})
        if may_ask(scorer, each):
            own.setdefault(case_digest(each), each)
        else:
            found.withheld.setdefault(scorer, set()).add(case_digest(each))


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
