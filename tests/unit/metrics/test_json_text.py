"""Why a text is no JSON, in words that no version of Python changes."""

import json
import sys

import pytest

from passmuster.metrics.json_text import DEPTH, find_json, parse_json
from passmuster.metrics.unreadable import Unreadable


def reason(text: str) -> str:
    found = parse_json(text)
    assert isinstance(found, Unreadable)
    return found.reason


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,}', "not JSON: a comma before the end at character 7"),
        ('{"a": 1, \n }', "not JSON: a comma before the end at character 7"),
        ("[1, 2 , ]", "not JSON: a comma before the end at character 6"),
        ("[1,]", "not JSON: a comma before the end at character 2"),
        ('[[1,],["a",]]', "not JSON: a comma before the end at character 3"),
        ("[,]", "not JSON: Expecting value at character 1"),
        ("}", "not JSON: Expecting value at character 0"),
        ("{'a': 1}", "not JSON: Expecting property name enclosed in double quotes at character 1"),
        ('{"a" 1}', "not JSON: Expecting ':' delimiter at character 5"),
    ],
)
def test_what_is_wrong_is_told_in_the_same_words_under_every_python(text: str, told: str) -> None:
    assert reason(text) == told


@pytest.mark.parametrize("limit", [300, 3000])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth_is_told_before_a_decoder_gives_up(opening: str, limit: int) -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        assert reason(opening * 2000) == f"nested deeper than {DEPTH} levels"
    finally:
        sys.setrecursionlimit(before)


def test_as_many_levels_as_are_read_are_read() -> None:
    assert not isinstance(parse_json("[" * DEPTH + "]" * DEPTH), Unreadable)
    assert "nested deeper" in reason("[" * (DEPTH + 1) + "]" * (DEPTH + 1))


def test_brackets_in_texts_and_beside_each_other_are_no_depth() -> None:
    texts = {"a": "[" * 200 + '\\"{', "b": [[], {}] * 100}

    assert parse_json(json.dumps(texts)) == texts


def test_brackets_after_the_value_are_no_depth_of_it() -> None:
    assert find_json('```json\n{"a": 1}\n```\n' + "[" * 200) == {"a": 1}
    assert "more text after the value" in reason("[1] " + "[" * 200)
