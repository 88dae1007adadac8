"""A user's metric class: whatever it does, a run goes on."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from passmuster.metrics.guarded import Guarded, guarded, promises_broken
from passmuster.metrics.judges.rubric import Criterion, JudgingMetric, Rubric
from passmuster.metrics.metric import LabelMetric, Metric
from passmuster.metrics.two_steps import AskingMetric, RunningMetric
from passmuster.records.case import Case
from passmuster.records.program import Execution, Program
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Reply

CASE, REPLY = Case(id="1", input="q"), Reply(text="a")


class Whole:
    """A metric that does what it is told."""

    version: int = 3
    direction: Any = "lower"
    bounds: tuple[float, float] = (0.0, 5.0)
    binary: bool = False
    summary: Any = "mean"
    name = "its own name"

    def __init__(self, does: Callable[[], Any], summary: str = "mean") -> None:
        self.does = does
        self.summary = summary

    def score(self, case: Case, reply: Reply) -> Any:
        return self.does()


class Labels(Whole):
    def label(self, case: Case) -> Any:
        return self.does()


class Asking(Whole):
    asks: ClassVar[str] = "judge"

    def ask(self, case: Case, reply: Reply) -> Any:
        return self.does()

    def read(self, case: Case, reply: Reply, answers: Any) -> Any:
        return self.does()


class Running(Whole):
    def program(self, case: Case, reply: Reply) -> Any:
        return self.does()

    def read(self, case: Case, reply: Reply, execution: Execution) -> Any:
        return self.does()


def leave() -> None:
    raise SystemExit(3)


def scored(returned: Any, summary: str = "mean") -> ScoreOutcome:
    return guarded(Whole(lambda: returned, summary), "mine").score(CASE, REPLY)


def kind_of(outcome: object) -> str:
    assert isinstance(outcome, ScoreFailure)
    return outcome.kind


def test_a_guard_has_the_name_of_the_task_and_all_else_from_the_metric() -> None:
    guard = guarded(Whole(lambda: Score(value=2.0)), "mine")
    assert isinstance(guard, Metric)
    assert (guard.name, guard.version, guard.direction, guard.bounds) == ("mine", 3, "lower", (0.0, 5.0))
    assert guard.score(CASE, REPLY) == Score(value=2.0)


@pytest.mark.parametrize("raises", [lambda: 1 / 0, leave, lambda: int("x")])
def test_what_a_class_raises_is_a_failure_with_its_traceback(raises: Callable[[], Any]) -> None:
    outcome = guarded(Whole(raises), "mine").score(CASE, REPLY)
    assert kind_of(outcome) == "error"


def test_a_traceback_names_no_folder_and_the_calls_that_led_there() -> None:
    def broken() -> None:
        fields: dict[str, str] = {}
        try:
            fields["a"]
        except KeyError as error:
            message = "no such field"
            raise ValueError(message) from error

    outcome = guarded(Whole(broken), "mine").score(CASE, REPLY)
    assert isinstance(outcome, ScoreFailure)
    *calls, last = outcome.message.splitlines()
    assert last == "ValueError: no such field, caused by KeyError: 'a'"
    assert calls[-1].strip() == "raise ValueError(message) from error"
    assert calls[-2].startswith("  test_guarded.py, line ")
    assert "/" not in outcome.message
    assert "^" not in outcome.message


def test_an_exception_that_cannot_be_told_is_a_failure_too() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def broken() -> None:
        raise MuteError

    outcome = guarded(Whole(broken), "mine").score(CASE, REPLY)
    assert str(outcome).count("MuteError: (no words)") == 1


def test_what_a_person_interrupts_is_not_swallowed() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded(Whole(interrupted), "mine").score(CASE, REPLY)


def test_a_value_outside_the_bounds_is_a_failure() -> None:
    assert kind_of(scored(Score(value=5.1))) == "out_of_bounds"
    assert scored(Score(value=5.0)) == Score(value=5.0)


def test_half_a_pass_is_a_failure() -> None:
    metric = Whole(lambda: Score(value=0.5))
    assert guarded(metric, "mine").score(CASE, REPLY) == Score(value=0.5)
    metric.binary = True
    assert kind_of(guarded(metric, "mine").score(CASE, REPLY)) == "out_of_bounds"


@pytest.mark.parametrize(
    "details",
    [{"x": {1, 2}}, {"x": float("nan")}, {"x": "\ud800"}, {"x": object()}, [1]],
    ids=["a set", "NaN", "a surrogate", "an object", "a list"],
)
def test_details_that_are_no_json_are_a_failure_and_not_a_broken_store(details: Any) -> None:
    assert kind_of(scored(Score(value=1.0, details=details))) == "wrong_details"


def test_an_answer_that_is_no_text_is_a_failure() -> None:
    answer: Any = 3
    assert kind_of(scored(Score(value=1.0, answer=answer))) == "wrong_details"


@pytest.mark.parametrize("parts", [[1], {"a": 2}, {"a": "x"}, {"a": float("nan")}, {"a": None}])
def test_parts_that_cannot_be_averaged_are_a_failure(parts: Any) -> None:
    assert kind_of(scored(Score(value=1.0, details={"parts": parts}), "parts")) == "wrong_details"
    assert isinstance(scored(Score(value=1.0, details={"parts": {"a": 0.5}}), "parts"), Score)


@pytest.mark.parametrize("counts", [[1], {"a": 2}, {"a": [1, 1]}, {"a": [2, 1, 3]}, {"a": [-1, 1, 1]}])
def test_counts_that_cannot_be_summed_are_a_failure(counts: Any) -> None:
    assert kind_of(scored(Score(value=1.0, details={"counts": counts}), "counts")) == "wrong_details"
    assert isinstance(scored(Score(value=1.0, details={"counts": {"a": [1, 1, 2]}}), "counts"), Score)


@pytest.mark.parametrize(
    ("made", "can"), [(Whole, None), (Labels, LabelMetric), (Asking, AskingMetric), (Running, RunningMetric)]
)
def test_a_guard_can_what_its_metric_can_and_nothing_else(made: Any, can: Any) -> None:
    guard = guarded(made(lambda: None), "mine")
    for protocol in (LabelMetric, AskingMetric, RunningMetric):
        assert isinstance(guard, protocol) == (protocol is can)


def test_both_steps_of_a_metric_that_asks_are_guarded() -> None:
    broken: Any = guarded(Asking(lambda: 1 / 0), "mine")
    assert kind_of(broken.ask(CASE, REPLY)) == kind_of(broken.read(CASE, REPLY, ())) == "error"
    sound: Any = guarded(Asking(lambda: (CASE,)), "mine")
    assert (sound.asks, sound.ask(CASE, REPLY)) == ("judge", (CASE,))
    assert sound.read(CASE, REPLY, ()) == (CASE,)
    strange: Any = guarded(Asking(lambda: (CASE, "why?")), "mine")
    assert kind_of(strange.ask(CASE, REPLY)) == kind_of(strange.read(CASE, REPLY, ())) == "wrong_type"


def test_a_class_that_asks_by_a_rubric_is_a_judge_behind_its_guard_too() -> None:
    class Judging(Asking):
        rubric = Rubric(criteria=(Criterion(name="tone", question="Is it polite?"),))

    class Certain(Judging):
        independent = at_its_word = True

    class Strange(Asking):
        rubric = "be polite"

    plain, certain = guarded(Judging(lambda: (CASE,)), "mine"), guarded(Certain(lambda: (CASE,)), "mine")
    assert isinstance(plain, JudgingMetric)
    assert isinstance(certain, JudgingMetric)
    assert (plain.rubric, plain.independent, plain.at_its_word) == (Judging.rubric, False, False)
    assert (certain.independent, certain.at_its_word) == (True, True)
    for made in (Asking, Strange):
        assert not isinstance(guarded(made(lambda: (CASE,)), "mine"), JudgingMetric)


def test_both_steps_of_a_metric_that_runs_are_guarded() -> None:
    broken: Any = guarded(Running(lambda: 1 / 0), "mine")
    end = Execution(status="exited", exit_code=0)
    assert kind_of(broken.program(CASE, REPLY)) == kind_of(broken.read(CASE, REPLY, end)) == "error"
    program = Program(files={}, command=("true",))
    sound: Any = guarded(Running(lambda: program), "mine")
    assert sound.program(CASE, REPLY) is program
    assert kind_of(sound.read(CASE, REPLY, end)) == "wrong_type"


def test_a_label_that_cannot_be_read_is_none() -> None:
    broken: Any = guarded(Labels(lambda: 1 / 0), "mine")
    other: Any = guarded(Labels(lambda: 3), "mine")
    right: Any = guarded(Labels(lambda: "a"), "mine")
    assert (broken.label(CASE), other.label(CASE), right.label(CASE)) == (None, None, "a")


@pytest.mark.parametrize(
    ("part", "value"),
    [("version", 0), ("direction", "up"), ("bounds", (1, 0)), ("bounds", 1), ("binary", 1), ("summary", "x")],
)
def test_what_a_class_says_of_itself_must_make_sense(part: str, value: Any) -> None:
    metric = Whole(lambda: None)
    assert promises_broken(metric) is None
    setattr(metric, part, value)
    assert promises_broken(metric) == f"{part} is {value!r}"


def test_a_guard_is_a_record() -> None:
    assert isinstance(guarded(Whole(lambda: None), "mine"), Guarded)
