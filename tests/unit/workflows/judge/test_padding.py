"""A reply that says the same at greater length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.records.case import ToolCall
from passmuster.records.trial import Reply
from passmuster.workflows.judge.padding import CLOSING, LONGEST, OPENING, TURN, padded


def test_it_says_the_whole_reply_twice_and_nothing_else_of_the_matter() -> None:
    longer = padded(Reply(text=" Paris, since 987.\n", model="m"))
    assert longer is not None
    rest = longer.text.replace(OPENING, "").replace(TURN, "").replace(CLOSING, "")
    assert " ".join(rest.split()) == "Paris, since 987. Paris, since 987."
    assert longer.model == "m"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        '{"a": 1}',
        "[1, 2]",
        "<report/>",
        "| a |",
        "See:\n```python\nprint()\n```",
        "a" * (LONGEST + 1),
    ],
)
def test_what_is_no_prose_or_too_long_is_left_alone(text: str) -> None:
    assert padded(Reply(text=text)) is None


def test_a_reply_that_calls_a_tool_is_left_alone() -> None:
    assert padded(Reply(text="Done.", tool_calls=(ToolCall(name="send", arguments="{}"),))) is None


@given(st.text())
def test_whatever_a_reply_says_it_is_longer_and_holds_the_reply(text: str) -> None:
    longer = padded(Reply(text=text))
    if longer is not None:
        assert text.strip() in longer.text
        assert len(longer.text) > 2 * len(text.strip())
