"""Columns are recognised by their names and by what they hold, and a person has the last word."""

from collections.abc import Mapping

import pytest

from passmuster.adapters.ingest.shapes.guess import guessed
from passmuster.errors import UsageError


def columns(*rows: Mapping[str, object], **said: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the columns that a guess gives to the fields."""
    return dict(guessed(rows, said).shape.columns)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"prompt": "Hi", "completion": "Hello"}, {"input": "prompt", "output": "completion"}),
        ({"requestId": "a", "userQuery": "Hi", "createdAt": "2025-03-01"}, {"id": "requestId", "input": "userQuery", "time": "createdAt"}),
        ({"Question": "Hi", "ANSWER": "Hello", "@timestamp": 1740830400}, {"input": "Question", "output": "ANSWER", "time": "@timestamp"}),
        ({"request": {"text": "Hi"}, "response": {"text": "Hello"}}, {"input": "request", "output": "response"}),
        ({"payload": {"question": "Hi"}, "meta": {"user_id": "u"}}, {"input": "payload.question", "user": "meta.user_id"}),
        ({"text": "Hi", "label": "greeting"}, {"input": "text", "reference": "label"}),
        ({"input": "Hi", "text": "other"}, {"input": "input"}),
        ({"message": "Hi", "conversation_id": "c", "thumbs": 1}, {"input": "message", "session": "conversation_id", "feedback": "thumbs"}),
        ({"a": "what a customer of ours wrote to us", "b": "de"}, {"input": "a"}),
    ],
)  # fmt: skip
def test_usual_names_are_recognised(row: dict[str, object], found: dict[str, str]) -> None:
    assert columns(row) == {field: (column,) for field, column in found.items()}


def test_several_columns_of_feedback_are_all_read() -> None:
    row = {"input": "Hi", "thumbs": None, "rating": 3, "escalated": False}
    assert columns(row) == {
        "input": ("input",),
        "feedback": ("thumbs", "rating"),
        "escalated": ("escalated",),
    }


def test_a_column_whose_values_repeat_names_no_calls() -> None:
    assert "id" not in columns(*({"id": n % 3, "input": "Hi"} for n in range(30)))


def test_feedback_that_is_rare_is_seen_in_a_sample() -> None:
    rows: list[dict[str, object]] = [{"input": f"q {n}"} for n in range(1_999)]
    assert columns(*rows, {"input": "q", "rating": 4})["feedback"] == ("rating",)


def test_a_person_has_the_last_word() -> None:
    row = {"question": "Hi", "body": "long", "label": "x", "answer": "Hello"}
    assert columns(row, input=("body",), reference=(), output=("label",)) == {
        "input": ("body",),
        "output": ("label",),
    }
    assert columns(row, input=("question", "body"))["input"] == ("question", "body")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"imput": ("question",)}, "a record has no field 'imput'\n  did you mean 'input'"),
        ({"input": ("questoin",)}, "there is no column 'questoin'\n  did you mean 'question'"),
        ({"output": ("a", "b")}, "'output' takes one column"),
    ],
)
def test_a_slip_is_told(said: dict[str, tuple[str, ...]], told: str) -> None:
    with pytest.raises(UsageError) as error:
        guessed([{"question": "Hi"}], said)
    assert told in str(error.value)


def test_where_nothing_looks_like_the_input_all_columns_are_named() -> None:
    with pytest.raises(UsageError, match=r"(?s)no column looks like .*--columns input=NAME.*: n, country"):
        guessed([{"n": 1, "country": "de"}], {})


def test_where_several_may_be_the_input_they_are_named() -> None:
    row = {"a": "a text of some length, one", "b": "a text of some length, two", "c": 1}
    with pytest.raises(UsageError, match=r"(?s)several columns .*: a, b"):
        guessed([row], {})


def test_units_and_scales_are_told() -> None:
    told = guessed([{"input": "Hi", "latency": 900, "ttft_ms": 80, "rating": 4}], {}).told
    assert told[1:] == (
        ("seconds", "latency", "in milliseconds"),
        ("first_token", "ttft_ms", "in milliseconds"),
        ("feedback", "rating", "scores of 1 to 5"),
    )
