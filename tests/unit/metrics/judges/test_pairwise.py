"""Two replies side by side, in both orders."""

import json
from dataclasses import replace
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.judges.pairwise import Beside, Pairwise
from passmuster.metrics.judges.prompt import sections_of
from passmuster.metrics.judges.ready.library import READY
from passmuster.metrics.judges.rubric import JudgingMetric
from passmuster.metrics.registry import build_metric
from passmuster.metrics.returned import wrong_in
from passmuster.metrics.two_steps import Asked, AskingMetric, ComparingMetric
from passmuster.records.case import Case, Conversation, Image, Message, Text, ToolCall
from passmuster.records.rating import reply_digest
from passmuster.records.score import Score, ScoreFailure, ScoreOutcome
from passmuster.records.task import MetricSpec
from passmuster.records.trial import Failure, Outcome, Reply
from passmuster.testing import check_metric

CASE = Case(id="1", input="Who sat?", reference="The cat sat.")
OWN, OTHER = Reply(text="A cat."), Reply(text="A dog.")


def pairwise(**options: Any) -> Pairwise:
    return Pairwise(**{"asks": "small", "against": "base", **options})


def beside(**options: Any) -> Beside:
    return pairwise(**options).beside(OTHER)


def says(better: str) -> Reply:
    return Reply(text=json.dumps({"reasons": f"{better}!", "better": better}))


def read(*said: str | Outcome, **options: Any) -> ScoreOutcome:
    answers = [says(each) if isinstance(each, str) else each for each in said]
    return beside(**options).read(CASE, OWN, answers)


def score(found: object) -> Score:
    assert isinstance(found, Score), found
    return found


def shown(asked: Asked) -> dict[str, str]:
    talk = asked.question.input
    assert isinstance(talk, Conversation)
    return sections_of(str(talk.messages[0].content))


def questions(found: object) -> list[Asked]:
    assert isinstance(found, tuple), found
    return list(found)


def test_it_is_a_metric_that_compares_and_one_that_judges() -> None:
    assert isinstance(pairwise(), ComparingMetric)
    assert isinstance(pairwise(), JudgingMetric)
    assert isinstance(beside(), AskingMetric)


def test_both_orders_are_always_asked() -> None:
    found = [shown(each) for each in questions(beside().ask(CASE, OWN))]

    assert [(each["FIRST"], each["SECOND"]) for each in found] == [("A cat.", "A dog."), ("A dog.", "A cat.")]


@pytest.mark.parametrize(
    ("said", "value", "swapped"),
    [
        (("first", "second"), 1.0, "consistent"),
        (("second", "first"), 0.0, "consistent"),
        (("tie", "tie"), 0.5, "consistent"),
        (("first", "first"), 0.5, "first"),
        (("second", "second"), 0.5, "second"),
        (("first", "tie"), 0.5, "first"),
        (("tie", "first"), 0.5, "first"),
        (("second", "tie"), 0.5, "second"),
        (("tie", "second"), 0.5, "second"),
    ],
)
def test_a_verdict_that_follows_the_order_is_a_tie_and_says_which_place_it_favoured(
    said: tuple[str, str], value: float, swapped: str
) -> None:
    found = score(read(*said))

    assert found.value == value
    assert found.details["swapped"] == swapped
    assert found.details["orders"] == list(said)
    assert found.details["reasons"] == [f"{each}!" for each in said]


def test_a_score_names_the_reply_that_it_was_compared_with() -> None:
    assert score(read("first", "second")).details["versus"] == reply_digest(OTHER)


def test_wins_ties_losses_and_how_many_hold_in_both_orders_are_parts() -> None:
    won, torn = score(read("first", "second")), score(read("first", "first"))

    assert won.details["parts"] == {"won": 1.0, "tied": 0.0, "lost": 0.0, "same in both orders": 1.0}
    assert torn.details["parts"] == {"won": 0.0, "tied": 1.0, "lost": 0.0, "same in both orders": 0.0}
    assert wrong_in(won, "parts") is None


@pytest.mark.parametrize("place", [0, 1])
def test_one_unreadable_order_leaves_no_value(place: int) -> None:
    said: list[str | Outcome] = ["first", "second"]
    said[place] = Reply(text="The first one.")
    found = read(*said)

    assert isinstance(found, ScoreFailure)
    assert found.kind == "judge_unreadable"


def test_a_judge_that_failed_leaves_no_value() -> None:
    found = read("first", Failure(kind="timeout", message="late"))

    assert isinstance(found, ScoreFailure)
    assert found.kind == "scorer_failed"


def test_equal_replies_are_a_tie_and_nobody_is_asked() -> None:
    found = score(pairwise().beside(OWN).ask(CASE, Reply(text="A cat.", confidence=0.3)))

    assert found.value == 0.5
    assert found.details["equal"] is True
    assert found.details["versus"] == reply_digest(OWN)


def test_replies_that_differ_in_the_tools_they_called_are_not_equal() -> None:
    calling = Reply(text="A cat.", tool_calls=(ToolCall(name="feed", arguments="{}"),))

    assert len(questions(pairwise().beside(calling).ask(CASE, OWN))) == 2


def test_without_ties_the_judge_must_choose() -> None:
    found = read("tie", "tie", ties=False)

    assert isinstance(found, ScoreFailure)
    assert found.kind == "judge_off_scale"


@pytest.mark.parametrize("against", [None, "reference"])
def test_against_the_reference_it_needs_no_other_candidate(against: str | None) -> None:
    metric = Pairwise(asks="small", against=against)
    found = [shown(each) for each in questions(metric.ask(CASE, OWN))]

    assert metric.against is None
    assert found[0] == {"TASK": "Who sat?", "FIRST": "A cat.", "SECOND": "The cat sat."}
    assert score(metric.read(CASE, OWN, [says("second"), says("first")])).value == 0.0


def test_the_reference_is_not_shown_beside_itself() -> None:
    for metric in (Pairwise(asks="a", reference=True), Pairwise(asks="a", rubric=READY["correctness"])):
        assert list(shown(questions(metric.ask(CASE, OWN))[0])) == ["TASK", "FIRST", "SECOND"]


def test_without_a_reference_there_is_nothing_to_compare_with() -> None:
    for found in (
        Pairwise(asks="a").ask(Case(id="1", input="?"), OWN),
        Pairwise(asks="a").score(Case(id="1", input="?"), OWN),
    ):
        assert isinstance(found, ScoreFailure)
        assert found.kind == "no_reference"


def test_against_a_candidate_it_says_nothing_without_its_reply() -> None:
    for found in (pairwise().ask(CASE, OWN), pairwise().read(CASE, OWN, [])):
        assert isinstance(found, ScoreFailure)
        assert found.kind == "nothing_to_compare"


def test_until_it_is_asked_there_is_no_score() -> None:
    for metric in (pairwise(), beside(), Pairwise(asks="a")):
        found = metric.score(CASE, OWN)
        assert isinstance(found, ScoreFailure)
        assert found.kind == "not_scored"


def test_a_judge_of_two_candidates_is_shown_the_reference_where_that_is_wanted() -> None:
    assert shown(questions(beside(reference=True).ask(CASE, OWN))[0])["REFERENCE"] == "The cat sat."
    assert (
        shown(questions(beside(rubric=READY["correctness"]).ask(CASE, OWN))[0])["REFERENCE"] == "The cat sat."
    )
    assert "REFERENCE" not in shown(questions(beside().ask(CASE, OWN))[0])
    found = beside(reference=True).ask(Case(id="1", input="?"), OWN)
    assert isinstance(found, ScoreFailure)


def test_of_a_rubric_the_criteria_count_and_the_scale_does_not() -> None:
    metric = pairwise(rubric=READY["response_quality"])
    talk = questions(metric.beside(OTHER).ask(CASE, OWN))[0].question.input
    assert isinstance(talk, Conversation)

    assert metric.rubric.bounds == metric.bounds == (0.0, 1.0)
    assert "- structure: " in str(talk.system)
    assert "  5: " not in str(talk.system)


def test_each_judge_of_a_panel_is_asked_in_both_orders_and_their_values_become_one() -> None:
    asked = questions(beside(asks=("a", "b")).ask(CASE, OWN))
    found = score(read("first", "second", "first", "first", asks=("a", "b")))

    assert [each.scorer for each in asked] == ["a", "a", "b", "b"]
    assert found.value == 0.75
    assert found.details["panel"] == {"a": 1.0, "b": 0.5}
    assert found.details["parts"] == {"won": 1.0, "tied": 0.0, "lost": 0.0, "same in both orders": 0.5}
    assert found.details["judges"] == {
        "a": {"orders": ["first", "second"], "swapped": "consistent", "reasons": ["first!", "second!"]},
        "b": {"orders": ["first", "first"], "swapped": "first", "reasons": ["first!", "first!"]},
    }


def test_a_panel_that_is_split_is_a_tie() -> None:
    found = score(read("first", "second", "second", "first", asks=("a", "b"), panel="majority"))

    assert found.value == 0.5
    assert found.details["panel"] == {"a": 1.0, "b": 0.0}
    assert found.details["agreement"] == 0.0


def test_a_split_panel_names_the_judge_that_could_not_be_read() -> None:
    answers: list[str | Outcome] = ["first", "second", "second", "first", Reply(text="no"), "first"]
    found = score(read(*answers, asks=("a", "b", "c"), panel="majority"))
    assert (found.value, found.details["panel"]) == (0.5, {"a": 1.0, "b": 0.0})
    assert isinstance(found.details["unread"], dict)
    assert list(found.details["unread"]) == ["c"]


def test_one_unreadable_judge_of_three_is_left_out() -> None:
    bad = Reply(text="no")
    found = score(read("first", "second", bad, "second", "first", "second", asks=("a", "b", "c")))

    assert found.value == 1.0
    unread = found.details["unread"]
    assert isinstance(unread, dict)
    assert list(unread) == ["b"]


def test_what_compares_keeps_the_promises_of_metrics() -> None:
    check_metric(beside())
    check_metric(beside(asks=("a", "b", "c"), panel="majority", reference=True))
    check_metric(Pairwise(asks="a"))


@pytest.mark.parametrize(
    "options", [{"asks": []}, {"longest": 0}, {"ties": "no"}, {"rubric": "best"}, {"panel": "all"}]
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        build_metric(MetricSpec(name="duel", kind="pairwise", options={"asks": "small", **options}))


def test_both_orders_have_the_images_of_the_task() -> None:
    picture = Image(url="https://a/1.png")
    case = replace(
        CASE, input=Conversation(messages=(Message(role="user", content=(Text(text="?"), picture)),))
    )
    asked = beside().ask(case, OWN)
    assert isinstance(asked, tuple)
    talks = [each.question.input for each in asked]
    assert [talk.messages[0].content[1:] for talk in talks if isinstance(talk, Conversation)] == [
        (picture,)
    ] * 2
