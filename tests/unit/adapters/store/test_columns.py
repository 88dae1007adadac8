from hypothesis import example, given
from hypothesis import strategies as st

from passmuster.adapters.store.columns import (
    count_column,
    from_column,
    from_json_column,
    json_column,
    to_column,
)

ANY_TEXT = st.text(st.characters(categories=None) | st.sampled_from("\x00\x1a\ud83d\ude00"))


@given(ANY_TEXT)
@example("\x1a0041")
@example("\x1ad800 \u00fc")
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert from_column(to_column(text)) == text


@given(ANY_TEXT)
def test_stored_text_is_valid_unicode_without_nul(text: str) -> None:
    assert b"\x00" not in to_column(text).encode("utf-8")


@given(st.dictionaries(ANY_TEXT, ANY_TEXT | st.floats(allow_nan=False) | st.none()))
def test_any_json_comes_back_as_it_was(data: dict[str, object]) -> None:
    assert from_json_column(json_column(data)) == data


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\x1a")))
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    assert to_column(text) == text


def test_halves_of_a_character_do_not_grow_together() -> None:
    halves = "\ud83d\ude00"

    assert from_json_column(json_column([halves])) == [halves]
    assert len(from_column(to_column(halves))) == 2


def test_only_counts_of_64_bits_are_stored() -> None:
    assert [count_column(number) for number in (None, 0, 2**63 - 1, 2**63)] == [None, 0, 2**63 - 1, None]
