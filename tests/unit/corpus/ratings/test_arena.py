"""Choices of arenas are read in the three forms that they are published in, and nothing in them raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.corpus.ratings.arena import choice_columns
from passmuster.records.record import Json

BOTH = {"model_a": "x", "model_b": "y"}


def turns(*texts: str) -> list[dict[str, str]]:
    """Return a conversation that a user begins."""
    return [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]


def test_a_conversation_gives_the_last_reply_of_the_model() -> None:
    row = {
        **BOTH,
        "question_id": "q1",
        "judge": "arena_user_9",
        "tstamp": 1_690_000_000.5,
        "winner": "model_b",
        "conversation_a": turns("Hi", "Hello", "Why?", "Because."),
        "conversation_b": turns("Hi", "Hey", "Why?", "No idea."),
    }
    assert choice_columns(row) == {
        "case": "q1",
        "rater": "arena_user_9",
        "time": 1_690_000_000.5,
        "first_by": "x",
        "second_by": "y",
        "first": "Because.",
        "second": "No idea.",
        "choice": "second",
    }


def test_one_column_for_each_end_is_a_choice() -> None:
    row: dict[str, Json] = {
        **BOTH,
        "id": 30192,
        "prompt": '["Hi", "Why?"]',
        "response_a": '["First.", "Last of a."]',
        "response_b": '["Hey.", "Last of b."]',
        "winner_model_a": "0",
        "winner_model_b": "0",
        "winner_tie": "1",
    }
    found = choice_columns(row)
    assert found == {
        "case": 30192,
        "first_by": "x",
        "second_by": "y",
        "first": "Last of a.",
        "second": "Last of b.",
        "choice": "tie",
    }


def test_a_turn_in_parts_is_the_text_of_its_parts() -> None:
    parts: Json = [
        {
            "role": "assistant",
            "content": [{"type": "image"}, {"type": "text", "text": "See"}, {"type": "text", "text": "this"}],
        }
    ]
    found = choice_columns({**BOTH, "conversation_a": parts})
    assert found is not None
    assert found["first"] == "See\nthis"


@pytest.mark.parametrize(
    ("winner", "choice"),
    [
        ("model_a", "first"),
        ("model_b", "second"),
        ("tie", "tie"),
        ("tie (bothbad)", "tie"),
        ("both_bad", "tie"),
    ],
)
def test_winners_are_known_by_their_words(winner: str, choice: str) -> None:
    found = choice_columns({**BOTH, "winner": winner})
    assert found is not None
    assert found["choice"] == choice


@pytest.mark.parametrize(
    "row",
    [
        {"winner": "neither of them"},
        {"winner_model_a": 1, "winner_model_b": 1},
        {"winner_model_a": 0, "winner_tie": 0},
        {},
    ],
)
def test_an_end_that_nobody_can_read_is_no_choice(row: dict[str, Json]) -> None:
    found = choice_columns({**BOTH, **row})
    assert found is not None
    assert "choice" not in found


def test_a_reply_that_only_looks_like_a_list_stays_as_it_is() -> None:
    found = choice_columns({**BOTH, "response_a": "[sic] it is so", "response_b": "plain"})
    assert found is not None
    assert (found["first"], found["second"]) == ("[sic] it is so", "plain")


@pytest.mark.parametrize(
    "row",
    [
        {"response_a": '["red"]', "response_b": "red"},
        {"response_a": '["red"]', "response_b": '["red", "blue"]'},
        {"response_a": '["red"]', "response_b": '["blue"]', "prompt": "Name a colour, as JSON."},
        {"response_a": "[1, 2]", "response_b": "[3, 4]"},
    ],
)
def test_a_reply_that_is_a_list_itself_is_not_taken_for_turns(row: dict[str, Json]) -> None:
    found = choice_columns({**BOTH, **row})
    assert found is not None
    assert (found["first"], found["second"]) == (row["response_a"], row["response_b"])


def test_a_model_that_gave_nothing_gave_an_empty_reply() -> None:
    found = choice_columns({**BOTH, "prompt": '["Hi"]', "response_a": "[null]", "response_b": '["Hey"]'})
    assert found is not None
    assert (found["first"], found["second"]) == ("", "Hey")


@pytest.mark.parametrize(
    ("turn", "reply"), [(1, "Hello"), ("2", "Because."), (9, "Because."), ("²", "Because.")]
)
def test_the_turn_that_was_judged_is_the_reply(turn: Json, reply: str) -> None:
    found = choice_columns({**BOTH, "turn": turn, "conversation_a": turns("Hi", "Hello", "Why?", "Because.")})
    assert found is not None
    assert found["first"] == reply


def test_a_text_that_was_cut_within_a_character_can_be_written() -> None:
    found = choice_columns({**BOTH, "response_a": r'["cut \ud83d"]', "response_b": r'["whole \ud83d\ude00"]'})
    assert found is not None
    assert (found["first"], found["second"]) == ("cut \ufffd", "whole \N{GRINNING FACE}")


def test_a_row_that_names_no_two_models_is_not_of_an_arena() -> None:
    assert choice_columns({"case": "7", "value": 3}) is None
    assert choice_columns({"model_a": "x", "winner": "model_a"}) is None


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["[", "[1]", '[{"role": "assistant"}]']),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text"]), inner | st.just("assistant"), max_size=4
        )
    ),
    max_leaves=8,
)
COLUMNS = st.sampled_from(
    [
        "question_id",
        "winner",
        "winner_tie",
        "winner_model_a",
        "conversation_a",
        "conversation_b",
        "response_a",
        "judge",
    ]
)


@given(st.dictionaries(COLUMNS, ANY))
def test_nothing_in_a_row_raises_and_replies_are_texts(row: dict[str, Json]) -> None:
    found = choice_columns({**BOTH, **row})
    assert found is not None
    assert all(isinstance(found[side], str) for side in ("first", "second") if side in found)
    assert found.get("choice", "tie") in {"first", "second", "tie"}
