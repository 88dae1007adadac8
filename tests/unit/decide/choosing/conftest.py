"""Comparisons made of candidates whose trials are plain lists."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from passmuster.decide.matrix import Matrix
from passmuster.decide.measured import Measured
from passmuster.metrics.registry import build_metric
from passmuster.records.case import Case
from passmuster.records.comparison import Comparison
from passmuster.records.corpus import CorpusVersion
from passmuster.records.task import Bar, MetricSpec, Task

MakeComparison: TypeAlias = Callable[..., Comparison]

SPEC = MetricSpec(name="accuracy", kind="exact_match")


@pytest.fixture
def compared() -> MakeComparison:
    """Return what compares candidates; keywords are fields of the task."""

    def made(*measured: Measured, **changes: object) -> Comparison:
        n = measured[0].cases
        cases = tuple(Case(id=str(index), input=str(index), reference="x") for index in range(n))
        corpus = CorpusVersion(version="v", path="p", split="eval", cases=cases)
        bars = (Bar(metric="accuracy", at_least=0.5),)
        task = Task(**{"name": "t", "metrics": (SPEC,), "bars": bars, **changes})  # type: ignore[arg-type]  # test data
        return Matrix(task, [build_metric(SPEC)], corpus, measured).comparison("2026-11-20T00:00:00Z")

    return made
