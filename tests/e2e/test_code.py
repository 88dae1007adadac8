"""Code that models wrote, from the project file to the comparison."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.adapters.sandbox.rooms import CLOSED

BIN = Path(sys.executable).parent / "passmuster"

PROJECT = """
task: code
corpus: {path: cases.jsonl, use: all}
metrics:
  - {name: solved, metric: python_tests, limits: {seconds: 2}}
repeats: 1
candidates:
  - {name: recorded, provider: replay, path: replies.jsonl}
"""
CASES = {
    "right": ("assert f(1) == 2", "```python\ndef f(x):\n    return x + 1\n```"),
    "wrong": ("assert f(1) == 2", "```python\ndef f(x):\n    return x\n```"),
    "leaves": ("assert f(1) == 2", "```python\nimport sys\nprint('passed')\nsys.exit(0)\n```"),
    "endless": ("assert f(1) == 2", "```python\nwhile True:\n    pass\n```"),
    "prose": ("assert f(1) == 2", "I would rather not."),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project whose replies are stored."""
    (tmp_path / "passmuster.yaml").write_text(PROJECT)
    cases = [{"id": name, "input": name, "reference": test} for name, (test, _) in CASES.items()]
    replies = [{"id": name, "reply": reply} for name, (_, reply) in CASES.items()]
    for name, rows in (("cases", cases), ("replies", replies)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert said(tmp_path, "run")[0] == 0
    return tmp_path


def said(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run passmuster and return its exit code and what it wrote."""
    done = subprocess.run([BIN, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_code_is_not_run_unless_it_is_allowed(project: Path) -> None:
    code, _, stderr = said(project, "score")
    assert (code, "--allow-exec" in stderr) == (2, True)


@pytest.mark.slow
@pytest.mark.skipif(not CLOSED, reason="this machine has no sandbox")
def test_what_became_of_code_is_scored_once_and_compared(project: Path) -> None:
    code, _, stderr = said(project, "score", "--allow-exec", "--out", "scores.jsonl")
    if "cannot be run apart from this machine" in stderr:
        pytest.skip(stderr)
    assert code == 0, stderr
    rows = [json.loads(line) for line in (project / "scores.jsonl").read_text().splitlines()]
    found = {row["case_id"]: row["scores"]["solved"]["details"]["outcome"] for row in rows}
    expected = {"right": "passed", "wrong": "wrong", "leaves": "ended_early", "endless": "timeout"}
    assert found == {**expected, "prose": "syntax_error"}
    assert "program" not in said(project, "score")[2]
    report = json.loads(said(project, "compare", "--json")[1])
    assert report["candidates"][0]["metrics"]["solved"]["value"] == pytest.approx(0.2)
