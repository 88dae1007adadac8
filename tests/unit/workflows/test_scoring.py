"""Metrics of two steps score from what the store holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from passmuster.metrics.metric import Bounds, Metric, Summary
from passmuster.metrics.text.exact_match import ExactMatch
from passmuster.metrics.two_steps import Asked, question
from passmuster.records.case import Case, case_digest
from passmuster.records.digest import digest
from passmuster.records.program import Execution, Program
from passmuster.records.record import Record
from passmuster.records.score import Direction, Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Outcome, Reply
from passmuster.workflows.scoring import (
    MOST_ROUNDS,
    Kept,
    Settled,
    scores_of,
    settled,
    steps_of,
    unsettled,
)

CASE = Case(id="1", input="a", reference="yes")
REPLY = Reply(text="yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain(Record):
    version: ClassVar[int] = 3
    direction: ClassVar[Direction] = "lower"
    bounds: ClassVar[Bounds] = (0.0, 5.0)
    binary: ClassVar[bool] = False
    summary: ClassVar[Summary] = "parts"

    name: str = "mine"

    def score(self, case: Case, reply: Reply) -> ScoreOutcome:
        return ScoreFailure(kind="never", message="the step between decides")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Plain):
    asks: str = "judge"

    def ask(self, case: Case, reply: Reply) -> tuple[Case, ...] | ScoreOutcome:
        if reply.text == "":
            return Score(value=0.0)
        if reply.text == "raise":
            raise RuntimeError(reply.text)
        return (question(case, f"is {reply.text} right?"), question(case, "why?"))

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome:
        texts = [each.text if isinstance(each, Reply) else each.kind for each in answers]
        return Score(value=float(texts[0] == "yes"), answer=" ".join(texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Plain):
    def program(self, case: Case, reply: Reply) -> Program | ScoreOutcome:
        if reply.text == "":
            return Score(value=0.0)
        return Program(files={"a.py": reply.text}, command=("python", "a.py"))

    def read(self, case: Case, reply: Reply, execution: Execution) -> ScoreOutcome:
        return Score(value=float(execution.exit_code == 0))


class Memory:
    """Keeps what lies between steps in memory, by what was asked or run."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Outcome] = {}
        self.executions: dict[str, Execution] = {}

    @property
    def kept(self) -> Kept:
        return Kept(
            answer=lambda scorer, case: self.answers.get((scorer, case_digest(case))),
            execution=lambda program: self.executions.get(digest(program)),
        )

    def do(self, *metrics: Metric) -> None:
        steps = steps_of(metrics, [(CASE, REPLY)])
        for scorer, questions in steps.questions.items():
            self.answers |= {(scorer, key): Reply(text="yes") for key in questions}
        self.executions |= {key: Execution(status="exited", exit_code=0) for key in steps.programs}


@pytest.fixture
def memory() -> Memory:
    return Memory()


def value(outcome: ScoreOutcome) -> Any:
    return outcome.value if isinstance(outcome, Score) else outcome.kind


@pytest.mark.parametrize("metric", [Asking(), Running()])
def test_a_metric_of_two_steps_is_not_scored_until_the_step_between_is_made(
    metric: Metric, memory: Memory
) -> None:
    ready = settled(metric, memory.kept)
    assert value(ready.score(CASE, REPLY)) == "not_scored"

    memory.do(metric)

    assert value(ready.score(CASE, REPLY)) == 1.0


def test_a_pure_metric_stays_itself(memory: Memory) -> None:
    metric = ExactMatch()

    assert settled(metric, memory.kept) is metric
    assert steps_of([metric], [(CASE, REPLY)]).questions == {}


def test_a_settled_metric_says_of_itself_what_the_metric_says(memory: Memory) -> None:
    ready = settled(Asking(name="close"), memory.kept)

    assert isinstance(ready, Settled)
    assert (ready.name, ready.version, ready.direction, ready.bounds) == ("close", 3, "lower", (0.0, 5.0))
    assert (ready.binary, ready.summary) == (False, "parts")
    assert unsettled(ready) == Asking(name="close")
    assert unsettled(ExactMatch()) == ExactMatch()


def test_one_missing_answer_of_several_leaves_a_reply_without_a_score(memory: Memory) -> None:
    memory.do(Asking())
    memory.answers.popitem()

    assert value(settled(Asking(), memory.kept).score(CASE, REPLY)) == "not_scored"


def test_answers_come_in_the_order_of_the_questions_failures_too(memory: Memory) -> None:
    first, second = (key for key in steps_of([Asking()], [(CASE, REPLY)]).questions["judge"])
    memory.answers = {
        ("judge", second): Failure(kind="timeout", message=""),
        ("judge", first): Reply(text="no"),
    }

    found = settled(Asking(), memory.kept).score(CASE, REPLY)

    assert isinstance(found, Score)
    assert found.answer == "no timeout"


@pytest.mark.parametrize("metric", [Asking(), Running()])
def test_where_nothing_need_be_done_there_is_a_score_at_once(metric: Metric, memory: Memory) -> None:
    assert value(settled(metric, memory.kept).score(CASE, Reply(text=""))) == 0.0
    steps = steps_of([metric], [(CASE, Reply(text=""))])
    assert (dict(steps.questions.get("judge", {})), steps.programs) == ({}, {})


def test_equal_questions_and_programs_are_wanted_once() -> None:
    other = replace(CASE, id="2", reference="no")
    steps = steps_of([Asking(), Running()], [(CASE, REPLY), (other, REPLY), (CASE, Reply(text="no"))])

    assert [case.input for case in steps.questions["judge"].values()] == [
        "is yes right?",
        "why?",
        "is no right?",
    ]
    assert len(steps.programs) == 2
    assert steps.running == {"mine"}


def test_a_metric_whose_step_raises_gives_a_score_failure_with_the_traceback(memory: Memory) -> None:
    assert steps_of([Asking()], [(CASE, Reply(text="raise"))]).questions == {}

    found = settled(Asking(), memory.kept).score(CASE, Reply(text="raise"))

    assert isinstance(found, ScoreFailure)
    assert found.kind == "error"
    assert "RuntimeError: raise" in found.message


def test_a_trial_without_a_reply_has_no_scores() -> None:
    assert scores_of([ExactMatch()], CASE, Failure(kind="timeout", message="")) == {}
    assert value(scores_of([ExactMatch()], CASE, REPLY)["exact_match"]) == 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Plain):
    asks: tuple[str, ...] = ("first", "second")

    def ask(self, case: Case, reply: Reply) -> tuple[Asked, ...]:
        return tuple(Asked(name, question(case, f"is {reply.text} right?")) for name in self.asks)

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome:
        return Score(value=float(len(answers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubting(Plain):
    """Asks once more for as long as it is told to; `rounds` is the answer's length at which it stops."""

    asks: str = "judge"
    rounds: int = 2

    def ask(self, case: Case, reply: Reply) -> tuple[Case, ...]:
        return (question(case, "first?"),)

    def read(self, case: Case, reply: Reply, answers: Sequence[Outcome]) -> ScoreOutcome | tuple[Case, ...]:
        if len(answers) < self.rounds:
            return (question(case, f"sure, {len(answers)}?"),)
        return Score(value=float(len(answers)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside(Plain):
    against: str | None = "other"
    asks: str = "judge"

    def beside(self, other: Reply) -> Asking:
        return Asking(name=f"beside {other.text}")


def test_a_metric_may_ask_several_scorers(memory: Memory) -> None:
    memory.do(Panel())

    assert {scorer for scorer, _ in memory.answers} == {"first", "second"}
    assert value(settled(Panel(), memory.kept).score(CASE, REPLY)) == 2.0


def test_an_answer_may_lead_to_a_further_question(memory: Memory) -> None:
    ready = settled(Doubting(), memory.kept)

    memory.do(ready)
    assert value(ready.score(CASE, REPLY)) == "not_scored"
    memory.do(ready)

    assert value(ready.score(CASE, REPLY)) == 2.0


def test_a_metric_that_never_stops_asking_fails(memory: Memory) -> None:
    ready = settled(Doubting(rounds=100), memory.kept)
    for _ in range(MOST_ROUNDS):
        memory.do(ready)

    assert value(ready.score(CASE, REPLY)) == "error"
    assert len(memory.answers) == MOST_ROUNDS


def test_a_reply_is_compared_with_that_of_another_candidate(memory: Memory) -> None:
    kept = replace(memory.kept, reply=lambda name, case: Reply(text=f"{name} on {case.id}"))
    ready = settled(Beside(), kept)

    memory.do(ready)

    assert value(ready.score(CASE, REPLY)) == 1.0


@pytest.mark.parametrize("other", [None, Failure(kind="timeout", message="late")])
def test_where_the_other_candidate_has_no_reply_there_is_nothing_to_compare(
    other: Outcome | None, memory: Memory
) -> None:
    ready = settled(Beside(), replace(memory.kept, reply=lambda _name, _case: other))

    memory.do(ready)

    assert memory.answers == {}
    assert value(ready.score(CASE, REPLY)) == "nothing_to_compare"
