"""The same trials give the same bytes: whatever the hash seed, the locale, the time zone and the processes."""

import json
import subprocess
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.served import COMMAND, environment, start, wait_for

from passmuster.metrics.registry import METRICS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CASES = 2_100
"""More than one process scores alone."""

TEXTS = [
    "yes",
    "",
    " YES, because of the fee.\n\n1. one\n2. two\n",
    '{"vendor": "ACME", "total": "1,200.50 EUR", "items": ["b", "a"], "clause": "4.2", "amount": 5}',
    '```json\n{"vendor": "Acme", "items": [],}\n```',
    "<report><title>t</title></report>",
    "| name | n |\n|---|---|\n| a | 1 |\n",
    "I am sorry, I cannot help with that.",
    "Ich weiß es nicht — bitte fragen Sie die Behörde.",
    "half a pair \ud800 and NUL \x00 and \u202eright to left",
    "NaN",
    "The answer is (B). " * 40,
    "[" * 2_000,
]
REFERENCES: list[Any] = [
    "yes",
    ["yes", "no"],
    {"vendor": "ACME", "total": 1200.5, "items": ["a", "b"]},
    42,
    "The answer is B",
]
OPTIONS: dict[str, Any] = {
    "forbidden_tools": {"tools": ["delete"]},
    "regex": {"pattern": "(a+)+$"},
    "json_schema": {
        "schema": {"type": "object", "required": ["vendor", "total"], "additionalProperties": False}
    },
    "citation_exists": {"field": "clause"},
    "citations": {"field": "clause", "claims": {"amount": "money"}},
    "xml": {"required": ["answer", "report/title"]},
    "instructions": {"length": {"words": {"at_most": 9}}, "casing": "lower", "language": "en"},
    "table": {"form": "markdown", "columns": ["name"]},
    "factual_precision": {
        "labels": [{"case": "1", "reply": "yes", "claims": [{"text": "x", "supported": False, "kind": "k"}]}]
    },
}
OF_TWO_STEPS = {
    "claims",
    "judge",
    "pairwise",
    "semantic_similarity",
    "python_tests",
    "command_tests",
    "sql_result",
}
PURE = [kind for kind in METRICS if kind not in OF_TWO_STEPS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project with every pure metric, and run it."""
    folder = tmp_path_factory.mktemp("score")
    metrics = [{"name": kind, "metric": kind, **OPTIONS.get(kind, {})} for kind in PURE]
    project = {
        "task": "everything",
        "corpus": {"path": "cases.jsonl", "use": "all"},
        "metrics": metrics,
        "candidates": [{"name": "recorded", "provider": "replay", "path": "recorded.jsonl"}],
    }
    (folder / "passmuster.yaml").write_text(json.dumps(project), encoding="utf-8")
    pairs = list(islice(zip(cycle(TEXTS), cycle(REFERENCES)), CASES))
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as cases:
        for number, (_, reference) in enumerate(pairs):
            cases.write(
                json.dumps({"id": str(number), "input": f"q {number}", "reference": reference}) + "\n"
            )
    with (folder / "recorded.jsonl").open("w", encoding="utf-8") as recorded:
        for number, (text, _) in enumerate(pairs):
            recorded.write(json.dumps({"id": str(number), "output": text}) + "\n")
    done = subprocess.run(
        [COMMAND, "run", "-q"], cwd=folder, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def scored(folder: Path, name: str, jobs: int, **more: str) -> bytes:
    out = folder / name
    done = subprocess.run(
        [COMMAND, "score", "--jobs", str(jobs), "--out", str(out), "--json"],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["candidates"][0]["trials"] == CASES
    assert [metric["name"] for metric in report["metrics"]] == PURE
    return out.read_bytes()


def test_every_pure_metric_gives_the_same_bytes_whatever_is_around_it(folder: Path) -> None:
    plain = scored(folder, "one.jsonl", 1, PYTHONHASHSEED="0", LC_ALL="C", TZ="UTC", PYTHONUTF8="0")
    other = scored(folder, "other.jsonl", 3, PYTHONHASHSEED="4711", LC_ALL="C.UTF-8", TZ="Asia/Tokyo")

    assert plain.count(b"\n") == CASES
    assert plain == other
    for line in plain.decode("utf-8").splitlines():
        row = json.loads(line)
        assert list(row["scores"]) == PURE
        assert all(score["version"] >= 1 for score in row["scores"].values())
        assert all(("value" in score) != ("failure" in score) for score in row["scores"].values())


def test_processes_that_score_end_with_the_one_that_began_them(folder: Path) -> None:
    with start(folder, "score", "--jobs", "2", "--out", "killed.jsonl") as scoring:
        wait_for(lambda: len(children(scoring.pid)) >= 2)
        own = children(scoring.pid)
        scoring.kill()

    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in own))


def children(pid: int) -> list[int]:
    """Return the processes that score for this one."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
            parent = int((path.parent / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid and b"spawn_main" in words:
            found.append(int(path.parent.name))
    return found
