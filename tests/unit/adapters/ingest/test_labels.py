"""Labels from and to files; what comes from outside is hostile until it is read."""

import csv
import json
from pathlib import Path

import pytest

from passmuster.adapters.ingest.labels import (
    SheetRow,
    append_labels,
    read_label_log,
    read_labels,
    write_sheet,
)
from passmuster.adapters.ingest.labels_exchange import TOOLS, read_exchange, write_tasks
from passmuster.errors import CorpusError
from passmuster.records.case import Case
from passmuster.records.label import Label, LabelForm

FORM = LabelForm(annotator="ana")


def sheet(tmp_path: Path, text: str, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_log_gives_back_what_was_appended(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    labels = [
        Label(case="1", value=None, annotator="ana", kind="human"),
        Label(case="2", value={"a": [1]}, annotator="gpt", kind="machine", time=1.5, by=("x",), was="old"),
    ]
    append_labels(path, labels[:1])
    append_labels(path, labels[1:])

    assert read_label_log(path) == labels


def test_no_log_is_no_labels(tmp_path: Path) -> None:
    assert read_label_log(tmp_path / "labels.jsonl") == []


@pytest.mark.parametrize(
    "line",
    [
        '{"case": "1", "value": "a", "annotator": "ana"}',
        '{"case": "1", "value": "a", "annotator": "ana", "kind": "god"}',
        '{"case": 1, "value": "a", "annotator": "ana", "kind": "human"}',
        '{"case": "1", "value": "a", "annotator": "ana", "kind": "human", "more": 1}',
        "[]",
        '{"case": "1", "value": "\\ud800", "annotator": "ana", "kind": "human"}',
    ],
)
def test_a_broken_line_of_the_log_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    good = '{"case": "1", "value": "a", "annotator": "ana", "kind": "human"}\n'
    with pytest.raises(CorpusError, match="jsonl:2"):
        read_label_log(sheet(tmp_path, good + line + "\n", "labels.jsonl"))


def test_a_sheet_comes_back_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "ana.csv"
    rows = [SheetRow(case=str(number), input='a,\n"b"', digest="d", annotator="ana") for number in range(3)]
    assert write_sheet(path, rows) == 3
    with path.open(encoding="utf-8", newline="") as stream:
        held = list(csv.DictReader(stream))
    held[0]["label"], held[1]["skipped"] = "refund", "x"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(held[0]))
        writer.writeheader()
        writer.writerows(held)
    blank: list[None] = []
    found = list(read_labels(path, LabelForm(), lambda: blank.append(None)))

    assert [(label.case, label.value, label.annotator, label.input) for label in found] == [
        ("0", "refund", "ana", "d"),
        ("1", None, "ana", "d"),
    ]
    assert len(blank) == 1


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@SUM(A1)"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless_and_read_as_it_was(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "ana.csv"
    write_sheet(path, [SheetRow(case=text, input=text, digest="d")])
    with path.open(encoding="utf-8", newline="") as stream:
        (held,) = csv.DictReader(stream)
    assert held["input"] == held["case"] == f"'{text}"

    filled = path.read_text(encoding="utf-8").replace(",,,,", ",ok,,,")
    path.write_text(filled, encoding="utf-8")
    assert [label.case for label in read_labels(path, FORM)] == [text]


def test_what_a_sheet_showed_is_kept_with_the_label(tmp_path: Path) -> None:
    text = "case,suggestion,suggested_by,reference,label\n1,a,gpt,,b\n2,,,a,b\n3,,,,b\n4,a,,,b\n"

    assert [label.saw for label in read_labels(sheet(tmp_path, text), FORM)] == [
        "gpt",
        "reference",
        None,
        "a suggestion",
    ]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("case,answr\n1,a\n", "no label"),
        ("thing,label\n1,a\n", "no case"),
        ("case,label,annotator\n1,a,\n", "nobody is named"),
        ("case,label,annotator\n1,a,an\x1b[31ma\n", "letters that can be seen"),
        ("case,label,annotator\n1,a," + "x" * 101 + "\n", "101 characters"),
        ("case,label,annotator,kind\n1,a,ana,robot\n", "neither human nor machine"),
        ("case,label,annotator,time\n1,a,ana,soon\n", "no time"),
        ("case,label,annotator,time\n1,a,ana,1e300\n", "no time"),
        ("case,label,annotator,confidence\n1,a,ana,7\n", "not between 0 and 1"),
        ("case,label,annotator,confidence\n1,a,ana,nan\n", "not between 0 and 1"),
        ("case,label,annotator,note\n1,a,ana," + "n" * 5000 + "\n", "5,000 characters"),
        ("case,label,annotator\n1," + "a" * 30_000 + ",ana\n", "30,002 characters"),
    ],
)
def test_a_row_that_is_no_label_is_refused_with_its_place(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(CorpusError, match=match) as caught:
        list(read_labels(sheet(tmp_path, text), LabelForm()))

    assert caught.value.place is not None
    assert caught.value.place.line == 2


def test_a_value_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    text = '{"case": "1", "annotator": "ana", "label": ' + "[" * 100_000 + "]" * 100_000 + "}\n"

    with pytest.raises(CorpusError):
        list(read_labels(sheet(tmp_path, text, "labels.jsonl"), FORM))


def test_times_are_read_as_people_write_them(tmp_path: Path) -> None:
    text = "case,label,time\n1,a,2026-01-02T03:04:05Z\n2,a,12.5\n3,a,\n"

    assert [label.time for label in read_labels(sheet(tmp_path, text), FORM)] == [1767323045.0, 12.5, None]


def test_columns_of_another_name_are_mapped_and_a_slip_is_told(tmp_path: Path) -> None:
    path = sheet(tmp_path, "nr,gold\n1,a\n")
    form = LabelForm(annotator="ana", columns={"case": "nr", "label": "gold"})

    assert [label.value for label in read_labels(path, form)] == ["a"]
    with pytest.raises(CorpusError, match="no column 'glod'"):
        list(read_labels(path, LabelForm(annotator="ana", columns={"label": "glod"})))
    with pytest.raises(CorpusError, match="no field 'lable'"):
        list(read_labels(path, LabelForm(annotator="ana", columns={"lable": "gold"})))


@pytest.mark.parametrize("tool", TOOLS)
def test_tasks_of_a_tool_name_their_case_and_come_with_what_sets_it_up(tmp_path: Path, tool: str) -> None:
    path = tmp_path / "tasks.json"
    cases = [Case(id="a b", input="one"), Case(id="2", input={"title": "two", "stars": 2})]

    assert write_tasks(path, tool, cases, ["<x>", "y"], {}) == 2
    assert len(json.loads(path.read_text(encoding="utf-8"))) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_an_export_of_label_studio_has_people_and_machines_apart(tmp_path: Path) -> None:
    def result(value: str) -> list[dict[str, object]]:
        return [
            {
                "from_name": "label",
                "to_name": "text",
                "type": "choices",
                "value": {"choices": [value]},
            }
        ]

    task = {
        "id": 7,
        "data": {"text": "Hi", "case_id": "c1"},
        "annotations": [{"completed_by": {"email": "ana@example.com"}, "result": result("a")}],
        "predictions": [{"model_version": "gpt", "result": result("b"), "score": 0.5}],
    }
    found = read_exchange(sheet(tmp_path, json.dumps([task]), "export.json"))
    assert found is not None
    labels = [each for each in found if isinstance(each, Label)]

    assert [(label.case, label.value, label.kind) for label in labels] == [
        ("c1", "a", "human"),
        ("c1", "b", "machine"),
    ]
    assert labels[0].saw == "gpt"


def test_json_that_no_tool_wrote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no export that is known"):
        read_exchange(sheet(tmp_path, '[{"a": 1}]', "export.json"))


def test_a_sheet_of_ours_is_no_export(tmp_path: Path) -> None:
    assert read_exchange(sheet(tmp_path, "case,label\n1,a\n")) is None


@pytest.mark.parametrize("text", ["two\nlines", "two\r\nlines", "a\rb", 'he said "no"', "a,b"])
def test_an_input_of_several_lines_stays_one_cell(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.csv"
    write_sheet(path, [SheetRow(case="1", input=text, digest="d"), SheetRow(case="2", input="x", digest="e")])

    with path.open(encoding="utf-8", newline="") as stream:
        assert [row["input"] for row in csv.DictReader(stream)] == [text, "x"]
    assert list(read_labels(path, FORM)) == []
