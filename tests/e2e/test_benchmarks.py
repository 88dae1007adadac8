"""The benchmarks run and check what they measure; how fast anything is, is no test's business."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
OWN = ["aiohttp", "passmuster", "passmuster, then compare"]


def _run(script: str, *arguments: str, environments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, BENCHMARKS / script, *arguments],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "BENCH_ENVIRONMENTS": str(environments)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def _rows(markdown: str) -> list[dict[str, str]]:
    """Return the rows of the one table of a text, by the names of the columns."""
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("|")]
    assert set("".join(lines[1])) <= set("-|")
    return [dict(zip(lines[0], cells, strict=True)) for cells in lines[2:]]


def _fake(environments: Path, name: str, words: str) -> None:
    """Install a tool that asks nothing and says this."""
    program = environments / name / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{words}'\n", encoding="utf-8")
    program.chmod(0o755)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], list[Any]]:
    folder = tmp_path_factory.mktemp("bench")
    kept = folder / "runs.jsonl"
    words = ["--cases", "50", "--concurrency", "16", "--delay", "0.01", "--repetitions", "2"]
    ended = _run("run.py", *words, "--peers", "aiohttp,passmuster", "--json", str(kept), environments=folder)
    return ended, [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]


Compared = tuple[subprocess.CompletedProcess[str], list[Any]]


def test_every_tool_asks_every_case_and_counts_what_is_right(compared: Compared) -> None:
    ended, _ = compared
    rows = _rows(ended.stdout)

    assert ended.returncode == 0, ended.stderr
    assert sorted(row["tool"] for row in rows) == OWN
    assert [(row["requests"], row["share right"], row["exit"]) for row in rows] == [("50", "0.9", "0")] * 3


def test_ratios_are_to_the_bare_loop_and_to_the_ideal_span(compared: Compared) -> None:
    ended, _ = compared
    rows = {row["tool"]: row for row in _rows(ended.stdout)}

    assert "50 cases, 16 at a time, 10 ms of service (ideal span 0.04 s)" in ended.stdout
    assert rows["aiohttp"]["x aiohttp"] == rows["aiohttp"]["span x aiohttp"] == "1.00"
    assert all(float(row["span x ideal"]) >= 0.99 for row in rows.values())


def test_every_single_run_is_kept(compared: Compared) -> None:
    _, kept = compared

    assert [row["peer"] for row in kept] == OWN * 2
    assert all(1 <= row["most_open"] <= 16 for row in kept)
    assert {(row["requests"], row["items"], row["right"], row["odd"]) for row in kept} == {
        (50, 50, 0.9, None)
    }
    assert all(row["cpu"] > 0 and 0 < row["span"] < row["wall"] and row["rss_mb"] > 10 for row in kept)


def test_the_comparison_after_the_run_is_part_of_its_second_row(compared: Compared) -> None:
    _, kept = compared

    for ran, both in zip(kept[1::3], kept[2::3], strict=True):
        assert both["wall"] > ran["wall"]
        assert both["cpu"] > ran["cpu"]


def test_versions_and_machine_are_said(compared: Compared) -> None:
    ended, _ = compared

    assert "Versions: aiohttp 3." in ended.stdout
    assert "passmuster ?" not in ended.stdout
    assert "Machine: " in ended.stdout


def test_a_tool_that_asks_nothing_is_no_fast_tool(tmp_path: Path) -> None:
    _fake(tmp_path, "openai", "right 0.9")
    ended = _run("run.py", "--cases", "50", "--repetitions", "1", "--peers", "openai", environments=tmp_path)

    assert ended.returncode == 1
    assert "openai: requests 0 instead of 50" in ended.stderr


def test_a_tool_that_counts_wrongly_is_told(tmp_path: Path) -> None:
    _fake(tmp_path, "openai", "right 0.5")
    ended = _run("run.py", "--cases", "50", "--repetitions", "1", "--peers", "openai", environments=tmp_path)

    assert ended.returncode == 1
    assert "share right 0.5 instead of 0.9" in ended.stderr


def test_a_tool_that_is_not_installed_is_left_out(tmp_path: Path) -> None:
    words = ["--cases", "50", "--repetitions", "1", "--peers", "aiohttp,inspect-ai"]
    ended = _run("run.py", *words, environments=tmp_path)

    assert ended.returncode == 0
    assert f"not installed: inspect-ai ({tmp_path}/inspect-ai/bin/inspect)" in ended.stderr
    assert [row["tool"] for row in _rows(ended.stdout)] == ["aiohttp"]


def test_a_tool_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    ended = _run("run.py", "--peers", "aiohttp,wget", environments=tmp_path)

    assert ended.returncode == 2
    assert "no tool is called wget" in ended.stderr


def test_startup_times_the_first_request_from_the_start_of_the_process(tmp_path: Path) -> None:
    kept = tmp_path / "times.jsonl"
    words = ["--repetitions", "2", "--peers", "aiohttp,passmuster", "--json", str(kept)]
    ended = _run("startup.py", *words, environments=tmp_path)
    times = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]

    assert ended.returncode == 0, ended.stderr
    assert [row["tool"] for row in _rows(ended.stdout)] == ["python", "aiohttp", "passmuster"]
    for each in times:
        assert len(each["start"]) == len(each["first"]) == 2
        assert all(
            0 < connected <= first for connected, first in zip(each["connected"], each["first"], strict=True)
        )


def test_reopening_finds_every_trial(tmp_path: Path) -> None:
    words = ["--stored", "500", "--replayed", "300", "--repetitions", "1"]
    ended = _run("reopen.py", *words, environments=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert [row["what"] for row in _rows(ended.stdout)] == [
        "`compare` over 500 stored trials",
        "`runs` over 500 stored trials",
        "`run` again over 500 stored trials, nothing to ask",
        "`run` of 300 replayed trials",
        "`compare` over 300 stored trials",
    ]


def test_the_store_is_measured_step_by_step(tmp_path: Path) -> None:
    ended = _run("store.py", "300", environments=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert [line.split("  ")[0] for line in ended.stdout.splitlines()] == ["claim", "append", "read back"]


def test_scoring_is_measured_metric_by_metric_and_its_shares_are_checked(tmp_path: Path) -> None:
    kept = tmp_path / "runs.jsonl"
    words = ["--trials", "200", "--repetitions", "1", "--json", str(kept)]
    ended = _run("scoring.py", *words, environments=tmp_path)
    results = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]

    assert ended.returncode == 0, ended.stderr
    assert [(row["job"], row["tool"]) for row in _rows(ended.stdout)] == [
        ("exact match", "passmuster"),
        ("token F1", "passmuster"),
        ("JSON Schema", "passmuster"),
        ("field F1", "passmuster"),
        ("exact match, token F1", "`passmuster score --jobs 1`"),
        ("JSON Schema, field F1", "`passmuster score --jobs 1`"),
    ]
    assert [row["mean"] for row in results if row["job"] in {"exact match", "JSON Schema"}] == [0.9, 0.9]
    assert "not installed: deepeval" in ended.stderr
