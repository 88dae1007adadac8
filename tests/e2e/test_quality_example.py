"""`examples/quality`: the judges are asked over HTTP, and the companions show which of them likes length."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from passmuster import compare, open_project, run
from passmuster.adapters.simulator.server import Simulator
from passmuster.adapters.simulator.thread import SimulatorThread
from passmuster.project.load import load_project
from passmuster.project.scoring import score
from passmuster.project.simulation import endpoint_models
from passmuster.records.comparison import CandidateReport, Comparison

EXAMPLE = Path(__file__).parents[2] / "examples/quality"
COLUMNS = ("right", "quality", "quality by the ell", "length", "no filler")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comparison]:
    """Make the example's files in a copy of it, serve its judges, and run it."""
    folder = shutil.copytree(
        EXAMPLE,
        tmp_path_factory.mktemp("quality") / "example",
        ignore=shutil.ignore_patterns("*.jsonl", ".passmuster", "reports"),
    )
    subprocess.run([sys.executable, "generate.py"], cwd=folder, check=True, timeout=60)
    served = endpoint_models(folder / "endpoints.yaml", load_project(folder, environment={}), {})
    with SimulatorThread(Simulator(served.models, served.seed, time_scale=0)) as simulator:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JUDGES", simulator.base_url)
            project = open_project(folder)
        run(project)
        score(project)
        yield compare(project)


def value(candidate: CandidateReport, metric: str) -> float:
    found = candidate.metrics[metric].value
    assert found is not None
    return found


def by_name(found: Comparison) -> dict[str, CandidateReport]:
    return {each.name: each for each in found.candidates}


def test_a_judge_that_likes_length_turns_the_order_round_and_the_companions_show_it(
    compared: Comparison,
) -> None:
    found = by_name(compared)

    def best(metric: str) -> list[str]:
        return sorted(found, key=lambda name: -value(found[name], metric))

    assert best("quality") == ["clear", "terse", "chatty"]
    assert best("quality by the ell") == best("length") == ["chatty", "clear", "terse"]
    assert value(found["chatty"], "layout") < 0.6 < value(found["clear"], "layout")
    assert compared.decision.chosen == "clear"


def test_the_table_of_the_example_is_what_comes_out(compared: Comparison) -> None:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    stated = {
        name: [float(cell) for cell in cells.strip(" |").split("|")]
        for name, cells in re.findall(r"^\| `(\w+)` \|(.*)$", text, flags=re.MULTILINE)
    }
    for name, candidate in by_name(compared).items():
        for told, metric in zip(stated[name], COLUMNS, strict=True):
            digits = 0.0501 if metric == "length" else 0.00501
            assert told == pytest.approx(value(candidate, metric), abs=digits)
