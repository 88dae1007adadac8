"""14 real models on 1,000 real complaints, from the public data that PASSMUSTER_DATA points to."""

import csv
import gzip
import json
import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from passmuster.stats.arrays import FloatArray
from passmuster.stats.families import holm
from passmuster.stats.intervals import binomial_p_greater
from passmuster.stats.paired import mcnemar_exact, mcnemar_mid_p
from passmuster.stats.quantiles import quantile, quantile_p_below

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def folder() -> Path:
    place = os.environ.get("PASSMUSTER_DATA")
    if not place or not (Path(place) / "replay_complaints").is_dir():
        pytest.skip("PASSMUSTER_DATA names no folder with replay_complaints")
    return Path(place) / "replay_complaints"


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, list[tuple[bool, float]]]:
    with (folder / "items.jsonl").open() as lines:
        gold = {item["id"]: item["gold"] for item in map(json.loads, lines)}
    found: dict[str, list[tuple[bool, float]]] = {}
    with gzip.open(folder / "outputs.jsonl.gz", "rt") as lines:
        for row in sorted(map(json.loads, lines), key=lambda row: str(row["id"])):
            found.setdefault(row["candidate"], []).append(
                (row["output"].strip() == gold[row["id"]], row["latency_s"])
            )
    return found


@pytest.fixture(scope="module")
def right(rows: dict[str, list[tuple[bool, float]]]) -> dict[str, FloatArray]:
    return {name: np.array([float(success) for success, _ in row]) for name, row in rows.items()}


def test_of_91_pairs_47_differ_by_the_exact_test_and_48_by_mid_p(right: dict[str, FloatArray]) -> None:
    counts = [(float((a > b).sum()), float((b > a).sum())) for a, b in combinations(right.values(), 2)]
    assert len(counts) == 91
    assert sum(mcnemar_exact(b, c) <= 0.05 for b, c in counts) == 47
    assert sum(mcnemar_mid_p(b, c) <= 0.05 for b, c in counts) == 48


def test_at_bars_of_72_percent_and_1500_ms_the_best_adjusted_p_is_just_over_5_percent(
    rows: dict[str, list[tuple[bool, float]]],
) -> None:
    worst: list[float | None] = []
    for row in rows.values():
        right, late = sum(success for success, _ in row), sum(seconds > 1.5 for _, seconds in row)
        worst.append(max(binomial_p_greater(right, 1000, 0.72), quantile_p_below(late, 1000, 0.95)))
    adjusted = dict(zip(rows, holm(worst), strict=True))
    best = min(adjusted, key=lambda name: adjusted[name] or 0.0)
    assert best == "gemini-2.0-flash"
    assert adjusted[best] == pytest.approx(14 * 0.00374, abs=1e-4)


def test_quantiles_equal_the_published_ones(folder: Path, rows: dict[str, list[tuple[bool, float]]]) -> None:
    with (folder / "candidates.csv").open() as lines:
        for published in csv.DictReader(lines):
            times = [seconds for _, seconds in rows[published["candidate"]]]
            for name, q in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
                assert quantile(times, q) == pytest.approx(float(published[f"latency_{name}_s"]), abs=0.001)
