"""`passmuster ready`: on a fresh project everything is asked for, and what is mended turns green."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passmuster.cli.main import status

FILE = """\
task: routing
corpus: {corpus}
metrics: [exact_match]
bars: {{exact_match: {{at_least: {bar}}}}}
incumbent: always
candidates:
  - {{name: always, provider: replay, path: recorded.jsonl}}
"""

Items = Callable[[], dict[str, dict[str, Any]]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "passmuster.yaml").write_text(FILE.format(corpus="eval/datasets", bar=0.7))
    cases = [
        {"id": str(n), "input": f"question {n} about thing {n * 7}", "reference": "yes"} for n in range(60)
    ]
    datasets = tmp_path / "eval" / "datasets"
    datasets.mkdir(parents=True)
    (datasets / "eval.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    rows = ({"id": case["id"], "output": "yes"} for case in cases)
    (tmp_path / "recorded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def items(folder: Path, capsys: pytest.CaptureFixture[str]) -> Items:
    def read() -> dict[str, dict[str, Any]]:
        capsys.readouterr()
        assert status(["ready", "--json"]) == 1
        report = json.loads(capsys.readouterr().out)
        return {item["name"]: item for item in report["items"]}

    assert folder.is_dir()
    return read


def test_a_fresh_project_is_told_what_is_missing_and_what_to_do(items: Items) -> None:
    found = items()
    assert {name for name, item in found.items() if item["status"] == "missing"} == {
        "labelled cases",
        "fresh cases",
        "holdout",
        "failure modes",
        "metrics automated",
        "set before asked",
        "own evaluation",
        "cost model",
        "baseline",
        "evaluated in CI",
    }
    assert all(item["fix"] for item in found.values() if item["status"] == "missing")


def test_freezing_first_and_running_then_is_seen(items: Items) -> None:
    assert status(["corpus", "freeze"]) == 0
    assert status(["run"]) == 0
    item = items()["set before asked"]
    assert (item["status"], item["finding"]) == ("done", "They were.")


def test_a_bar_that_is_moved_after_the_run_is_seen(items: Items, folder: Path) -> None:
    assert status(["corpus", "freeze"]) == 0
    assert status(["run"]) == 0
    (folder / "passmuster.yaml").write_text(FILE.format(corpus="eval/datasets", bar=0.6))
    assert "changed after the first run" in items()["set before asked"]["finding"]
    (folder / "passmuster.yaml").write_text(FILE.format(corpus="eval/datasets", bar=0.7))
    assert items()["set before asked"]["status"] == "done"


def test_freezing_after_the_run_does_not_count(items: Items) -> None:
    assert status(["run"]) == 0
    assert status(["corpus", "freeze"]) == 0
    assert "frozen after the first run" in items()["set before asked"]["finding"]


def test_recording_the_decision_freezing_the_baseline_and_a_gate_in_ci_turn_green(
    items: Items, folder: Path
) -> None:
    assert status(["run"]) == 0
    assert items()["own evaluation"]["fix"] == ["passmuster decide --record"]
    assert status(["decide", "--record"]) == 0
    assert status(["baseline"]) == 0
    (folder / ".gitlab-ci.yml").write_text("script: [passmuster gate]\n")
    found = items()
    assert [found[name]["status"] for name in ("own evaluation", "baseline", "evaluated in CI")] == [
        "done"
    ] * 3


def test_the_terminal_and_markdown_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    modes = folder / "eval" / "failure_modes.yaml"
    modes.write_text('- {name: "[31mred] | <b>"}\n')
    assert status(["ready"]) == 1
    shown = capsys.readouterr().out
    assert (
        "Not ready: 0 of 13 are done, 1 is not needed, 10 are missing, 2 cannot be looked at by this release."
        in " ".join(shown.split())
    )
    assert "-> passmuster corpus freeze" in shown
    assert status(["ready", "--markdown"]) == 1
    listed = capsys.readouterr().out
    assert "- [ ] **holdout**: Is a holdout sealed" in listed
    assert "- [x] **judge calibrated**" in listed
    assert "<b>" not in listed.replace(r"\<b\>", "")


def test_json_and_markdown_exclude_each_other(folder: Path) -> None:
    assert folder.is_dir()
    assert status(["ready", "--json", "--markdown"]) == 2
