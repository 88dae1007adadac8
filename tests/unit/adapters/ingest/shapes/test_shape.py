"""Rows become records; what cannot be read is counted, never guessed."""

from collections.abc import Mapping

import pytest

from passmuster.adapters.ingest.formats.format import MappingError
from passmuster.adapters.ingest.shapes.guess import guessed
from passmuster.adapters.ingest.shapes.shape import MADE, Reader, Shape
from passmuster.adapters.ingest.spellings.feedback import Scale
from passmuster.records.case import Conversation, Message
from passmuster.records.traffic import TrafficRecord
from passmuster.records.trial import Usage


def read(row: Mapping[str, object]) -> TrafficRecord:
    """Return the record of a row whose columns are recognised."""
    guess = guessed([row], {})
    return Reader(guess.shape, guess.known).record(row)


def test_every_field_of_a_row_finds_its_place() -> None:
    row = {
        "id": 7, "question": "Where is it?", "answer": "Here.", "timestamp": "2025-03-01 12:00:00", "model": "m", "prompt_tokens": "12",
        "completion_tokens": 5.0, "cost_usd": "$0.01", "latency_ms": "850", "ttft_ms": 90, "error": "", "user_id": 3.0, "session_id": "s",
        "tags": "a, b", "expected": "There.", "rating": "2", "country": "de", "premium": True, "long": "x" * 2_000, "nothing": None,
    }  # fmt: skip
    assert read(row) == TrafficRecord(
        id="7", input="Where is it?", output="Here.", time=1740830400.0, model="m", usage=Usage(input=12, output=5), cost=0.01,
        seconds=0.85, first_token=0.09, user="3", session="s", tags=("a", "b"), reference="There.", feedback="score:low",
        columns={"country": "de", "premium": True, "feedback": "2"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "word", "raw"),
    [
        ({"thumbs": True}, "up", True),
        ({"thumbs": "👎", "rating": 5}, "down", "👎"),
        ({"rating": 5, "user_score": "bad"}, "down", "bad"),
        ({"rating": 5, "escalated": "yes"}, "escalated", "yes"),
        ({"complained": 1, "escalated": 1}, "complained", 1),
        ({"retry_count": 2, "thumbs": "up"}, "retried", 2),
        ({"retry_count": 0}, None, None),
        ({"thumbs": None, "rating": "", "escalated": False}, None, None),
        ({"edited_output": "Over there."}, "edited", "Over there."),
        ({"edited_output": " Here. "}, None, None),
        ({"edited": True}, "edited", True),
    ],
)
def test_signs_of_users_become_one_word_and_stay_as_they_were(
    row: dict[str, object], word: str | None, raw: object
) -> None:
    record = read({"input": "Where?", "output": "Here.", **row})
    assert record.feedback == word
    assert record.columns.get("feedback") == raw


def test_what_users_made_of_an_answer_is_the_right_one_where_no_other_is_known() -> None:
    row = {"input": "Where?", "output": "Here.", "edited_output": "There."}
    assert read(row).reference == "There."
    assert read({**row, "gold": "Nowhere."}).reference == "Nowhere."


def test_a_conversation_that_ends_with_its_answer_is_parted() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ]
    for messages in (turns, str(turns).replace("'", '"')):
        record = read({"messages": messages})
        assert record.input == Conversation(
            messages=(Message(role="user", content="Hi"),), system="Be brief."
        )
        assert record.output == "Hello"


def test_text_that_happens_to_be_json_stays_text() -> None:
    assert read({"question": '{"a": 1}'}).input == '{"a": 1}'


def test_an_id_comes_from_the_content_where_there_is_none() -> None:
    one, again, other = (read({"question": text, "n": 1}) for text in ("a", "a", "b"))
    assert MADE.fullmatch(one.id)
    assert one.id == again.id != other.id


def test_what_cannot_be_read_is_left_out_and_counted() -> None:
    reader = Reader(
        Shape(
            columns={"input": ("q",), "time": ("t",), "cost": ("c",), "feedback": ("f",)},
            scales={"f": Scale(1, 5)},
        )
    )
    record = reader.record({"q": "?", "t": "soon", "c": -1, "f": 9})
    assert (record.time, record.cost, record.feedback) == (None, None, None)
    assert reader.unread == {"time (t)": 1, "cost (c)": 1, "feedback (f)": 1}
    assert reader.examples["time (t)"] == "soon"
    reader.record({"q": "?", "t": None, "c": float("nan"), "f": ""})
    assert reader.unread.total() == 3


@pytest.mark.parametrize(
    "row", [{}, {"q": None}, {"q": ""}, {"q": "  "}, {"q": 7}, {"q": "half \ud83d"}, {"q": []}]
)
def test_a_row_without_an_input_is_no_record(row: dict[str, object]) -> None:
    with pytest.raises(MappingError):
        Reader(Shape(columns={"input": ("q",)})).record(row)


def test_a_column_that_comes_late_is_told_where_it_looks_like_a_field() -> None:
    reader = Reader(Shape(columns={"input": ("q",)}), ["q"])
    reader.record({"q": "?", "rating": 5, "shoe": 3})
    assert reader.late == {"rating": "feedback"}


def test_parts_of_a_column_that_is_used_whole_are_no_columns_of_their_own() -> None:
    record = read({"request": {"kind": "refund", "amount": 3}, "meta": {"country": "de"}})
    assert record.input == {"kind": "refund", "amount": 3}
    assert record.columns == {"meta.country": "de"}
