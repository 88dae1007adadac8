"""What a judge said of a reply is shown beside it."""

from typing import Any

import pytest

from passmuster.metrics.judges.judge import RubricJudge
from passmuster.metrics.judges.pairwise import Pairwise
from passmuster.records.case import Case
from passmuster.records.comparison import Answer
from passmuster.records.score import Score, ScoreOutcome
from passmuster.records.trial import Reply
from passmuster.report.judge_notes import is_judged, judge_notes
from passmuster.report.score_notes import score_notes

CASE, REPLY = Case(id="1", input="Hi?", reference="Hello"), Reply(text="Go away")
QUALITY = '{"reasons": "%s", "values": {"structure": 4, "completeness": 1, "tone": 1, "no_filler": 5}}'


def notes(found: ScoreOutcome) -> tuple[str, ...]:
    assert isinstance(found, Score), found
    answer = Answer(
        candidate="a",
        text="x",
        failure=None,
        scores={"quality": found.value},
        details={"quality": found.details},
    )
    return score_notes(answer)


def graded(reasons: str = "Rude but neat.", asks: Any = "small", *more: str) -> tuple[str, ...]:
    answers = [Reply(text=text) for text in (QUALITY % reasons, *more)]
    return notes(RubricJudge(asks=asks).read(CASE, REPLY, answers))


def paired(*said: str) -> tuple[str, ...]:
    metric = Pairwise(asks="small", against="b").beside(Reply(text="Hello"))
    return notes(
        metric.read(CASE, REPLY, [Reply(text=f'{{"reasons": "So.", "better": "{each}"}}') for each in said])
    )


def test_values_and_reasons_are_shown_and_a_grade_below_the_best_is_not_called_unmet() -> None:
    assert graded() == (
        "quality: structure 4, completeness 1, tone 1, no_filler 5",
        "quality: said: Rude but neat.",
    )


def test_the_worst_grade_of_a_scale_from_one_is_shown_although_it_is_one() -> None:
    metric = RubricJudge(asks="small")
    worst = (
        '{"reasons": "Useless.", "values": {"structure": 1, "completeness": 1, "tone": 1, "no_filler": 1}}'
    )

    assert "quality: said: Useless." in notes(metric.read(CASE, REPLY, [Reply(text=worst)]))


def test_a_panel_is_shown_judge_by_judge_with_who_could_not_be_read() -> None:
    found = graded("So.", ("a", "b", "c"), QUALITY.replace("1", "5") % "Else.", "no verdict")

    assert found[1] == "quality: a 2.75, b 4.75 (of pairs of judges 0 % agree)"
    assert found[2].startswith("quality: c could not be read: judge_unreadable: ")
    assert found[3:] == ("quality: said: So.", "quality: said: Else.")


@pytest.mark.parametrize(("said", "place"), [("first", "first"), ("second", "second")])
def test_a_tie_that_the_order_made_is_told(said: str, place: str) -> None:
    assert f"quality: a tie, for in both orders it leaned to the one shown {place}" in paired(said, said)


def test_a_clear_preference_is_shown_by_its_reasons() -> None:
    assert paired("first", "second") == ("quality: said: So.", "quality: said: So.")


def test_equal_replies_are_told() -> None:
    metric = Pairwise(asks="small", against="b").beside(REPLY)
    found = metric.ask(CASE, REPLY)
    assert isinstance(found, Score)

    assert notes(found) == ("quality: a tie, for both replies are the same",)


def test_what_a_judge_said_cannot_write_to_the_terminal() -> None:
    assert not any("\x1b" in note or "\n" in note for note in graded("\\u001b[31mred\\nnext"))


@pytest.mark.parametrize(
    "kept",
    [
        {"criteria": None},
        {"criteria": {"a": "x", "b": None}, "reasons": {"a": 1}, "panel": [], "unread": 5},
        {"versus": "0a", "swapped": 3, "panel": {"a": None}, "agreement": "all", "reasons": [None, 3]},
    ],
)
def test_details_of_any_form_are_no_error(kept: dict[str, Any]) -> None:
    assert all(isinstance(note, str) for note in judge_notes(kept))
    assert isinstance(is_judged(kept), bool)
