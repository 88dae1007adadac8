"""Several judges, one value; and how far they agree."""

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.panel import PANEL_SPLIT, Panel, PanelRule
from passmuster.records.score import Score, ScoreFailure

UNREAD = ScoreFailure(kind="judge_unreadable", message="no verdict")
REFUSED = ScoreFailure(kind="judge_refused", message="declined")


def together(
    rule: PanelRule, *values: float | ScoreFailure, at_least: int | None = None
) -> Score | ScoreFailure:
    names = tuple("abcde"[: len(values)])
    return Panel(judges=names, rule=rule, at_least=at_least).together(values)


def value(rule: PanelRule, *values: float | ScoreFailure) -> float:
    found = together(rule, *values)
    assert isinstance(found, Score), found
    return found.value


def failure(found: Score | ScoreFailure) -> ScoreFailure:
    assert isinstance(found, ScoreFailure)
    return found


def test_a_panel_has_a_mean_a_median_or_a_majority() -> None:
    assert value("mean", 1.0, 2.0, 5.0) == pytest.approx(8 / 3)
    assert value("median", 1.0, 2.0, 5.0) == 2.0
    assert value("median", 1.0, 2.0, 4.0, 5.0) == 3.0
    assert value("majority", 1.0, 5.0, 5.0) == 5.0


@pytest.mark.parametrize("values", [(0.0, 1.0), (1.0, 2.0, 3.0), (1.0, 1.0, 2.0, 2.0)])
def test_without_a_majority_there_is_no_value(values: tuple[float, ...]) -> None:
    found = failure(together("majority", *values))

    assert found.kind == PANEL_SPLIT
    assert f"a {values[0]:g}" in found.message


def test_what_each_judge_said_is_kept_with_their_agreement() -> None:
    found = together("mean", 4.0, 4.0, 1.0)
    assert isinstance(found, Score)

    assert found.details == {
        "panel": {"a": 4.0, "b": 4.0, "c": 1.0},
        "agreement": pytest.approx(1 / 3),
        "spread": 3.0,
    }


def test_who_could_not_be_read_is_left_out_of_the_value_and_told() -> None:
    found = together("mean", 4.0, UNREAD, 2.0)
    assert isinstance(found, Score)

    assert found.value == 3.0
    assert found.details["unread"] == {"b": "judge_unreadable: no verdict"}


def test_where_most_cannot_be_read_there_is_no_value() -> None:
    found = failure(together("mean", 4.0, UNREAD, REFUSED))

    assert found.kind == "judge_unreadable"
    assert "1 of 3 judges could be read, 2 are needed; b: judge_unreadable; c: judge_refused" in found.message


@pytest.mark.parametrize(("at_least", "there"), [(1, True), (2, True), (3, False)])
def test_how_many_must_be_readable_can_be_said(at_least: int, there: bool) -> None:  # noqa: FBT001 - a parameter
    assert isinstance(together("mean", 4.0, UNREAD, 2.0, at_least=at_least), Score) is there


def test_of_one_readable_judge_nobody_can_say_whether_it_agrees() -> None:
    found = together("mean", 4.0, UNREAD, REFUSED, at_least=1)
    assert isinstance(found, Score)

    assert list(found.details) == ["panel", "unread"]


def test_half_of_an_even_panel_is_not_enough() -> None:
    assert isinstance(together("mean", 4.0, UNREAD), ScoreFailure)


def test_a_single_judge_is_told_as_it_is() -> None:
    assert together("mean", 4.0) == Score(value=4.0)
    assert together("mean", UNREAD) == UNREAD


def test_no_answers_are_no_value() -> None:
    assert failure(Panel(judges=("a",), rule="mean").together([])).kind == "error"


@pytest.mark.parametrize(
    ("names", "at_least", "told"),
    [
        ((), None, "not 0"),
        (("a", "b", "a"), None, "named twice"),
        (("",), None, "not 1"),
        (("a", "b"), 3, "3 of 2"),
        (("a", "b"), 0, "0 of 2"),
        (tuple(map(str, range(21))), None, "not 21"),
    ],
)
def test_a_panel_that_cannot_be_is_refused(names: tuple[str, ...], at_least: int | None, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Panel(judges=names, rule="mean", at_least=at_least)
