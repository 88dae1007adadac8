"""The checks and key points that a case carries, as people write them."""

import json
from pathlib import Path
from typing import Any

import pytest

from passmuster.adapters.ingest.cases import read_cases, write_cases
from passmuster.errors import CorpusError
from passmuster.records.case import Case, CaseCheck, KeyPoint


def written(folder: Path, **fields: Any) -> Path:
    path = folder / "cases.jsonl"
    path.write_text(json.dumps({"id": "1", "input": "a", **fields}) + "\n", encoding="utf-8")
    return path


def read(folder: Path, **fields: Any) -> Case:
    return read_cases(written(folder, **fields))[0]


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("exact_match", CaseCheck(metric="exact_match")),
        ({"metric": "exact_match"}, CaseCheck(metric="exact_match")),
        (
            {"metric": "contains", "text": "x", "weight": 2, "negate": True, "name": "no x"},
            CaseCheck(metric="contains", options={"text": "x"}, weight=2.0, negate=True, name="no x"),
        ),
        (
            {"metric": "contains", "options": {"text": "x"}, "at_least": 0.5},
            CaseCheck(metric="contains", options={"text": "x"}, at_least=0.5),
        ),
        ({"contains": {"text": "x"}}, CaseCheck(metric="contains", options={"text": "x"})),
        ({"exact_match": None}, CaseCheck(metric="exact_match")),
        (
            {"metric": "exact_match", "reference": ["a", 1]},
            CaseCheck(metric="exact_match", reference=["a", 1]),
        ),
        ("metrics/mine.py:polite", CaseCheck(metric="metrics/mine.py:polite")),
    ],
)
def test_each_form_of_a_check_is_read(tmp_path: Path, form: Any, check: CaseCheck) -> None:
    assert read(tmp_path, checks=[form]).checks == (check,)


def test_key_points_are_texts_or_objects(tmp_path: Path) -> None:
    points = ["30 days", {"text": "by post", "others": ["by mail"], "weight": 2}]
    assert read(tmp_path, key_points=points, rubric="Be kind.").key_points == (
        KeyPoint(text="30 days"),
        KeyPoint(text="by post", others=("by mail",), weight=2.0),
    )


def test_a_case_with_checks_is_written_and_read_back_equal(tmp_path: Path) -> None:
    case = Case(
        id="1",
        input="a",
        checks=(
            CaseCheck(metric="contains", options={"text": "x", "metric": "y"}, at_most=0.5, negate=True),
            CaseCheck(metric="exact_match", name="same", weight=0.5),
        ),
        rubric="Be kind.",
        key_points=(KeyPoint(text="a", others=("b",), weight=3.0), KeyPoint(text="c")),
    )
    write_cases(tmp_path / "out.jsonl", [case])
    assert read_cases(tmp_path / "out.jsonl")[0] == case


def test_checks_stand_in_a_cell_of_a_csv_file_as_json(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text('id,input,checks\n1,a,"[""exact_match""]"\n2,b,\n', encoding="utf-8")
    first, second = read_cases(path)
    assert first.checks == (CaseCheck(metric="exact_match"),)
    assert second.checks == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"checks": "exact_match"}, "expected a list"),
        ({"checks": [7]}, "expected an object with a metric"),
        ({"checks": [{"text": "x", "weight": 1}]}, "names no metric"),
        ({"checks": [{"metric": "contains", "weight": 0}]}, "weight: 0 is not above 0"),
        ({"checks": [{"metric": "contains", "negate": "yes"}]}, "negate of contains"),
        ({"checks": [{"metric": "contains", "at_least": "1"}]}, "at_least: expected a number"),
        ({"checks": [{"metric": "contains", "at_least": 10**400}]}, "at_least: the number is beyond"),
        ({"checks": [{"contains": 5}]}, "options of contains"),
        ({"key_points": [{"text": " "}]}, "has no text"),
        ({"key_points": [{"texts": "x"}]}, "a key point has no 'texts'"),
        ({"key_points": [{"text": "x", "others": "y"}]}, "others of 'x'"),
    ],
)
def test_what_is_no_check_is_told_with_its_place(tmp_path: Path, fields: Any, said: str) -> None:
    with pytest.raises(CorpusError, match=said) as caught:
        read(tmp_path, **fields)
    assert "cases.jsonl:1" in str(caught.value)
