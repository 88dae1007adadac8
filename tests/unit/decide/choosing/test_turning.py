from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.decide.choosing.beside import priced
from passmuster.decide.choosing.bills import Bill
from passmuster.decide.choosing.turning import (
    loss_at,
    price_at,
    price_points,
    review_points,
    reviews_at,
    turning,
)
from passmuster.decide.measured import Measured
from passmuster.records.comparison import Comparison
from passmuster.records.task import Bar

MakeMeasured = Callable[..., Measured]
MakeComparison = Callable[..., Comparison]

MONEY = st.floats(0.0001, 10.0)
SHARE = st.floats(0.05, 0.95)
BILLS = st.builds(
    Bill, name=st.just("a"), tokens=MONEY, review=MONEY, silent=MONEY, rest=MONEY, right=SHARE, reviewed=SHARE
)


def _bill(name: str, tokens: float, right: float, **parts: float) -> Bill:
    free = {"review": 0.0, "silent": 0.0, "rest": 0.0, "reviewed": 0.0}
    return Bill(name=name, tokens=tokens, right=right, **{**free, **parts})


@given(BILLS, MONEY)
def test_at_the_price_that_was_solved_a_success_costs_just_that(bill: Bill, target: float) -> None:
    factor = price_at(bill, target)
    if factor is None:
        assert (bill.per_task - bill.tokens) / bill.right >= target * (1 - 1e-12)
    else:
        assert replace(bill, tokens=bill.tokens * factor).per_success == pytest.approx(target, rel=1e-9)


@given(BILLS, MONEY)
def test_at_the_share_of_reviews_that_was_solved_a_success_costs_just_that(bill: Bill, target: float) -> None:
    share = reviews_at(bill, target)
    if share is not None:
        changed = replace(bill, review=bill.review * share / bill.reviewed, reviewed=share)
        assert changed.per_success == pytest.approx(target, rel=1e-9)


@given(BILLS, BILLS)
def test_at_the_loss_that_was_solved_two_tasks_cost_the_same(first: Bill, second: Bill) -> None:
    loss = loss_at(first, second)
    if loss is not None:
        one, two = (bill.per_task - bill.silent + loss * (1 - bill.right) for bill in (first, second))
        assert one == pytest.approx(two, rel=1e-9)


def test_what_costs_38_percent_less_would_be_chosen() -> None:
    chosen, other = _bill("mini", 0.0062, 1.0), _bill("gpt-4o", 0.01, 1.0)
    down, up = price_points(chosen, [chosen, other])
    assert (down.of, down.chosen) == ("gpt-4o", "gpt-4o")
    assert down.at == pytest.approx(0.62, abs=1e-12)
    assert down.sentence == "If gpt-4o cost 38% less, it would be chosen."
    assert (up.of, up.chosen) == ("mini", "gpt-4o")
    assert up.at == pytest.approx(1 / 0.62)
    assert up.sentence == "If mini cost 61% more, gpt-4o would be chosen."


def test_a_price_that_no_discount_reaches_is_not_named() -> None:
    chosen, other = _bill("a", 0.01, 1.0), _bill("b", 0.01, 1.0, rest=0.02)
    assert [point.of for point in price_points(chosen, [chosen, other])] == ["a"]


def test_a_free_one_has_no_price_to_change() -> None:
    chosen, other = _bill("rules", 0.0, 0.8, rest=0.001), _bill("llm", 0.01, 0.9)
    assert [point.of for point in price_points(chosen, [chosen, other])] == ["llm"]


def test_of_40_percent_and_8_percent_reviews_the_rate_is_named_at_which_it_turns() -> None:
    """Quality .92 with 40% review against .72 with 8%, tokens $0.01 and a review $2.00: $0.8804 against $0.2361."""
    often = _bill("often", 0.01, 0.92, review=0.80, reviewed=0.40)
    seldom = _bill("seldom", 0.01, 0.72, review=0.16, reviewed=0.08)
    assert (round(often.per_success, 4), round(seldom.per_success, 4)) == (0.8804, 0.2361)
    less, more = review_points(seldom, [often, seldom])
    assert (less.of, less.now, less.chosen) == ("often", 0.40, "often")
    assert less.at == pytest.approx((0.17 / 0.72 * 0.92 - 0.01) / 2)
    assert (more.of, more.now, more.chosen) == ("seldom", 0.08, "often")
    assert more.at == pytest.approx((0.81 / 0.92 * 0.72 - 0.01) / 2)
    assert "only 10.4% of the replies of often instead of 40.0%" in less.sentence


def test_halving_ends_at_the_last_number_that_holds() -> None:
    assert turning(lambda value: value <= 1 / 3, 0.0, 1.0) == pytest.approx(1 / 3, abs=1e-15)
    assert turning(lambda _value: True, 0.0, 0.7) == 0.7


def _scores(seed: int, right: int, n: int = 400) -> list[float]:
    return list(np.random.default_rng(seed).permutation([1.0] * right + [0.0] * (n - right)))


def test_the_decision_itself_turns_at_the_price_that_was_solved(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    cheap = make_measured("cheap", _scores(1, 300), dollars=0.010)
    dear = make_measured("dear", _scores(2, 360), dollars=0.020)
    found = compared(cheap, dear)
    assert found.choice is not None
    assert found.decision.chosen == "cheap"
    down, up = (each for each in found.choice.turning if each.what == "price")
    assert (down.of, up.of) == ("dear", "cheap")
    assert compared(cheap, priced(dear, down.at * (1 - 1e-9))).decision.chosen == "dear"
    assert compared(cheap, priced(dear, down.at * (1 + 1e-9))).decision.chosen == "cheap"
    assert compared(priced(cheap, up.at * (1 + 1e-9)), dear).decision.chosen == "dear"
    assert compared(priced(cheap, up.at * (1 - 1e-9)), dear).decision.chosen == "cheap"


def test_the_price_at_which_a_missed_cost_bar_is_met_is_solved_on_the_test_itself(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    """It would be cheaper than the chosen one at 5/6 of its price, but is shown to meet its bar only further down."""
    bars = (Bar(metric="accuracy", at_least=0.5), Bar(metric="cost_per_task", at_most=0.004))
    chosen = make_measured("chosen", _scores(3, 240), dollars=[0.0038, 0.0040] * 200)
    other = make_measured("other", _scores(4, 390), dollars=[0.002, 0.010] * 200)
    found = compared(chosen, other, bars=bars)
    assert found.decision.chosen == "chosen"
    assert found.choice is not None
    (point,) = [each for each in found.choice.turning if each.of == "other"]
    bills = (0.0039 / 0.6, 0.006 / 0.975)
    assert point.at < bills[0] / bills[1]
    assert compared(chosen, priced(other, point.at * (1 - 1e-9)), bars=bars).decision.chosen == "other"
    assert compared(chosen, priced(other, point.at * (1 + 1e-9)), bars=bars).decision.chosen == "chosen"


def test_a_lower_bound_of_a_cost_has_no_turning_point(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    cheap = make_measured("cheap", _scores(1, 300), dollars=0.010)
    bound = make_measured("bound", _scores(2, 360), dollars=0.020, basis="lower_bound")
    found = compared(cheap, bound)
    assert found.choice is not None
    assert found.choice.turning == ()


def test_the_chosen_one_may_miss_its_bar_before_another_is_cheaper(
    compared: MakeComparison, make_measured: MakeMeasured
) -> None:
    """Another is cheaper a success at 1.2 times its price; its own bar on costs breaks below 1.1 times."""
    bars = (Bar(metric="accuracy", at_least=0.5), Bar(metric="cost_per_task", at_most=0.011))
    chosen = make_measured("chosen", _scores(3, 380), dollars=[0.0098, 0.0102] * 200)
    other = make_measured("other", _scores(4, 300), dollars=[0.0094, 0.0096] * 200)
    found = compared(chosen, other, bars=bars)
    assert found.decision.chosen == "chosen"
    assert found.choice is not None
    (point,) = [each for each in found.choice.turning if each.of == "chosen"]
    assert 1.05 < point.at < 1.1
    assert "its bars on costs would not be shown to be met, and other would be chosen." in point.sentence
    assert compared(priced(chosen, point.at * (1 - 1e-9)), other, bars=bars).decision.chosen == "chosen"
    assert compared(priced(chosen, point.at * (1 + 1e-9)), other, bars=bars).decision.chosen == "other"
