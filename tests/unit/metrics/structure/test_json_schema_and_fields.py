"""json_schema and fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.extraction.fields import Fields
from passmuster.metrics.structure.json_schema import JsonSchema
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

CASE = Case(id="1", input="q")
PERSON = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


def schema_score(metric: JsonSchema, text: str) -> Score:
    outcome = metric.score(CASE, Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def fields_score(text: str, reference: Mapping[str, Any], **options: Any) -> Score:
    outcome = Fields(**options).score(Case(id="1", input="q", reference=reference), Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


def test_valid_json_is_1_and_invalid_json_is_0_with_the_first_error_and_its_place() -> None:
    metric = JsonSchema(schema={"type": "object", "properties": {"a": {"items": {"type": "integer"}}}})
    assert schema_score(metric, '{"a": [1, 2]}').value == 1
    wrong = schema_score(metric, '{"a": [1, "x"]}')
    assert (wrong.value, wrong.details["path"]) == (0, "$.a[1]")
    assert "integer" in str(wrong.details["error"])


def test_a_reply_that_is_no_json_is_0_and_says_so() -> None:
    wrong = schema_score(JsonSchema(schema=PERSON), "age: 3")
    assert (wrong.value, wrong.details["unreadable"]) == (0, True)


def test_a_fence_is_refused_unless_it_is_allowed() -> None:
    reply = '```json\n{"age": 3}\n```'
    assert schema_score(JsonSchema(schema=PERSON), reply).value == 0
    assert schema_score(JsonSchema(schema=PERSON, fenced=True), reply).value == 1


def test_formats_are_checked_when_asked_for() -> None:
    schema = {"format": "date"}
    assert schema_score(JsonSchema(schema=schema), '"tomorrow"').value == 1
    assert schema_score(JsonSchema(schema=schema, formats=True), '"tomorrow"').value == 0


def test_the_draft_is_the_one_that_the_schema_names() -> None:
    draft_7 = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}
    assert schema_score(JsonSchema(schema=draft_7), "[1]").value == 0


def test_a_pattern_that_needs_backtracking_makes_score_failures_and_no_verdict() -> None:
    outcome = JsonSchema(schema={"pattern": "(?=a)b"}).score(CASE, Reply(text='"b"'))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == "unsupported_pattern"


def test_a_schema_fetches_nothing_not_even_a_file_that_is_there(tmp_path: Path) -> None:
    there = tmp_path / "schema.json"
    there.write_text("{}", encoding="utf-8")
    for address in (there.as_uri(), "http://127.0.0.1:9/schema.json"):
        with pytest.raises(ConfigurationError, match="nothing is fetched"):
            JsonSchema(schema={"$ref": address})


@pytest.mark.parametrize(
    "schema", [{"type": "objekt"}, {"pattern": "["}, {"$schema": "http://json-schema.org/draft-03/schema#"}]
)
def test_a_wrong_schema_is_a_configuration_error(schema: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="the JSON Schema is wrong"):
        JsonSchema(schema=schema)


def test_the_value_is_the_share_of_fields_that_are_right() -> None:
    score = fields_score('{"a": 1, "b": "x", "c": null}', {"a": 1, "b": "y", "c": "z", "d": None})
    assert score.value == 0.5
    assert score.details["parts"] == {"a": 1, "b": 0, "c": 0, "d": 1}
    assert (score.details["missing"], score.details["invented"]) == (["c"], [])


def test_a_value_where_the_reference_has_none_is_invented() -> None:
    score = fields_score('{"a": 1, "b": 2, "c": 3}', {"a": 1, "b": None})
    assert (score.value, score.details["invented"]) == (0.5, ["b", "c"])


def test_only_named_fields_count_when_they_are_named() -> None:
    score = fields_score('{"a": 1, "b": 2, "c": 3}', {"a": 1, "b": 9}, fields=("a", "c"))
    assert score.details["parts"] == {"a": 1, "c": 0}
    assert score.details["invented"] == ["c"]


@pytest.mark.parametrize(
    ("answer", "reference", "right"),
    [
        ('"1200.50"', 1200.5, 1),
        ("1200.50", "1200.5", 1),
        ('"2024-01-01"', "2024-01-01", 1),
        ('"2024-1-1"', "2024-01-01", 0),
        ("1", True, 0),
        ("true", True, 1),
        ('["a", "b"]', ["a", "b"], 1),
        ('["b", "a"]', ["a", "b"], 0),
        ('["a"]', ["a", "b"], 0),
        ('{"x": 1}', {"x": 1.0}, 1),
        ('{"x": 1, "y": 2}', {"x": 1}, 0),
        ('{"x": 1}', "x", 0),
    ],
)
def test_a_field_is_right_when_it_means_the_same(answer: str, reference: Any, right: int) -> None:
    assert fields_score(f'{{"f": {answer}}}', {"f": reference}).value == right


def test_texts_are_normalised_for_all_fields_or_by_name() -> None:
    reply, reference = '{"a": "X", "b": "Y"}', {"a": "x", "b": "y"}
    assert fields_score(reply, reference).value == 0
    assert fields_score(reply, reference, normalise=("case",)).value == 1
    assert fields_score(reply, reference, normalise={"a": ("case",)}).value == 0.5


def test_lists_may_be_compared_in_any_order() -> None:
    reply = '{"parties": ["B", "A", "A"]}'
    assert fields_score(reply, {"parties": ["A", "B", "A"]}, any_order=("parties",)).value == 1
    assert fields_score(reply, {"parties": ["A", "B", "B"]}, any_order=("parties",)).value == 0


@pytest.mark.parametrize("reply", ["", "no JSON", "[1]", "3"])
def test_a_reply_without_fields_has_none_right(reply: str) -> None:
    score = fields_score(reply, {"a": 1})
    assert (score.value, score.details["missing"], score.details["unreadable"]) == (0, ["a"], True)


@pytest.mark.parametrize(
    ("reference", "kind"), [(None, "no_reference"), ({}, "no_reference"), ("a", "wrong_reference")]
)
def test_fields_need_an_object_as_reference(reference: Any, kind: str) -> None:
    outcome = Fields().score(Case(id="1", input="q", reference=reference), Reply(text="{}"))
    assert isinstance(outcome, ScoreFailure)
    assert outcome.kind == kind
