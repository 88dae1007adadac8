"""Which trials ask a case again, and what each answer is worth."""

import pytest

from passmuster.metrics.registry import build_metric
from passmuster.records.candidate import Candidate, Egress
from passmuster.records.case import Case
from passmuster.records.task import MetricSpec, Success, Task
from passmuster.records.trial import Failure, FailureKind, Outcome, Reply, Trial, TrialKey
from passmuster.workflows.gate_again import Errand, Judged, asks_of

MODEL = Candidate(name="m", provider="openai", model="m")
SPEC = MetricSpec(name="exact_match", kind="exact_match")
CASES = [Case(id=str(place), input=f"question {place}", stratum="ab"[place % 2]) for place in range(6)]


def _repeats(
    errand: Errand, begun: dict[int, float] | None = None, since: float | None = None
) -> list[tuple[str, int]]:
    keys = {ask.case.id: ask.key for ask in asks_of(Errand(candidate=errand.candidate, places=dict.fromkeys(errand.places, 1)), CASES, 0, {}, None)}  # fmt: skip
    times = {
        TrialKey(key.case, key.candidate, repeat): when
        for key in keys.values()
        for repeat, when in (begun or {}).items()
    }
    return [(ask.case.id, ask.key.repeat) for ask in asks_of(errand, CASES, 2, times, since)]


def test_a_case_is_asked_at_the_first_repeats_that_the_task_does_not_have() -> None:
    assert _repeats(Errand(candidate=MODEL, places={3: 2, 0: 1})) == [("3", 2), ("3", 3), ("0", 2)]


def test_answers_from_before_a_change_are_passed_over() -> None:
    errand = Errand(candidate=MODEL, places={1: 3})
    begun = {2: 50.0, 3: 150.0, 4: 99.0}
    assert _repeats(errand, begun) == [("1", 2), ("1", 3), ("1", 4)]
    assert _repeats(errand, begun, since=100.0) == [("1", 3), ("1", 5), ("1", 6)]


def test_what_a_version_may_not_receive_is_not_asked() -> None:
    held = Candidate(name="m", provider="openai", model="m", egress=Egress(strata=("a",)))
    assert _repeats(Errand(candidate=held, places={0: 1, 1: 1})) == [("0", 2)]


def _right(case: Case, outcome: Outcome, success: Success | None = None) -> bool | None:
    task = Task(name="t", metrics=(SPEC,), success=success or Success(metric="exact_match"))
    trial = Trial(key=TrialKey("c", "m", 0), case_id=case.id, outcome=outcome, attempts=())
    return Judged(task, [build_metric(SPEC)]).right(case, trial)


@pytest.mark.parametrize(("text", "right"), [("yes", True), ("no", False)])
def test_an_answer_is_right_by_the_rule_of_the_task(text: str, right: object) -> None:
    assert _right(Case(id="1", input="x", reference="yes"), Reply(text=text)) is right


def test_where_no_answer_is_expected_the_ending_decides() -> None:
    case = Case(id="1", input="x", expect="refusal")
    assert _right(case, Reply(text="I'm sorry, but I can't help with that.")) is True
    assert _right(case, Reply(text="Sure: it is 4.")) is False


def test_without_a_reference_nobody_can_tell() -> None:
    assert _right(Case(id="1", input="x"), Reply(text="yes")) is None


@pytest.mark.parametrize(("kind", "right"), [("timeout", False), ("not_recorded", None)])
def test_a_trial_without_a_reply_is_no_success_unless_it_says_nothing(
    kind: FailureKind, right: object
) -> None:
    assert _right(Case(id="1", input="x", reference="yes"), Failure(kind=kind, message="m")) is right
