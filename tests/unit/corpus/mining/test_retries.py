"""Calls that were made again are marked, and nothing else is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.mining import retries
from passmuster.corpus.mining.retries import Retries
from passmuster.records.case import Conversation, Image, Message, ToolCall
from passmuster.records.traffic import TrafficRecord


def call(number: int, text: str = "Where is it?", **more: object) -> TrafficRecord:
    """Return a call of a session, a minute after the last one."""
    usual = TrafficRecord(id=str(number), input=text, session="s", time=1e9 + 60.0 * number)
    return replace(usual, **more)  # type: ignore[arg-type]  # any field


def words(*calls: TrafficRecord) -> list[str | None]:
    """Return the feedback of calls once they were looked through."""
    return [record.feedback for record in Retries().marked(calls)]


def test_the_first_of_two_equal_calls_was_retried() -> None:
    assert words(call(0), call(1, "where  IS it?"), call(2, "Thanks")) == ["retried", None, None]


def test_what_users_said_themselves_stays() -> None:
    assert words(call(0, feedback="down"), call(1)) == ["down", None]


def test_other_sessions_later_calls_and_calls_of_nobody_are_no_retries() -> None:
    assert words(call(0), call(1, session="t")) == [None, None]
    assert words(call(0), call(11)) == [None, None]
    assert words(call(0, session=None), call(1, session=None)) == [None, None]
    assert words(call(0, time=None), call(1)) == [None, None]


def test_a_user_stands_in_for_a_session_that_is_not_known() -> None:
    assert words(call(0, session=None, user="u"), call(1, session=None, user="u")) == ["retried", None]


def test_calls_without_times_are_compared_in_their_order() -> None:
    assert words(call(0, time=None), call(1, time=None)) == ["retried", None]


def test_a_record_that_is_there_twice_is_no_retry() -> None:
    assert words(call(0), call(0)) == [None, None]


@given(st.lists(st.tuples(st.sampled_from(["s", "t", None]), st.text(max_size=3)), max_size=30))
def test_order_and_number_stay(calls: list[tuple[str | None, str]]) -> None:
    records = [call(n, text, session=session) for n, (session, text) in enumerate(calls)]
    assert [record.id for record in Retries().marked(records)] == [record.id for record in records]


def test_no_more_is_held_than_is_said() -> None:
    given_out = 0
    most = 0

    def many() -> object:
        for number in range(3 * retries.MOST_WAITING):
            nonlocal most
            most = max(most, number - given_out)
            yield call(number, f"call {number}")

    for _ in Retries().marked(many()):  # type: ignore[arg-type]
        given_out += 1
    assert most <= retries.MOST_WAITING + 1


LARGE = "x" * (retries.MOST_CHARACTERS // 10)


@pytest.mark.parametrize(
    "more",
    [
        {
            "input": Conversation(
                messages=(Message(role="user", content=(Image(data=LARGE, media_type="image/png"),)),)
            )
        },
        {"output": LARGE},
        {"tool_calls": (ToolCall(name="t", arguments=LARGE),)},
        {"reference": [LARGE]},
    ],
)
def test_few_large_calls_are_held_wherever_they_are_large(more: dict[str, object]) -> None:
    waiting = iter([replace(call(number, session=str(number)), **more) for number in range(100)])  # type: ignore[arg-type]  # any field

    next(Retries().marked(waiting))

    assert len(list(waiting)) >= 85
