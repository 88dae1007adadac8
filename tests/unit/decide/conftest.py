"""Candidates made of plain lists: scores, seconds and dollars per case."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest

from passmuster.decide.cost import TrialCost
from passmuster.decide.measured import Measured, Row
from passmuster.records.candidate import Candidate, Kind
from passmuster.records.comparison import CostBasis
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey

MakeMeasured: TypeAlias = Callable[..., Measured]


def _row(
    index: int, score: float | str | None, seconds: float, dollars: float | None, basis: CostBasis
) -> Row:
    scores: dict[str, ScoreOutcome] = {}
    failed = score is None
    if isinstance(score, str):
        scores["accuracy"] = ScoreFailure(kind=score, message="")
    elif score is not None:
        scores["accuracy"] = Score(value=score)
    return Row(
        trial=Trial(
            key=TrialKey(str(index), "c", 0),
            case_id=str(index),
            outcome=Failure(kind="timeout", message="too late") if failed else Reply(text="x"),
            attempts=(Attempt(started=0.0, seconds=seconds),),
        ),
        scores=scores,
        cost=TrialCost(
            tokens=dollars, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis=basis
        ),
    )


@pytest.fixture
def make_measured() -> MakeMeasured:
    """Return a maker: `None` as score is a failed trial, a text is a score that could not be computed."""

    def make(
        name: str = "a",
        scores: Sequence[float | str | None] = (),
        *,
        seconds: Sequence[float] | float = 0.5,
        dollars: Sequence[float] | float | None = 0.001,
        groups: Sequence[int] | None = None,
        binary: bool = True,
        kind: Kind = "llm",
        basis: CostBasis = "reported",
    ) -> Measured:
        times = [seconds] * len(scores) if isinstance(seconds, float) else list(seconds)
        costs = [dollars] * len(scores) if dollars is None or isinstance(dollars, float) else list(dollars)
        rows = zip(scores, times, costs, strict=True)
        return Measured(
            candidate=Candidate(name=name, provider="openai", model=name, kind=kind),
            rows=tuple((_row(index, *row, basis),) for index, row in enumerate(rows)),
            binary={"accuracy": binary},
            groups=None if groups is None else np.array(groups, dtype=np.int64),
        )

    return make
