"""Repeats of an agent on tasks of an airline, whose pass^k its authors published."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from passmuster.decide.measured import Layout
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.repeats import variance_report
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.score import Score
from passmuster.records.task import Success
from passmuster.records.trial import Reply, Trial, TrialKey
from passmuster.stats.intervals import clopper_pearson
from passmuster.stats.tail import rate_bounds, simultaneous_level, tail_mean_interval

pytestmark = pytest.mark.data

PUBLISHED = {"1": 0.420, "2": 0.273, "3": 0.220, "4": 0.200}
"""pass^k of gpt-4o with tool calling on tau-bench airline, from the table of the benchmark."""


def test_pass_all_k_is_what_the_benchmark_published(data_folder: Path) -> None:
    path = data_folder / "repeats_tau_bench" / "gpt4o_airline_4trials.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    sheet = Sheet(
        Candidate(name="gpt-4o", provider="replay"), Layout(cases=50, repeats=4, binary={"reward": False})
    )
    free = TrialCost(0.0, 0.0, 0.0, 0.0, reviewed=False, basis="reported")
    for row in rows:
        case = str(row["task_id"])
        trial = Trial(
            key=TrialKey(case, "c", row["trial"]), case_id=case, outcome=Reply(text=""), attempts=()
        )
        sheet.enter(row["task_id"] * 4 + row["trial"], trial, {"reward": Score(value=row["reward"])}, free)
    found = variance_report(sheet.measured(), "reward", Success(metric="reward"))
    assert found is not None
    assert {k: round(estimate.value or 0, 3) for k, estimate in found.pass_all.items()} == PUBLISHED
    assert found.pass_at["4"].value == pytest.approx(0.72)
    assert found.flips.value == pytest.approx(0.2933, abs=1e-4)
    assert found.share_between == pytest.approx(0.4046, abs=1e-4)
    assert found.errors["4"] == pytest.approx(0.0522, abs=1e-4)
    # The same 200 trials on 200 tasks once each would be worth more, if there were so many.
    assert found.fresh is not None
    assert (found.fresh.cases, found.fresh.repeats) == (200, 1)


def test_the_worst_system_is_bounded_together_with_all_others(data_folder: Path) -> None:
    path = data_folder / "summaries_frank" / "scores.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    systems = sorted({row["system"] for row in rows})
    level = simultaneous_level(len(systems))
    values = {
        name: [float(row["human_factuality"] == 1) for row in rows if row["system"] == name]
        for name in systems
    }
    bounds = {name: rate_bounds(own, level=level) for name, own in values.items()}
    worst = min(values, key=lambda name: np.mean(values[name]))
    assert bounds[worst] == clopper_pearson(float(sum(values[worst])), len(values[worst]), level)
    for name, (low, high) in bounds.items():
        plain = clopper_pearson(float(sum(values[name])), len(values[name]))
        assert low <= plain[0] <= plain[1] <= high
    scores = [row["human_factuality"] for row in rows]
    tenth = tail_mean_interval(scores, 0.1, np.random.default_rng(1), clusters=[row["hash"] for row in rows])
    assert tenth is not None
    assert tenth.low <= tenth.value <= tenth.high < np.mean(scores)
