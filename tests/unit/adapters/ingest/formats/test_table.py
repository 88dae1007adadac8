"""Every format: what it does with its own values, with those of the others, and with anything at all."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.adapters.ingest.formats.samples import SAMPLES

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.adapters.ingest.formats.format import Format, MappingError, NotCarried, path_of
from passmuster.adapters.ingest.formats.table import (
    FORMATS,
    format_named,
    recognised,
    recognised_folder,
    values,
)
from passmuster.adapters.ingest.traffic import traffic_line
from passmuster.records.case import Case
from passmuster.records.traffic import TrafficRecord

FEEDBACK = {"up", "down", "edited", "retried", "escalated", "complained"} | {
    f"score:{word}" for word in ("low", "middle", "high")
}


def _names(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(_names(each) for each in value.values()))
    return set().union(*(_names(each) for each in value)) if isinstance(value, list) else set()


NAMES = sorted(set().union(*(_names(each) for _, each in SAMPLES)) - {""})
WORDS = st.sampled_from(
    [
        *("GENERATION", "LLM", "chat", "user", "assistant", "system", "tool", "text", "success", "image_url"),
        *(
            "tool_call",
            "equals",
            "completion",
            "2024-05-29 13:46:19",
            "[1]",
            '{"role": "user"}',
            "\ud800",
            "",
        ),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=40,
)


def _read(form: Format, value: object) -> list[Any]:
    try:
        return list(form.read(value))
    except MappingError as error:
        return [error]


@pytest.mark.parametrize(("name", "value"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_a_value_is_recognised_as_its_own_format_and_read(name: str, value: object) -> None:
    guess = recognised([value], "file")

    assert guess is not None
    assert guess.format.name == name
    kinds = {"traffic": TrafficRecord, "cases": Case}
    assert any(isinstance(found, kinds[guess.format.kind]) for found in guess.format.read(value))


def test_every_format_has_a_sample_a_name_of_its_own_and_can_be_had_by_it() -> None:
    assert {form.name for form in FORMATS} == {name for name, _ in SAMPLES}
    assert [format_named(form.name) for form in FORMATS] == list(FORMATS)
    assert format_named("morse") is None


def _leaf_paths(value: object, steps: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[str | int, ...]] = [] if not steps else [steps]
    for step, each in inner:
        found += _leaf_paths(each, (*steps, step))
    return found


def _with(value: Any, steps: tuple[Any, ...], new: object) -> Any:
    if not steps:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[steps[0]] = _with(copy[steps[0]], steps[1:], new)
    return copy


def check_found(found: object) -> None:
    """What comes out can be written and read back, and says nothing that the records do not allow."""
    if isinstance(found, TrafficRecord):
        traffic_line(found)
        assert found.id
        assert found.feedback is None or found.feedback in FEEDBACK
        assert len(found.columns) <= 64
        assert all(
            isinstance(each, str | int | float) and len(str(each)) <= 1000 for each in found.columns.values()
        )
        assert found.time is None or 0 <= found.time < 4.2e9
        assert found.seconds is None or found.seconds >= 0
        assert found.cost is None or found.cost >= 0
    elif isinstance(found, Case):
        assert found.id
    else:
        assert isinstance(found, NotCarried | MappingError)


@pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])
@given(value=ANYTHING)
@settings(max_examples=60)
def test_no_json_breaks_a_format(form: Format, value: object) -> None:
    form.recognise([value])
    for found in _read(form, value):
        check_found(found)


@given(data=st.data(), new=ANYTHING)
@settings(max_examples=400)
def test_a_field_with_any_other_value_gives_a_record_or_its_place(data: st.DataObject, new: object) -> None:
    name, value = data.draw(st.sampled_from(SAMPLES))
    steps = data.draw(st.sampled_from(_leaf_paths(value)))
    changed = _with(value, steps, new)
    form = format_named(name)
    assert form is not None

    for found in _read(form, changed):
        check_found(found)


@pytest.mark.parametrize(("name", "value"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_cases_can_be_written_and_read_back(name: str, value: object, tmp_path: Path) -> None:
    form = format_named(name)
    assert form is not None
    cases = [found for found in form.read(value) if isinstance(found, Case)]
    if cases:
        write_cases(tmp_path / "cases.jsonl", cases)
        assert list(read_cases(tmp_path / "cases.jsonl")) == cases


def test_nothing_fits_no_format() -> None:
    assert recognised([], "a.jsonl") is None
    assert recognised([{"text": "a", "label": "b"}, None, 3], "a.jsonl") is None


def test_the_name_of_a_file_decides_where_two_formats_fit() -> None:
    both = {"input": "a", "ideal": "b", "vars": {"x": "y"}, "assert": []}

    assert _guessed(both, "tests.yaml") == "promptfoo"
    assert _guessed(both, "samples.jsonl.gz") == "openai-evals"


def _guessed(value: object, name: str) -> str:
    guess = recognised([value], name)
    assert guess is not None
    return guess.format.name


def test_a_list_of_lines_has_no_values_of_its_own(tmp_path: Path) -> None:
    assert values(tmp_path / "a.jsonl") is None
    assert values(tmp_path / "a.csv.gz") is None
    assert values(tmp_path) is None


def test_a_document_is_taken_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"a": 1}, {"a": 2}]')

    found = values(path)

    assert found is not None
    assert list(islice(found, 3)) == [("[0]", {"a": 1}), ("[1]", {"a": 2})]


def test_a_folder_without_exports_has_no_format(tmp_path: Path) -> None:
    assert recognised_folder(tmp_path) is None


def test_steps_read_as_people_write_them() -> None:
    assert str(MappingError("no text", ("a", 0, "b"))) == "a[0].b: no text"
    assert str(MappingError("no text")) == "no text"
    assert path_of([0, "a"]) == "[0].a"


def test_a_table_with_usual_names_is_taken_for_no_export() -> None:
    row = {
        "id": "1",
        "timestamp": "2025-03-01",
        "session_id": "s",
        "input": "Hi",
        "output": "Hello.",
        "rating": 5,
    }

    assert recognised([row], "log.jsonl") is None
    found = recognised([{**row, "release": None, "bookmarked": False}], "log.jsonl")
    assert found is not None
    assert found.format.name == "langfuse"
