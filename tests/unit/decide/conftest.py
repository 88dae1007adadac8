"""Candidates made of plain lists: scores, seconds and dollars per case."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import pytest

from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate, Kind
from passmuster.records.costs import CostBasis
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Attempt, Failure, Reply, Trial, TrialKey

MakeMeasured: TypeAlias = Callable[..., Measured]


def _trial(index: int, score: float | str | None, seconds: float) -> Trial:
    return Trial(
        key=TrialKey(str(index), "c", 0),
        case_id=str(index),
        outcome=Failure(kind="timeout", message="too late") if score is None else Reply(text="x"),
        attempts=(Attempt(started=0.0, seconds=seconds),),
    )


def _scores(score: float | str | None) -> dict[str, ScoreOutcome]:
    if isinstance(score, str):
        return {"accuracy": ScoreFailure(kind=score, message="")}
    return {} if score is None else {"accuracy": Score(value=score)}


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
        weights: Sequence[float] | None = None,
        binary: bool = True,
        kind: Kind = "llm",
        basis: CostBasis = "reported",
    ) -> Measured:
        times = [seconds] * len(scores) if isinstance(seconds, float) else list(seconds)
        costs = [dollars] * len(scores) if dollars is None or isinstance(dollars, float) else list(dollars)
        layout = Layout(
            cases=len(scores),
            repeats=1,
            binary={"accuracy": binary},
            groups=None if groups is None else np.array(groups, dtype=np.int64),
            weights=None if weights is None else np.array(weights, dtype=np.float64),
        )
        sheet = Sheet(Candidate(name=name, provider="openai", model=name, kind=kind), layout)
        for index, (score, time, cost) in enumerate(zip(scores, times, costs, strict=True)):
            paid = TrialCost(
                tokens=cost, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis=basis
            )
            sheet.enter(index, _trial(index, score, time), _scores(score), paid)
        return sheet.measured()

    return make
