"""`passmuster gate` and `passmuster baseline`: who is held against whom, exit codes, options, and a checkout without a store."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from passmuster import gate, open_project
from passmuster.cli.main import status
from passmuster.errors import UsageError

FILE = """\
task: routing
corpus: {path: cases.jsonl, use: all}
metrics: [exact_match]
incumbent: bot
candidates:
  - {name: bot, provider: replay, path: bot.jsonl, prices: {input: 1, output: 1}}
"""
OTHER = "  - {name: other, provider: replay, path: other.jsonl, prices: {input: 1, output: 1}}\n"
THIRD = (
    "  - {name: third, provider: replay, path: other.jsonl, select: third, prices: {input: 1, output: 1}}\n"
)
N = 400


def rows(wrong: frozenset[int] = frozenset(), seconds: float = 0.5) -> str:
    """Return a recording that is wrong on these cases; its times are not all the same."""
    return "".join(
        json.dumps(
            {
                "id": str(number),
                "output": "no" if number in wrong else "yes",
                "latency_s": seconds * (1 + (number * 37 % 100) / 500),
                "input_tokens": 20,
                "output_tokens": 2,
            }
        )
        + "\n"
        for number in range(N)
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project whose incumbent is frozen; its store is gone, as in a fresh checkout."""
    cases = ({"id": str(number), "input": f"question {number}", "reference": "yes"} for number in range(N))
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    (tmp_path / "passmuster.yaml").write_text(FILE)
    (tmp_path / "bot.jsonl").write_text(rows(frozenset(range(40))))
    (tmp_path / "other.jsonl").write_text(rows(frozenset(range(40))))
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    assert status(["run", "-q"]) == 0
    assert status(["baseline", "-q"]) == 0
    shutil.rmtree(tmp_path / ".passmuster")
    return tmp_path


def change(folder: Path, wrong: frozenset[int], seconds: float = 0.5) -> None:
    """Put another version of the incumbent in its place."""
    (folder / "bot.jsonl").write_text(rows(wrong, seconds))


def found(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code of the gate and its report."""
    capsys.readouterr()
    code = status(["gate", "--run", "-q", "--json", *options])
    return code, json.loads(capsys.readouterr().out)


def test_a_fresh_checkout_without_trials_is_incomplete_and_says_what_to_type(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["gate"]) == 4
    said = capsys.readouterr().err
    assert f"{N} trials of bot are not stored yet" in said
    assert "passmuster run --only bot" in said
    assert "--run" in said
    assert not list((folder / "reports").glob("*.html"))


def test_an_unchanged_version_passes_and_is_called_a_rerun(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = found(capsys)

    assert (code, report["level"], report["cases"]) == (0, "pass", N)
    assert report["old"]["path"].endswith(".json")
    assert any("the same version, asked at two times" in note for note in report["notes"])
    assert (folder / "reports/routing-gate.html").is_file()


def test_a_version_that_is_much_worse_is_blocked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, frozenset(range(100)))

    code, report = found(capsys)
    assert (code, report["level"], report["finding"]) == (1, "block", "systematic")
    assert report["changes"] == {"silent": 60}


def test_a_level_to_look_into_fails_only_where_that_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, frozenset(range(48)))

    assert [found(capsys)[0], found(capsys, "--fail-on", "investigate")[0]] == [0, 1]


def test_a_key_of_the_project_file_moves_the_levels(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder, frozenset(range(48)))
    (folder / "passmuster.yaml").write_text(f"gate: {{investigate: 0.5 points, block: 1 point}}\n{FILE}")

    code, report = found(capsys)
    assert code == 1
    assert report["policy"]["block"] == 0.01


def test_what_cannot_be_told_is_3_unless_it_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cases.jsonl").write_text(
        "".join((folder / "cases.jsonl").read_text().splitlines(keepends=True)[40:70])
    )

    assert [found(capsys)[0], found(capsys, "--allow-undecided")[0]] == [3, 0]


def test_a_baseline_that_is_too_old_is_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path,) = (folder / "reports").glob("baseline_*.json")
    path.write_text(_older(path.read_text(), 100 * 86400))

    code, report = found(capsys, "--max-age", "90d")
    assert (code, report["level"]) == (3, "refused")
    assert report["old"]["age_days"] > 90
    assert "freeze a newer one" in report["sentence"]
    assert found(capsys, "--max-age", "200 d")[0] == 0


def _older(text: str, by: float) -> str:
    data = json.loads(text)
    for trial in data["trials"]:
        trial["started"] -= by
    return json.dumps(data)


def test_a_baseline_that_was_edited_wrongly_ends_the_gate_with_2_and_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = (folder / "reports").glob("baseline_*.json")
    path.write_text(path.read_text().replace('"turn":"correct"', '"turn":"fine"', 1))

    assert status(["gate", "--run", "-q"]) == 2
    assert f"{path.name}:" in capsys.readouterr().err


def test_the_newest_baseline_of_the_incumbent_counts(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = (folder / "reports").glob("baseline_*.json")
    old = json.loads(path.read_text())
    old["generated"] = "2020-01-01T00:00:00Z"
    path.with_name("baseline_20991231.json").write_text(json.dumps(old))
    foreign = {**old, "task": "another", "generated": "2099-01-01T00:00:00Z"}
    path.with_name("baseline_20980101.json").write_text(json.dumps(foreign))

    _, report = found(capsys)
    assert report["old"]["path"].endswith(path.name)


def test_another_candidate_is_frozen_under_its_name_and_can_be_held_against(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "passmuster.yaml").write_text(FILE + OTHER)
    assert status(["run", "-q"]) == 0
    assert status(["baseline", "other", "--json"]) == 0
    frozen = json.loads(capsys.readouterr().out)
    assert Path(frozen["path"]).name.endswith("_other.json")

    _, report = found(capsys, "--against", frozen["path"])
    assert (report["old"]["name"], report["new"]["name"]) == ("other", "bot")
    _, report = found(capsys, "other")
    assert (report["old"]["name"], report["new"]["name"]) == ("bot", "other")
    _, report = found(capsys, "--against", "other")
    assert (report["old"]["name"], report["old"]["path"]) == ("other", None)


def test_without_a_baseline_the_only_other_llm_is_held_against_the_incumbent(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(folder / "reports")
    (folder / "passmuster.yaml").write_text(FILE + OTHER)

    code, report = found(capsys)
    assert (code, report["old"]["name"], report["new"]["name"]) == (0, "bot", "other")


@pytest.mark.parametrize(
    ("more", "options", "message"),
    [
        ("", [], "there is no baseline of bot, and the project has no other LLM"),
        ("", ["bot"], "it is the incumbent itself"),
        (OTHER + THIRD, [], "2 other LLMs: other, third"),
        (OTHER, ["othr"], "no candidate is called 'othr'"),
        (OTHER, ["--against", "othr"], "there is no such candidate, and no such file"),
        (OTHER, ["--against", "nowhere/baseline.json"], "there is no such candidate, and no such file"),
        (OTHER, ["other", "--against", "other"], "held against itself"),
        (OTHER, ["--again", "2", "--no-again"], "exclude each other"),
        (OTHER, ["--json", "--markdown"], "exclude each other"),
        (OTHER, ["--max-age", "soon"], "is not a time"),
        (OTHER, ["--junit", "x", "--metrics", "x"], "two forms"),
    ],
)
def test_what_cannot_be_meant_is_2(
    folder: Path, capsys: pytest.CaptureFixture[str], more: str, options: list[str], message: str
) -> None:
    shutil.rmtree(folder / "reports")
    (folder / "passmuster.yaml").write_text(FILE + more)

    assert status(["gate", *options]) == 2
    assert message in capsys.readouterr().err


def test_without_an_incumbent_there_is_nothing_to_hold_a_change_against(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "passmuster.yaml").write_text(FILE.replace("incumbent: bot\n", ""))

    assert status(["gate"]) == 2
    assert "names no incumbent" in capsys.readouterr().err
    assert status(["baseline"]) == 2
    assert "there is no incumbent to freeze" in capsys.readouterr().err


def test_the_price_of_it_is_told_and_nothing_is_asked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["gate", "--estimate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert (told["missing"], told["trials"]) == (N, N)
    assert status(["gate"]) == 4
    assert folder.is_dir()


def test_every_form_is_written_where_it_is_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder, frozenset(range(100)))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(folder / "outputs"))
    names = {
        "--junit": "out/g.xml",
        "--gitlab": "out/g.json",
        "--html": "out/g.html",
        "--metrics": "out/g.txt",
    }
    options = [each for pair in names.items() for each in pair]

    capsys.readouterr()
    assert status(["gate", "--run", "-q", *options, "--markdown=out/g.md", "--github"]) == 1
    assert sorted(each.name for each in (folder / "out").iterdir()) == [
        "g.html",
        "g.json",
        "g.md",
        "g.txt",
        "g.xml",
    ]
    assert "::error file=passmuster.yaml,line=6" in capsys.readouterr().out
    assert "Blocked" in (folder / "summary.md").read_text()
    assert "level=block" in (folder / "outputs").read_text()
    assert not (folder / "reports/routing-gate.html").exists()


def test_a_summary_that_cannot_be_written_does_not_take_the_report_along(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder, frozenset(range(100)))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder))
    assert status(["gate", "--run", "-q", "--github"]) == 2
    told = capsys.readouterr()
    assert "Blocked: " in told.out
    assert "cannot be written: Is a directory" in told.err


def test_markdown_without_a_path_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert status(["gate", "--run", "-q", "--markdown"]) == 0
    assert "| figure |" in capsys.readouterr().out
    assert folder.is_dir()


def test_from_python_it_is_one_call(folder: Path) -> None:
    assert status(["run", "-q"]) == 0
    project = open_project(folder)

    assert gate(project).level == "pass"
    with pytest.raises(UsageError, match="no candidate is called"):
        gate(project, "nobody")


def test_a_baseline_with_failures_or_without_some_cases_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = rows().splitlines(keepends=True)
    broken = json.dumps({"id": "0", "error": "timeout", "output": ""}) + "\n"
    (folder / "bot.jsonl").write_text("".join([broken, *lines[1:-1]]))
    assert status(["run", "-q"]) == 0
    capsys.readouterr()

    assert status(["baseline"]) == 0
    said = capsys.readouterr().err
    assert f"1 of its {N - 1} trials failed" in said
    assert f"It holds {N - 1} of {N} trials" in said


def test_no_secret_stands_in_a_baseline(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_API_KEY", "sk-very-secret-0123456789")
    monkeypatch.setenv("REGION", "eu-17")
    monkeypatch.setenv("RECORDED", "bot.jsonl")
    (folder / "passmuster.yaml").write_text(
        FILE.replace("path: bot.jsonl", "path: '${RECORDED}', attributes: {region: '${REGION}'}")
    )
    (folder / "passmuster.yaml").write_text(
        (folder / "passmuster.yaml").read_text()
        + '  - {name: asked, provider: openai, model: m, base_url: "http://localhost:9/${BOT_API_KEY}/v1"}\n'
    )
    assert status(["run", "-q", "--only", "bot"]) == 0
    assert status(["baseline", "-q"]) == 0

    (path,) = (folder / "reports").glob("baseline_*.json")
    text = path.read_text()
    assert "very-secret" not in text
    assert "eu-17" not in text
    assert "${REGION}" in text
