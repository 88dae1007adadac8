"""How the cards of the HTML report name what became of an answer."""

from dataclasses import replace

from passmuster.records.comparison import CaseEvidence
from passmuster.report.cases_view import case_view


def test_a_card_says_how_an_answer_turned_out(evidence: tuple[CaseEvidence, ...]) -> None:
    first, second, third = evidence[0].answers[:3]
    answers = (
        replace(first, failure=None, text="a", turn="unknown"),
        replace(second, failure=None, text="b", turn="silent_failure"),
        replace(third, failure=None, text="c", turn="correct"),
    )
    case = replace(evidence[0], answers=answers, right=(third.candidate,))
    view = case_view(case, {first.candidate: "0", second.candidate: "1", third.candidate: "2"})

    assert [(each.state, each.said) for each in view.replies] == [
        ("right", "right"),
        ("wrong", "wrong, silent failure"),
        ("unknown", "not known"),
    ]
    assert view.unknown == "0"


def test_equal_answers_that_turned_out_differently_have_a_card_each(
    evidence: tuple[CaseEvidence, ...],
) -> None:
    first, second = evidence[0].answers[:2]
    cut = replace(first, failure=None, text="a", answer=None, scores={}, turn="truncated")
    whole = replace(cut, candidate=second.candidate, turn="silent_failure")
    case = replace(evidence[0], answers=(cut, whole), right=())

    assert [each.said for each in case_view(case, {}).replies] == [
        "wrong, truncated",
        "wrong, silent failure",
    ]
