"""Win rates are plain shares with Wilson's interval, on as many cases as there really are."""

from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.ranking.games import table_of
from passmuster.decide.ranking.meetings import meetings, share_of
from passmuster.records.rating import Choice
from passmuster.records.score import Estimate
from passmuster.stats.intervals import wilson

CHOICE = Choice(
    case="1",
    first="a",
    second="b",
    first_by="x",
    second_by="y",
    metric="m",
    chosen="first",
    rater="r",
    kind="human",
)


def test_wins_are_counted_from_one_side_wherever_it_was_shown() -> None:
    turned = replace(CHOICE, case="2", first="b", second="a", first_by="y", second_by="x")
    tie = replace(CHOICE, case="3", chosen="tie")
    (found,) = meetings(table_of([CHOICE, turned, tie]))
    assert (found.one, found.other, found.wins, found.ties, found.losses) == ("x", "y", 1, 1, 1)
    assert found.share.value == 0.5
    assert found.cases == 3


def test_one_rater_a_case_has_wilsons_interval() -> None:
    won = np.array([1.0] * 14 + [0.0] * 6)
    found = share_of(won, [str(number) for number in range(20)])
    assert (found.low, found.high) == pytest.approx(wilson(14, 20))
    assert (found.n, found.method) == (20, "Wilson")


def test_raters_who_agree_on_each_case_say_no_more_than_one() -> None:
    once = np.array([1.0] * 14 + [0.0] * 6)
    cases = [str(number) for number in range(20)]
    one, ten = share_of(once, cases), share_of(np.repeat(once, 10), list(np.repeat(cases, 10)))
    assert one.low is not None
    assert ten.low is not None
    assert ten.low == pytest.approx(one.low, abs=0.02)
    naive = wilson(140, 200)[0]
    assert ten.low < naive - 0.1
    assert "effective" in ten.method


def test_one_case_has_no_interval() -> None:
    found = share_of(np.array([1.0, 1.0, 0.0]), ["1", "1", "1"])
    assert found.value == pytest.approx(2 / 3)
    assert (found.low, found.high) == (None, None)
    assert found.note is not None


def drawn(seed: int) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[str], list[str]]:
    """Return three choices on each of 60 cases by eight raters; cases and raters have tastes of their own."""
    rng = np.random.default_rng([seed, 3])
    case = np.repeat(np.arange(60), 3)
    rater = rng.integers(0, 8, len(case))
    lean = 0.4 + rng.normal(size=60)[case] + 0.7 * rng.normal(size=8)[rater]
    won = (rng.random(len(case)) < 1 / (1 + np.exp(-lean))).astype(np.float64)
    return won, [str(each) for each in case], [str(each) for each in rater]


def test_where_raters_differ_a_share_needs_the_raters_too() -> None:
    """Of 600 drawn tables; the standard error of a coverage of .95 is .009."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    true = float((1 / (1 + np.exp(-(0.4 + np.sqrt(1.49) * nodes)))) @ weights / weights.sum())

    def covers(share: Estimate) -> bool:
        return share.low is not None and share.high is not None and share.low <= true <= share.high

    tables = [drawn(seed) for seed in range(600)]
    assert np.mean([covers(share_of(*each)) for each in tables]) >= 0.94
    assert np.mean([covers(share_of(*each[:2])) for each in tables]) < 0.85  # by case only


def test_all_points_say_no_less_than_nearly_all() -> None:
    cases = [str(number) for number in range(40)]
    raters = [str(number % 4) for number in range(40)]
    every = share_of(np.ones(40), cases, raters)
    nearly = share_of(np.array([0.0, *[1.0] * 39]), cases, raters)
    assert every.low is not None
    assert nearly.low is not None
    assert every.low > nearly.low
    assert every.method == "Wilson on the effective sample of raters"


def test_two_raters_say_nothing_of_raters() -> None:
    won, cases = np.array([1.0, 0, 1, 1]), ["a", "b", "c", "d"]
    assert share_of(won, cases, ["x", "x", "y", "y"]) == share_of(won, cases)
