"""What simulations draw: candidates whose numbers are put in later, groups that turn out alike, and pairs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri

from passmuster.decide.measured import SCORED, Layout, Measured, Scored
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.score import Score
from passmuster.records.trial import Attempt, Reply, Trial, TrialKey
from passmuster.stats.arrays import FloatArray

METRIC = "accuracy"
Draw: TypeAlias = Callable[[np.random.Generator], tuple[FloatArray, FloatArray]]
"""Draws what the new one and the old one are at, case by case."""


def share(hits: object) -> float:
    """Return the share of what is true."""
    return float(np.mean(np.asarray(hits, dtype=float)))


def total(hits: object) -> int:
    """Count what is true."""
    return int(np.sum(np.asarray(hits, dtype=np.int64)))


def blank(name: str, n: int, *, binary: bool = True, groups: Sequence[int] | None = None) -> Measured:
    """Return a candidate with n replies that are all right, half a second and a tenth of a cent each."""
    layout = Layout(
        cases=n, repeats=1, binary={METRIC: binary}, groups=None if groups is None else np.array(groups)
    )
    sheet = Sheet(Candidate(name=name, provider="openai", model=name), layout)
    cost = TrialCost(
        tokens=0.001, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="reported"
    )
    for place in range(n):
        trial = Trial(
            key=TrialKey(str(place), name, 0),
            case_id=str(place),
            outcome=Reply(text="x"),
            attempts=(Attempt(started=0.0, seconds=0.5),),
        )
        sheet.enter(place, trial, {METRIC: Score(value=1.0)}, cost)
    return sheet.measured()


def blanks(n: int, *, binary: bool = True, groups: Sequence[int] | None = None) -> tuple[Measured, Measured]:
    """Return two such candidates on the same cases, `new` and `old`."""
    return blank("new", n, binary=binary, groups=groups), blank("old", n, binary=binary, groups=groups)


def with_scores(measured: Measured, values: FloatArray) -> Measured:
    """Return a candidate with these scores."""
    scored = Scored(value=values[:, None], code=np.full((values.size, 1), SCORED, dtype=np.int8))
    return replace(measured, columns=replace(measured.columns, scores={METRIC: scored}))


def with_seconds(measured: Measured, values: FloatArray) -> Measured:
    """Return a candidate whose replies took so long."""
    return replace(measured, columns=replace(measured.columns, seconds=values[:, None]))


def with_costs(measured: Measured, values: FloatArray) -> Measured:
    """Return a candidate whose tasks cost so many US dollars."""
    return replace(measured, cost=replace(measured.cost, tokens=values[:, None]))


def discordant(n: int, gap: float, discordance: float) -> Draw:
    """Draw pass/fail pairs with this difference; where they agree, 85% are right."""
    better, worse = (discordance + gap) / 2, (discordance - gap) / 2

    def draw(rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        old = (rng.random(n) < 0.85).astype(np.float64)
        new, fate = old.copy(), rng.random(n)
        up, down = fate < better, (fate >= better) & (fate < better + worse)
        new[up], old[up], new[down], old[down] = 1.0, 0.0, 0.0, 1.0
        return new, old

    return draw


def alike(rng: np.random.Generator, rates: Sequence[float], n: int, shared: float = 0.5) -> FloatArray:
    """Draw pass/fail of candidates on the same cases; 14 to 22% of the cases are discordant, as between real models."""
    hard = rng.normal(size=(n, 1)) * shared**0.5
    own = rng.normal(size=(n, len(rates))) * (1 - shared) ** 0.5
    return np.asarray(hard + own < ndtri(np.array(rates)), dtype=np.float64)


def in_clusters(rng: np.random.Generator, sizes: Sequence[int], rate: float, icc: float) -> FloatArray:
    """Draw pass/fail values with a beta-distributed rate per group, and this correlation within."""
    whole = 1 / icc - 1
    rates = rng.beta(rate * whole, (1 - rate) * whole, len(sizes))
    return (rng.uniform(size=sum(sizes)) < np.repeat(rates, sizes)).astype(np.float64)
