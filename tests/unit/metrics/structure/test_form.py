"""The form of a reply."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.metrics.structure.form import form
from passmuster.records.case import ToolCall
from passmuster.records.trial import Reply


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("Yes", "a word"),
        ("3.5", "a number"),
        ("$ 1,200", "a number"),
        ("It is so.", "a line"),
        ("One.\n\nTwo.", "lines or paragraphs"),
        ('{"b": 1, "a": "x"}', "JSON {a, b}"),
        ('{"a": 2, "b": null}', "JSON {a, b}"),
        ("{}", "JSON {}"),
        ('[{"a": 1}, {"a": 2}]', "JSON list of JSON {a}"),
        ('[{"a": 1}, {"b": 2}]', "JSON list of several kinds"),
        ("[1, 2]", "JSON list of items"),
        ("[]", "JSON list, empty"),
        ('"x"', "JSON text"),
        ('```json\n{"a": 1}\n```', "JSON {a} in a fence"),
        ('Here:\n```json\n{"a": 1}\n```', "JSON {a} in a fence among words"),
        ('The answer is {"a": 1}.', "JSON {a} among words"),
        ("{'a': 1}", "broken JSON {a}"),
        ('{"a": [1, 2', "broken JSON {a}"),
        ("It is 3 [1], or {x}.", "a line"),
        ("<r><a>1</a></r>", "XML <r>"),
        ("a < b", "a line"),
        ("```\nprint(1)\n```", "a fenced block"),
        ("```json\n[1, 2]\n```", "JSON list of items in a fence"),
        ('```python\nprint({"a": 1})\n```', "a fenced block"),
        ("```css\np {color: red}\n```", "a fenced block"),
        ('```js\nf({"a": 1})\n```\nThat is it.', "lines or paragraphs"),
        ('```json\n{"a": 1,}\n```', "broken JSON {a}"),
        ("```\n{a: 1}\n```", "broken JSON {a}"),
        ("Hello {name: x}, here it is", "a line"),
        ("<p><b>{color: red}</b></p>", "XML <p>"),
        ("It is {'a': 1}.", "broken JSON {a}"),
        ("| a |\n|---|\n| 1 |", "a table"),
        ("See:\n\n| a |\n|---|\n| 1 |", "a table among words"),
        ("- one\n- two", "a bulleted list"),
        ("\u2022 one\n\u2022 two", "a bulleted list"),
        ("Here:\n- one\n- two\n- three", "a bulleted list among words"),
        ("1. one\n2) two", "a numbered list"),
        ("# One\ntext\n## Two\ntext", "sections with headings"),
    ],
)
def test_a_form_is_said_in_a_few_words(text: str, expected: str) -> None:
    assert form(Reply(text=text)) == expected


def test_tool_calls_are_a_form_whatever_the_text() -> None:
    calls = tuple(ToolCall(name=name, arguments="{}") for name in ("b", "a", "b"))
    assert form(Reply(text="I look it up.", tool_calls=calls)) == "calls a, b"


def test_many_fields_are_cut() -> None:
    text = json.dumps(dict.fromkeys("abcdefghij", 1))
    assert form(Reply(text=text)) == "JSON {a, b, c, d, e, f, g, h, ...}"


@given(st.text(st.characters(exclude_categories=())) | st.text("{}[]\"'|-\n# <>a`", max_size=80))
def test_any_text_has_a_short_form_that_can_be_stored(text: str) -> None:
    assert 0 < len(form(Reply(text=text)).encode("utf-8")) < 2000


@given(st.dictionaries(st.text(max_size=4), st.integers()), st.randoms(use_true_random=False))
def test_neither_the_order_of_fields_nor_their_values_count(value: dict[str, Any], draw: Any) -> None:
    names = list(value)
    draw.shuffle(names)
    other = {name: str(value[name]) for name in names}
    assert form(Reply(text=json.dumps(value))) == form(Reply(text=json.dumps(other, indent=2)))
