"""`examples/complaints`: 14 real models on 1,000 real complaints, through the installed command."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

COMMAND = Path(sys.executable).parent / "passmuster"
EXAMPLE = Path(__file__).parents[2] / "examples/complaints"
PASSING = {"gemini-2.0-flash", "gemini-2.0-flash-lite", "gemini-1.5-pro"}
REASONING = {"gpt-o1", "gpt-o3-mini", "deepseek-reasoner"}

pytestmark = [pytest.mark.data, pytest.mark.slow]


class Ended(NamedTuple):
    """What `passmuster compare --json` came to."""

    code: int
    comparison: dict[str, Any]

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The candidates by name."""
        return {row["name"]: row for row in self.comparison["candidates"]}

    @property
    def decision(self) -> dict[str, Any]:
        """The decision."""
        decision: dict[str, Any] = self.comparison["decision"]
        return decision


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the example, without a store that may lie there."""
    return shutil.copytree(
        EXAMPLE, tmp_path_factory.mktemp("complaints") / "complaints", ignore=shutil.ignore_patterns(".*")
    )


def ended(example: Path, data_folder: Path, name: str) -> Ended:
    """Run a project file of the example and compare."""
    environment = {**os.environ, "PASSMUSTER_DATA": str(data_folder)}
    project = ["--project", str(example / name)]
    run = subprocess.run(
        [COMMAND, "run", *project], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    result = subprocess.run(
        [COMMAND, "compare", *project, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.stdout, result.stderr
    return Ended(result.returncode, json.loads(result.stdout))


@pytest.fixture(scope="module")
def whole(example: Path, data_folder: Path) -> Ended:
    """Compare all models on all cases, bar 0.70."""
    return ended(example, data_folder, "whole.yaml")


@pytest.fixture(scope="module")
def at_072(example: Path, data_folder: Path) -> Ended:
    """Compare all models on all cases, bar 0.72."""
    return ended(example, data_folder, "whole_at_072.yaml")


@pytest.fixture(scope="module")
def beside_baselines(example: Path, data_folder: Path) -> Ended:
    """Compare models and fitted baselines on the eval split."""
    return ended(example, data_folder, "passmuster.yaml")


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_accuracy_is_the_published_one(whole: Ended, data_folder: Path) -> None:
    published = {
        row["Model"].replace("_", "-"): float(row["Accuracy"])
        for row in rows_of(data_folder / "replay_complaints/published_scores.csv")
    }
    found = {
        name.replace(".", "").replace("-", ""): row["metrics"]["accuracy"] for name, row in whole.rows.items()
    }

    assert len(found) == 14
    assert {name.replace(".", "").replace("-", ""): value for name, value in published.items()} == {
        name: estimate["value"] for name, estimate in found.items()
    }
    assert {estimate["n"] for estimate in found.values()} == {1000}


def test_every_latency_is_the_recorded_one_to_a_millisecond(whole: Ended, data_folder: Path) -> None:
    for row in rows_of(data_folder / "replay_complaints/candidates.csv"):
        latency = whole.rows[row["candidate"]]["latency"]
        for quantile in ("p50", "p95", "p99"):
            assert latency[quantile]["value"] == pytest.approx(
                float(row[f"latency_{quantile}_s"]), abs=0.001
            ), f"{quantile} of {row['candidate']}"
        assert latency["load"]["source"] == "recorded"


def test_the_prices_are_those_of_the_recording(data_folder: Path) -> None:
    for name in ("whole.yaml", "whole_at_072.yaml", "passmuster.yaml"):
        text = (EXAMPLE / name).read_text()
        for row in rows_of(data_folder / "replay_complaints/candidates.csv"):
            line = re.search(
                rf"name: {re.escape(row['candidate'])},.*input: ([\d.]+), output: ([\d.]+)", text
            )
            assert line is not None
            assert float(line[1]) == float(row["usd_per_mtok_in"])
            assert float(line[2]) == float(row["usd_per_mtok_out"])


def test_exactly_three_models_pass_and_the_cheapest_of_them_is_chosen(whole: Ended) -> None:
    passing = {name for name, row in whole.rows.items() if row["verdict"]["status"] == "pass"}
    costs = {name: whole.rows[name]["cost"]["per_success"]["value"] for name in passing}

    assert whole.code == 0
    assert passing == PASSING == set(whole.decision["passing"])
    assert whole.decision["status"] == "decided"
    assert whole.decision["chosen"] == "gemini-2.0-flash-lite" == min(costs, key=lambda name: costs[name])


def test_models_whose_thinking_was_not_recorded_have_a_lower_bound(whole: Ended) -> None:
    bases = {name: row["cost"]["basis"] for name, row in whole.rows.items()}

    assert {name for name, basis in bases.items() if basis == "lower_bound"} == REASONING
    assert {basis for name, basis in bases.items() if name not in REASONING} == {"estimated"}


def test_conflicting_references_are_listed(whole: Ended) -> None:
    conflicts = whole.comparison["corpus"]["conflicts"]

    assert conflicts
    assert all(len(set(conflict["references"])) > 1 for conflict in conflicts)


def test_at_072_no_winner_is_named(at_072: Ended) -> None:
    adjusted = {name: row["verdict"]["adjusted_p"] for name, row in at_072.rows.items()}

    assert at_072.code == 3
    assert at_072.decision["status"] == "undecided"
    assert at_072.decision["chosen"] is None
    assert at_072.decision["passing"] == []
    assert "gemini-2.0-flash" in {leading["name"] for leading in at_072.decision["leading"]}
    assert min(adjusted, key=lambda name: adjusted[name]) == "gemini-2.0-flash"
    assert adjusted["gemini-2.0-flash"] == pytest.approx(14 * 0.00374, abs=0.0002)


def test_another_bar_asks_nothing_again(at_072: Ended, example: Path, data_folder: Path) -> None:
    assert at_072.code == 3
    result = subprocess.run(
        [COMMAND, "run", "--project", example / "whole_at_072.yaml", "--json"],
        env={**os.environ, "PASSMUSTER_DATA": str(data_folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert json.loads(result.stdout)["asked"] == 0


def test_baselines_learn_from_700_cases_and_all_are_scored_on_the_same_200(beside_baselines: Ended) -> None:
    corpus = beside_baselines.comparison["corpus"]

    assert corpus["splits"] == {"train": 700, "eval": 200, "holdout": 100}
    assert corpus["holdout"] == "unsealed"
    assert {row["metrics"]["accuracy"]["n"] for row in beside_baselines.rows.values()} == {200}
    assert {name for name, row in beside_baselines.rows.items() if row["kind"] == "baseline"} == {
        "majority",
        "naive-bayes",
        "logistic-regression",
        "decision-tree",
    }


def test_200_cases_leave_it_undecided_but_not_without_an_answer(beside_baselines: Ended) -> None:
    decision = beside_baselines.decision
    leading = decision["leading"]

    assert beside_baselines.code == 3
    assert decision["status"] == "undecided"
    assert leading
    assert all(0 < each["share"] < 1 for each in leading)
    assert decision["next_step"]["more_cases"] > 0
    assert f"{decision['next_step']['more_cases']:,} more cases" in decision["reason"]


def test_it_says_whether_the_llm_is_worth_it(beside_baselines: Ended) -> None:
    worth = beside_baselines.decision["worth"]

    assert worth["status"] in {"yes", "no", "narrow"}
    assert beside_baselines.rows[worth["baseline"]]["kind"] == "baseline"
    assert worth["difference"]["n"] == 200
    assert worth["margin"] == 0.05
    assert (worth["status"] == "yes") == (worth["difference"]["low"] > worth["margin"])
    assert worth["baseline"] in worth["sentence"]


def test_the_readiness_checklist_is_green_where_something_was_done_and_red_with_its_reason_elsewhere(
    whole: Ended, example: Path, data_folder: Path
) -> None:
    assert whole.code == 0
    environment = {**os.environ, "PASSMUSTER_DATA": str(data_folder)}

    def asked(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(COMMAND), *words, "--project", str(example / "whole.yaml")]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert asked("decide", "--record").returncode == 0
    assert asked("baseline").returncode == 0
    ready = asked("ready", "--json")
    assert ready.returncode == 1, ready.stderr
    items = {item["name"]: item for item in json.loads(ready.stdout)["items"]}

    assert {name for name, item in items.items() if item["status"] == "done"} == {
        "labelled cases",
        "metrics automated",
        "own evaluation",
        "baseline",
    }
    assert items["judge calibrated"]["status"] == "not needed"
    reasons = {
        "fresh cases": "The cases do not say when they were asked.",
        "holdout": "There is none.",
        "failure modes": "No way in which the task is known to go wrong was written down.",
        "set before asked": "The corpus is one file, of which no version can be frozen.",
        "cost model": "its trials are recordings",
        "evaluated in CI": "No CI configuration here runs passmuster or a public harness.",
    }
    for name, reason in reasons.items():
        assert items[name]["status"] == "missing"
        assert reason in items[name]["finding"]
    assert {items[name]["status"] for name in ("load test", "red team")} == {"not available"}
