"""When a trial counts as a success."""

import numpy as np

from passmuster.decide.success import reached, success_rule, with_success
from passmuster.metrics.registry import build_metric
from passmuster.records.task import MetricSpec, Success, Task


def task(*kinds: str, success: Success | None = None) -> Task:
    specs = tuple(MetricSpec(name=kind, kind=kind) for kind in kinds)
    made = Task(name="t", metrics=specs, success=success)
    return with_success(made, [build_metric(spec) for spec in specs])


def test_the_first_metric_says_what_a_success_is() -> None:
    assert success_rule(task("exact_match", "gave_up")) == Success(metric="exact_match")


def test_where_less_of_the_first_is_better_another_says_it() -> None:
    assert success_rule(task("gave_up", "exact_match")) == Success(metric="exact_match", at_least=1.0)


def test_where_less_is_better_of_all_the_least_is_a_success() -> None:
    assert success_rule(task("gave_up", "omission_rate")) == Success(
        metric="gave_up", at_least=None, at_most=0.0
    )


def test_a_metric_on_a_scale_of_its_own_succeeds_from_three_quarters_of_it() -> None:
    spec = MetricSpec(name="quality", kind="judge", options={"asks": "big", "rubric": "helpfulness"})
    found = with_success(Task(name="t", metrics=(spec,)), [build_metric(spec)])

    assert success_rule(found) == Success(metric="quality", at_least=4.0)


def test_what_the_task_says_stays() -> None:
    stated = Success(metric="gave_up", at_least=None, at_most=0.5)
    assert success_rule(task("gave_up", "exact_match", success=stated)) == stated


def test_a_value_without_a_score_is_no_success() -> None:
    values = np.array([0.0, 0.5, 1.0, np.nan])
    assert reached(values, Success(metric="a", at_least=0.5)).tolist() == [False, True, True, False]
    assert reached(values, Success(metric="a", at_least=None, at_most=0.5)).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert [Success(metric="a", at_least=0.2, at_most=0.8).met_by(value) for value in (0.1, 0.5, 0.9)] == [
        False,
        True,
        False,
    ]


def test_the_checks_of_cases_say_it_wherever_they_stand() -> None:
    assert success_rule(task("exact_match", "checks")) == Success(metric="checks", at_least=1.0)
    stated = Success(metric="exact_match")
    assert success_rule(task("exact_match", "checks", success=stated)) == stated
