"""`passmuster decide`: sentences, the record, exit codes; nothing is ever written over."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from passmuster.cli.main import status

FILE = """\
task: routing <b>
corpus: cases.jsonl
metrics: [exact_match]
purpose: Sends tickets to teams.
owner: support
bars: {exact_match: {at_least: 70 %}}
requires: {region: eu}
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes", attributes: {region: {value: eu, source: contract}}}
  - {name: abroad, provider: baseline, kind: constant, text: "yes", attributes: {region: us}}
  - {name: silent, provider: baseline, kind: constant, text: "no"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "passmuster.yaml").write_text(FILE)
    cases = ({"id": str(n), "input": f"question {n}", "reference": "yes"} for n in range(60))
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert status(["run"]) == 0
    assert "abroad is not asked: it misses region is eu (us is declared)." in capsys.readouterr().err
    return folder


def test_it_says_in_sentences_what_to_use_and_why(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked.is_dir()
    assert status(["decide"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("routing <b>: Use always. (owner: support)")
    assert "abroad fails: region is eu is required, and us is declared." in text
    assert "Sends tickets to teams." in text
    assert "Look again By " in text
    assert not list(asked.rglob("decisions"))


def test_a_record_is_written_and_the_next_one_beside_it(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        assert status(["decide", "--record", "--by", "Ada"]) == 0
    files = sorted(path.name for path in (asked / "reports" / "decisions").iterdir())
    day = files[0][:10]
    assert files == [f"{day}-routing-b-2.md", f"{day}-routing-b-3.md", f"{day}-routing-b.md"]
    assert "Record: reports/decisions/" in capsys.readouterr().err
    text = (asked / "reports" / "decisions" / files[0]).read_text()
    assert "| Recorded by | Ada |" in text
    assert "# Decision: routing \\<b\\>" in text


def test_a_path_of_ones_own_is_never_written_over_either(asked: Path) -> None:
    (asked / "mine.md").write_text("precious")
    assert status(["decide", "-q", "--record", "mine.md"]) == 0
    assert (asked / "mine.md").read_text() == "precious"
    assert (asked / "mine-2.md").read_text().startswith("# Decision")


def test_a_folder_takes_the_usual_name(asked: Path) -> None:
    (asked / "minutes").mkdir()
    assert status(["decide", "-q", "--record", "minutes"]) == 0
    assert [path.suffix for path in (asked / "minutes").iterdir()] == [".md"]


def test_a_record_that_cannot_be_written_is_an_error_of_use(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (asked / "file").write_text("")
    assert status(["decide", "--record", "file/record.md"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_json_has_the_sentences_the_record_and_where_it_lies(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["decide", "--json", "--record", "--review-in", "60d"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"sentences", "record", "file"}
    assert found["record"]["chosen"] == "always"
    assert found["record"]["requirements"] == ["region is eu"]
    assert (asked / found["file"]).is_file()
    assert found["record"]["options"][1]["status"] == "fail"


def test_who_records_it_is_who_git_says(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for words in (["init", "-q"], ["config", "user.name", "Grace Example"]):
        subprocess.run(["git", *words], cwd=asked, check=True, env=quiet)
    capsys.readouterr()
    assert status(["decide", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["record"]["by"] == "Grace Example"


def test_without_git_it_is_the_user_of_the_system(
    asked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(asked / "nothing"))
    monkeypatch.setenv("LOGNAME", "someone")
    capsys.readouterr()
    assert status(["decide", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["record"]["by"] == "someone"


@pytest.mark.parametrize("given", ["tomorrow", "5 s", "0", "-3 d", "11 years", "99999999 d", "nan"])
def test_a_review_is_in_a_time_of_days(asked: Path, given: str) -> None:
    assert asked.is_dir()
    assert status(["decide", "--review-in", given]) == 2


def test_before_a_run_there_is_nothing_to_decide(folder: Path) -> None:
    assert folder.is_dir()
    assert status(["decide"]) == 4


def test_all_asks_those_that_miss_a_requirement_and_their_verdict_stays(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked.is_dir()
    assert status(["run", "--all"]) == 0
    assert "is not asked" not in capsys.readouterr().err
    assert status(["decide", "--json"]) == 0
    options = {each["name"]: each for each in json.loads(capsys.readouterr().out)["record"]["options"]}
    assert (options["abroad"]["cases"], options["abroad"]["status"]) == (60, "fail")


def test_check_asks_nobody_who_misses_a_requirement(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert status(["check"]) == 0
    found = capsys.readouterr()
    assert "abroad is not asked" in found.err
    assert "abroad" not in found.out


def test_compare_shows_what_is_required_and_is_complete(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["compare", "--markdown"]) == 0
    text = capsys.readouterr().out
    assert "## Requirements" in text
    assert "Owner: support" in text
    page = (asked / "reports" / "routing-b-.html").read_text()
    assert "What is required, and what each candidate declares" in page
    assert "requires: region is eu" in page


def test_a_path_that_ends_as_a_folder_is_one_even_where_it_is_not_there_yet(asked: Path) -> None:
    assert status(["decide", "-q", "--record", "minutes/of 2026/"]) == 0
    assert [path.suffix for path in (asked / "minutes" / "of 2026").iterdir()] == [".md"]


def test_a_path_that_is_too_long_is_an_error_of_use(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked.is_dir()
    assert status(["decide", "-q", "--record", "x" * 300]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_long_name_of_the_task_is_cut_in_names_of_files(asked: Path) -> None:
    file = asked / "passmuster.yaml"
    file.write_text(file.read_text().replace("routing <b>", "é" * 200))
    assert status(["decide", "-q", "--record"]) == 0
    assert status(["compare", "-q"]) == 0
    assert {path.suffix for path in asked.rglob("*é*")} == {".md", ".html"}
