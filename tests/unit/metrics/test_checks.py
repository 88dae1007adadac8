"""The checks that a case carries decide whether its answer is right."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.errors import ConfigurationError
from passmuster.metrics.checks import Checks, with_builder
from passmuster.metrics.function import function_metric
from passmuster.metrics.metric import Metric
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case, CaseCheck
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply


def case(*checks: CaseCheck, **fields: Any) -> Case:
    return Case(id="1", input="q", checks=checks, **fields)


def asked(text: str, **rules: Any) -> CaseCheck:
    return CaseCheck(metric="contains", options={"texts": [text]}, **rules)


def scored(outcome: ScoreOutcome) -> Score:
    assert isinstance(outcome, Score), outcome
    return outcome


def test_an_answer_is_right_where_it_meets_every_check() -> None:
    both = case(asked("30 days"), asked("receipt"))
    assert scored(Checks().score(both, Reply(text="30 days with receipt"))).value == 1
    half = scored(Checks().score(both, Reply(text="30 days")))
    assert half.value == 0
    assert half.details["unmet"] == ["contains 2"]
    assert half.details["parts"] == {"contains": 1, "contains 2": 0}


def test_a_negated_check_is_met_where_it_would_not_be() -> None:
    never = case(asked("as an AI", negate=True))
    assert scored(Checks().score(never, Reply(text="30 days"))).value == 1
    assert scored(Checks().score(never, Reply(text="as an AI"))).value == 0


def test_weights_say_how_much_each_check_counts() -> None:
    weighed = case(asked("a", weight=3.0), asked("b", weight=1.0))
    assert scored(Checks(graded=True).score(weighed, Reply(text="a"))).value == pytest.approx(0.75)
    assert scored(Checks(share=0.75).score(weighed, Reply(text="a"))).value == 1
    assert scored(Checks(share=0.75).score(weighed, Reply(text="b"))).value == 0


def test_a_check_has_its_own_threshold() -> None:
    loose = CaseCheck(metric="token_f1", at_least=0.5)
    strict = CaseCheck(metric="token_f1")
    reply = Reply(text="thirty days")
    assert scored(Checks().score(case(loose, reference="thirty long days"), reply)).value == 1
    assert scored(Checks().score(case(strict, reference="thirty long days"), reply)).value == 0


def test_a_check_may_compare_with_a_reference_of_its_own() -> None:
    two = case(CaseCheck(metric="exact_match", reference="no"), reference="yes")
    assert scored(Checks().score(two, Reply(text="no"))).value == 1


def test_where_less_is_better_a_check_without_threshold_asks_for_the_least() -> None:
    def errors(case: Case, reply: Reply) -> float:
        return reply.text.count("x") / 10

    counted = function_metric("errors", errors, direction="lower")
    checks = with_builder(Checks(), lambda check: counted)
    own = case(CaseCheck(metric="errors"))
    assert scored(checks.score(own, Reply(text="fine"))).value == 1
    assert scored(checks.score(own, Reply(text="x"))).value == 0


def test_a_case_without_checks_is_scored_by_the_others() -> None:
    metric = build_metric(
        MetricSpec(
            name="c", kind="checks", options={"otherwise": [{"metric": "exact_match", "normalise": ["case"]}]}
        )
    )
    plain = Case(id="2", input="q", reference="Yes")
    assert scored(metric.score(plain, Reply(text="yes"))).value == 1
    assert scored(metric.score(plain, Reply(text="no"))).details["unmet"] == ["exact_match"]
    assert isinstance(Checks().score(plain, Reply(text="yes")), ScoreFailure)


def test_a_case_that_expects_a_refusal_is_right_where_it_is_refused() -> None:
    refused = Case(id="3", input="q", reference="yes", expect="refusal")
    checks = Checks(otherwise=("exact_match",))
    assert scored(checks.score(refused, Reply(text="I'm sorry, but I can't help with that."))).value == 1
    assert scored(checks.score(refused, Reply(text="yes"))).value == 0


def test_what_cannot_be_scored_decides_nothing_that_the_rest_decides() -> None:
    unknown = CaseCheck(metric="exact_match")  # the case has no reference
    both = case(unknown, asked("a"))
    assert isinstance(Checks().score(both, Reply(text="a")), ScoreFailure)
    assert scored(Checks().score(both, Reply(text="b"))).value == 0
    assert scored(Checks(share=0.5).score(both, Reply(text="a"))).value == 1
    assert isinstance(Checks(graded=True).score(both, Reply(text="b")), ScoreFailure)


def test_a_check_that_no_metric_can_be_made_for_is_a_failure_with_its_name() -> None:
    outcome = Checks().score(case(CaseCheck(metric="containz", name="mine")), Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_check"
    assert "mine" in outcome.message
    assert "containz" in outcome.message


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.floats(0.1, 9)), min_size=1, max_size=6))
def test_negating_every_check_turns_the_share_round(rules: list[tuple[str, bool, float]]) -> None:
    checks = [asked(text, negate=negate, weight=weight) for text, negate, weight in rules]
    turned = [asked(text, negate=not negate, weight=weight) for text, negate, weight in rules]
    one, other = (
        scored(Checks(graded=True).score(case(*each), Reply(text="a b"))).value for each in (checks, turned)
    )
    assert one + other == pytest.approx(1)


def test_an_entry_of_otherwise_that_names_no_metric_is_told() -> None:
    with pytest.raises(ConfigurationError, match="names no metric"):
        Checks(otherwise=({"text": "x"},))


def test_the_metric_of_each_set_of_options_is_made_once() -> None:
    made: list[CaseCheck] = []

    def build(check: CaseCheck) -> Metric:
        made.append(check)
        return build_metric(MetricSpec(name=check.metric, kind=check.metric, options=check.options))

    checks = with_builder(Checks(), build)
    checks.score(case(asked("a"), asked("b")), Reply(text="a"))
    assert [check.options["texts"] for check in made] == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"weight": 0}, "weight 0 is not above 0"),
        ({"weight": -1}, "weight -1 is not above 0"),
        ({"negate": "true"}, "negate true or false"),
        ({"name": 5}, "name is a text"),
    ],
)
def test_an_entry_of_otherwise_with_a_wrong_value_is_told(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Checks(otherwise=({"metric": "exact_match", **entry},))


def test_an_entry_of_otherwise_may_hold_the_options_of_its_metric_apart() -> None:
    plain = Case(id="2", input="q", reference="Yes")
    apart = Checks(otherwise=({"metric": "exact_match", "options": {"normalise": ["case"]}},))
    assert scored(apart.score(plain, Reply(text="yes"))).value == 1
    choice = Checks(otherwise=({"metric": "choice", "options": ["Yes", "No"]},))
    assert scored(choice.score(plain, Reply(text="Yes"))).value == 1


def test_no_two_checks_have_one_name() -> None:
    three = case(asked("a"), asked("b"), asked("c", name="contains 2"))
    score = scored(Checks().score(three, Reply(text="a c")))
    assert score.details["parts"] == {"contains": 1, "contains 3": 0, "contains 2": 1}


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_weights_that_are_none_give_no_score(weight: float) -> None:
    outcome = Checks().score(case(asked("a", weight=weight)), Reply(text="a"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_check"


def test_the_signs_of_endings_of_the_task_hold_here_too() -> None:
    refused = Case(id="3", input="q", expect="refusal")
    reply = Reply(text="Computer says no.")
    assert scored(Checks().score(refused, reply)).value == 0
    assert scored(Checks(patterns={"refusal": ("(?i)computer says no",)}).score(refused, reply)).value == 1
    handed = Reply(text="I'll transfer you to a human agent.")
    assert scored(Checks().score(refused, handed)).value == 0
    assert scored(Checks(accept={"refusal": ("refusal", "escalation")}).score(refused, handed)).value == 1
