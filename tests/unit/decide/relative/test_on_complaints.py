"""Complaints, 14 recorded models on 1,000 cases: who is not worse than gpt-4o-mini, and not slower."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from passmuster.decide.bars import bar_test
from passmuster.decide.measured import Measured
from passmuster.decide.relative.bars import relative_test
from passmuster.decide.slices import restricted
from passmuster.records.task import Bar, MetricSpec, Task

MakeMeasured = Callable[..., Measured]
TASK = Task(
    name="t", metrics=(MetricSpec(name="accuracy", kind="exact_match"),), incumbent="gpt-4o-mini", alpha=0.05
)


@pytest.fixture
def gold(data_folder: Path) -> dict[str, str]:
    lines = (data_folder / "replay_complaints" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return {str(row["id"]): row["gold"] for row in map(json.loads, lines)}


@pytest.fixture
def measured(data_folder: Path, gold: dict[str, str], make_measured: MakeMeasured) -> dict[str, Measured]:
    replies: dict[str, dict[str, tuple[str, float]]] = {}
    with gzip.open(data_folder / "replay_complaints" / "outputs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            replies.setdefault(row["candidate"], {})[str(row["id"])] = (row["output"], row["latency_s"])
    return {
        name: make_measured(
            name,
            [float(own[case][0].strip() == label) for case, label in gold.items()],
            seconds=[own[case][1] for case in gold],
        )
        for name, own in replies.items()
    }


def test_pairs_show_of_all_13_what_two_samples_show_of_11(measured: dict[str, Measured]) -> None:
    """Not worse by 2 points or more, each at 5% / 13."""
    old = measured.pop("gpt-4o-mini")
    bar, level = Bar(metric="accuracy", at_least=-0.02, versus="incumbent"), 0.05 / 13

    def unpaired(new: Measured) -> float:
        a, b = (float(np.mean(item.scores("accuracy"))) for item in (new, old))
        return float(stats.norm.sf((a - b + 0.02) / np.sqrt((a * (1 - a) + b * (1 - b)) / 1000)))

    shown = {
        name for name, new in measured.items() if relative_test(bar, new, old, TASK).observed()[0] <= level
    }
    alone = {name for name, new in measured.items() if unpaired(new) <= level}
    assert len(shown) == 13
    assert shown - alone == {"claude-3-5-haiku", "gemini-1.5-flash"}


def test_five_of_13_are_not_slower_and_eight_are(measured: dict[str, Measured]) -> None:
    """p95 at most 1.2 times that of gpt-4o-mini; nobody is left open by 1,000 cases."""
    old = measured.pop("gpt-4o-mini")
    bar, level = Bar(metric="latency_p95", at_most=1.2, versus="incumbent"), 0.05 / 13
    found = {name: relative_test(bar, new, old, TASK).observed() for name, new in measured.items()}
    meets = {name for name, (p, _) in found.items() if p <= level}
    misses = {name for name, (_, p) in found.items() if p <= 0.05}
    assert meets == {
        "gpt-4o",
        "gemini-2.0-flash",
        "gemini-2.0-flash-lite",
        "gemini-1.5-pro",
        "gemini-1.5-flash",
    }
    assert len(misses) == 8


def test_a_floor_of_60_points_under_each_product_tells_apart_whom_the_average_passes(
    measured: dict[str, Measured], gold: dict[str, str]
) -> None:
    """Of the 11 whose average is shown to be above .70 at 5%, one is shown to be above .60 on every product."""
    labels = np.array(list(gold.values()))
    average, floor = Bar(metric="accuracy", at_least=0.70), Bar(metric="accuracy", at_least=0.60)
    passing = {name for name, each in measured.items() if bar_test(average, each, TASK).observed()[0] <= 0.05}
    worst = {
        name: max(
            bar_test(floor, restricted(measured[name], labels == label), TASK).observed()[0]
            for label in set(labels)
        )
        for name in passing
    }
    assert len(passing) == 11
    assert [name for name, p in worst.items() if p <= 0.05] == ["gpt-4.5-preview"]
