"""How a reply looks is counted in Markdown, and compared as a share of both."""

import pytest

from passmuster.decide.ranking.games import table_of
from passmuster.decide.ranking.style import STYLE, style_columns, style_of
from passmuster.records.rating import Choice


@pytest.mark.parametrize(
    ("text", "lists", "headings", "bold"),
    [
        ("", 0, 0, 0),
        ("plain words", 0, 0, 0),
        ("- one\n* two\n+ three\n1. four\n2) five\n  - six", 6, 0, 0),
        ("-no list\n1.no list\n2024 is a year", 0, 0, 0),
        ("# one\n### two\n#no heading", 0, 2, 0),
        ("**a** and **b c** and __d__", 0, 0, 3),
        ("2 ** 3 ** 4", 0, 0, 1),
        ("```\n# comment\n- x\n**y**\n```\n- z", 1, 0, 0),
        ("~~~python\n# comment", 0, 0, 0),
    ],
)
def test_marks_are_counted(text: str, lists: int, headings: int, bold: int) -> None:
    found = style_of(text)
    assert (found.lists, found.headings, found.bold, found.length) == (lists, headings, bold, len(text))


@pytest.mark.parametrize(
    "text", ["*" * 200_000, "**a" * 60_000, "-" * 200_000, "__" * 100_000, " " * 200_000 + "-"]
)
def test_hostile_text_takes_no_longer(text: str) -> None:
    assert style_of(text).length == len(text)


def test_a_difference_is_a_share_of_both_and_nothing_beside_nothing_is_none() -> None:
    choice = Choice(
        case="1",
        first="a",
        second="b",
        first_by="x",
        second_by="y",
        metric="m",
        chosen="tie",
        rater="r",
        kind="human",
    )
    rows, columns = style_columns(table_of([choice]), {"a": "- xxxx", "b": "- y\n- z\n- zz"})
    assert rows.tolist() == [0]
    length, lists, headings, bold = columns[0].tolist()
    assert STYLE == ("length", "lists", "headings", "bold")
    assert length == pytest.approx((6 - 12) / 18)
    assert lists == pytest.approx((1 - 3) / 4)
    assert (headings, bold) == (0, 0)


def test_games_of_which_a_reply_is_unknown_are_left_out() -> None:
    choice = Choice(
        case="1",
        first="a",
        second="b",
        first_by="x",
        second_by="y",
        metric="m",
        chosen="tie",
        rater="r",
        kind="human",
    )
    rows, columns = style_columns(table_of([choice]), {"a": "here"})
    assert rows.tolist() == []
    assert columns.shape == (0, 4)
