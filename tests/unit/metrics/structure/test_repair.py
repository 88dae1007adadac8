"""JSON after the usual repairs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.metrics.json_text import DEPTH, find_json, parse_json
from passmuster.metrics.structure.repair import REPAIRS, Repaired, repaired
from passmuster.metrics.unreadable import Unreadable

SLIPS: list[tuple[str, Any, tuple[str, ...]]] = [
    ('{"a": 1}', {"a": 1}, ()),
    ('"text"', "text", ()),
    ('```json\n{"a": 1}\n```', {"a": 1}, ("fence",)),
    ('```json\n{"a": "x\ny"}\n```', {"a": "x\ny"}, ("fence", "line_breaks")),
    ('Here: {"a": 1} and so on', {"a": 1}, ("surroundings",)),
    ('See [1]: {"a": 1}', {"a": 1}, ("surroundings",)),
    ('{"a": "x\ty"}', {"a": "x\ty"}, ("line_breaks",)),
    ("{'a': 'b'}", {"a": "b"}, ("quotes",)),
    ("{\u201ca\u201d: \u201cb\u201d}", {"a": "b"}, ("quotes",)),
    ("{a: 1}", {"a": 1}, ("quotes",)),
    ('{"a": x y}', {"a": "x y"}, ("quotes",)),
    ('{"a": 18 apples}', {"a": "18 apples"}, ("quotes",)),
    ('{"a": "he said "no" twice", "b": 1}', {"a": 'he said "no" twice', "b": 1}, ("quotes",)),
    ('{"a": "he said "no", then", "b": 1}', {"a": 'he said "no", then', "b": 1}, ("quotes",)),
    ('["he said "no" twice", "b"]', ['he said "no" twice', "b"], ("quotes",)),
    ('{"a": "x,\n"b": 1}', {"a": "x", "b": 1}, ("line_breaks", "quotes", "commas")),
    ('{"a": 1,}', {"a": 1}, ("commas",)),
    ("[1, 2,]", [1, 2], ("commas",)),
    ("[1,, 2]", [1, 2], ("commas",)),
    ('{"a": 1 "b": 2}', {"a": 1, "b": 2}, ("commas",)),
    ('{"a": true "b": "x"}', {"a": True, "b": "x"}, ("commas",)),
    ('{"a": 5 "inch" pipes}', {"a": '5 "inch" pipes'}, ("quotes",)),
    ('{"a": "x"\n"b": "y"}', {"a": "x", "b": "y"}, ("commas",)),
    ('["x"\n"y"]', ["x", "y"], ("commas",)),
    (r'{"a": "\(x\)"}', {"a": r"\(x\)"}, ("escapes",)),
    (r'{"a": "it\'s"}', {"a": "it's"}, ("escapes",)),
    (r'{"a": "\ud83d\ude00", "b": 1,}', {"a": "\U0001f600", "b": 1}, ("commas",)),
    ('{"a": True, "b": None, "c": NaN}', {"a": True, "b": None, "c": None}, ("literals",)),
    ('{"a": 1,000, "b": -2,500.5}', {"a": 1000, "b": -2500.5}, ("literals",)),
    ('{"a": , "b": 1}', {"a": None, "b": 1}, ("literals",)),
    ('{"a": 1 // one\n}', {"a": 1}, ("comments",)),
    ('{/* a */ "a": 1}', {"a": 1}, ("comments",)),
    ('{"a": true // yes\n}', {"a": True}, ("comments",)),
    ('{"a": null /* none, yet */, "b": [false # no\n]}', {"a": None, "b": [False]}, ("comments",)),
    ('{"a": None # none\n}', {"a": None}, ("literals", "comments")),
    ('{"a": 12/05/2024, "b": [1/2]}', {"a": "12/05/2024", "b": ["1/2"]}, ("quotes",)),
    ('{"a": true and false}', {"a": "true and false"}, ("quotes",)),
    ('{"a": [1, {"b": "x', {"a": [1, {"b": "x"}]}, ("closing",)),
    ('{"a": [1, 2}', {"a": [1, 2]}, ("closing",)),
    ('{"a": "18\n}', {"a": "18"}, ("closing",)),
    ('{"a": [1, 2]]}', {"a": [1, 2]}, ("closing",)),
    ('```json\n{"a": [1\n```\nDone', {"a": [1]}, ("fence", "closing")),
]


@pytest.mark.parametrize(("text", "value", "repairs"), SLIPS, ids=[text for text, _, _ in SLIPS])
def test_a_slip_is_mended_and_named(text: str, value: Any, repairs: tuple[str, ...]) -> None:
    assert repaired(text) == Repaired(value=value, repairs=repairs)


@pytest.mark.parametrize("repair", REPAIRS)
def test_every_kind_of_repair_is_shown_by_a_slip(repair: str) -> None:
    assert any(repair in repairs for _, _, repairs in SLIPS)


@pytest.mark.parametrize("text", ["", "It is 18.", '"a": 1}', "```python\nprint(1)\n```"])
def test_no_value_is_made_up_where_there_is_no_bracket(text: str) -> None:
    found = repaired(text)
    assert isinstance(found, Unreadable)
    assert found.reason == "no JSON object or list in the reply"


def test_of_several_values_the_first_that_holds_something_counts() -> None:
    for text in ('{x} [1] {"a": 1} {"b": 2}', 'In [1] I say {"a": 1}; or {"b": 2}.'):
        found = repaired(text)
        assert isinstance(found, Repaired)
        assert found.value == {"a": 1}


def test_the_fence_that_says_json_is_read_before_one_that_does_not() -> None:
    text = "Input:\n```python\n{1: 2}\n```\nAnswer:\n```JSON\n{'a': 1}\n```"
    assert repaired(text) == Repaired(value={"a": 1}, repairs=("fence", "quotes"))


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"a": ['])
def test_what_is_nested_too_deep_is_not_read(opening: str) -> None:
    assert isinstance(repaired(opening * (DEPTH + 10)), Unreadable)
    assert isinstance(repaired("Here: " + opening * 10_000), Unreadable)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_what_is_json_stays_as_it_is(value: Any) -> None:
    assert repaired(json.dumps(value)) == Repaired(value=value)


@given(st.text())
def test_what_is_json_in_a_fence_is_read_as_without_repairs(text: str) -> None:
    found = find_json(text)
    if not isinstance(found, Unreadable):
        mended = repaired(text)
        assert isinstance(mended, Repaired)
        assert mended.value == found
        assert set(mended.repairs) <= {"fence"}


@given(st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=4))
def test_raw_line_breaks_and_a_comma_too_many_change_no_value(value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    mended = repaired(text[:-1].rstrip() + ",\n}")
    assert isinstance(mended, Repaired)
    assert mended.value == value
    assert mended.repairs == ("commas",)


@given(JSON.filter(lambda value: isinstance(value, dict | list) and bool(value)), st.data())
def test_a_text_that_is_cut_off_still_gives_a_value(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text)))]
    mended = repaired(cut)
    assert isinstance(mended, Repaired)
    assert type(mended.value) is type(value)


@given(st.text(st.sampled_from("{}[]\"'\\,:`\n a1u/*#\ud800"), max_size=200))
def test_what_is_mended_is_json_whatever_the_text(text: str) -> None:
    mended = repaired(text)
    if isinstance(mended, Repaired):
        assert parse_json(json.dumps(mended.value)) == mended.value
        assert set(mended.repairs) <= set(REPAIRS)
