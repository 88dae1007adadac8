"""`passmuster screen` at the command line: without a project, with one, and every slip told."""

import json
from pathlib import Path

import pytest

from passmuster.cli.main import status

TABLE = "model,accuracy,total_cost,plan\n" + "".join(
    f"gpt-{place},{90 - place},{place or 0},x{place}\n" for place in range(20)
)


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "board.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def project(board: Path) -> Path:
    """Make a project with recorded candidates, of which a table holds eight."""
    folder = board.parent
    cases = [{"id": str(number), "input": f"question {number}", "reference": "yes"} for number in range(60)]
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    rows = [
        {
            "candidate": f"gpt-{place}",
            "id": str(number),
            "output": "yes" if number % 20 >= place * 2 else "no",
        }
        for place in range(8)
        for number in range(60)
    ]
    (folder / "recorded.jsonl").write_text("\n".join(map(json.dumps, rows)))
    candidates = "".join(
        f"  - {{name: gpt-{place}, provider: replay, path: recorded.jsonl}}\n" for place in range(8)
    )
    (folder / "passmuster.yaml").write_text(
        "task: yes-or-no\ncorpus: {path: cases.jsonl, use: all}\nmetrics: [exact_match]\n"
        f"leaderboards: board.csv\ncandidates:\n{candidates}"
    )
    return folder


def test_a_table_alone_is_filtered_without_a_project(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["screen", str(board), "--keep", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [model["model"] for model in found["filter"]["models"] if model["kept"]] == [
        "gpt-0",
        "gpt-1",
        "gpt-2",
    ]
    assert found["agreement"] is None
    assert found["task"] is None
    assert {column["role"] for column in found["tables"][0]["columns"]} == {"sanity"}


def test_only_the_candidates_are_printed_on_demand(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["screen", str(board), "--keep", "1", "--at-least", "accuracy=80", "--yaml"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1:] == ["candidates:", "  - {name: gpt-0, provider: openai, model: gpt-0}"]


def test_the_terminal_says_who_is_kept_at_what_risk(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["screen", str(board), "--risk", "10%", "--no-color"]) == 0
    out = capsys.readouterr().out
    assert "as few as keep the risk at 10%" in out
    assert "total_cost is 0 in 1 rows" in out
    assert "no part of any verdict" in out


def test_a_projects_tables_are_held_against_its_scores(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["run", "--quiet"]) in (0, 1, 3)
    capsys.readouterr()
    assert status(["screen", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agreement"]["best"] == "board: accuracy"
    first = found["agreement"]["columns"][0]
    assert first["overall"]["models"] == 8
    assert first["overall"]["tau"]["value"] == 1.0
    assert found["filter"]["risk"]["basis"] == "measured"
    page = (project / "reports" / "yes-or-no-screen.html").read_text()
    assert "Content-Security-Policy" in page
    assert "gpt-0" in page


def test_before_the_first_run_the_project_says_what_would_come(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.is_dir()
    assert status(["screen", "--markdown"]) == 0
    assert "no candidate has a score yet" in capsys.readouterr().out


def test_compare_warns_where_a_leaderboard_says_the_opposite(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status(["run", "--quiet"])
    capsys.readouterr()
    status(["compare", "--json"])
    assert "for sanity only" not in capsys.readouterr().out
    turned = "model,accuracy\n" + "".join(f"gpt-{place},{50 + place}\n" for place in range(8))
    (project / "board.csv").write_text(turned)
    code = status(["compare", "--json"])
    found = json.loads(capsys.readouterr().out)
    warning = next(text for text in found["decision"]["warnings"] if "for sanity only" in text)
    assert "board: accuracy" in warning
    assert "gpt-0 is shown to be better than gpt-7" in warning
    assert code in (0, 1, 3)


def test_a_column_that_nobody_knows_is_told_and_can_be_said(
    board: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board.write_text("model,plan relative\na,1\nb,2\n")
    assert status(["screen", str(board)]) == 3
    assert "nothing is filtered" in capsys.readouterr().out
    assert status(["screen", str(board), "--by", "plan relative"]) == 2
    assert "--higher COLUMN" in capsys.readouterr().err
    assert status(["screen", str(board), "--lower", "plan relative", "--keep", "1", "--yaml"]) == 0
    assert "model: a" in capsys.readouterr().out.replace('"', "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["board.csv", "--keep", "3", "--risk", "5%"], "exclude each other"),
        (["board.csv", "--json", "--yaml"], "exclude each other"),
        (["board.csv", "--at-most", "total_cost"], "is not COLUMN=VALUE"),
        (["board.csv", "--at-most", "total_cost=cheap"], "is no number"),
        (["board.csv", "--at-least", "Acc=nan"], "is no number"),
        (["board.csv", "--at-least", "Ac=1"], "no table has a column 'Ac' of numbers"),
        (["board.csv", "--where", "model=nobody"], "no row of the table is left"),
        (["board.csv", "--risk", "120%"], "120"),
        (["board.csv", "--by", "elo"], "no table has the column 'elo'"),
        (["board.csv", "--model-column", "name"], "the table has no column 'name'"),
        (["none.csv"], "none.csv"),
        ([], "there is no leaderboard to read"),
    ],
)
def test_a_slip_is_told_with_what_to_do(
    board: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert board.is_file()
    assert status(["screen", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_name_in_the_project_file_that_is_no_candidate_is_told_with_its_place(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "passmuster.yaml"
    text = file.read_text().replace(
        "leaderboards: board.csv", "leaderboards: {tables: [board.csv], names: {gtp-1: gpt-1}}"
    )
    file.write_text(text)
    assert status(["screen"]) == 2
    err = capsys.readouterr().err
    assert "passmuster.yaml:4:" in err
    assert "'gtp-1' is no candidate" in err
    file.write_text(file.read_text().replace("board.csv", "bord.csv").replace("gtp-1", "gpt-1"))
    assert status(["screen"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_column_of_the_project_file_that_no_table_has_is_told_with_its_place(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "passmuster.yaml"
    file.write_text(
        file.read_text().replace(
            "leaderboards: board.csv", "leaderboards: {tables: board.csv, columns: {acuracy: higher}}"
        )
    )
    assert status(["screen"]) == 2
    told = capsys.readouterr().err
    assert "passmuster.yaml:4:45: leaderboards.columns: no table has a column of numbers 'acuracy'" in told
