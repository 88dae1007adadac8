import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.errors import UsageError
from passmuster.workflows.form.cards import ANSWER_KEYS, COMMANDS, Ask, Card, Option, Passage, keyed
from passmuster.workflows.form.state import (
    BACK,
    BACKSPACE,
    END,
    ENTER,
    ESCAPE,
    ON,
    Entry,
    State,
    begin,
    press,
)

TONE = Ask(name="tone", text="Polite?", options=tuple(Option(key=str(n), value=str(n)) for n in range(1, 6)))
SAFE = Ask(name="safe", text="Safe?", options=(Option(key="0", value="0"), Option(key="1", value="1")))
LABEL = Ask(name="label", text="Which?", options=keyed(["billing", "refund"]), typed=True)
GRADE = Ask(name="grade", text="How good?", typed=True, low=0, high=100)


def card(*asks: Ask) -> Card:
    return Card(passages=(Passage(title="Reply", text="Hi"),), asks=asks or (TONE, SAFE))


def form(*cards: Card) -> State:
    return begin(cards or (card(), card(), card()), at=100.0)


def after(state: State, *keys: str, at: float = 100.0) -> tuple[State, list[Entry]]:
    """Return the state after these keys, one each second, and what was to be kept."""
    kept = []
    for second, key in enumerate(keys, start=1):
        state, entry = press(state, key, at + second)
        if entry is not None:
            kept.append(entry)
    return state, kept


def test_an_answer_to_each_question_makes_an_entry_and_the_next_card_comes() -> None:
    state, kept = after(form(), "4", "1")
    assert [dict(entry.answers or {}) for entry in kept] == [{"tone": "4", "safe": "1"}]
    assert (state.place, state.answers, kept[0].place, kept[0].again) == (1, (), 0, False)


def test_the_seconds_of_a_card_count_from_when_it_came() -> None:
    _, kept = after(form(), "4", "1", ON, "2", "0")
    assert [entry.seconds for entry in kept] == [2.0, 3.0]


def test_a_skipped_card_has_an_entry_without_answers() -> None:
    state, kept = after(form(), "4", "s")
    assert (kept[0].answers, state.place) == (None, 1)


def test_the_form_is_over_after_the_last_card_and_no_key_does_anything_then() -> None:
    state, kept = after(form(card()), "4", "1")
    assert state.over
    assert not state.left
    assert len(kept) == 1
    assert press(state, "4", 200.0) == (state, None)


@pytest.mark.parametrize("key", ["q", END, "Q"])
def test_whoever_leaves_leaves_at_once_and_what_is_half_answered_is_not_kept(key: str) -> None:
    state, kept = after(form(), "4", key)
    assert (state.over, state.left, kept) == (True, True, [])


def test_undo_takes_back_the_answer_before_then_the_card_before() -> None:
    half, _ = after(form(), "4")
    assert after(half, "u")[0].answers == ()
    assert after(form(card(TONE, SAFE, LABEL)), "4", "1", "u")[0].answers == ("4",)
    whole, _ = after(form(), "4", "1")
    back, kept = after(whole, "u")
    assert (back.place, back.answers, kept) == (0, (), [])


def test_what_is_said_again_is_marked_as_taking_the_place_of_what_was_said() -> None:
    _, kept = after(form(), "4", "1", "u", "2", "0", "5", "1")
    assert [(entry.place, entry.again, dict(entry.answers or {})["tone"]) for entry in kept] == [
        (0, False, "4"),
        (0, True, "2"),
        (1, False, "5"),
    ]


def test_enter_leaves_what_was_said_before_as_it_was() -> None:
    state, kept = after(form(), "4", "1", "u", ENTER)
    assert (state.place, len(kept)) == (1, 1)


def test_enter_does_not_pass_by_a_card_that_nothing_was_said_of() -> None:
    state, kept = after(form(), ENTER)
    assert (state.place, kept) == (0, [])
    assert state.message


def test_there_is_nothing_to_undo_at_the_first_card() -> None:
    state, _ = after(form(), "u")
    assert (state.place, state.message) == (0, "There is nothing to undo: this is the first one.")


def test_several_cards_can_be_undone() -> None:
    state, _ = after(form(), "4", "1", "4", "1", "u", "u")
    assert state.place == 0


def test_a_note_is_typed_and_kept_with_the_card_alone() -> None:
    state, kept = after(form(), "n", *"odd, 4", BACKSPACE, "5", ENTER, "4", "1", "3", "1")
    assert [entry.note for entry in kept] == ["odd, 5", None]
    assert state.place == 2


def test_a_note_that_is_left_is_not_kept() -> None:
    _, kept = after(form(), "n", *"odd", ESCAPE, "4", "1")
    assert kept[0].note is None


def test_a_note_can_be_set_right() -> None:
    _, kept = after(form(), "n", *"odd", ENTER, "n", BACKSPACE, BACKSPACE, BACKSPACE, ENTER, "4", "1")
    assert kept[0].note is None


def test_a_key_that_means_nothing_says_which_do() -> None:
    state, kept = after(form(), "9")
    assert (state.message, kept) == ("Press one of: 1 2 3 4 5", [])
    assert after(state, "4")[0].message == ""


def test_upper_case_is_taken_for_the_same_key() -> None:
    choice = Ask(name="better", text="Which?", options=(Option(key="a", value="first"),))
    assert dict(after(form(card(choice)), "A")[1][0].answers or {}) == {"better": "first"}


def test_pages_are_turned_and_begin_anew_with_each_card() -> None:
    state, _ = after(form(), " ", ON, BACK)
    assert state.page == 1
    assert after(state, "-", "-", BACKSPACE)[0].page == 0
    assert after(state, "s")[0].page == 0


def test_a_label_that_is_not_listed_is_typed() -> None:
    _, kept = after(form(card(LABEL), card(LABEL)), "/", *"snuq 1", ENTER, "2")
    assert [dict(entry.answers or {})["label"] for entry in kept] == ["snuq 1", "refund"]


def test_an_empty_answer_is_none() -> None:
    state, kept = after(form(card(LABEL)), "/", " ", ENTER)
    assert (kept, state.typing, state.place) == ([], None, 0)


def test_a_long_scale_is_typed_and_held_to() -> None:
    state, kept = after(form(card(GRADE), card(GRADE)), *"101", ENTER)
    assert kept == []
    assert state.message == "Type a whole number from 0 to 100, then Enter."
    _, kept = after(state, BACKSPACE, BACKSPACE, BACKSPACE, *"85", ENTER)
    assert dict(kept[0].answers or {}) == {"grade": "85"}


@pytest.mark.parametrize("text", ["-1", "8.5", "x", "٣", "1" * 30])
def test_what_is_no_number_of_the_scale_is_not_taken(text: str) -> None:
    assert after(form(card(GRADE)), "/", *text, ENTER)[1] == []


def test_a_scale_whose_numbers_begin_alike_waits_for_enter() -> None:
    assert dict(after(form(card(GRADE)), *"10", "0", ENTER)[1][0].answers or {}) == {"grade": "100"}


def test_no_answer_has_the_key_of_a_command() -> None:
    assert not set(ANSWER_KEYS) & set(COMMANDS)
    with pytest.raises(UsageError, match="cannot be told apart"):
        Ask(name="x", text="", options=(Option(key="s", value="1"),))
    with pytest.raises(UsageError, match="cannot be told apart"):
        Ask(name="x", text="", options=(Option(key="1", value="1"), Option(key="1", value="2")))
    with pytest.raises(UsageError, match="nothing can be answered"):
        Ask(name="x", text="")


def test_more_labels_than_keys_are_typed() -> None:
    assert len(keyed(map(str, range(31)))) == 31
    assert keyed(map(str, range(32))) == ()


KEYS = st.sampled_from([*"012345abstnuq/- x", ENTER, BACKSPACE, ESCAPE, ON, BACK])


@given(st.lists(KEYS, max_size=60))
def test_whatever_is_pressed_each_card_is_kept_once_and_set_right_only_afterwards(keys: list[str]) -> None:
    cards = (card(), card(LABEL), card(GRADE), card())
    state, kept = after(form(*cards), *keys)
    seen: set[int] = set()
    for entry in kept:
        assert entry.again == (entry.place in seen)
        seen.add(entry.place)
        names = [ask.name for ask in cards[entry.place].asks]
        assert entry.answers is None or list(entry.answers) == names
        assert entry.seconds >= 0
    assert seen == state.said
    assert sorted(seen) == list(range(len(seen)))
    assert state.over == (state.left or state.place == len(cards))
