"""What a metric says of a reference or an answer of the wrong kind is said in the words of JSON, not of Python."""

import pytest

from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.record import Json
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply


def scored(kind: str, reference: Json, reply: str) -> Score | ScoreFailure:
    metric = build_metric(MetricSpec(name=kind, kind=kind, options={}))
    return metric.score(Case(id="7", input="", reference=reference), Reply(text=reply))


@pytest.mark.parametrize(
    ("kind", "reference", "told"),
    [
        ("exact_match", {"a": 1}, "the reference of case '7' holds an object, not a text"),
        ("exact_match", [["a"]], "the reference of case '7' holds a list, not a text"),
        ("fields", "30 days", "the reference of case '7' is text, not an object of fields"),
        ("field_f1", [1], "the reference of case '7' is a list, not an object of fields"),
    ],
)
def test_a_reference_of_the_wrong_kind_is_named(kind: str, reference: Json, told: str) -> None:
    found = scored(kind, reference, "x")
    assert isinstance(found, ScoreFailure)
    assert found.message.startswith(told)


@pytest.mark.parametrize(
    ("reply", "told"),
    [("[1]", "a list"), ("12", "a number"), ("null", "nothing (null)"), ("true", "true or false")],
)
@pytest.mark.parametrize("kind", ["fields", "field_f1"])
def test_an_answer_of_the_wrong_kind_is_named(kind: str, reply: str, told: str) -> None:
    found = scored(kind, {"a": 1}, reply)
    assert isinstance(found, Score)
    assert found.details["reason"] == f"the answer is {told}, not an object of fields"
