"""A project folder in a few lines."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from passmuster.errors import PassmusterError
from passmuster.project.load import Project, load_project

GOOD = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
bars:
  exact_match: {at_least: 70 %}
incumbent: always
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes"}
  - name: recorded
    provider: replay
    path: recorded.jsonl
"""
CASES = [{"id": str(n), "input": f"question {n}", "reference": "yes" if n % 2 else "no"} for n in range(6)]
ROWS = [{"id": str(n), "output": "yes"} for n in range(6)]

Write = Callable[..., Path]


def lines(rows: Sequence[Mapping[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a project into a folder and return the folder; keyword arguments replace texts of the good file."""

    def make(text: str = GOOD, **files: str) -> Path:
        (tmp_path / "passmuster.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "cases.jsonl").write_text(files.pop("cases", lines(CASES)), encoding="utf-8")
        (tmp_path / "recorded.jsonl").write_text(lines(ROWS), encoding="utf-8")
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def project(write: Write) -> Callable[..., Project]:
    """Load the good project with some text of its file replaced."""

    def load(old: str = "", new: str = "", environment: dict[str, str] | None = None) -> Project:
        assert old in GOOD
        return load_project(write(GOOD.replace(old, new, 1) if old else GOOD), environment=environment or {})

    return load


@pytest.fixture
def slip(write: Write) -> Callable[..., str]:
    """Return the message of a slip, with the folder cut off."""

    def message(old: str, new: str, environment: dict[str, str] | None = None, **files: str) -> str:
        assert old in GOOD
        folder = write(GOOD.replace(old, new, 1), **files)
        with pytest.raises(PassmusterError) as caught:
            _everything(load_project(folder, environment=environment or {}))
        assert caught.value.exit_code == 2
        return str(caught.value).replace(f"{folder}/", "")

    return message


def _everything(project: Project) -> None:
    project.metrics()
    project.corpus()
    project.providers()
