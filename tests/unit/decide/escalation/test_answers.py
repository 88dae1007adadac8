"""What a first reply came to: a failure is no reply, a score that failed is no right answer, no label is no error."""

import numpy as np
import pytest

from passmuster.decide.escalation.answers import answers_of
from passmuster.decide.measured import Layout
from passmuster.decide.pricing.trial import TrialCost
from passmuster.decide.sheet import Sheet
from passmuster.records.candidate import Candidate
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import Success
from passmuster.records.trial import Attempt, Failure, Outcome, Reply, Trial, TrialKey

COST = TrialCost(tokens=0.25, infrastructure=0.0, review=9.0, labour=0.0, reviewed=True, basis="reported")
REPLY = Reply(text="x")


def sheet(cases: int, repeats: int = 1) -> Sheet:
    layout = Layout(cases=cases, repeats=repeats, binary={"m": repeats == 1})
    return Sheet(Candidate(name="c", provider="openai", model="c"), layout)


def enter(on: Sheet, cell: int, outcome: Outcome, score: ScoreOutcome | None) -> None:
    key = TrialKey(str(cell), "c", 0)
    attempts = (Attempt(started=0.0, seconds=0.5),)
    trial = Trial(key=key, case_id=str(cell), outcome=outcome, attempts=attempts)
    on.enter(cell, trial, {} if score is None else {"m": score}, COST)


def test_each_kind_of_outcome_is_told_apart() -> None:
    own = sheet(6)
    enter(own, 0, REPLY, Score(value=1.0))
    enter(own, 1, REPLY, Score(value=0.0))
    enter(own, 2, REPLY, ScoreFailure(kind="unreadable", message=""))
    enter(own, 3, REPLY, ScoreFailure(kind="no_reference", message=""))
    enter(own, 4, Failure(kind="timeout", message=""), None)
    found = answers_of(own.measured(), Success(metric="m"))

    np.testing.assert_array_equal(found.wrong, [0, 1, 1, np.nan, 1, np.nan])
    assert found.replied.tolist() == [True] * 4 + [False] * 2
    assert found.failed.tolist() == [False] * 4 + [True, False]
    assert found.unscored.tolist() == [False, False, True, False, False, False]
    assert found.labelled.tolist() == [True, True, True, False, True, False]


def test_the_price_of_a_task_is_without_the_review_that_a_threshold_decides_on() -> None:
    own = sheet(1)
    enter(own, 0, REPLY, Score(value=1.0))
    assert answers_of(own.measured(), Success(metric="m")).cost.tolist() == [0.25]


def test_the_first_repeat_is_the_one_that_counts() -> None:
    own = sheet(2, repeats=3)
    for cell, value in enumerate([0.0, 1.0, 1.0, 1.0, 0.0, 0.0]):
        enter(own, cell, REPLY, Score(value=value))
    found = answers_of(own.measured(), Success(metric="m"))
    assert found.wrong.tolist() == [1.0, 0.0]


def test_a_mean_goes_by_weight_and_over_what_is_known() -> None:
    own = sheet(3)
    for cell in range(3):
        enter(own, cell, REPLY, Score(value=1.0))
    found = answers_of(own.measured(), Success(metric="m"))
    every = np.ones(3, dtype=np.bool_)
    assert found.mean(np.array([1.0, 3.0, np.nan]), every) == 2.0
    assert found.mean(np.full(3, np.nan), every) is None
    assert found.weight(every) == pytest.approx(3.0)
