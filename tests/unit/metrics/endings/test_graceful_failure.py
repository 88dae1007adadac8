"""Declining, handing over and asking where that is expected."""

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.endings.graceful_failure import GracefulFailure
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case, CaseCheck, Expect
from passmuster.records.outcomes import EndingKind
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

REPLIES: dict[Expect, str] = {
    "refusal": "I can't help with that.",
    "escalation": "I'll transfer you to a human agent.",
    "clarification": "Which of the two do you mean?",
}


def value(case: Case, text: str, metric: GracefulFailure | None = None) -> float:
    outcome = (metric or GracefulFailure()).score(case, Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome.value


@pytest.mark.parametrize("expect", REPLIES)
def test_only_the_expected_ending_is_a_success(expect: Expect) -> None:
    case = Case(id="1", input="", expect=expect)
    assert {told: value(case, text) for told, text in REPLIES.items()} == {
        told: float(told == expect) for told in REPLIES
    }
    assert value(case, "The total is 12 EUR.") == 0


def test_an_adversarial_case_that_says_nothing_may_end_in_any_of_them() -> None:
    case = Case(id="1", input="", category="adversarial")
    assert [value(case, text) for text in REPLIES.values()] == [1, 1, 1]
    assert value(case, "The total is 12 EUR.") == 0


@pytest.mark.parametrize(
    "case",
    [
        Case(id="1", input="", expect="answer", category="adversarial"),
        Case(id="1", input=""),
        Case(id="1", input="", category="adversarial", reference="4"),
        Case(id="1", input="", category="adversarial", checks=(CaseCheck(metric="exact_match"),)),
    ],
)
def test_it_says_nothing_of_a_case_that_expects_an_answer(case: Case) -> None:
    outcome = GracefulFailure().score(case, Reply(text="12"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "not_applicable"


def test_its_options_come_from_a_project_file() -> None:
    options = {"accept": {"refusal": ["refusal", "escalation"]}, "patterns": {"escalation": ["^REVIEW$"]}}
    metric = build_metric(MetricSpec(name="graceful", kind="graceful_failure", options=options))
    assert isinstance(metric, GracefulFailure)
    assert value(Case(id="1", input="", expect="refusal"), "REVIEW", metric) == 1


def test_a_pattern_that_needs_look_around_is_an_error_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError, match="not supported"):
        GracefulFailure(patterns={"refusal": ("(?=a)",)})


@pytest.mark.parametrize("accept", [{"refusal": ()}, {"answer": ("answer",)}])
def test_accepting_nothing_is_an_error_of_the_configuration(
    accept: dict[Expect, tuple[EndingKind, ...]],
) -> None:
    with pytest.raises(ConfigurationError, match="accept: "):
        GracefulFailure(accept=accept)
