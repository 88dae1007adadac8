"""How a plain file lay open, as git and the disk know it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from passmuster.adapters.seal.history import commits_of, exposure

GIT = shutil.which("git")


def test_outside_a_repository_only_the_disk_tells(tmp_path: Path) -> None:
    (tmp_path / "holdout.jsonl").write_text("{}")

    assert commits_of(tmp_path / "holdout.jsonl") is None
    (told,) = exposure(tmp_path / "holdout.jsonl")
    assert told.startswith("it lay in plain as holdout.jsonl, last changed 20")


def test_another_name_of_the_same_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "holdout.jsonl").write_text("{}")
    (tmp_path / "copy.jsonl").hardlink_to(tmp_path / "holdout.jsonl")

    assert "the disk has it under 2 names" in exposure(tmp_path / "holdout.jsonl")[1]


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_its_commits_are_counted_from_the_first(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        known = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = [str(GIT), "-C", str(tmp_path), *known, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    path = tmp_path / "holdout.jsonl"
    git("init", "-q")
    for content in ("1", "2"):
        path.write_text(content)
        git("add", ".")
        git("commit", "-q", "-m", content)
    first = git("rev-list", "--max-parents=0", "HEAD")

    found = commits_of(path)
    assert found is not None
    assert found[:2] == (2, first)
    assert "git has it in 2 commits since 20" in exposure(path)[1]
    assert first[:12] in exposure(path)[1]
