"""Candidates whose metric counts, laid out for tests."""

from collections.abc import Sequence

import numpy as np

from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.metrics.metric import Bounds
from passmuster.records.candidate import Candidate
from passmuster.records.record import Json
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.trial import Failure, Reply, Trial, TrialKey

Cell = dict[str, tuple[float, float, float]] | float | str
"""Counts by kind, a plain value, or `failed: kind...` / the kind of a score failure."""

METRIC = "found"
COST = TrialCost(tokens=0.0, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="stated")


def outcome_of(cell: Cell) -> ScoreOutcome:
    if isinstance(cell, str):
        return ScoreFailure(kind=cell, message="m")
    if isinstance(cell, float | int):
        return Score(value=cell)
    counts: dict[str, Json] = {kind: list(each) for kind, each in cell.items()}
    return Score(value=0.5, details={"counts": counts})


def counted(
    cells: Sequence[Cell],
    *,
    failed: Sequence[int] = (),
    groups: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
    bounds: Bounds | None = None,
) -> Measured:
    """Lay out one cell per case; those at `failed` have no reply."""
    layout = Layout(
        cases=len(cells),
        repeats=1,
        binary={METRIC: False},
        groups=None if groups is None else np.array(groups),
        weights=None if weights is None else np.array(weights),
        count_metrics=() if bounds is not None else (METRIC,),
        bounds={} if bounds is None else {METRIC: bounds},
    )
    sheet = Sheet(Candidate(name="a", provider="openai", model="m"), layout)
    for place, cell in enumerate(cells):
        ended = Failure(kind="timeout", message="m") if place in failed else Reply(text="x")
        trial = Trial(key=TrialKey(str(place), "c", 0), case_id=str(place), outcome=ended, attempts=())
        sheet.enter(place, trial, {METRIC: outcome_of(cell)}, COST)
    return sheet.measured()
