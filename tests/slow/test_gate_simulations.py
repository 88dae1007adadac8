"""How often the gate cries wolf, how often it sleeps, and the usual rules beside it; -s shows the figures."""

import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.slow.gate_draws import Table, blocked_for_time, drawn_gate, table_of, times_of

from passmuster.decide.gate.report import gate_report
from passmuster.decide.measured import SCORED, Layout, Measured, Scored
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.promises.drawing import METRIC
from passmuster.decide.promises.gating import equal_slices, equal_versions, same_latency, worse_slice
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.score import Score
from passmuster.records.trial import Reply, Trial, TrialKey
from passmuster.stats.arrays import FloatArray

pytestmark = pytest.mark.slow


def show(figures: str) -> None:
    """Print what was measured."""
    print(figures)  # noqa: T201 - docs/design/gate.md says that -s shows them


def test_no_slice_is_alarmed_without_a_change_where_a_drop_of_5_points_alarms_nearly_always() -> None:
    """300 draws; at a true 7.5% more than 10% come with a chance of .04, and seed 11 is fixed."""
    found = equal_slices(np.random.default_rng(11), 300)
    show(
        f"20 slices of 50, no change: alarm in {found.rate:.1%}, by any drop of 5 points {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.10
    assert found.naive_rate > 0.90


def test_a_slice_that_is_20_points_worse_is_named() -> None:
    """150 draws of slices of 50 noisy cases: by chance the slice itself drops by more or less than 20 points."""
    looked, blocked = (
        worse_slice(np.random.default_rng(12), 150, levels=levels)
        for levels in (("investigate", "block"), ("block",))
    )
    show(
        f"one of 20 slices of 50 is 20 points worse: named in {1 - looked.rate:.1%}, blocked in {1 - blocked.rate:.1%}"
    )
    assert blocked.rate < 0.75
    assert looked.rate < 0.68


def test_a_larger_slice_that_is_20_points_worse_is_named_nearly_always() -> None:
    table, lost = table_of(1600, 8), np.zeros(1600)
    lost[table.strata == 0] = 0.2
    rng, runs = np.random.default_rng(13), 150
    named = 0
    for _ in range(runs):
        slices = drawn_gate(rng, table, lost=lost).slices
        named += any(row.slice == "stratum s0" and row.level == "block" for row in slices)
    show(f"one of 8 slices of 200 is 20 points worse: named in {named / runs:.1%}")
    assert named / runs > 0.95


def test_the_whole_gate_blocks_few_changes_that_are_none() -> None:
    """300 draws of quality, slices, times and costs together."""
    found = equal_versions(np.random.default_rng(14), 300)
    show(f"whole gate, no change: blocked in {found.rate:.1%}, by the usual rules {found.naive_rate:.1%}")
    assert found.rate <= 0.10
    assert found.naive_rate > 0.90


@pytest.mark.parametrize(
    ("worse", "least"), [({"lost": 0.12}, 0.9), ({"dear": 1.3}, 0.95), ({"slow": 1.3}, 0.9)]
)
def test_the_whole_gate_blocks_what_is_worse(worse: dict[str, float], least: float) -> None:
    """100 draws each of 500 cases: 12 points of quality, 30% of cost, 30% of time."""
    rng, table, runs = np.random.default_rng(15), table_of(500, 10), 100
    blocked = sum(drawn_gate(rng, table, **worse).level == "block" for _ in range(runs)) / runs
    show(f"whole gate, {worse}: blocked in {blocked:.1%}")
    assert blocked >= least


def test_times_with_a_long_tail_block_no_version_that_is_as_fast() -> None:
    """300 draws of 500 log-normal times, p99 ten times the median; the usual look at three percentiles blocks every fifth."""
    found = same_latency(np.random.default_rng(16), 300)
    show(
        f"latency, no change: blocked in {found.rate:.1%}, by the percentiles themselves {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.05
    assert found.naive_rate > 0.15


@pytest.mark.parametrize(("n", "least"), [(300, 0.70), (500, 0.85), (1000, 0.95)])
def test_a_rise_of_just_the_limit_is_blocked(n: int, least: float) -> None:
    """150 draws each: 20% slower, half of each time its own noise, one in 50 replies 4.5 times as slow."""
    rng = np.random.default_rng(17)
    found = blocked_for_time([times_of(rng, n, 1.2) for _ in range(150)])
    show(f"latency, {n} cases, 20% slower: blocked in {found.rate:.1%}")
    assert found.rate >= least


def test_a_noisy_block_blocks_nothing() -> None:
    """150 draws of 500 times of which one fifth in a row is three times as slow; the usual look blocks them all."""
    rng, pairs = np.random.default_rng(18), []
    for _ in range(150):
        new, old = times_of(rng, 500)
        start = int(rng.integers(5)) * 100
        new[start : start + 100] *= 3
        pairs.append((new, old))
    found = blocked_for_time(pairs)
    show(
        f"latency, one block of five 3 times as slow: blocked in {found.rate:.1%}, usual rule {found.naive_rate:.1%}"
    )
    assert found.rate <= 0.05
    assert found.naive_rate > 0.95


@pytest.mark.data
def test_recorded_times_of_29_services_block_none_that_is_as_fast(data_folder: Path) -> None:
    """15 draws of 300 of each service's own times, twice: false alarms; and once more 20% slower: power."""
    rng = np.random.default_rng(19)
    pools = _pools(data_folder)
    alike = [(rng.choice(pool, 300), rng.choice(pool, 300)) for pool in pools for _ in range(15)]
    slower = [(1.2 * rng.choice(pool, 300), rng.choice(pool, 300)) for pool in pools for _ in range(5)]
    calm, alarmed = blocked_for_time(alike), blocked_for_time(slower)
    show(
        f"{len(pools)} services: as fast blocked in {calm.rate:.1%} (usual rule {calm.naive_rate:.1%}),"
        f" 20% slower in {alarmed.rate:.1%}"
    )
    assert calm.rate <= 0.05
    assert alarmed.rate >= 0.85


def _pools(data_folder: Path) -> list[FloatArray]:
    found: dict[tuple[str, str], list[float]] = {}
    with gzip.open(data_folder / "latency_llmperf" / "requests.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["error_code"] is None and row["end_to_end_latency_s"]:
                found.setdefault((row["provider"], row["model"]), []).append(row["end_to_end_latency_s"])
    with gzip.open(data_folder / "replay_complaints" / "outputs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if float(row["latency_s"] or 0) > 0:
                found.setdefault(("complaints", row["candidate"]), []).append(float(row["latency_s"]))
    return [np.array(pool) for pool in found.values() if len(pool) >= 100]


@pytest.mark.data
def test_an_agent_drawn_twice_from_its_own_four_trials_is_not_blocked(data_folder: Path) -> None:
    """tau-bench airline: of each task's four trials two are the old version and two the new; 500 draws."""
    table, rewards = _agent(data_folder)
    rng, levels, naive = np.random.default_rng(20), Counter[str](), 0
    for _ in range(500):
        drawn = np.take_along_axis(rewards, np.argsort(rng.random(rewards.shape), axis=1), axis=1)
        new, old = drawn[:, :2], drawn[:, 2:]
        levels[gate_report(table.compared(_put(table.new, new), _put(table.old, old))).level] += 1
        naive += bool(new.mean() - old.mean() <= -0.05 + 1e-9)
    show(f"an agent against itself: {dict(levels)} of 500, a drop of 5 points in {naive / 500:.1%}")
    assert levels["block"] <= 50
    assert levels["pass"] == 0  # 50 tasks exclude no drop of 2 points
    assert naive > 50


def _agent(data_folder: Path) -> tuple[Table, FloatArray]:
    rewards = np.zeros((50, 4))
    path = data_folder / "repeats_tau_bench" / "gpt4o_airline_4trials.jsonl.gz"
    for row in map(json.loads, gzip.decompress(path.read_bytes()).splitlines()):
        rewards[row["task_id"], row["trial"]] = row["reward"]
    cases = tuple(Case(id=str(place), input="") for place in range(50))
    table = Table(cases=cases, new=_twice("new"), old=_twice("old"), strata=np.zeros(50, dtype=np.int64))
    return table, rewards


def _twice(name: str) -> Measured:
    sheet = Sheet(
        Candidate(name=name, provider="replay"), Layout(cases=50, repeats=2, binary={METRIC: False})
    )
    unknown = TrialCost(None, 0.0, 0.0, 0.0, reviewed=False, basis="unknown")
    for cell in range(100):
        trial = Trial(
            key=TrialKey(str(cell // 2), name, cell % 2), case_id="", outcome=Reply(text=""), attempts=()
        )
        sheet.enter(cell, trial, {METRIC: Score(value=1.0)}, unknown)
    return sheet.measured()


def _put(measured: Measured, rewards: FloatArray) -> Measured:
    scored = Scored(value=rewards, code=np.full(rewards.shape, SCORED, dtype=np.int8))
    return replace(measured, columns=replace(measured.columns, scores={METRIC: scored}))
