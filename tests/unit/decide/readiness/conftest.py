from collections.abc import Callable
from dataclasses import replace

import pytest

from passmuster.decide.matrix import Matrix, Scope
from passmuster.decide.measured import Measured
from passmuster.decide.readiness.facts import BaselineFact, CiFact, HoldoutFact, ReadyFacts, RunFact
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.failure_mode import FailureMode
from passmuster.records.task import Bar, CostModel, MetricSpec, Review, Task, rules_digest
from passmuster.records.version import FrozenVersion

SPEC = MetricSpec(name="accuracy", kind="exact_match")
TASK = Task(
    name="t",
    metrics=(SPEC,),
    bars=(Bar(metric="accuracy", at_least=0.9),),
    incumbent="a",
    cost=CostModel(review=(Review(when="failed", minutes=3, hourly=40),), monthly_volume=1000),
)


@pytest.fixture
def comparison(make_measured: Callable[..., Measured]) -> Comparison:
    cases = tuple(Case(id=str(place), input=str(place), reference="x") for place in range(400))
    corpus = CorpusVersion(version="v1", path="p", split="eval", cases=cases)
    measured = [make_measured("a", [1.0] * 390 + [0.0] * 10)]
    whole = Matrix(TASK, [build_metric(SPEC)], corpus, measured, Scope(cases=cases)).comparison(
        "2026-11-22T08:00:00Z"
    )
    row = whole.candidates[0]
    retries = row.latency.retries
    assert retries is not None
    per_task = replace(row.cost.per_task, value=0.001)
    row = replace(row, cost=replace(row.cost, per_task=per_task))
    return replace(whole, candidates=(row,))


@pytest.fixture
def ready_facts(comparison: Comparison) -> ReadyFacts:
    """Facts of a project of which nothing is missing that can be looked at."""
    return ReadyFacts(
        task=TASK,
        generated="2026-11-22T08:00:00Z",
        comparison=comparison,
        version="v1",
        folder=True,
        scored=600,
        labelled=600,
        from_production=600,
        age_days=10.0,
        coverage=0.97,
        rules=rules_digest(TASK),
        digests={"a": "d1"},
        versions=(FrozenVersion(version="f1", time=100.0, canary="c", scored={"eval": "v1"}),),
        modes=(FailureMode(name="wrong-queue"),),
        guarded={"wrong-queue": 3},
        runs=(RunFact(id="r1", started=200.0, corpus="v1", rules=rules_digest(TASK)),),
        holdout=HoldoutFact(cases=100, head="abc"),
        baseline=BaselineFact(
            path="reports/baseline_20261101.json", candidate="a", digest="d1", age_days=21.0, committed=True
        ),
        ci=(CiFact(path=".github/workflows/gate.yml", line=12, tool="passmuster gate"),),
        records=("reports/decisions/2026-11-22-t.md",),
    )
