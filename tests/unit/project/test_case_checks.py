"""The checks of cases, and what scores the cases that carry none."""

from collections.abc import Callable

from passmuster.metrics.checks import Checks
from passmuster.metrics.registry import build_metric
from passmuster.project.case_checks import with_defaults
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply


def test_an_option_called_like_one_of_a_check_stays_the_metrics() -> None:
    first = MetricSpec(name="length", kind="mine.py:length", options={"at_least": 5, "weight": 0})
    specs = with_defaults([MetricSpec(name="checks", kind="checks"), first])
    (check,) = Checks(otherwise=specs[0].options["otherwise"])._default  # type: ignore[arg-type]  # a JSON value
    assert (check.options, check.at_least, check.weight) == ({"at_least": 5, "weight": 0}, None, 1.0)


def test_cases_without_checks_are_scored_by_the_first_other_metric() -> None:
    first = MetricSpec(name="right", kind="choice", options={"options": ["Yes", "No"]})
    spec = with_defaults([MetricSpec(name="checks", kind="checks"), first])[0]
    score = build_metric(spec).score(Case(id="1", input="", reference="Yes"), Reply(text="No"))
    assert isinstance(score, Score)
    assert score.details["unmet"] == ["right"]


def test_a_slip_in_what_scores_the_other_cases_is_told_before_anything_is_asked(
    slip: Callable[..., str],
) -> None:
    said = slip("metrics: [exact_match]", "metrics: [exact_match, {checks: {otherwise: [exact_mach]}}]")
    assert said.startswith("passmuster.yaml:3")
    assert "exact_mach" in said
