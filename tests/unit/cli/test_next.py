"""From the first run to the gate every verb says which command comes next, and that command can be typed."""

import json
from pathlib import Path

import pytest

from passmuster.cli.main import VERBS, status

FILE = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
bars: {exact_match: {at_least: 70 %}}
incumbent: always
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes"}
  - {name: it's new, provider: baseline, kind: constant, text: "yes"}
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "passmuster.yaml").write_text(FILE)
    cases = ({"id": str(n), "input": f"question {n}", "reference": "yes"} for n in range(60))
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    monkeypatch.chdir(tmp_path)
    assert status(["run"]) == 0
    assert "Next: passmuster compare" in capsys.readouterr().err
    return tmp_path


def test_the_way_from_the_comparison_to_the_gate_is_told(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["compare"]) == 0
    told = capsys.readouterr().err
    assert "Next: passmuster decide --record" in told
    assert "passmuster baseline, then passmuster gate" in told
    assert status(["baseline"]) == 0
    told = capsys.readouterr().err
    assert "commit it" in told
    assert told.endswith("Next: passmuster gate, at every change\n")
    assert status(["gate", "--no-again"]) in {0, 3}
    assert asked.is_dir()


def test_from_another_folder_every_command_names_the_project(
    asked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(asked.parent)
    project = ["--project", asked.name]
    assert status(["run", *project]) == 0
    assert f"Next: passmuster compare --project {asked.name}\n" in capsys.readouterr().err
    assert status(["compare", *project]) == 0
    told = capsys.readouterr().err
    for verb in ("decide", "baseline", "gate"):
        assert f"passmuster {verb} --project {asked.name}" in told
    assert status(["baseline", *project]) == 0
    assert f"Next: passmuster gate --project {asked.name}, at every change" in capsys.readouterr().err


def test_the_baseline_of_another_candidate_is_named_in_the_command(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(["baseline", "it's new"]) == 0
    told = capsys.readouterr().err
    file = next((asked / "reports").glob("baseline_*.json"))
    assert f"Next: passmuster gate --against {file.relative_to(asked)}" in told


def test_where_nothing_is_decided_no_next_step_is_made_up(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (asked / "passmuster.yaml").write_text(FILE.replace("70 %", "99 %"))
    assert status(["compare"]) == 3
    assert "Next:" not in capsys.readouterr().err


def test_help_lists_the_verbs_in_the_order_of_use() -> None:
    verbs = list(VERBS)
    order = [
        "run",
        "compare",
        "decide",
        "baseline",
        "gate",
        "escalate",
        "route",
        "screen",
        "ready",
        "selfcheck",
    ]
    assert [verb for verb in verbs if verb in order] == order
