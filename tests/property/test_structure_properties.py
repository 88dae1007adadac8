"""What holds for metrics of structure, and where they agree with other implementations."""

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from passmuster.metrics.structure.function_call import FunctionCall
from passmuster.metrics.structure.json_schema import JsonSchema
from passmuster.metrics.structure.table import TableColumns
from passmuster.metrics.structure.tables import read_csv, read_markdown
from passmuster.metrics.structure.xml_tags import XmlTags
from passmuster.metrics.unreadable import Unreadable
from passmuster.records.case import Case, ToolCall
from passmuster.records.score import Score
from passmuster.records.trial import Reply

CASE = Case(id="1", input="")
NAMES = st.sampled_from(["a", "b", "c", "d"])
SMALL = st.integers(-5, 5) | st.sampled_from([0.5, -1.5, 2.0]) | st.text("ab1", max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | SMALL,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
COUNTS = st.integers(0, 3)


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make schemas of the words that outputs of models are usually held to."""
    words: dict[str, st.SearchStrategy[Any]] = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "properties": st.dictionaries(NAMES, inner, max_size=3),
        "required": st.lists(NAMES, max_size=3, unique=True),
        "additionalProperties": inner,
        "items": inner,
        "prefixItems": st.lists(inner, min_size=1, max_size=2),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "minimum": st.integers(-3, 3),
        "exclusiveMaximum": st.integers(-3, 3),
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "minLength": COUNTS,
        "maxLength": COUNTS,
        "pattern": st.sampled_from(["^a", "b$", "[0-9]", "^(a|b)*$"]),
        "minItems": COUNTS,
        "maxItems": COUNTS,
        "uniqueItems": st.booleans(),
        "maxProperties": COUNTS,
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "oneOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner,
        "if": inner,
        "then": inner,
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2),
        "unevaluatedProperties": inner,
    }
    return st.fixed_dictionaries({}, optional=words)


SCHEMAS: st.SearchStrategy[Any] = st.recursive(st.booleans() | st.just({}), keywords, max_leaves=6)


def value(outcome: object) -> float:
    assert isinstance(outcome, Score)
    return outcome.value


@given(SCHEMAS, VALUES)
def test_json_schema_agrees_with_another_implementation(schema: Any, given_value: Any) -> None:
    expected = jsonschema.Draft202012Validator(schema).is_valid(given_value)
    outcome = JsonSchema(schema=schema).score(CASE, Reply(text=json.dumps(given_value)))
    assert value(outcome) == float(expected)


@given(SCHEMAS, VALUES, st.booleans())
def test_what_is_valid_stays_valid_in_a_fence_and_with_a_comma_too_many(
    schema: Any,
    given_value: Any,
    comma: bool,  # noqa: FBT001 - hypothesis fills it
) -> None:
    strict = value(JsonSchema(schema=schema).score(CASE, Reply(text=json.dumps(given_value))))
    text = json.dumps(given_value, indent=1)
    if comma and isinstance(given_value, dict | list) and given_value:
        text = f"{text[:-1]},{text[-1]}"
    reply = Reply(text=f"Here:\n```json\n{text}\n```")
    assert value(JsonSchema(schema=schema, repaired=True).score(CASE, reply)) == strict


TAGS = st.sampled_from(["a", "b", "c-d", "e_1"])
ELEMENTS = st.recursive(
    st.tuples(TAGS, st.just(())),
    lambda inner: st.tuples(TAGS, st.lists(inner | st.text("xy <&>\n", max_size=4), max_size=3)),
    max_leaves=8,
)


def written(element: Any) -> str:
    if isinstance(element, str):
        return escape(element)
    tag, inside = element
    return f"<{tag}>{''.join(map(written, inside))}</{tag}>"


@given(ELEMENTS, TAGS)
def test_xml_finds_the_tags_that_another_reader_finds(element: Any, tag: str) -> None:
    text = written(element)
    tree = ET.fromstring(text)  # noqa: S314 - written above
    found = [each for each in tree.iter() if each.tag == tag]
    filled = any("".join(each.itertext()).strip() for each in found)
    assert value(XmlTags(required=(tag,), empty=True).score(CASE, Reply(text=text))) == float(bool(found))
    assert value(XmlTags(required=(tag,)).score(CASE, Reply(text=text))) == float(filled)


CELLS = st.text('ab ,"\n|\\', min_size=1, max_size=5).map(str.strip).filter(bool)


@given(st.lists(CELLS, min_size=1, max_size=3, unique=True), st.integers(1, 3), st.data())
def test_csv_is_read_back_as_it_was_written(columns: list[str], count: int, data: st.DataObject) -> None:
    rows = [data.draw(st.lists(CELLS, min_size=len(columns), max_size=len(columns))) for _ in range(count)]
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
    table = read_csv(made.getvalue())
    assert not isinstance(table, Unreadable)
    assert (list(table.columns), [list(row) for row in table.rows]) == (columns, rows)
    metric = TableColumns(form="csv", columns=tuple(columns))
    assert value(metric.score(CASE, Reply(text=made.getvalue()))) == 1


PLAIN = st.text("ab |", min_size=1, max_size=5).map(str.strip).filter(bool)


@given(st.lists(PLAIN, min_size=1, max_size=3, unique=True), st.integers(1, 3), st.data())
def test_a_markdown_table_is_read_back_as_it_was_written(
    columns: list[str], count: int, data: st.DataObject
) -> None:
    rows = [data.draw(st.lists(PLAIN, min_size=len(columns), max_size=len(columns))) for _ in range(count)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in (columns, *rows)]
    table = read_markdown("\n".join([lines[0], "|---" * len(columns) + "|", *lines[1:]]))
    assert not isinstance(table, Unreadable)
    assert (list(table.columns), [list(row) for row in table.rows]) == (columns, rows)


CALLS = st.lists(
    st.fixed_dictionaries({"name": st.text(max_size=4), "arguments": st.dictionaries(st.text(max_size=4), VALUES, max_size=3)}),
    min_size=1,
    max_size=3,
)  # fmt: skip


@given(CALLS, st.booleans())
def test_the_calls_of_the_reference_are_right_as_text_and_as_tool_calls(
    calls: list[dict[str, Any]],
    any_order: bool,  # noqa: FBT001 - hypothesis fills it
) -> None:
    case = Case(id="1", input="", reference=calls)
    made = tuple(ToolCall(name=each["name"], arguments=json.dumps(each["arguments"])) for each in calls)
    for reply in (Reply(text=json.dumps(calls)), Reply(text="", tool_calls=made)):
        assert value(FunctionCall(any_order=any_order).score(case, reply)) == 1
    assert value(FunctionCall(any_order=True).score(case, Reply(text=json.dumps(calls[::-1])))) == 1


@given(CALLS)
def test_one_call_too_many_is_wrong(calls: list[dict[str, Any]]) -> None:
    case = Case(id="1", input="", reference=calls)
    for any_order in (False, True):
        reply = Reply(text=json.dumps([*calls, calls[0]]))
        assert value(FunctionCall(any_order=any_order).score(case, reply)) == 0
