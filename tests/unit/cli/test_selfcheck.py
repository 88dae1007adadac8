"""`passmuster selfcheck`: with and without a project, its exit codes, its page, and what a broken promise does."""

import json
import os
from pathlib import Path

import pytest

from passmuster.cli.main import status
from passmuster.decide.promises import choosing
from passmuster.decide.promises.registry import PROMISES

FILE = """\
task: routing <b>
corpus: cases.jsonl
metrics: [exact_match]
incumbent: always
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes"}
  - {name: silent, provider: baseline, kind: constant, text: "no"}
"""


def project(folder: Path, cases: int = 60, repeats: int = 1) -> None:
    (folder / "passmuster.yaml").write_text(FILE + f"repeats: {repeats}\n")
    rows = (
        {"id": str(n), "input": f"question {n}", "reference": "yes" if n % 3 else "no"} for n in range(cases)
    )
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_promises_are_checked_without_a_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["selfcheck", "--only", "cheapest", "--only", "margin", "--quick"]) == 0

    told = capsys.readouterr().out
    assert "All 2 promises hold, and the usual shortcut breaks each of them." in told
    assert "own trials" not in told


def test_json_is_one_object_that_the_same_seed_gives_again(capsys: pytest.CaptureFixture[str]) -> None:
    made = []
    for _ in range(2):
        assert status(["selfcheck", "--only", "cheapest", "--seed", "5", "--json"]) == 0
        made.append(json.loads(capsys.readouterr().out))

    assert made[0]["promises"] == made[1]["promises"]
    (found,) = made[0]["promises"]
    assert found["state"] == "holds"
    assert found["repetitions"] == 4000
    assert found["observed"]["value"] <= found["tolerated"]
    assert made[0]["task"] is None


def test_a_broken_promise_exits_with_1_and_says_which(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "holm_matrix", lambda p: p)

    assert status(["selfcheck", "--only", "cheapest"]) == 1
    told = capsys.readouterr().out
    assert "The promise is broken: cheapest." in told
    assert "BROKEN" in told


def test_too_few_runs_prove_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["selfcheck", "--only", "cheapest", "--repetitions", "2"]) == 3
    assert "too few runs to prove it" in capsys.readouterr().out


def test_a_name_that_no_promise_has_is_told_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status(["selfcheck", "--only", "cheap"]) == 2
    told = capsys.readouterr().err
    assert "there is no promise 'cheap'" in told
    assert "cheapest" in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["--candidate", "a", "--candidate", "b", "--candidate", "c"],
        ["--quick", "--repetitions", "9"],
        ["--no-own", "--only", "own"],
        ["--no-own", "--candidate", "a"],
    ],
)
def test_options_that_contradict_one_another_are_refused(arguments: list[str]) -> None:
    assert status(["selfcheck", *arguments]) == 2


def test_the_list_names_every_promise_and_checks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["selfcheck", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed] == [promise.name for promise in PROMISES]

    assert status(["selfcheck", "--list"]) == 0
    assert "any-time-interval" in capsys.readouterr().out


def test_a_list_of_some_names_only_these_and_knows_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["selfcheck", "--list", "--only", "margin", "--json"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["margin"]

    assert status(["selfcheck", "--list", "--only", "cheap"]) == 2
    assert status(["selfcheck", "--list", "--html", "page.html"]) == 2


def test_own_trials_without_a_project_are_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["selfcheck", "--only", "own"]) == 2
    assert "passmuster.yaml" in capsys.readouterr().err


def test_a_project_without_trials_has_no_a_a_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(folder)

    assert status(["selfcheck", "--only", "own"]) == 3
    assert "No A/A run on your own trials: an A/A run takes" in capsys.readouterr().out


def test_labels_of_two_candidates_are_swapped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(folder)
    assert status(["run", "-q"]) == 0
    capsys.readouterr()

    assert status(["selfcheck", "--only", "own", "--draws", "60", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    found = next(each for each in report["own"] if each["metric"] == "exact_match")
    assert (found["way"], found["candidates"], found["cases"]) == ("swapped", ["always", "silent"], 60)
    assert found["state"] == "holds"
    assert report["promises"] == []


def test_too_few_cases_exit_with_3(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(folder, cases=12)
    assert status(["run", "-q"]) == 0
    capsys.readouterr()

    assert status(["selfcheck", "--only", "own", "--draws", "20"]) == 3
    assert "too few, or too much alike, to tell for any" in capsys.readouterr().out


def test_an_unknown_candidate_is_refused(folder: Path) -> None:
    project(folder)

    assert status(["selfcheck", "--candidate", "nobody"]) == 2


def test_a_page_escapes_what_a_project_says_and_loads_nothing(folder: Path) -> None:
    project(folder)
    assert status(["run", "-q"]) == 0

    arguments = ["--only", "cheapest", "--only", "own", "--draws", "20", "--html", "out/page.html", "-q"]
    assert status(["selfcheck", *arguments]) == 0
    page = (folder / "out" / "page.html").read_text(encoding="utf-8")
    assert "routing &lt;b&gt;" in page
    assert "routing <b>" not in page
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "cheapest" in page
    assert "labels swapped by chance" in page
    assert page.count("<svg") >= 2


def test_a_page_that_cannot_be_written_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").write_text("")

    assert status(["selfcheck", "--only", "cheapest", "--html", "file/page.html"]) == 2
    told = capsys.readouterr()
    assert f"the page file{os.sep}page.html cannot be written" in told.err
    assert "The promise holds" in told.out
