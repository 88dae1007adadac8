"""Two versions laid out over the same cases for tests, and simulated models that waver."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from passmuster.decide.gate.again import Again
from passmuster.decide.gate.compared import Laid
from passmuster.decide.measured import Layout, Measured
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.case import Case
from passmuster.records.outcomes import Turn
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import MetricSpec, Success, Task
from passmuster.records.trial import Failure, Reply, Trial, TrialKey

METRIC = "accuracy"
RULE = Success(metric=METRIC)
TASK = Task(name="t", metrics=(MetricSpec(name=METRIC, kind="exact_match"),), success=RULE)
COST = TrialCost(tokens=0.0, infrastructure=0.0, review=0.0, labour=0.0, reviewed=False, basis="stated")

Floats = NDArray[np.float64]


def cases_of(number: int, **fields: object) -> list[Case]:
    return [Case(id=str(place), input=f"question {place:05}", **fields) for place in range(number)]  # type: ignore[arg-type]


def measured(
    cells: str | Sequence[str],
    *,
    name: str = "old",
    groups: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
) -> Measured:
    """Lay out one text per repeat, a sign per case: + right, - wrong and silent, r refused, f failed, ? unscored, blank not asked."""
    rows = [cells] if isinstance(cells, str) else list(cells)
    layout = Layout(
        cases=len(rows[0]),
        repeats=len(rows),
        binary={METRIC: len(rows) == 1},
        groups=None if groups is None else np.array(groups, dtype=np.int64),
        weights=None if weights is None else np.array(weights, dtype=np.float64),
    )
    sheet = Sheet(Candidate(name=name, provider="openai", model=name), layout)
    for repeat, row in enumerate(rows):
        for place, sign in enumerate(row):
            if sign != " ":
                _enter(sheet, place * len(rows) + repeat, sign)
    return sheet.measured()


def _enter(sheet: Sheet, cell: int, sign: str) -> None:
    ended = Failure(kind="timeout", message="m") if sign == "f" else Reply(text="x")
    trial = Trial(key=TrialKey(str(cell), "c", 0), case_id=str(cell), outcome=ended, attempts=())
    scores: dict[str, ScoreOutcome] = {METRIC: Score(value=float(sign == "+"))}
    if sign == "?":
        scores = {METRIC: ScoreFailure(kind="error", message="m")}
    turns: dict[str, Turn] = {"+": "correct", "-": "silent_failure", "r": "refusal", "?": "unknown"}
    sheet.enter(cell, trial, {} if sign == "f" else scores, COST, turns.get(sign))


def signs(right: Iterable[bool]) -> str:
    return "".join("+" if each else "-" for each in right)


def laid(old: str | Sequence[str], new: str | Sequence[str], cases: Sequence[Case] | None = None) -> Laid:
    first = old if isinstance(old, str) else old[0]
    return Laid(cases=cases or cases_of(len(first)), old=measured(old), new=measured(new, name="new"))


def wavering(generator: np.random.Generator, cases: int, share: float = 0.3) -> Floats:
    """Return how likely a model is right in each case: mostly always or never, a share of them now and then."""
    settled = np.where(generator.random(cases) < 0.85, 1.0, 0.0)
    wavers = generator.random(cases) < share
    return np.where(wavers, generator.beta(2.0, 0.8, cases), settled)


def asked_again(
    generator: np.random.Generator,
    main: Laid,
    chances: tuple[Floats, Floats],
    flipped: Sequence[int],
    *,
    sample: int = 100,
) -> Again:
    """Ask two simulated models again: flipped cases three times each, and a sample of the old one once."""
    drawn = generator.permutation(len(main.cases))[:sample]

    def answers(chance: Floats, places: Iterable[int], times: int) -> dict[str, tuple[bool, ...]]:
        return {
            main.cases[place].id: tuple(bool(each) for each in generator.random(times) < chance[place])
            for place in places
        }

    old, new = chances
    return Again(
        old=answers(old, flipped, 3), new=answers(new, flipped, 3), twice=answers(old, drawn.tolist(), 1)
    )
