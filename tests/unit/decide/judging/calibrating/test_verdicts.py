"""What is wrong with verdicts as such."""

import pytest

from passmuster.decide.judging.calibrating.rows import JudgedReply, Unit
from passmuster.decide.judging.calibrating.verdicts import failures_of, verdict_findings
from passmuster.records.calibration import JudgeFinding

PASS_FAIL = Unit(bounds=(0.0, 1.0), binary=True)
PAIRS = Unit(bounds=(0.0, 1.0), pairwise=True)
GRADES = Unit(bounds=(1.0, 5.0))


def said(value: float | None, number: int = 1, **more: object) -> list[JudgedReply]:
    return [
        JudgedReply(candidate="a", case=str(case), group=str(case), value=value, **more)  # type: ignore[arg-type]
        for case in range(number)
    ]


def found(rows: list[JudgedReply], unit: Unit = PASS_FAIL) -> list[JudgeFinding]:
    return list(verdict_findings(rows, unit))


HONEST = [*said(1.0, 60), *said(0.0, 20)]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("judge_unreadable", "unreadable"),
        ("judge_refused", "refused"),
        ("judge_off_scale", "off_scale"),
        ("scorer_failed", "failed"),
    ],
)
def test_each_kind_of_answer_without_a_verdict_is_named_with_its_share(failure: str, kind: str) -> None:
    (finding,) = found([*HONEST, *said(None, 20, failure=failure)])
    assert (finding.kind, finding.severity) == (kind, "fault")
    assert finding.sentence.startswith("20 of 100 answers of the judge")
    assert finding.figure is not None
    assert finding.figure.value == 0.2


def test_a_single_slip_is_a_caution_and_no_fault() -> None:
    (finding,) = found([*HONEST, *said(None, 1, failure="judge_unreadable")])
    assert finding.severity == "caution"


def test_an_honest_judge_and_failures_that_are_not_its_own_are_not_accused() -> None:
    assert found([*HONEST, *said(None, 40, failure="error")]) == []
    assert failures_of(said(None, 2, failure="error")) == {"error": 2}


def test_a_judge_that_always_ties_is_named() -> None:
    (finding,) = found(said(0.5, 60, swapped=("consistent",)), PAIRS)
    assert finding.kind == "always_ties"
    assert "60 of 60 comparisons a tie" in finding.sentence


def test_ties_that_are_ours_and_equal_replies_are_no_ties_of_the_judge() -> None:
    assert found(said(0.5, 60, swapped=("first",)), PAIRS) == []
    assert found(said(0.5, 60), PAIRS) == []


def test_one_word_for_all_replies_is_a_fault_where_people_differ() -> None:
    rows = [*said(1.0, 30, human=1.0), *said(1.0, 10, human=0.0), *said(1.0, 60)]
    (finding,) = found(rows)
    assert (finding.kind, finding.severity) == ("one_value", "fault")
    assert "the judge says pass of 100 of 100 replies, people of 30 of 40" in finding.sentence


def test_one_word_for_all_is_right_where_people_say_it_too_and_open_where_nobody_was_asked() -> None:
    assert found([*said(1.0, 40, human=1.0), *said(1.0, 60)]) == []
    (finding,) = found(said(4.0, 100), GRADES)
    assert finding.severity == "caution"
    assert "the judge says 4 of 100 of 100 replies" in finding.sentence


def test_few_judgements_make_no_habit() -> None:
    assert found(said(1.0, 19)) == []
