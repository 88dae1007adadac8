"""How close a verdict is to what people said, whatever stands in the reply."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.decide.judging.closeness import WRONG_VERDICT, Agreement, Closeness, Steadiness, verdict_text
from passmuster.metrics.metric import NOT_APPLICABLE
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply


def case(value: object) -> Case:
    return Case(id="1", input="", reference=value)


@given(st.text() | st.just('{"value": NaN}') | st.just('{"value": true}') | st.just("[" * 9_000))
def test_what_is_no_verdict_is_a_score_failure(text: str) -> None:
    for metric in (Agreement(), Closeness(low=1, high=5), Steadiness()):
        found = metric.score(case(1.0), Reply(text=text))
        assert isinstance(found, ScoreFailure)
        assert found.kind == WRONG_VERDICT


def test_the_failure_of_a_judge_stays_what_it_was() -> None:
    text = verdict_text(ScoreFailure(kind="judge_refused", message='"no"'))
    assert Agreement().score(case(1.0), Reply(text=text)) == ScoreFailure(
        kind="judge_refused", message='"no"'
    )


@pytest.mark.parametrize("value", [6.0, 0.0, -1.0])
def test_a_verdict_off_the_scale_is_none(value: float) -> None:
    found = Closeness(low=1, high=5).score(case(3.0), Reply(text=verdict_text(Score(value=value))))
    assert isinstance(found, ScoreFailure)


@pytest.mark.parametrize("people", [None, "yes", True, 7.0])
def test_where_people_said_nothing_of_the_scale_there_is_nothing_to_be_close_to(people: object) -> None:
    found = Agreement().score(case(people), Reply(text=verdict_text(Score(value=1.0))))
    assert isinstance(found, ScoreFailure)
    assert found.kind in {"no_reference", "wrong_reference"}


def test_a_mean_over_raters_counts_as_what_most_of_them_said() -> None:
    text = Reply(text=verdict_text(Score(value=1.0)))
    found = [Agreement().score(case(people), text) for people in (2 / 3, 1 / 3)]
    assert [each.value for each in found if isinstance(each, Score)] == [1.0, 0.0]


def test_kinds_are_the_same_or_not_however_far_apart_their_numbers_are() -> None:
    kinds = Agreement(answers="sorts", low=1, high=3)
    found = [kinds.score(case(3.0), Reply(text=verdict_text(Score(value=value)))) for value in (2.0, 3.0)]
    assert [each.value for each in found if isinstance(each, Score)] == [0.0, 1.0]


def test_steadiness_is_not_applicable_where_the_judge_was_asked_once() -> None:
    found = Steadiness().score(case(1.0), Reply(text=verdict_text(Score(value=1.0))))
    assert isinstance(found, ScoreFailure)
    assert found.kind == NOT_APPLICABLE
