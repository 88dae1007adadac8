"""json_schema: three ways of reading a reply, each a part."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.metrics.structure.json_schema import JsonSchema
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply

CASE = Case(id="1", input="q")
PERSON = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


def scored(text: str, **options: Any) -> Score:
    outcome = JsonSchema(schema=PERSON, **options).score(CASE, Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"age": 3}', (1, 1, 1)),
        ('```json\n{"age": 3}\n```', (0, 1, 1)),
        ('I say:\n```json\n{"age": 3,}\n```', (0, 0, 1)),
        ('{"age": 3', (0, 0, 1)),
        ('{"age": "x"}', (0, 0, 0)),
        ('```json\n{"age": "x",}\n```', (0, 0, 0)),
        ("three", (0, 0, 0)),
    ],
)
def test_fidelity_and_correctness_are_parts_of_their_own(text: str, parts: tuple[int, ...]) -> None:
    found = scored(text).details["parts"]
    assert found == dict(zip(("strict", "fenced", "repaired"), parts, strict=True))


@pytest.mark.parametrize(("options", "value"), [({}, 0), ({"fenced": True}, 0), ({"repaired": True}, 1)])
def test_an_option_says_which_reading_counts(options: dict[str, bool], value: int) -> None:
    assert scored('```json\n{"age": 3,}\n```', **options).value == value


def test_what_was_repaired_is_named_whichever_reading_counts() -> None:
    assert scored("```json\n{'age': 3,}\n```").details["repairs"] == ["fence", "quotes", "commas"]
    assert "repairs" not in scored('{"age": 3}').details


def test_the_error_is_that_of_the_reading_that_counts() -> None:
    text = '```json\n{"age": "x"}\n```'
    assert (scored(text).details["path"], scored(text).details["unreadable"]) == ("$", True)
    counted = scored(text, fenced=True).details
    assert (counted["path"], "unreadable" in counted) == ("$.age", False)


@given(
    st.text() | st.dictionaries(st.just("age"), st.integers() | st.text()).map(json.dumps),
    st.text(max_size=9),
)
def test_a_laxer_reading_never_loses_what_a_stricter_one_accepts(text: str, before: str) -> None:
    for reply in (text, f"{before}\n```\n{text}\n```"):
        parts = scored(reply).details["parts"]
        assert isinstance(parts, dict)
        assert parts["strict"] <= parts["fenced"] <= parts["repaired"]
