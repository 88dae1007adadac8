"""What a repository's CI configurations run."""

import subprocess
from pathlib import Path

import pytest

from passmuster.project.ci import LARGEST, ci_lines, is_committed


def written(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("name", "line", "tool"),
    [
        (".github/workflows/gate.yml", "      - run: passmuster gate --junit gate.xml", "passmuster gate"),
        (".github/workflows/a.yaml", "  run: uv run passmuster gate --project eval", "passmuster gate"),
        (".github/workflows/b.yml", "  run: curl http://a#b; passmuster gate # of names", "passmuster gate"),
        (".gitlab-ci.yml", "    - passmuster run && passmuster compare", "passmuster run"),
        ("Jenkinsfile", "sh 'lm_eval --model hf --tasks gsm8k'", "lm-evaluation-harness"),
        (".circleci/config.yml", "command: inspect eval task.py", "Inspect"),
        ("azure-pipelines.yml", "- script: npx promptfoo@latest eval", "promptfoo"),
        ("bitbucket-pipelines.yml", "- deepeval test run tests", "deepeval"),
        (".buildkite/pipeline.yml", "command: lighteval accelerate", "lighteval"),
    ],
)
def test_a_line_that_evaluates_is_found_with_its_place(
    tmp_path: Path, name: str, line: str, tool: str
) -> None:
    written(tmp_path, name, f"first: line\n{line}\n")
    found = ci_lines(tmp_path)
    assert [(each.path, each.line, each.tool) for each in found] == [(name, 2, tool)]


def test_comments_and_other_files_do_not_count(tmp_path: Path) -> None:
    written(
        tmp_path,
        ".gitlab-ci.yml",
        "# - passmuster gate\n  // passmuster gate\nscript: echo passmusters gate\n"
        "- name: passmuster gate\n  run: make x # passmuster gate\n  'label': lm_eval\nsh 'x' // lm_eval\n",
    )
    written(tmp_path, "README.md", "passmuster gate\n")
    assert ci_lines(tmp_path) == ()


def test_configurations_are_looked_for_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    project = tmp_path / "repository" / "services" / "triage"
    project.mkdir(parents=True)
    written(tmp_path / "repository", ".github/workflows/ci.yml", "run: passmuster gate\n")
    written(tmp_path, ".gitlab-ci.yml", "passmuster gate\n")
    assert [each.path for each in ci_lines(project)] == ["../../.github/workflows/ci.yml"]


def test_hostile_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_bytes(b"\xff\xfe passmuster gate\n" + b"x" * (LARGEST + 10))
    (tmp_path / "Jenkinsfile").mkdir()
    assert [each.tool for each in ci_lines(tmp_path)] == ["passmuster gate"]


def test_a_file_is_committed_as_it_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "baseline_20261122.json"
    path.write_text("{}")
    assert is_committed(path) is None

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    assert is_committed(path) is False
    git("add", path.name)
    assert is_committed(path) is False
    git("commit", "-m", "reference")
    assert is_committed(path) is True
    path.write_text("{ }")
    assert is_committed(path) is False
    (tmp_path / ".gitignore").write_text("other.json\n")
    (tmp_path / "other.json").write_text("{}")
    assert is_committed(tmp_path / "other.json") is False
