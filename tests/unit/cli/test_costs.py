"""`passmuster compare --costs`: everything a task costs, from a project file to the tables and the JSON."""

import json
from pathlib import Path

import pytest

from passmuster.cli.main import status

FILE = """\
task: t
corpus: {path: cases.jsonl, use: all}
metrics: [exact_match]
bars:
  cost_per_month: {at_most: 90000 USD}
  cost_per_task: {at_most: 3 cents}
cost:
  monthly_volume: 100000
  review: {when: "confidence < 0.5", minutes: 3, hourly: 40}
  calls: [{name: guard, usd: 0.001}]
  silent_failure: 0.10 USD
candidates:
  - name: model
    provider: replay
    path: recorded.jsonl
    prices: {input: 2, output: 8, cached: 0.5}
    upkeep: {monthly: 600}
  - {name: words, provider: baseline, kind: constant, text: "yes", infrastructure: {hourly: 0.73, tasks_per_hour: 1000}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a project of a hundred cases: five are wrong, ten are reviewed and right."""
    cases = [{"id": str(n), "input": f"question {n}", "reference": "yes"} for n in range(100)]
    rows = [
        {
            "id": str(n),
            "output": "no" if n < 5 else "yes",
            "confidence": 0.1 if n >= 90 else 0.9,
            "input_tokens": 10_000,
            "cached_tokens": 2_000,
            "output_tokens": 1_000,
        }
        for n in range(100)
    ]
    (tmp_path / "passmuster.yaml").write_text(FILE, encoding="utf-8")
    for name, some in (("cases", cases), ("recorded", rows)):
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps(row) + "\n" for row in some), encoding="utf-8"
        )
    return tmp_path


def test_everything_that_is_stated_stands_in_the_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--project", str(folder)]
    assert status(["run", *here, "--quiet"]) == 0
    capsys.readouterr()
    assert status(["compare", *here, "--json"]) in (0, 1, 3)
    model, words = json.loads(capsys.readouterr().out)["candidates"]
    parts = {name: round(each["value"], 9) for name, each in model["cost"]["components"].items()}
    assert parts == {
        "tokens": 0.025,
        "infrastructure": 0.0,
        "calls": 0.001,
        "review": 0.2,
        "labour": 0.0,
        "silent_failure": 0.005,
        "upkeep": 0.006,
    }
    assert model["cost"]["per_month"]["value"] == pytest.approx(23_100 + 600)
    assert model["cost"]["token_parts"]["cached"]["value"] == pytest.approx(0.001)
    checks = {check["metric"]: check["status"] for check in model["checks"]}
    assert checks == {"cost_per_month": "meets", "cost_per_task": "misses"}
    # A baseline asks no guard; one machine of 73 cents an hour does for all tasks, and its wrong answers cost too.
    assert words["cost"]["calls"] == {}
    assert words["cost"]["machines"] == 1
    assert words["cost"]["per_month"]["value"] == pytest.approx(
        0.73 * 730 + 100_000 * words["cost"]["marginal"]["value"]
    )


def test_the_tables_of_the_costs_are_printed_where_they_are_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--project", str(folder)]
    assert status(["run", *here, "--quiet"]) == 0
    capsys.readouterr()
    status(["compare", *here])
    assert "Costs, in US dollars" not in capsys.readouterr().out
    status(["compare", *here, "--costs"])
    said = capsys.readouterr().out
    assert "Costs, in US dollars" in said
    assert "call: guard" in said
    assert "silent failures" in said
    assert "A month is 100,000 tasks and 730 hours of machines." in said


def test_a_judge_that_was_never_asked_makes_the_cost_unknown_and_a_warning_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scorer = "scorers: [{name: judge-model, provider: openai, model: m, base_url: 'http://127.0.0.1:9/v1'}]\n"
    text = FILE.replace("{name: guard, usd: 0.001}", "{name: judge, scorer: judge-model, share: 5 %}")
    (folder / "passmuster.yaml").write_text(text + scorer, encoding="utf-8")
    here = ["--project", str(folder)]
    assert status(["run", *here, "--quiet"]) == 0
    capsys.readouterr()
    status(["compare", *here, "--json"])
    found = json.loads(capsys.readouterr().out)
    model = found["candidates"][0]
    assert model["cost"]["per_task"]["value"] is None
    assert model["cost"]["per_month"]["value"] is None
    assert model["cost"]["components"]["tokens"]["value"] == pytest.approx(0.025)
    assert {check["status"] for check in model["checks"]} == {"undecided"}
    assert (
        "The cost of model is unknown: the cost of a call to judge is unknown."
        in found["decision"]["warnings"]
    )
