"""Win rates are plain shares with Wilson's interval, on as many cases as there really are."""

from dataclasses import replace

import numpy as np
import pytest

from passmuster.decide.ranking.games import table_of
from passmuster.decide.ranking.meetings import meetings, share_of
from passmuster.records.rating import Choice
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
