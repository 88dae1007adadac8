"""The gate: how often it cries wolf over two versions that do not differ, as a whole, over slices and over latency."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from passmuster.decide.gate.compared import Compared, Laid
from passmuster.decide.gate.report import gate_report
from passmuster.decide.gate.sides import sides_of
from passmuster.decide.gate.slices import slice_lines
from passmuster.decide.loads import Loads
from passmuster.decide.measured import Measured
from passmuster.decide.promises.drawing import METRIC, alike, blank, with_costs, with_scores, with_seconds
from passmuster.decide.promises.promise import Count, Promise
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.gate import GatePolicy, GateSide, Level
from passmuster.records.task import MetricSpec, Task
from passmuster.stats.arrays import FloatArray

SLICES, EACH = 20, 50
SPEC = MetricSpec(name=METRIC, kind="exact_match")
METRICS = (build_metric(SPEC),)
TASK = Task(name="t", metrics=(SPEC,), gate=GatePolicy(slices=("stratum",)))
SIDE = GateSide(name="v", digest="d")
FALL = 0.05
RISE = 0.20

Version: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]
"""Scores, seconds and costs of a version, case by case."""


def cases_of(slices: int = SLICES, each: int = EACH) -> tuple[Case, ...]:
    """Return cases of so many strata, so many of each, mixed."""
    return tuple(
        Case(id=str(place), input=str(place), stratum=f"s{place % slices}") for place in range(slices * each)
    )


def blank_version(name: str, n: int) -> Measured:
    """Return a version of n cases asked one after another, all under the same load, with replies of the same length."""
    ones = np.ones((n, 1))
    loads = Loads(
        started=np.arange(n, dtype=np.float64)[:, None],
        in_flight=ones,
        input=200 * ones,
        output=50 * ones,
        estimated=0 * ones,
    )
    measured = blank(name, n)
    return replace(
        measured,
        layout=replace(measured.layout, timed=True),
        columns=replace(measured.columns, loads=loads),
    )


def versions(
    rng: np.random.Generator, n: int, rates: Sequence[float] = (0.85, 0.85)
) -> tuple[Version, Version]:
    """Draw two versions whose cases are hard, long and dear for both alike, with long tails of the latencies."""
    right = alike(rng, rates, n)
    length = rng.normal(size=n)
    made = []
    for place in range(2):
        seconds = np.exp(0.3 * length + 0.6 * rng.normal(size=n))
        costs = 0.001 * np.exp(0.5 * length + 0.1 * rng.normal(size=n))
        made.append((right[:, place], seconds, costs))
    return made[0], made[1]


def compared(pair: tuple[Measured, Measured], old: Version, new: Version, cases: Sequence[Case]) -> Compared:
    """Return what the gate is made from."""
    laid = [
        with_costs(with_seconds(with_scores(item, scores), seconds), costs)
        for item, (scores, seconds, costs) in zip(pair, (old, new), strict=True)
    ]
    return Compared(
        task=TASK,
        metrics=METRICS,
        main=Laid(cases=cases, old=laid[0], new=laid[1]),
        old_side=replace(SIDE, name="old"),
        new_side=replace(SIDE, name="new"),
        corpus="c",
        generated="",
    )


def _falls(old: FloatArray, new: FloatArray, slices: int) -> FloatArray:
    """Return by how much each slice falls."""
    return np.asarray((old - new).reshape(-1, slices).mean(axis=0))


def equal_versions(rng: np.random.Generator, runs: int) -> Count:
    """Draw two equal versions on 20 slices of 50: an error is that the gate blocks, for whatever reason.

    The shortcut blocks where any slice falls by 5 points.
    """
    cases = cases_of()
    pair = blank_version("old", len(cases)), blank_version("new", len(cases))
    errors = naive = 0
    for _ in range(runs):
        old, new = versions(rng, len(cases))
        errors += gate_report(compared(pair, old, new, cases)).level == "block"
        naive += bool((_falls(old[0], new[0], SLICES) >= FALL - 1e-9).any())
    return Count(runs=runs, errors=errors, naive=naive)


def equal_slices(rng: np.random.Generator, runs: int) -> Count:
    """Draw as `equal_versions` does: an error is an alarm about any slice."""
    cases = cases_of()
    pair = blank_version("old", len(cases)), blank_version("new", len(cases))
    errors = naive = 0
    for _ in range(runs):
        old, new = versions(rng, len(cases))
        found = compared(pair, old, new, cases)
        lines, _ = slice_lines(found, sides_of(found.main))
        errors += any(line.level in ("block", "investigate") for line in lines)
        naive += bool((_falls(old[0], new[0], SLICES) >= FALL - 1e-9).any())
    return Count(runs=runs, errors=errors, naive=naive)


def worse_slice(
    rng: np.random.Generator, runs: int, drop: float = 0.2, levels: Sequence[Level] = ("block",)
) -> Count:
    """Draw a new version that is worse on one slice: an error is that this slice is not named at one of these levels."""
    cases = cases_of()
    pair = blank_version("old", len(cases)), blank_version("new", len(cases))
    errors = naive = 0
    for _ in range(runs):
        old, new = versions(rng, len(cases))
        hit = (np.arange(len(cases)) % SLICES == 0) & (rng.random(len(cases)) < drop / 0.85)
        new = (np.where(hit, 0.0, new[0]), *new[1:])
        report = gate_report(compared(pair, old, new, cases))
        named = [line.slice for line in report.slices if line.level in levels]
        errors += not any(name is not None and name.endswith("s0") for name in named)
        naive += bool((old[0] - new[0]).mean() < FALL)
    return Count(runs=runs, errors=errors, naive=naive)


def same_latency(
    rng: np.random.Generator, runs: int, n: int = 500, *, pool: FloatArray | None = None
) -> Count:
    """Draw the same latencies twice, with long tails: an error is that the gate blocks for any of its quantiles.

    `pool` are times to draw from in place of log-normal ones. The shortcut blocks where p50, p95 or p99 rises
    by 20%.
    """
    pair, cases, right = (blank_version("old", n), blank_version("new", n)), cases_of(1, n), np.ones(n)
    errors = naive = 0
    for _ in range(runs):
        times = [
            np.exp(rng.normal(size=n)) if pool is None else rng.choice(pool, n).astype(np.float64)
            for _ in pair
        ]
        old, new = ((right, seconds, 0.001 * right) for seconds in times)
        lines = gate_report(compared(pair, old, new, cases)).lines
        errors += any(line.kind == "latency" and line.level == "block" for line in lines)
        after, before = (np.quantile(each, (0.5, 0.95, 0.99)) for each in (times[1], times[0]))
        naive += bool((after >= (1 + RISE) * before).any())
    return Count(runs=runs, errors=errors, naive=naive)


PROMISES = (
    Promise(
        name="gate",
        says="The gate hardly ever blocks a change that changes nothing, with quality, 20 slices, latency and cost together.",
        counts="runs in which one of two equal versions is blocked",
        naive="blocked where any slice falls by 5 points or more",
        used=("gate",),
        limit=0.10,
        repetitions=60,
        simulate=equal_versions,
    ),
    Promise(
        name="gate-slices",
        says="Twenty slices of a change that changes nothing hardly ever raise an alarm.",
        counts="runs in which any of 20 slices of 50 cases raises an alarm",
        naive="any slice that falls by 5 points or more is an alarm",
        used=("gate",),
        limit=0.10,
        repetitions=120,
        simulate=equal_slices,
    ),
    Promise(
        name="gate-latency",
        says="The same latencies asked twice are hardly ever blocked, however long their tails.",
        counts="runs in which a version is blocked for its latency that has the old one's",
        naive="blocked where p50, p95 or p99 rises by 20% or more",
        used=("gate",),
        limit=0.05,
        repetitions=120,
        fewest=100,
        simulate=same_latency,
    ),
)
