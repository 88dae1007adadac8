"""`passmuster demo`: through the installed command, real HTTP and the same path as any other project."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from passmuster.project.demo import copy_demo, open_demo

COMMAND = Path(sys.executable).parent / "passmuster"
ROOT = Path(__file__).parents[2]
DATASETS = ROOT / "src/passmuster/project/templates/demo/eval/datasets"
SIMULATED = {"summit-ultra", "summit-mini", "harbor-large", "harbor-medium", "meadow-8b"}

pytestmark = pytest.mark.slow


class Ended(NamedTuple):
    """What a call of `passmuster demo --json` came to."""

    code: int
    comparison: dict[str, Any]
    words: str

    def row(self, name: str) -> dict[str, Any]:
        """Return the row of a candidate."""
        return next(row for row in self.comparison["candidates"] if row["name"] == name)


def demo(folder: Path) -> Ended:
    """Run the demo in a folder."""
    result = subprocess.run(
        [COMMAND, "demo", folder, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.stdout, result.stderr
    return Ended(result.returncode, json.loads(result.stdout), result.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the demo was run first."""
    return tmp_path_factory.mktemp("demo") / "passmuster-demo"


@pytest.fixture(scope="module")
def first(folder: Path) -> Ended:
    """Run the demo for the first time."""
    return demo(folder)


def test_the_middle_model_is_chosen(first: Ended) -> None:
    assert first.code == 0
    assert first.comparison["decision"]["status"] == "decided"
    assert first.comparison["decision"]["chosen"] == "harbor-medium"
    assert set(first.comparison["decision"]["passing"]) == {"harbor-medium", "harbor-large"}


def test_the_first_of_the_leaderboard_loses_on_time_citations_and_cost(first: Ended) -> None:
    checks = {check["metric"]: check["status"] for check in first.row("summit-ultra")["checks"]}

    assert checks == {
        "fields": "meets",
        "citation_exists": "misses",
        "latency_p95": "misses",
        "cost_per_success": "misses",
    }
    assert first.row("summit-ultra")["latency"]["p95"]["value"] == pytest.approx(4.2, abs=0.2)


def test_the_first_of_the_leaderboard_costs_more_than_the_clerk(first: Ended) -> None:
    costs = {
        name: first.row(name)["cost"]["per_success"]["value"]
        for name in ("clerk", "summit-ultra", "harbor-medium")
    }

    assert costs["summit-ultra"] > costs["clerk"] > 100 * costs["harbor-medium"]


def test_exactly_the_five_models_are_marked_as_simulated(first: Ended) -> None:
    assert {row["name"] for row in first.comparison["candidates"] if row["simulated"]} == SIMULATED
    assert any("imulated" in warning for warning in first.comparison["decision"]["warnings"])


def test_the_baselines_are_fitted_and_none_of_them_is_enough(first: Ended) -> None:
    baselines = {row["name"]: row for row in first.comparison["candidates"] if row["kind"] == "baseline"}

    assert {row["verdict"]["status"] for row in baselines.values()} == {"fail"}
    assert baselines["logistic-kind"]["parts"]["fields"]["kind"]["value"] > 0.7
    assert first.comparison["decision"]["worth"]["status"] == "yes"


def test_the_report_is_one_file(first: Ended, folder: Path) -> None:
    report = folder / "eval/reports/contract-clauses.html"

    assert str(report.name) in first.words
    assert report.stat().st_size < 1_500_000
    assert not re.search(r"""(?:src|href)=["']https?://""", report.read_text())


def test_a_second_run_asks_nothing_and_decides_the_same(first: Ended, folder: Path) -> None:
    second = demo(folder)

    assert "0 trials asked, 3,600 reused" in second.words
    assert {**second.comparison, "generated": ""} == {**first.comparison, "generated": ""}


@pytest.mark.parametrize(
    ("model", "before", "after", "chosen"),
    [
        ("harbor-medium", "right: 0.985", "right: 0.93", "harbor-large"),
        ("harbor-medium", "median: 0.8", "median: 2.4", "harbor-large"),
        ("meadow-8b", "right: 0.95, citation: clause, invented_citation: 0.05",
         "right: 0.99, citation: clause, invented_citation: 0", "harbor-medium"),
    ],
    ids=["the chosen one errs more", "the chosen one gets slow", "a machine of one's own that is right"],
)  # fmt: skip
def test_another_parameter_of_one_model_asks_that_model_alone(  # noqa: PLR0917  # one case of the table a parameter
    first: Ended, folder: Path, tmp_path: Path, model: str, before: str, after: str, chosen: str
) -> None:
    assert first.code == 0
    changed = shutil.copytree(folder, tmp_path / "changed")
    endpoints = changed / "endpoints.yaml"
    head, name, tail = endpoints.read_text().partition(f"- name: {model}")
    assert before in tail
    endpoints.write_text(head + name + tail.replace(before, after, 1))

    ended = demo(changed)

    assert "360 trials asked, 3,240 reused" in ended.words
    assert ended.comparison["decision"]["chosen"] == chosen
    assert (model in ended.comparison["decision"]["passing"]) == (model == "meadow-8b")


def test_a_price_is_changed_without_a_call(first: Ended, folder: Path, tmp_path: Path) -> None:
    assert first.code == 0
    changed = shutil.copytree(folder, tmp_path / "changed")
    project = changed / "passmuster.yaml"
    text = project.read_text()
    project.write_text(text.replace("{input: 0.80 USD, output: 3.20 USD}", "{input: 30 USD, output: 90 USD}"))

    ended = demo(changed)

    assert "0 trials asked" in ended.words
    assert ended.comparison["decision"]["chosen"] == "harbor-large"


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    result = subprocess.run([COMMAND, "demo", tmp_path], capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert "is not empty" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_port_that_is_taken_gives_way_to_another(tmp_path: Path) -> None:
    copy_demo(tmp_path / "demo")
    project_file = tmp_path / "demo/passmuster.yaml"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        project_file.write_text(project_file.read_text().replace(":8731/", f":{taken}/"))
        with open_demo(tmp_path / "demo") as project:
            endpoints = {candidate.endpoint for candidate in project.candidates if candidate.endpoint}

    assert len(endpoints) == 1
    assert f":{taken}/" not in endpoints.pop()
    assert f":{taken}/" not in project_file.read_text()


def test_a_slip_in_the_endpoints_has_a_place(tmp_path: Path) -> None:
    copy_demo(tmp_path / "demo")
    endpoints = tmp_path / "demo/endpoints.yaml"
    endpoints.write_text(endpoints.read_text().replace("right: 0.90", "rigth: 0.90"))

    result = subprocess.run([COMMAND, "demo", tmp_path / "demo"], capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert re.search(r"endpoints\.yaml:\d+:\d+: .*rigth", result.stderr)


def test_the_generator_gives_these_very_cases(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "examples/contracts/generate.py", tmp_path], check=True)

    for split in ("train", "eval", "holdout"):
        assert (tmp_path / f"{split}.jsonl").read_bytes() == (DATASETS / f"{split}.jsonl").read_bytes()


def test_every_reference_cites_a_clause_of_its_extract_and_no_input_stands_twice() -> None:
    cases = [
        json.loads(line)
        for path in sorted(DATASETS.glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    numbers = {case["id"]: re.findall(r"(?m)^(\S+) ", case["input"]["contract"]) for case in cases}

    assert len(cases) == 600
    assert all(case["reference"]["clause"] in numbers[case["id"]] for case in cases)
    assert len({case["input"]["contract"] for case in cases}) == 600
    assert {case["category"] for case in cases} == {"typical", "edge", "adversarial"}
