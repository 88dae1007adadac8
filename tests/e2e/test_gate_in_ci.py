"""`examples/gate`: the commands that its CI files run, in a fresh checkout, on a good change and on a bad one."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples/gate"
BIN = Path(sys.executable).parent
GITHUB, GITLAB = ".github/workflows/gate.yml", ".gitlab-ci.yml"
GOOD, BAD = "recorded/v2.jsonl", "recorded/v3.jsonl"


@dataclass(frozen=True)
class Job:
    """What a job left: its exit code and output, and the folder that it ran in."""

    code: int
    stdout: str
    stderr: str
    folder: Path

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def gate_command(file: str) -> list[str]:
    """Return the line of a CI file that runs the gate, as a shell splits it."""
    document = yaml.safe_load((EXAMPLE / file).read_text(encoding="utf-8"))
    steps = document["jobs"]["gate"]["steps"] if file == GITHUB else []
    lines = [step.get("run", "") for step in steps] if steps else document["gate"]["script"]
    (line,) = [line for line in lines if line.startswith("passmuster ")]
    return shlex.split(line)


def job(tmp_path: Path, file: str, change: str) -> Job:
    """Run the job of a CI file on a checkout with this change."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "checkout", ignore=shutil.ignore_patterns(".passmuster"))
    project = folder / "passmuster.yaml"
    project.write_text(
        re.sub(r"recorded/v\d\.jsonl", change, project.read_text(encoding="utf-8")), encoding="utf-8"
    )
    own = {
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output.txt"),
        "GITHUB_WORKSPACE": str(folder),
    }
    (program, *arguments) = gate_command(file)
    ended = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=folder,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Job(ended.returncode, ended.stdout, ended.stderr, folder)


def test_a_good_change_gets_through_and_everything_that_ci_reads_is_there(tmp_path: Path) -> None:
    done = job(tmp_path, GITHUB, GOOD)

    suite = ET.fromstring(done.text("gate.xml"))  # noqa: S314 - our own file
    assert done.code == 0, done.stderr
    assert suite.find(".//failure") is None
    assert suite.find(".//error") is None
    assert "::error" not in done.stdout
    assert "Passes" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert "level=pass" in (tmp_path / "output.txt").read_text(encoding="utf-8")
    assert (done.folder / "gate.html").is_file()


def test_a_bad_change_is_blocked_with_the_slice_and_the_regression_cases_named(tmp_path: Path) -> None:
    done = job(tmp_path, GITHUB, BAD)

    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    suite = ET.fromstring(done.text("gate.xml"))  # noqa: S314 - our own file
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    assert done.code == 1, done.stderr
    assert suite.find(".//failure") is not None
    assert 0 < len(annotations) <= 10
    assert all("file=" in line for line in annotations)
    assert "refund-in-chat" in summary
    assert "chat" in summary
    assert len(summary.encode()) < 1024 * 1024
    assert "Blocked" in done.text("gate.md")


def test_gitlab_reads_the_same_gate(tmp_path: Path) -> None:
    done = job(tmp_path, GITLAB, BAD)

    quality = json.loads(done.text("gl-code-quality.json"))
    assert done.code == 1, done.stderr
    assert len({each["fingerprint"] for each in quality}) == len(quality) > 0
    assert done.text("gate.txt").endswith("# EOF\n")


@pytest.mark.parametrize("file", [GITHUB, GITLAB])
def test_a_ci_file_ends_the_job_where_the_gate_does(file: str) -> None:
    assert "--run" in gate_command(file)
    assert "continue-on-error" not in (EXAMPLE / file).read_text(encoding="utf-8")
    assert "|| true" not in (EXAMPLE / file).read_text(encoding="utf-8")


def test_the_committed_baseline_is_what_the_first_version_gives(tmp_path: Path) -> None:
    folder = shutil.copytree(
        EXAMPLE, tmp_path / "checkout", ignore=shutil.ignore_patterns(".passmuster", "reports")
    )
    project = folder / "passmuster.yaml"
    project.write_text(
        project.read_text(encoding="utf-8").replace(GOOD, "recorded/v1.jsonl"), encoding="utf-8"
    )
    for verb in (["run", "-q"], ["baseline", "-q"]):
        subprocess.run([str(BIN / "passmuster"), *verb], cwd=folder, check=True, timeout=120)

    (path,) = (folder / "reports").glob("baseline_*.json")
    (committed,) = (EXAMPLE / "reports").glob("baseline_*.json")
    made, kept = (json.loads(each.read_text(encoding="utf-8")) for each in (path, committed))
    assert made["digest"] == kept["digest"]
    assert [_lasting(row) for row in made["trials"]] == [_lasting(row) for row in kept["trials"]]


def _lasting(row: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if key != "started"}
