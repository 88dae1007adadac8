"""field_f1."""

import json
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.extraction.field_f1 import FieldF1
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Reply


def scored(fields: Any, answer: Any, reference: Any) -> Score:
    metric = build_metric(MetricSpec(name="f", kind="field_f1", options={"fields": fields}))
    text = answer if isinstance(answer, str) else json.dumps(answer)
    outcome = metric.score(Case(id="1", input="", reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def test_invented_and_missed_values_are_counted_apart_and_a_wrong_one_lowers_both() -> None:
    fields = dict.fromkeys("abcd", "string")
    score = scored(fields, {"a": "x", "b": "y", "c": "z"}, {"a": "x", "b": "n", "d": "q"})
    assert score.details["counts"] == {"a": [1, 1, 1], "b": [0, 1, 1], "c": [0, 1, 0], "d": [0, 0, 1]}
    assert score.value == pytest.approx(2 * 1 / (3 + 3))
    assert (score.details["missed"], score.details["invented"]) == (["d"], ["c"])
    assert score.details["differing"] == {"b": 1}
    assert score.details["wrong"] == [
        {"field": "b", "answer": "y", "reference": "n", "why": "another text"},
    ]


@pytest.mark.parametrize(
    ("rule", "answer", "reference", "why"),
    [
        ("string", "ACME", "Acme", "another text"),
        ({"kind": "string", "normalise": ["case"]}, "ACME", "Acme", None),
        ({"kind": "string", "similarity": 0.8}, "ACME Ltd", "ACME Ltd.", None),
        ({"kind": "string", "similarity": 0.9}, "ACME Ltd", "ACME Ltd.", "another text"),
        ("number", "1,200", 1200, None),
        ("number", "twelve", 12, "no number"),
        ("number", 12.1, 12, "another number"),
        ({"kind": "number", "tolerance": 0.1}, 12.1, 12, None),
        ({"kind": "number", "relative": 0.01}, 1010, 1000, None),
        ({"kind": "number", "relative": 0.01}, 1000, 1010, None),
        ({"kind": "number", "relative": 0.01}, 1010.05, 1000, None),
        ({"kind": "number", "relative": 0.01}, 1011, 1000, "another number"),
        ("number", "1.200", 1200, "another number"),
        ({"kind": "number", "decimal": ","}, "1.200", 1200, None),
        ({"kind": "number", "decimal": ","}, "1.200", 1.2, "another number"),
        ({"kind": "number", "decimal": ","}, "12", 12, None),
        ("date", "5 January 2026", "2026-01-05", None),
        ("date", "5/1/2026", "2026-01-05", "no date"),
        ({"kind": "date", "first": "day"}, "5/1/2026", "2026-01-05", None),
        ({"kind": "date", "first": "month"}, "5/1/2026", "2026-01-05", "another date"),
        ("date", "at once", "at once", None),
        ("date", "2026-01-05", "at once", "the reference is no date"),
        ("date", 20260105, "2026-01-05", None),
        ("money", "€1.200,50", "EUR 1,200.50", None),
        ("money", "1200.5", "EUR 1,200.50", None),
        ("money", {"amount": 1200.5, "currency": "EUR"}, "EUR 1,200.50", None),
        ("money", "US$ 5", "$5", None),
        ("money", "US$ 5", "A$5", "another currency"),
        ("money", "5 EUR", "5 USD", "another currency"),
        ("money", "5 apples", "5 USD", "no amount"),
        ("any", "12.0", 12, None),
        ("any", {"x": 1}, {"x": 1.0}, None),
    ],
)
def test_a_value_is_compared_by_the_kind_of_its_field(
    rule: Any, answer: Any, reference: Any, why: str | None
) -> None:
    score = scored({"f": rule}, {"f": answer}, {"f": reference})
    assert score.value == (why is None)
    assert [each["why"] for each in score.details["wrong"]] == ([] if why is None else [why])  # type: ignore[attr-defined]


def test_items_of_a_list_count_one_by_one_in_any_order() -> None:
    score = scored({"tags": "list"}, {"tags": ["c", "a", "x"]}, {"tags": ["a", "b", "c", "d"]})
    assert score.details["counts"] == {"tags": [2, 3, 4]}
    assert (score.details["missed"], score.details["invented"]) == (["tags[3]"], [])


def test_a_list_in_order_is_compared_place_by_place() -> None:
    rule = {"kind": "list", "of": "string", "in_order": True}
    assert scored({"tags": rule}, {"tags": ["b", "a"]}, {"tags": ["a", "b"]}).value == 0


def test_the_same_item_twice_counts_once_where_the_reference_has_it_once() -> None:
    assert scored({"t": "list"}, {"t": ["a", "a"]}, {"t": ["a"]}).details["counts"] == {"t": [1, 2, 1]}


def test_a_value_that_should_be_a_list_is_one_of_one_item() -> None:
    assert scored({"t": "list"}, {"t": "a"}, {"t": ["a"]}).value == 1


def test_parts_of_objects_count_each_for_itself() -> None:
    rule = {"kind": "nested", "fields": {"city": "string", "since": "date"}}
    score = scored({"at": rule}, {"at": {"city": "Ghent", "since": "1 May 2026"}}, {"at": {"city": "Ghent"}})
    assert score.details["counts"] == {"at.city": [1, 1, 1], "at.since": [0, 1, 0]}
    other = scored({"at": rule}, {"at": "Ghent"}, {"at": {"city": "Ghent"}})
    assert other.details["counts"] == {"at": [0, 1, 0], "at.city": [0, 0, 1]}


def test_lines_of_an_invoice_are_paired_so_that_the_most_is_right() -> None:
    line = {"kind": "nested", "fields": {"what": "string", "price": "money"}}
    fields = {"lines": {"kind": "list", "of": line}}
    answer = [{"what": "b", "price": "1"}, {"what": "x", "price": "2.00"}]
    reference = [{"what": "a", "price": 2}, {"what": "b", "price": 1}, {"what": "c", "price": 3}]
    score = scored(fields, {"lines": answer}, {"lines": reference})
    assert score.details["counts"] == {"lines.what": [1, 2, 3], "lines.price": [2, 2, 3]}
    # the first that fits would take the price of another line
    answer = [{"what": "z", "price": "1"}, {"what": "b", "price": "1"}]
    reference = [{"what": "b", "price": 1.0}, {"what": "q", "price": 1}]
    assert scored(fields, {"lines": answer}, {"lines": reference}).details["counts"] == {
        "lines.what": [1, 2, 2],
        "lines.price": [2, 2, 2],
    }


def test_nothing_where_nothing_is_there_is_right() -> None:
    score = scored({"a": "string"}, {"a": " "}, {"a": None})
    assert (score.value, score.details["counts"]) == (1, {})


def test_names_that_no_rule_knows_are_shown_and_do_not_count() -> None:
    score = scored({"a": "string"}, {"a": "x", "z": 1}, {"a": "x"})
    assert (score.value, score.details["unknown"]) == (1, ["z"])


def test_without_rules_the_reference_says_which_fields_there_are_and_others_are_invented() -> None:
    score = scored(None, {"a": "x", "z": 1}, {"a": "x"})
    assert score.details["counts"] == {"a": [1, 1, 1], "(others)": [0, 1, 0]}
    assert score.details["invented"] == ["z"]


@pytest.mark.parametrize("reply", ["", "no JSON", "[1]", "3"])
def test_a_reply_that_cannot_be_read_answers_nothing(reply: str) -> None:
    score = scored({"a": "string", "b": "date"}, reply, {"a": "x"})
    assert (score.value, score.details["counts"]) == (0, {"a": [0, 0, 1]})
    assert score.details["unreadable"] is True
    assert scored({"a": "string"}, reply, {"a": None}).value == 0


@pytest.mark.parametrize(("reference", "kind"), [(None, "no_reference"), ("a", "wrong_reference")])
def test_the_reference_is_an_object(reference: Any, kind: str) -> None:
    outcome = FieldF1().score(Case(id="1", input="q", reference=reference), Reply(text="{}"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == kind


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "no fields"),
        ({"a": {"kind": "date", "tolerance": 1.0}}, "kind date has no option tolerance"),
        ({"a": "nested"}, "needs fields"),
        ({"a": {"kind": "string", "similarity": 1.5}}, "similarity is 1.5"),
        ({"a": {"kind": "number", "tolerance": -1.0}}, "negative"),
        ({"a": "integer"}, "fields.a"),
        ({"a": {"kind": "string", "similar": 1.0}}, "fields.a"),
    ],
)
def test_a_wrong_rule_is_a_configuration_error(fields: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        scored(fields, {}, {})


def test_thousands_of_items_are_compared_too() -> None:
    many = [{"what": f"thing {n}", "price": n} for n in range(3000)]
    line = {"kind": "nested", "fields": {"what": "string", "price": "money"}}
    fields = {"lines": {"kind": "list", "of": line}}
    changed = [{**each, "price": each["price"] + 1} for each in many]  # type: ignore[operator]
    assert scored(fields, {"lines": many[::-1]}, {"lines": many}).value == 1
    assert scored(fields, {"lines": changed}, {"lines": many}).value == 0.5
