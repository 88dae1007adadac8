"""A ranking in the terminal: who leads, what it rests on, and nothing that moves the cursor."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from tests.unit.report.ranking_sample import HOSTILE, RANKING, row

from passmuster.records.ranking import Ranking
from passmuster.report.ranking_view import columns, headline, matrix_columns, render_ranking


def printed(found: Ranking, width: int = 100) -> str:
    """Return what the terminal shows."""
    stream = io.StringIO()
    render_ranking(found, Console(file=stream, width=width, no_color=True, highlight=False))
    return stream.getvalue()


def test_all_that_a_figure_rests_on_is_said() -> None:
    text = printed(RANKING, 200)
    for words in (
        "large is preferred to all others",
        "120 choices of people on 40 cases",
        "3 raters",
        "newest 2026-03-01",
        "Bradley-Terry, cluster-robust by case and rater",
        "+0.800 [+0.600, +1.000]",
        "2 to 3",
        "20/4/16",
        "style held equal",
        "shown first: preferred among equals: 0.600 [0.550, 0.650], p 0.012",
        "length: +1.200 [+1.000, +1.400] log-odds, p <0.001",
        "Not used: 3 (the rater could not tell)",
    ):
        assert words in text


def test_a_judge_is_named_with_its_version() -> None:
    text = printed(replace(RANKING, source="better", judge="3f2a"), 200)
    assert "choices of the judge better (version 3f2a)" in text


def test_win_rates_are_shown_from_both_sides() -> None:
    named = {column.title: column.cells for column in matrix_columns(RANKING)}
    assert named["large"] == ("-", "20 % [10 %, 30 %], n 40", "10 % [5 %, 15 %], n 40")
    assert named["small"] == ("90 % [85 %, 95 %], n 40", "-", "-")


@pytest.mark.parametrize("width", [20, 60, 200])
def test_hostile_names_are_shown_and_do_nothing(width: int) -> None:
    text = printed(RANKING, width)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_no_leader_is_claimed_where_there_is_none() -> None:
    equal = (row("a", 0.1, 1, 2), row("b", -0.1, 1, 2))
    some = (row("a", 0.3, 1, 2), row("b", 0.2, 1, 2), row("c", -0.5, 3, 3))
    unbounded = (row("a", 3.0, None, None), row("b", -3.0, None, None))
    assert headline(replace(RANKING, candidates=equal)) == "No candidate is told apart from the best"
    assert headline(replace(RANKING, candidates=some)) == "2 of 3 candidates may be the best"
    assert headline(replace(RANKING, candidates=unbounded)) == "a stands first, without an interval"
    equal = (row("a", 0.0, None, None), row("b", 0.0, None, None))
    assert headline(replace(RANKING, candidates=equal)) == "No candidate is told apart from the best"
    assert "never compared" in headline(replace(RANKING, islands=(("a",), ("b",))))


def test_groups_are_a_column_where_there_are_several() -> None:
    apart = (row("a", 0.1, 1, 2), row("b", -0.1, 1, 2, island=1))
    titles = [each.title for each in columns(replace(RANKING, candidates=apart, islands=(("a",), ("b",))))]
    assert "group" in titles
    assert "group" not in [each.title for each in columns(RANKING)]


def test_nothing_to_rank_is_a_sentence() -> None:
    empty = replace(RANKING, candidates=(), meetings=(), islands=(), style=(), position=None, choices=0)
    assert "No choice can be used" in printed(empty)
    assert HOSTILE not in printed(empty)
