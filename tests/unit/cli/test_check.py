"""What `passmuster check` says beside its table."""

from pathlib import Path

import pytest

from passmuster.cli import check as verb
from passmuster.cli.main import status
from passmuster.workflows.check import CheckResult

FILE = """\
task: t
corpus: cases.jsonl
metrics: [exact_match]
candidates:
  - {name: always, provider: baseline, kind: constant, text: x}
"""


def told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], result: CheckResult
) -> str:
    (folder / "passmuster.yaml").write_text(FILE)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(verb, "check", lambda *_, **__: (result,))
    assert status(["check"]) == 0
    return capsys.readouterr().err


def test_another_model_than_the_one_asked_is_told_and_changes_no_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = CheckResult(candidate="m", ok=True, asked="gpt-4o", model="gpt-3.5\x1b[2J", other_model=True)
    words = told(tmp_path, monkeypatch, capsys, result)
    assert "m: asked for gpt-4o, and gpt-3.5" in words
    assert "is reported to have answered" in words
    assert "\x1b" not in words


def test_the_model_that_was_asked_is_no_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = CheckResult(candidate="m", ok=True, asked="gpt-4o", model="gpt-4o-2024-08-06")
    assert "asked for" not in told(tmp_path, monkeypatch, capsys, result)
