"""Draws of a change for the simulations of the gate: qualities, times and costs of two versions at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from passmuster.decide.gate.compared import Compared, Laid
from passmuster.decide.gate.report import gate_report
from passmuster.decide.loads import Loads
from passmuster.decide.measured import Measured
from passmuster.decide.promises.drawing import METRIC, blanks, with_costs, with_scores, with_seconds
from passmuster.decide.promises.promise import Count
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.gate import GatePolicy, GateReport, GateSide
from passmuster.records.task import MetricSpec, Task
from passmuster.stats.arrays import FloatArray, IntArray

SPEC = MetricSpec(name=METRIC, kind="exact_match")
METRICS = (build_metric(SPEC),)
SLICES = 20
RISE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """So many cases in so many strata, and two versions on them whose numbers are put in later."""

    cases: tuple[Case, ...]
    new: Measured
    old: Measured
    strata: IntArray

    def compared(self, new: Measured, old: Measured, policy: GatePolicy | None = None) -> Compared:
        """Return the question of the gate on these two."""
        task = Task(name="t", metrics=(SPEC,), gate=policy or GatePolicy())
        return Compared(
            task=task,
            metrics=METRICS,
            main=Laid(cases=self.cases, old=old, new=new),
            old_side=GateSide(name="old", digest="old"),
            new_side=GateSide(name="new", digest="new"),
            corpus="drawn",
            generated="2026-01-01T00:00:00Z",
        )


def table_of(n: int, strata: int = SLICES) -> Table:
    """Return n cases dealt out to the strata in turn."""
    new, old = blanks(n)
    places = np.arange(n) % strata
    cases = tuple(Case(id=str(place), input="", stratum=f"s{places[place]}") for place in range(n))
    return Table(cases=cases, new=new, old=old, strata=places)


def asked_again(
    rng: np.random.Generator, n: int, lost: FloatArray | float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Draw pass/fail of an old and a new version that are the same noisy model, about 80% right; `lost` is a drop of rates.

    Cases differ in how hard they are, so that one in eight flips from one time to the other.
    """
    rates = rng.beta(1.6, 0.4, n)
    new = rng.random(n) < np.clip(rates - lost, 0.0, 1.0)
    return new.astype(np.float64), (rng.random(n) < rates).astype(np.float64)


def times_of(
    rng: np.random.Generator, n: int, factor: float = 1.0, noise: float = 0.35
) -> tuple[FloatArray, FloatArray]:
    """Draw seconds of a new and an old version: log-normal, part of which is the case's own, and one in 50 many times as long."""
    own = 0.4 * rng.normal(size=n)
    drawn = [own + noise * rng.normal(size=n) + np.where(rng.random(n) < 0.02, 1.5, 0.0) for _ in range(2)]
    return factor * np.exp(drawn[0]), np.exp(drawn[1])


def under_load(measured: Measured, in_flight: float = 8.0, output: float = 100.0) -> Measured:
    """Return a candidate whose trials were asked one after another under a load, with replies of so many tokens."""
    shape = measured.columns.state.shape
    loads = Loads(
        started=np.arange(shape[0] * shape[1], dtype=np.float64).reshape(shape),
        in_flight=np.full(shape, in_flight),
        input=np.full(shape, 200.0),
        output=np.full(shape, output),
        estimated=np.zeros(shape),
    )
    return replace(measured, columns=replace(measured.columns, loads=loads))


def drawn_gate(
    rng: np.random.Generator,
    table: Table,
    *,
    lost: FloatArray | float = 0.0,
    slow: float = 1.0,
    dear: float = 1.0,
) -> GateReport:
    """Draw quality, latency and cost of both versions at once, and return what the gate says."""
    n = len(table.cases)
    scores, seconds = asked_again(rng, n, lost), times_of(rng, n, slow)
    common = rng.normal(size=n)
    dollars = [0.001 * np.exp(0.5 * common + 0.2 * rng.normal(size=n)) for _ in range(2)]
    sides = [
        under_load(with_costs(with_seconds(with_scores(blank, score), time), factor * cost))
        for blank, score, time, cost, factor in zip(
            (table.new, table.old), scores, seconds, dollars, (dear, 1.0), strict=True
        )
    ]
    return gate_report(table.compared(sides[0], sides[1]))


def blocked_for_time(times: Sequence[tuple[FloatArray, FloatArray]]) -> Count:
    """Count which of some pairs of new and old times are blocked for their latency; the shortcut looks at p50, p95 and p99."""
    table = table_of(times[0][0].size, 1)
    errors = naive = 0
    for new, old in times:
        sides = [under_load(with_seconds(blank, own)) for blank, own in ((table.new, new), (table.old, old))]
        found = gate_report(table.compared(sides[0], sides[1]))
        errors += any(line.kind == "latency" and line.level == "block" for line in found.lines)
        naive += any(np.quantile(new, q) >= (1 + RISE) * np.quantile(old, q) for q in (0.5, 0.95, 0.99))
    return Count(runs=len(times), errors=errors, naive=naive)
