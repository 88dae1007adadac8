"""Worked cases of a choice, each with its figures."""

from collections.abc import Callable

import numpy as np
import pytest

from passmuster.decide.choosing.bills import Bill
from passmuster.decide.choosing.turning import loss_at, loss_points
from passmuster.decide.measured import Measured
from passmuster.records.comparison import Comparison
from passmuster.records.task import CostModel, Dimension

MakeMeasured = Callable[..., Measured]
MakeComparison = Callable[..., Comparison]

CASES = 20_000


def _outcomes(replies: float, right: float) -> list[float | None]:
    """Return a share of replies of which a share is right; the rest of the trials fail."""
    came = round(CASES * replies)
    good = round(came * right)
    return [1.0] * good + [0.0] * (came - good) + [None] * (CASES - came)


def _b(compared: MakeComparison, make_measured: MakeMeasured, weights: tuple[Dimension, ...]) -> Comparison:
    rng = np.random.default_rng(1)
    made = [
        make_measured(name, list(rng.permutation(np.array(_outcomes(*shares), dtype=object))), dollars=price)
        for name, shares, price in (("first", (0.90, 0.90), 0.03), ("second", (0.99, 0.855), 0.01))
    ]
    return compared(*made, weights=weights, choose="weights" if weights else "cheapest")


def test_a_dear_one_that_fails_often_loses_under_stated_weights(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    """.90 right, $.03, 10% failures against .855, $.01, 1%: $0.0370 against $0.0118 a success."""
    weights = (
        Dimension(metric="accuracy", weight=2, best=1.0, worst=0.5),
        Dimension(metric="cost_per_success", weight=1, best=0.0, worst=0.05),
        Dimension(metric="failure_rate", weight=1, best=0.0, worst=0.2),
    )
    found = _b(compared, make_measured, weights)
    first, second = (row.cost.per_success.value for row in found.candidates)
    assert [round(each or 0, 4) for each in (first, second)] == [0.0370, 0.0118]
    assert found.decision.chosen == "second"
    assert found.choice is not None
    assert found.choice.weighing is not None
    values = {row.name: row.value for row in found.choice.weighing.ranking}
    # (2 x .80 + (1 - .0370 / .05) + .5) / 4 and (2 x .71 + (1 - .0118 / .05) + .95) / 4
    assert values["first"] == pytest.approx((2 * 0.80 + 1 - 0.03 / 0.81 / 0.05 + 0.5) / 4)
    assert values["second"] == pytest.approx((2 * 0.71 + 1 - 0.01 / 0.84645 / 0.05 + 0.95) / 4)
    assert found.choice.weighing.ties == ()


def test_under_weights_of_quality_alone_the_other_one_wins(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    found = _b(compared, make_measured, (Dimension(metric="accuracy", weight=1, best=1.0, worst=0.5),))
    assert found.decision.chosen == "first"


def test_the_dearer_one_is_right_only_where_a_wrong_answer_costs_enough() -> None:
    """.90 at $.03 against .75 at $.01, a million tasks a month: $30,000 against $10,000, worth it from $0.1333 on."""
    dear = Bill(name="dear", tokens=0.03, review=0.0, silent=0.0, rest=0.0, right=0.90)
    cheap = Bill(name="cheap", tokens=0.01, review=0.0, silent=0.0, rest=0.0, right=0.75)
    loss = loss_at(cheap, dear)
    assert loss == pytest.approx(0.02 / 0.15, abs=1e-9)
    for bill in (dear, cheap):
        assert bill.per_task + (loss or 0) * (1 - bill.right) == pytest.approx(0.03 + 0.1 * 0.02 / 0.15)
    (point,) = loss_points(cheap, [cheap, dear], None)
    assert (point.chosen, round(point.at, 4)) == ("dear", 0.1333)
    assert point.sentence.endswith("only where a wrong answer costs more than $0.133.")


def test_the_bill_of_a_million_tasks_and_its_turning_point_stand_in_the_comparison(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    rng = np.random.default_rng(2)
    made = [
        make_measured(name, list(rng.permutation([1.0] * right + [0.0] * (1000 - right))), dollars=price)
        for name, right, price in (("dear", 900, 0.03), ("cheap", 750, 0.01))
    ]
    found = compared(*made, cost=CostModel(monthly_volume=1_000_000))
    months = {row.name: row.cost.per_month for row in found.candidates}
    assert {name: None if each is None else round(each.value or 0) for name, each in months.items()} == {
        "dear": 30_000,
        "cheap": 10_000,
    }
    assert found.decision.chosen == "cheap"
    assert found.choice is not None
    (point,) = [each for each in found.choice.turning if each.what == "loss"]
    assert (point.chosen, round(point.at, 4)) == ("dear", 0.1333)
