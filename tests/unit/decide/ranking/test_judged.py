"""What a judge of pairs said becomes choices: one for each order, of each judge of a panel."""

import pytest

from passmuster.decide.ranking.judged import Compared, choices_of_score
from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice, reply_digest
from passmuster.records.record import Json
from passmuster.records.score import Score
from passmuster.records.trial import Reply

REPLY = Reply(text="yes")
CASE = Case(id="7", input="?")
COMPARED = Compared(judge="better", candidate="a", other="b", case=CASE, reply=REPLY)


def choices(value: float, **details: Json) -> list[Choice]:
    """Return the choices behind a score."""
    return list(choices_of_score(COMPARED, Score(value=value, details=details)))


def test_each_order_is_a_choice_with_its_sides_as_they_were_shown() -> None:
    one, other = choices(0.5, versus="b2", orders=["first", "first"])
    assert (one.first, one.second, one.first_by, one.second_by) == (reply_digest(REPLY), "b2", "a", "b")
    assert (other.first, other.second, other.first_by, other.second_by) == (
        "b2",
        reply_digest(REPLY),
        "b",
        "a",
    )
    assert [one.chosen, other.chosen] == ["first", "first"]
    assert {one.kind, other.kind} == {"machine"}
    assert one.input == case_digest(CASE)


def test_each_judge_of_a_panel_is_a_rater() -> None:
    found = choices(
        0.75,
        versus="b2",
        judges={"small": {"orders": ["first", "second"]}, "large": {"orders": ["tie", "tie"]}},
    )
    assert [(each.rater, each.chosen) for each in found] == [
        ("small", "first"),
        ("small", "second"),
        ("large", "tie"),
        ("large", "tie"),
    ]


@pytest.mark.parametrize(("value", "chosen"), [(1.0, "first"), (0.5, "tie"), (0.0, "second")])
def test_without_orders_the_value_is_the_choice(value: float, chosen: str) -> None:
    assert [each.chosen for each in choices(value, versus="b2", equal=True)] == [chosen]


@pytest.mark.parametrize("orders", [["first"], "first", [1, 2], [["first"], {}], None, ["first", "neither"]])
def test_orders_that_nobody_can_read_leave_the_value(orders: Json) -> None:
    assert [each.chosen for each in choices(1.0, versus="b2", orders=orders)] == ["first"]


def test_a_score_that_names_no_other_reply_is_no_choice() -> None:
    assert choices(1.0) == []
    assert choices(1.0, versus=3) == []
