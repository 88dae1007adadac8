"""The gate's files on disk: written whole, appended where GitHub says so, and pointing at lines of the repository."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.report.gate_sample import BLOCKED, FLIPS, NEW, hostile, huge

from passmuster.errors import Place, UsageError
from passmuster.project.gate_outputs import check_files, tell_github, write_gate_outputs
from passmuster.project.gate_places import candidate_place, gate_places, repository
from passmuster.project.load import Project, load_project
from passmuster.project.yaml import read_yaml
from passmuster.records.gate import GateReport
from passmuster.report.gate_outputs import GateFiles
from passmuster.report.github import SUMMARY_LIMIT

Load = Callable[..., Project]
Write = Callable[..., Path]

LOST = replace(FLIPS[1], case="3")
REPORT = replace(BLOCKED, new=replace(NEW, name="recorded"), flips=(LOST,), modes=())


def test_every_form_is_written_and_folders_are_made(project: Load, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wanted = GateFiles(
        junit=f"{out}/gate.xml",
        markdown=f"{out}/gate.md",
        gitlab=f"{out}/deep/quality.json",
        html=f"{out}/gate.html",
        metrics=f"{out}/gate.txt",
    )
    written = write_gate_outputs(project(), REPORT, wanted)
    assert sorted(path.name for path in written) == [
        "gate.html",
        "gate.md",
        "gate.txt",
        "gate.xml",
        "quality.json",
    ]
    assert (out / "gate.xml").read_text(encoding="utf-8").startswith("<?xml")
    assert (out / "gate.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    found = json.loads((out / "deep/quality.json").read_text(encoding="utf-8"))
    assert found[0]["location"] == {"path": "passmuster.yaml", "lines": {"begin": 9}}


def test_hostile_texts_can_be_written(project: Load, tmp_path: Path) -> None:
    names = {name: str(tmp_path / name) for name in ("junit", "markdown", "gitlab", "html", "metrics")}
    assert len(write_gate_outputs(project(), hostile(), GateFiles(**names))) == 5


def test_two_forms_in_one_file_are_refused_before_anything_is_written(project: Load, tmp_path: Path) -> None:
    wanted = GateFiles(junit=f"{tmp_path}/gate.xml", metrics=f"{tmp_path}/./gate.xml")
    with pytest.raises(UsageError, match=r"two forms .*gate\.xml"):
        write_gate_outputs(project(), REPORT, wanted)
    assert not (tmp_path / "gate.xml").exists()
    check_files(GateFiles(junit="a", metrics="b"))


def test_the_same_file_by_another_name_is_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="two forms"):
        check_files(GateFiles(junit="gate.xml", html=str(tmp_path / "gate.xml")))


@pytest.mark.parametrize("name", ["", ".", "reports", "file/gate.xml", "file/deep/gate.xml"])
def test_a_path_that_cannot_be_a_file_is_refused_before_anything_is_asked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written to"):
        check_files(GateFiles(markdown=name))


@pytest.mark.parametrize("name", ["SUMMARY", "OUTPUT"])
@pytest.mark.parametrize("path", ["x" * 300, "no/such/folder/file", "."])
def test_a_file_of_github_that_cannot_be_written_is_a_slip_and_no_bug(
    name: str, path: str, project: Load
) -> None:
    variable = {"SUMMARY": "GITHUB_STEP_SUMMARY", "OUTPUT": "GITHUB_OUTPUT"}[name]
    with pytest.raises(UsageError, match="cannot be written"):
        tell_github(project(environment={variable: path}), REPORT)


def test_a_file_that_cannot_be_written_is_named(project: Load, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_gate_outputs(project(), REPORT, GateFiles(junit=str(tmp_path)))


def test_github_is_told_by_the_files_that_it_names(project: Load, tmp_path: Path) -> None:
    summary, output = tmp_path / "summary", tmp_path / "output"
    summary.write_text("of a step before\n", encoding="utf-8")
    opened = project(environment={"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)})
    text = tell_github(opened, REPORT)
    assert text.startswith("::error file=passmuster.yaml,line=9,")
    assert "file=cases.jsonl,line=4," in text
    assert summary.read_text(encoding="utf-8").startswith("of a step before\n\n## ")
    assert "level=block\n" in output.read_text(encoding="utf-8")


def test_without_its_files_only_the_annotations_are_made(project: Load, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    assert tell_github(project(), REPORT).startswith("::error")
    assert {path.name for path in set(tmp_path.iterdir()) - before} <= {
        "passmuster.yaml",
        "cases.jsonl",
        "recorded.jsonl",
    }


@pytest.mark.parametrize(
    "before", [0, SUMMARY_LIMIT - 5_000, SUMMARY_LIMIT - 300, SUMMARY_LIMIT - 10, SUMMARY_LIMIT]
)
def test_the_summary_of_a_step_stays_under_what_github_takes(
    before: int, project: Load, tmp_path: Path
) -> None:
    summary = tmp_path / "summary"
    summary.write_text("x" * before, encoding="utf-8")
    tell_github(project(environment={"GITHUB_STEP_SUMMARY": str(summary)}), huge())
    assert before <= summary.stat().st_size <= SUMMARY_LIMIT


def test_a_case_points_at_its_line_and_the_candidate_at_its_entry(project: Load) -> None:
    found = gate_places(project(), REPORT)
    assert found.candidate == Place("passmuster.yaml", 9, 5)
    assert found.of("3") == Place("cases.jsonl", 4)
    assert found.of("unknown") == found.candidate


def test_cases_of_a_csv_point_at_the_first_line_of_their_row(write: Write) -> None:
    text = 'id,input,reference\n1,"two\nlines",yes\n3,one,no\n'
    folder = write(
        "task: t\ncorpus: cases.csv\nmetrics: [exact_match]\ncandidates:\n"
        "  - {name: always, provider: baseline, kind: constant, text: x}\n",
        **{"cases.csv": text},
    )
    both = replace(REPORT, flips=(LOST, replace(LOST, case="1")))
    found = gate_places(load_project(folder, environment={}), both)
    assert found.of("1") == Place("cases.csv", 2)
    assert found.of("3") == Place("cases.csv", 4)


def test_paths_are_relative_to_the_workspace_or_the_repository(tmp_path: Path) -> None:
    folder = tmp_path / "work" / "eval"
    folder.mkdir(parents=True)
    assert repository(folder, {}) == folder
    (tmp_path / ".git").mkdir()
    assert repository(folder, {}) == tmp_path
    assert repository(folder, {"GITHUB_WORKSPACE": str(tmp_path / "work")}) == tmp_path / "work"
    assert repository(folder, {"CI_PROJECT_DIR": "/elsewhere"}) == tmp_path


@pytest.mark.parametrize(("name", "line"), [("a", 3), ("a/terse", 3), ("a/b", 4), ("gone", 2), ("", 2)])
def test_a_candidate_of_a_prompt_variant_points_at_its_entry(name: str, line: int) -> None:
    document = read_yaml(
        "task: t\ncandidates:\n  - {name: a}\n  - {name: a/b}\n  - {model: m}\n", "p.yaml", {}
    )
    assert candidate_place(document, name).line == line


def test_a_corpus_that_cannot_be_read_points_at_the_candidate(write: Write) -> None:
    opened = load_project(write(), environment={})
    (opened.folder / "cases.jsonl").write_bytes(b"\xff\xfe not json\n")
    assert gate_places(opened, REPORT).of("3").path == "passmuster.yaml"


def test_what_passes_needs_no_corpus(write: Write) -> None:
    opened = load_project(write(), environment={})
    (opened.folder / "cases.jsonl").unlink()
    calm: GateReport = replace(REPORT, flips=())
    assert gate_places(opened, calm).cases == {}
