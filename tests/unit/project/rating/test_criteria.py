"""Rubrics of several criteria: a column, or a task, for each of them, and one value from all."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import CorpusError, UsageError
from passmuster.project.load import Project, load_project
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.exporting import ExportWish, export_ratings
from passmuster.project.rating.form import FormWish, RatingSession
from passmuster.project.rating.importing import import_ratings
from passmuster.project.scoring import score
from passmuster.records.said import RatingForm

Make = Callable[..., Project]
RUBRIC = """{low: 1, high: 5, criteria: [{name: tone, question: "Polite?", weight: 3}, {name: note, question: "Noted?"}]}"""
BY_ANA = RatingForm(metric="fine", rater="ana")


@pytest.fixture
def project(make: Make, tmp_path: Path) -> Project:
    """Give the judge two criteria, one of which is called as a column of sheets is."""
    make(6, judged=False)
    path = tmp_path / "passmuster.yaml"
    text = path.read_text(encoding="utf-8")
    one = '{low: 0, high: 1, criteria: {fine: "Is it fine?"}}'
    assert one in text
    keeper = tmp_path / "keeper.py"
    keeper.write_text(
        'def judge(request):\n    return \'{"reasons": "", "values": {"tone": 4, "note": 2}}\'\n',
        encoding="utf-8",
    )
    path.write_text(text.replace(one, RUBRIC), encoding="utf-8")
    found = load_project(tmp_path, environment={})
    score(found)
    return found


def test_a_sheet_has_a_column_for_each_and_the_value_weighs_them(project: Project, tmp_path: Path) -> None:
    draw_replies(project, "fine", number=4, purpose="calibration", seed=1)
    path = tmp_path / "s.csv"
    export_ratings(project, path, ExportWish(raters=("ana",)))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {"tone", "note_value", "note"} < set(rows[0])
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.DictWriter(stream, list(rows[0]))
        sheet.writeheader()
        sheet.writerows(row | {"tone": "5", "note_value": "1", "note": "hm"} for row in rows)
    ratings = import_ratings(project, [path]).ratings

    assert {each.value for each in ratings} == {(3 * 5 + 1) / 4}
    assert ratings[0].parts == {"tone": 5.0, "note": 1.0}
    assert ratings[0].note == "hm"


def test_a_labelling_tool_has_a_task_for_each_and_its_answers_are_put_together(
    project: Project, tmp_path: Path
) -> None:
    draw_replies(project, "fine", number=3, purpose="calibration", seed=1)
    path = tmp_path / "t.json"
    export_ratings(project, path, ExportWish(form="label-studio"))
    tasks = json.loads(path.read_text(encoding="utf-8"))
    assert len(tasks) == 6
    for number, task in enumerate(tasks):
        answer = {"choices": ["5" if task["data"]["question"] == "tone: Polite?" else "1"]}
        result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": answer}]
        task |= {"id": number, "annotations": [{"completed_by": 7, "result": result}]}
    path.write_text(json.dumps(tasks), encoding="utf-8")
    ratings = import_ratings(project, [path]).ratings

    assert len(ratings) == 3
    assert {each.value for each in ratings} == {4.0}
    tasks[0]["data"]["case_id"] = tasks[0]["data"]["case_id"].replace(":", ":9")
    path.write_text(json.dumps(tasks), encoding="utf-8")
    with pytest.raises(CorpusError, match="no criterion that there is"):
        import_ratings(project, [path])


def test_a_value_alone_is_taken_as_the_whole(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("case,candidate,score\nc1,yak,3.5\n", encoding="utf-8")

    (rating,) = import_ratings(project, [path], BY_ANA).ratings
    assert (rating.value, rating.parts) == (3.5, {})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("5,", "not every criterion has a value: note"),
        ("5,6", "note: '6' is not on the scale"),
        ("5,2.5", "on the scale"),
    ],
)
def test_criteria_are_filled_in_whole_and_on_the_scale(
    project: Project, tmp_path: Path, cells: str, words: str
) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"case,candidate,tone,note_value\nc1,yak,{cells}\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=words) as caught:
        import_ratings(project, [path], BY_ANA)

    assert f"{caught.value.place}".endswith("r.csv:2" if "every" in words else "r.csv:2:10")


def test_people_are_shown_what_the_judge_is_and_anchors_go_from_low_to_high(
    make: Make, tmp_path: Path
) -> None:
    make(6, judged=False)
    rows = [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    rows[0]["rubric"] = "Must name a zebra."
    (tmp_path / "cases.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    path = tmp_path / "passmuster.yaml"
    one = 'rubric: {low: 0, high: 1, criteria: {fine: "Is it fine?"}}'
    other = 'reference: true, rubric: {low: 0, high: 1, criteria: [{name: fine, question: "?", anchors: {1: Y, 0: N}}]}'
    text = path.read_text(encoding="utf-8")
    assert one in text
    path.write_text(text.replace(one, other), encoding="utf-8")
    project = load_project(tmp_path, environment={})
    score(project)
    draw_replies(project, "fine", number=12, purpose="calibration", seed=1)
    export_ratings(project, tmp_path / "s.csv", ExportWish(raters=("ana",)))
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as stream:
        sheet = {row["case"]: row for row in csv.DictReader(stream)}

    assert {row["reference"] for row in sheet.values()} == {f"zebra {n}" for n in range(6)}
    assert [row["requirements"] for _, row in sorted(sheet.items())] == ["Must name a zebra.", *[""] * 5]
    for card in RatingSession(project, FormWish(rater="ben")).cards:
        assert [each.title for each in card.passages if each.title.startswith("Ref")] == ["Reference"]
    told = (tmp_path / "s.rubric.txt").read_text(encoding="utf-8")
    assert told.index("0: N") < told.index("1: Y")

    for tool in ("argilla", "label-studio"):
        export_ratings(project, tmp_path / f"{tool}.json", ExportWish(form=tool))
        tasks = json.loads((tmp_path / f"{tool}.json").read_text(encoding="utf-8"))
        fields = [each.get("fields") or each["data"] for each in tasks]
        assert {tuple(each)[:4] for each in fields} == {("input", "requirements", "reference", "reply")}, tool
        assert all(text for each in fields for text in each.values()), tool


def test_what_raters_are_told_names_columns_that_are_called_otherwise(
    project: Project, tmp_path: Path
) -> None:
    draw_replies(project, "fine", number=4, purpose="calibration", seed=1)
    export_ratings(project, tmp_path / "s.csv", ExportWish(raters=("ana",)))
    told = (tmp_path / "s.rubric.txt").read_text(encoding="utf-8").splitlines()
    assert "tone (1 to 5): Polite?" in told
    assert "note (1 to 5), in the column note_value: Noted?" in told


@pytest.mark.parametrize("name", ["zebra", "keeper", " "])
def test_no_sheet_is_written_for_whom_its_ratings_would_be_refused(
    project: Project, tmp_path: Path, name: str
) -> None:
    draw_replies(project, "fine", number=4, purpose="calibration", seed=1)
    with pytest.raises(UsageError):
        export_ratings(project, tmp_path / "s.csv", ExportWish(raters=(name,)))
    assert not (tmp_path / "s.csv").exists()
