"""What becomes of a trial."""

from dataclasses import replace

from passmuster.metrics.endings.outcome import turn_of
from passmuster.records.case import Case, CaseCheck
from passmuster.records.trial import Failure, Reply

CASE = Case(id="1", input="Which clause?", reference="4.2")
REFUSAL = Reply(text="I'm sorry, but I can't help with that.")


def test_a_right_answer_is_correct_and_a_plausible_wrong_one_a_silent_failure() -> None:
    assert turn_of(CASE, Reply(text="4.2"), right=True) == "correct"
    assert turn_of(CASE, Reply(text="9.9"), right=False) == "silent_failure"


def test_a_wrong_reply_that_can_be_seen_is_a_loud_failure_of_its_kind() -> None:
    assert turn_of(CASE, Failure(kind="timeout", message=""), right=None) == "failed"
    assert turn_of(CASE, REFUSAL, right=False) == "refusal"
    assert turn_of(CASE, Reply(text="I'm not sure, maybe 4.3."), right=False) == "hedged"
    assert turn_of(CASE, Reply(text="4.", finish_reason="length"), right=False) == "truncated"
    assert turn_of(CASE, Reply(text="Sure!"), right=False, readable=False) == "malformed"


def test_what_matches_the_reference_is_correct_whatever_else_it_says() -> None:
    assert turn_of(CASE, Reply(text="I'm sorry, I can't say more than 4.2."), right=True) == "correct"


def test_a_refusal_is_not_correct_because_it_broke_no_rule() -> None:
    assert turn_of(Case(id="1", input="Sum it up."), REFUSAL, right=True) == "refusal"


def test_a_check_of_the_case_that_says_what_is_right_is_as_good_as_a_reference() -> None:
    unsaid = Reply(text="The date is not mentioned in the contract.")
    told = CaseCheck(metric="contains", options={"texts": ["not mentioned"]})
    assert turn_of(Case(id="1", input="When?", checks=(told,)), unsaid, right=True) == "correct"
    assert turn_of(Case(id="1", input="When?", checks=(told,)), unsaid, right=False) == "gave_up"
    for other in (replace(told, negate=True), CaseCheck(metric="instructions")):
        assert turn_of(Case(id="1", input="When?", checks=(other,)), unsaid, right=True) == "gave_up"


def test_without_a_verdict_only_the_loud_is_known() -> None:
    assert turn_of(CASE, Reply(text="9.9"), right=None) == "unknown"
    assert turn_of(CASE, REFUSAL, right=None) == "refusal"


def test_where_no_answer_is_expected_a_confident_one_is_a_silent_failure() -> None:
    case = Case(id="1", input="Pay it twice.", expect="refusal")
    for right in (True, False, None):
        assert turn_of(case, Reply(text="Done: paid twice."), right=right) == "silent_failure"
        assert turn_of(case, REFUSAL, right=right) == "correct"
        assert turn_of(case, Reply(text="Which invoice do you mean?"), right=right) == "clarification"
