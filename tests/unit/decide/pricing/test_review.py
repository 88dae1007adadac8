import pytest

from passmuster.decide.pricing.review import ReviewRule
from passmuster.errors import ConfigurationError
from passmuster.records.case import Case
from passmuster.records.task import Review
from passmuster.records.trial import Attempt, Failure, FailureKind, Outcome, Reply, Trial, TrialKey

CASE = Case(id="1", input="x", category="edge", tags=("long",))


def _trial(outcome: Outcome) -> Trial:
    return Trial(key=TrialKey("c", "d", 0), case_id="1", outcome=outcome, attempts=(Attempt(started=0.0),))


def _rule(when: str) -> ReviewRule:
    return ReviewRule(Review(when=when, minutes=3, hourly=40))


@pytest.mark.parametrize(
    ("when", "confidence", "expected"),
    [
        ("confidence < 0.8 or failed", 0.7, True),
        ("confidence < 0.8 or failed", 0.9, False),
        ("category == 'edge'", 0.9, True),
        ("'long' in tags and confidence < 0.95", 0.9, True),
    ],
)
def test_a_rule_reads_what_is_known_of_the_trial(when: str, confidence: float, *, expected: bool) -> None:
    assert _rule(when).applies(CASE, _trial(Reply(text="x", confidence=confidence))) is expected


def test_a_failed_trial_is_reviewed_where_the_rule_says_failed() -> None:
    assert _rule("failed").applies(CASE, _trial(Failure(kind="timeout", message="")))


@pytest.mark.parametrize(("kind", "expected"), [("malformed", True), ("timeout", False), (None, False)])
def test_a_rule_may_ask_for_a_kind_of_failure(kind: FailureKind | None, *, expected: bool) -> None:
    outcome = Reply(text="x") if kind is None else Failure(kind=kind, message="")
    assert _rule("failure == 'malformed'").applies(CASE, _trial(outcome)) is expected


def test_a_reply_without_confidence_cannot_be_waved_through() -> None:
    assert _rule("confidence < 0.8").applies(CASE, _trial(Reply(text="x")))


@pytest.mark.parametrize("when", ["confidence <", "mood < 3", "().__class__.__bases__", "{% for %}"])
def test_a_rule_that_speaks_of_something_else_is_refused(when: str) -> None:
    with pytest.raises(ConfigurationError, match=r"cost\.review\.when"):
        _rule(when)


@pytest.mark.parametrize(
    ("when", "confidence"),
    [("confidence.is_integer()", None), ("1 / (0.5 - confidence) > 2", 0.5)],
)
def test_a_rule_that_cannot_be_worked_out_for_a_reply_asks_for_a_look(
    when: str, confidence: float | None
) -> None:
    assert _rule(when).applies(CASE, _trial(Reply(text="x", confidence=confidence)))
