"""A user's function as a metric."""

from typing import Any

import pytest

from passmuster.metrics.function import function_metric
from passmuster.metrics.metric import Metric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

CASE, REPLY = Case(id="1", input="q"), Reply(text="a")


@pytest.mark.parametrize(
    ("returned", "outcome"),
    [
        (True, Score(value=1.0)),
        (False, Score(value=0.0)),
        (0.25, Score(value=0.25)),
        (1, Score(value=1.0)),
        (Score(value=0.5, answer="a"), Score(value=0.5, answer="a")),
        (ScoreFailure(kind="mine", message="m"), ScoreFailure(kind="mine", message="m")),
    ],
)
def test_what_a_function_returns_becomes_the_score(returned: Any, outcome: Any) -> None:
    assert function_metric("mine", lambda case, reply: returned).score(CASE, REPLY) == outcome


@pytest.mark.parametrize(
    "returned", [None, "1", float("nan"), float("inf"), 10**400, Score(value=float("nan"))]
)
def test_what_is_no_number_is_a_failure_and_no_score(returned: Any) -> None:
    outcome = function_metric("mine", lambda case, reply: returned).score(CASE, REPLY)
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "wrong_type"


def test_a_value_outside_its_bounds_is_a_failure_that_names_them() -> None:
    outcome = function_metric("stars", lambda case, reply: 6, bounds=(1, 5)).score(CASE, REPLY)
    assert outcome == ScoreFailure(
        kind="out_of_bounds", message="metric stars returned 6, outside its bounds of 1 to 5"
    )
    assert function_metric("stars", lambda case, reply: 5, bounds=(1, 5)).score(CASE, REPLY) == Score(
        value=5.0
    )


def test_an_exception_is_a_failure_with_its_traceback() -> None:
    def broken(case: Case, reply: Reply) -> float:
        return 1 / len(reply.tool_calls)

    outcome = function_metric("mine", broken).score(CASE, REPLY)
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "error"
    assert "ZeroDivisionError" in outcome.message
    assert "in broken" in outcome.message


def test_an_endless_recursion_is_a_failure_of_a_few_lines() -> None:
    def endless(case: Case, reply: Reply) -> float:
        return endless(case, reply)

    outcome = function_metric("mine", endless).score(CASE, REPLY)
    assert isinstance(outcome, ScoreFailure)
    assert len(outcome.message.splitlines()) <= 12


def test_a_function_that_promises_a_bool_is_pass_or_fail() -> None:
    def promises(case: Case, reply: Reply) -> bool:
        return True

    def number(case: Case, reply: Reply) -> float:
        return 0.5

    assert function_metric("mine", promises).binary
    assert not function_metric("mine", number).binary
    assert function_metric("mine", number, binary=True).binary
    assert isinstance(function_metric("mine", number, version=2), Metric)
