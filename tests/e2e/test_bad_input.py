"""Ten slips that people make, through the installed command: exit code 2, the place, and nothing lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

COMMAND = Path(sys.executable).parent / "passmuster"
GOOD = """\
task: routing
corpus: cases.jsonl
metrics: [exact_match]
bars:
  exact_match: {at_least: 70 %}
incumbent: always
candidates:
  - {name: always, provider: baseline, kind: constant, text: "yes"}
"""
CASES = "".join(
    json.dumps({"id": str(n), "input": f"question {n}", "reference": "yes"}) + "\n" for n in range(4)
)
OPENAI = "  - {name: gpt, provider: openai, model: gpt-4o-mini}\n"


def passmuster(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "passmuster.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "cases.jsonl").write_text(CASES, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        pytest.param(
            "passmuster.yaml", "incumbent:", "incumbant:",
            "passmuster.yaml:6:1: the key 'incumbant' is unknown\n  Did you mean 'incumbent'?",
            id="unknown key",
        ),
        pytest.param(
            "passmuster.yaml", "task: routing", "task: [1]",
            "passmuster.yaml:1:7: task: expected text, found [1]",
            id="wrong type",
        ),
        pytest.param(
            "passmuster.yaml", "cases.jsonl", "case.jsonl",
            "passmuster.yaml:2:9: the corpus 'case.jsonl' does not exist",
            id="missing file",
        ),
        pytest.param("cases.jsonl", '"id": "3"', '"id": "1"', "cases.jsonl:4:", id="duplicate case id"),
        pytest.param("cases.jsonl", CASES, "", "cases.jsonl: ", id="empty corpus"),
        pytest.param("cases.jsonl", '"input": "question 2"', "input", "cases.jsonl:3:13: ", id="line that is no JSON"),
        pytest.param(
            "passmuster.yaml", "provider: baseline", "provider: basline",
            "passmuster.yaml:8:30: in candidates[1]: the provider 'basline' is unknown\n  Did you mean 'baseline'?",
            id="unknown provider",
        ),
        pytest.param("passmuster.yaml", "candidates:\n", f"candidates:\n{OPENAI}",
            "passmuster.yaml:8:5: the candidate 'gpt' needs a key, and the environment variable OPENAI_API_KEY is not set",
            id="missing API key",
        ),
        pytest.param(
            "passmuster.yaml", "  exact_match: {", "  exact: {",
            "passmuster.yaml:5:3: there is a bar on 'exact', but the task has no such metric\n  Did you mean 'exact_match'?",
            id="bar on a missing metric",
        ),
        pytest.param(
            "passmuster.yaml", "incumbent: always", "incumbent: never",
            "passmuster.yaml:6:12: the incumbent 'never' is no candidate",
            id="incumbent that is no candidate",
        ),
    ],
)  # fmt: skip
def test_a_slip_is_told_with_its_place_and_nothing_is_lost(
    folder: Path, file: str, old: str, new: str, told: str
) -> None:
    assert passmuster(folder, "run").returncode == 0
    stored = passmuster(folder, "runs", "--json").stdout
    good = (folder / file).read_text(encoding="utf-8")
    assert old in good
    (folder / file).write_text(good.replace(old, new, 1), encoding="utf-8")
    done = passmuster(folder, "run")
    assert done.returncode == 2
    assert f"Error: {told}" in done.stderr
    assert done.stdout == ""
    (folder / file).write_text(good, encoding="utf-8")
    assert passmuster(folder, "runs", "--json").stdout == stored
    assert json.loads(passmuster(folder, "run", "--json").stdout)["reused"] == 4


def test_a_missing_key_is_no_matter_for_comparing(folder: Path) -> None:
    assert passmuster(folder, "run").returncode == 0
    file = folder / "passmuster.yaml"
    file.write_text(GOOD.replace("candidates:\n", f"candidates:\n{OPENAI}"), encoding="utf-8")
    done = passmuster(folder, "compare", "--json")
    assert done.returncode == 4
    assert [each["n"] for each in json.loads(done.stdout)["candidates"] if each["name"] == "gpt"] == [0]


def test_comparing_before_any_run_says_what_to_do(folder: Path) -> None:
    done = passmuster(folder, "compare")
    assert done.returncode == 4
    assert "Next: passmuster run" in done.stderr


def test_a_project_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    done = passmuster(tmp_path, "compare")
    assert done.returncode == 2
    assert "passmuster init" in done.stderr
