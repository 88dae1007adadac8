"""Sheets: blind, shared out, and back again with the same answers, in every format."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from passmuster.errors import NotAvailableError, PassmusterError, UsageError
from passmuster.project.asking import run
from passmuster.project.load import Project, load_project
from passmuster.project.rating.draws import draw_replies
from passmuster.project.rating.exporting import ExportWish, export_ratings
from passmuster.project.rating.importing import import_ratings
from passmuster.project.rating.queue import waiting

Make = Callable[..., Project]


def drawn(project: Project, number: int = 20, metric: str = "fine", *, pairs: bool = False) -> None:
    purpose = "pairs" if pairs else "calibration"
    draw_replies(project, metric, number=number, purpose=purpose, seed=1, pairs=pairs)  # type: ignore[arg-type]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def fill(path: Path, column: str, answer: Callable[[dict[str, str]], str]) -> None:
    rows = rows_of(path)
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.DictWriter(stream, list(rows[0]))
        sheet.writeheader()
        sheet.writerows(row | {column: answer(row)} for row in rows)


def liked(row: dict[str, str]) -> str:
    return str(int(row["reply"].startswith("zebra")))


def test_a_sheet_says_nothing_of_whose_a_reply_is(make: Make, tmp_path: Path) -> None:
    project = make()
    drawn(project)
    export_ratings(project, tmp_path / "s.csv", ExportWish(raters=("ana",)))
    rows = rows_of(tmp_path / "s.csv")

    assert list(rows[0]) == ["item", "case", "input", "reply", "fine", "skipped", "note", "rater"]
    for item in project.ratings.draws.read()[0].items:
        row = next(each for each in rows if each["case"] == item.case)
        assert item.candidate not in {*row.values()} - {row["reply"]}
        assert item.stratum not in {row["item"], row["fine"]}
    assert "Is it fine?" in (tmp_path / "s.rubric.txt").read_text(encoding="utf-8")


def test_a_filled_in_sheet_comes_back_with_its_draw_and_is_not_taken_twice(
    make: Make, tmp_path: Path
) -> None:
    project, path = make(), tmp_path / "s.csv"
    drawn(project)
    export_ratings(project, path, ExportWish(raters=("ana",)))
    fill(path, "fine", liked)
    first, second = import_ratings(project, [path]), import_ratings(project, [path])
    ratings = project.ratings.ratings.read()

    # 20 replies, and 2 of them again.
    assert (len(first.ratings), len(second.ratings), second.again) == (22, 0, 22)
    assert {each.draw for each in ratings} == {project.ratings.draws.read()[0].id}
    assert {(each.rater, each.kind, each.source) for each in ratings} == {("ana", "human", "s.csv")}
    assert all(each.parts == {"fine": each.value} for each in ratings)
    truth = {(item.case, item.reply): item.stratum for item in project.ratings.draws.read()[0].items}
    assert all(truth[each.case, each.reply] == ("pass" if each.value else "fail") for each in ratings)
    assert waiting(project) == ()


def test_a_sheet_filled_in_by_and_by_gives_only_what_is_new(make: Make, tmp_path: Path) -> None:
    project, path = make(), tmp_path / "s.csv"
    drawn(project)
    export_ratings(project, path, ExportWish(raters=("ana",)))
    half = {row["item"] for row in rows_of(path)[:11]}
    fill(path, "fine", lambda row: liked(row) if row["item"] in half else "")
    first = import_ratings(project, [path])
    fill(path, "fine", liked)
    second = import_ratings(project, [path])

    assert (len(first.ratings), first.blank) == (11, 11)
    assert (len(second.ratings), second.again) == (11, 11)


def test_who_changes_their_mind_is_heard_again(make: Make, tmp_path: Path) -> None:
    project, path = make(), tmp_path / "s.csv"
    drawn(project)
    export_ratings(project, path, ExportWish(raters=("ana",), repeated=0))
    for answer in ("1", "0", "1"):
        fill(path, "fine", lambda _, answer=answer: answer)  # type: ignore[misc]
        assert len(import_ratings(project, [path]).ratings) == 20


def test_pairs_come_back_in_the_order_in_which_they_were_shown(make: Make, tmp_path: Path) -> None:
    project, path = make(), tmp_path / "p.csv"
    drawn(project, 30, pairs=True)
    export_ratings(project, path, ExportWish(raters=("ana",)))
    fill(path, "choice", lambda row: "A" if row["first"].startswith("yak") else "second")
    choices = import_ratings(project, [path]).choices

    assert len(choices) == 33
    assert {each.first_by for each in choices} == {"zebra", "yak"}
    assert all((each.chosen == "first") == (each.first_by == "yak") for each in choices)


def test_several_raters_share_out_what_waits_and_all_see_some(make: Make, tmp_path: Path) -> None:
    project = make()
    drawn(project, 40)
    done = export_ratings(
        project, tmp_path / "out", ExportWish(raters=("ana", "ben"), overlap=0.2, repeated=0)
    )
    seen = [{row["item"] for row in rows_of(tmp_path / "out" / f"{name}.csv")} for name in ("ana", "ben")]

    assert done.shared == len(seen[0] & seen[1]) == 8
    assert len(seen[0] | seen[1]) == 40
    assert (tmp_path / "out" / "rubric.txt").is_file()


def test_the_next_export_leaves_out_what_was_rated(make: Make, tmp_path: Path) -> None:
    project, path = make(), tmp_path / "s.csv"
    drawn(project)
    export_ratings(project, path, ExportWish(raters=("ana",), repeated=0, limit=5))
    fill(path, "fine", liked)
    import_ratings(project, [path])

    assert export_ratings(project, path, ExportWish(raters=("ana",))).items == 15
    again = export_ratings(project, tmp_path / "two", ExportWish(raters=("ana", "ben"), each=2, repeated=0))
    assert sorted(again.files.values()) == [15, 20]


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(make: Make, tmp_path: Path) -> None:
    project = make(4, judged=False)
    for name in ("zebra", "yak"):
        rows = (json.dumps({"id": f"c{n}", "output": f"=cmd|{name}{n}"}) for n in range(4))
        (tmp_path / f"{name}.jsonl").write_text("\n".join(rows), encoding="utf-8")
    project = reopened(project)
    drawn(project, 4, "exact_match")
    path = tmp_path / "s.csv"
    export_ratings(project, path, ExportWish(raters=("=ana",)))

    assert all(row["reply"].startswith("'=cmd") and row["rater"] == "'=ana" for row in rows_of(path))
    fill(path, "exact_match", lambda _: "1")
    assert {each.rater for each in import_ratings(project, [path]).ratings} == {"=ana"}


def reopened(project: Project) -> Project:
    found = load_project(project.folder, environment={})
    run(found)
    return found


@pytest.mark.parametrize("tool", ["label-studio", "argilla"])
@pytest.mark.parametrize("asked", ["replies", "pairs"])
def test_a_labelling_tool_gets_a_task_for_each_question(
    make: Make, tmp_path: Path, tool: str, asked: str
) -> None:
    project, path, pairs = make(), tmp_path / "t.json", asked == "pairs"
    drawn(project, 10, pairs=pairs)
    done = export_ratings(project, path, ExportWish(raters=("ana",), form=tool, repeated=0))
    text = path.read_text(encoding="utf-8")

    assert done.files == {str(path): 10}
    assert "zebra.jsonl" not in text
    assert ("first" in text) == pairs


def test_an_export_of_label_studio_comes_back(make: Make, tmp_path: Path) -> None:
    project, path = make(), tmp_path / "t.json"
    drawn(project, 10)
    export_ratings(project, path, ExportWish(raters=("ana",), form="label-studio", repeated=0))
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):
        result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": ["1"]}}]
        task |= {"id": number, "annotations": [{"completed_by": {"email": "ana@x.org"}, "result": result}]}
    path.write_text(json.dumps(tasks), encoding="utf-8")
    intake = import_ratings(project, [path])

    assert len(intake.ratings) == 10
    assert {(each.rater, each.value) for each in intake.ratings} == {("ana@x.org", 1.0)}


def test_an_export_of_argilla_comes_back_without_its_drafts(make: Make, tmp_path: Path) -> None:
    project, path = make(), tmp_path / "t.json"
    drawn(project, 6, pairs=True)
    export_ratings(project, path, ExportWish(raters=("ana",), form="argilla", repeated=0))
    records = json.loads(path.read_text(encoding="utf-8"))
    for number, record in enumerate(records):
        status = "submitted" if number else "draft"
        record["responses"] = {"label": [{"value": "second", "user_id": "ana", "status": status}]}
    path.write_text(json.dumps(records), encoding="utf-8")
    intake = import_ratings(project, [path])

    assert [each.chosen for each in intake.choices] == ["second"] * 5
    assert sum(intake.left.values()) == 1


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        (ExportWish(raters=("ana", "ana")), UsageError, "the same name"),
        (ExportWish(raters=("a/b", "a b")), UsageError, "would be one file"),
        (ExportWish(raters=("ana", "ben")), UsageError, "need a folder"),
        (ExportWish(repeated=2), UsageError, "no share"),
        (ExportWish(pairs=True), NotAvailableError, "nothing waits"),
    ],
)
def test_a_wish_that_cannot_be_is_told(
    make: Make, tmp_path: Path, wish: ExportWish, error: type[PassmusterError], words: str
) -> None:
    project = make(5)
    drawn(project, 4)
    with pytest.raises(error, match=words):
        export_ratings(project, tmp_path / "s.csv", wish)


def test_one_sheet_asks_one_question(make: Make, tmp_path: Path) -> None:
    project = make(5)
    drawn(project, 4)
    drawn(project, 4, pairs=True)
    with pytest.raises(UsageError, match="single replies wait, and pairs"):
        export_ratings(project, tmp_path / "s.csv", ExportWish())
    drawn(project, 4, "exact_match")
    with pytest.raises(UsageError, match="several metrics"):
        export_ratings(project, tmp_path / "s.csv", ExportWish(pairs=False))
