"""Choices become games: each person's last word once, a judge in both orders, and what cannot be used is counted."""

from dataclasses import replace

from passmuster.decide.ranking.games import (
    AGAINST_ITSELF,
    NOT_TOLD,
    REPEATED,
    STALE,
    UNKNOWN,
    UNNAMED,
    table_of,
)
from passmuster.records.case import Case, case_digest
from passmuster.records.rating import Choice

CASE = Case(id="7", input="Which?", group="session 1")
CHOICE = Choice(
    case="7",
    input=case_digest(CASE),
    first="9f",
    second="b2",
    first_by="large",
    second_by="small",
    metric="better",
    chosen="first",
    rater="ana",
    kind="human",
)


def test_a_person_who_answers_again_counts_once_with_the_last_word() -> None:
    turned = replace(CHOICE, first="b2", second="9f", first_by="small", second_by="large", chosen="first")
    table = table_of([CHOICE, turned])
    assert table.choices == (turned,)
    assert table.left_out == {REPEATED: 1}
    assert table.names[table.games.first[0]] == "small"
    assert table.games.won.tolist() == [1.0]


def test_another_person_or_another_case_is_another_game() -> None:
    table = table_of([CHOICE, replace(CHOICE, rater="ben"), replace(CHOICE, case="8", input=None)])
    assert len(table.choices) == 3
    assert table.raters == ("ana", "ben", "ana")


def test_both_orders_of_a_judge_count() -> None:
    machine = replace(CHOICE, kind="machine", rater="judge")
    turned = replace(machine, first="b2", second="9f", first_by="small", second_by="large")
    table = table_of([machine, turned])
    assert len(table.choices) == 2
    assert table.left_out == {}


def test_what_cannot_be_used_is_counted_by_its_reason() -> None:
    table = table_of(
        [
            replace(CHOICE, chosen=None),
            replace(CHOICE, first_by=None),
            replace(CHOICE, second_by="large"),
            replace(CHOICE, input="of another text"),
            replace(CHOICE, case="8"),
        ],
        {"7": CASE},
    )
    assert table.choices == ()
    assert table.left_out == {NOT_TOLD: 1, UNNAMED: 1, AGAINST_ITSELF: 1, STALE: 1, UNKNOWN: 1}


def test_cases_of_one_session_belong_together() -> None:
    other = Case(id="8", input="And?", group="session 1")
    choices = [CHOICE, replace(CHOICE, case="8", input=None), replace(CHOICE, case="9", input=None)]
    table = table_of(choices, {"7": CASE, "8": other, "9": Case(id="9", input="?")})
    assert table.cases[0] == table.cases[1] != table.cases[2]


def test_a_case_and_a_group_of_the_same_name_are_not_one() -> None:
    one = Case(id="7", input="Which?", group="9")
    table = table_of(
        [replace(CHOICE, input=None), replace(CHOICE, case="9", input=None)],
        {"7": one, "9": Case(id="9", input="?")},
    )
    assert table.cases[0] != table.cases[1]


def test_games_among_some_are_numbered_anew() -> None:
    third = replace(CHOICE, second_by="tiny", second="c3")
    table = table_of([CHOICE, third]).among([2, 0])
    assert table.names == ("tiny", "large")
    assert table.choices == (third,)
    assert (table.games.first.tolist(), table.games.second.tolist()) == ([1], [0])


def test_no_choices_are_no_games() -> None:
    table = table_of([])
    assert (table.names, len(table.games.won)) == ((), 0)
