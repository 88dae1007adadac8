"""Severities and signs of endings in the project file."""

from collections.abc import Callable

from passmuster.project.failing import with_endings
from passmuster.project.load import Project
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply

Slip = Callable[..., str]


def test_they_reach_the_task(project: Callable[..., Project]) -> None:
    added = "severity: {silent_failure: 5, loud_failure: 1}\nendings: {escalation: ['^REVIEW$']}\nincumbent:"
    task = project("incumbent:", added).task
    assert task.severity == {"silent_failure": 5, "loud_failure": 1}
    assert task.endings == {"escalation": ("^REVIEW$",)}


def test_graceful_failure_goes_by_the_same_signs(project: Callable[..., Project]) -> None:
    added = "metrics: [exact_match, graceful_failure]\nendings: {escalation: ['^REVIEW$']}"
    metric = project("metrics: [exact_match]", added).metrics()[1]
    case = Case(id="1", input="", expect="escalation")
    score = metric.score(case, Reply(text="REVIEW"))
    assert isinstance(score, Score)
    assert score.value == 1


def test_a_way_to_fail_that_there_is_not_names_the_closest_one(slip: Slip) -> None:
    message = slip("incumbent:", "severity: {silent_failur: 5}\nincumbent:")
    assert message.startswith("passmuster.yaml:6:12: severity: trials do not turn out 'silent_failur'")
    assert "Did you mean 'silent_failure'?" in message


def test_a_severity_is_zero_or_more(slip: Slip) -> None:
    assert "severity of refusal: -1 is not zero or more" in slip(
        "incumbent:", "severity: {refusal: -1}\nincumbent:"
    )


def test_an_ending_that_there_is_not_and_a_wrong_pattern_are_told(slip: Slip) -> None:
    assert "endings: no reply ends in 'refusl'" in slip("incumbent:", "endings: {refusl: [x]}\nincumbent:")
    assert "is not supported" in slip("incumbent:", "endings: {refusal: ['(?=x)']}\nincumbent:")


def test_checks_go_by_the_signs_of_the_project_and_accept_what_graceful_failure_does() -> None:
    specs = (
        MetricSpec(name="right", kind="checks"),
        MetricSpec(
            name="g", kind="graceful_failure", options={"accept": {"refusal": ["refusal", "escalation"]}}
        ),
        MetricSpec(name="exact_match", kind="exact_match"),
    )
    checks, graceful, plain = with_endings(specs, {"refusal": ("no thanks",)})
    assert checks.options == {
        "accept": {"refusal": ["refusal", "escalation"]},
        "patterns": {"refusal": ["no thanks"]},
    }
    assert graceful.options["patterns"] == {"refusal": ["no thanks"]}
    assert plain.options == {}
