import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passmuster.report.escape import HIDDEN_CATEGORIES
from passmuster.workflows.form.cards import Ask, Card, Option, Passage, keyed
from passmuster.workflows.form.screen import LEAST_LINES, Window, pages_of, screen, settled_page
from passmuster.workflows.form.state import ENTER, State, begin, press

JOINERS = "\u200c\u200d"
SCALE = tuple(Option(key=str(n), value=str(n)) for n in range(1, 6))
TONE = Ask(name="tone", text="tone: Is it polite?", options=SCALE)


def form(text: str, *asks: Ask) -> State:
    return begin((Card(passages=(Passage(title="Reply", text=text),), asks=asks or (TONE,)),), at=0.0)


def shown(state: State, window: Window | None = None) -> str:
    return "\n".join(screen(state, window or Window()))


def test_a_screen_says_where_one_is_what_is_asked_and_which_keys_there_are() -> None:
    assert shown(form("Go away.")).split("\n") == [
        "1 of 1",
        "-- Reply --",
        "Go away.",
        "",
        "tone: Is it polite?",
        "1  2  3  4  5",
        "s skip  n note  u undo  q quit",
    ]


def test_anchors_stand_beside_their_keys() -> None:
    options = (Option(key="1", value="1", meaning="rude"), Option(key="2", value="2"))
    found = shown(form("Hi", Ask(name="tone", text="Polite?", options=options)))
    assert "\n  1  rude\n  2\n" in found


def test_many_answers_are_listed_in_a_row_where_lines_are_few() -> None:
    ask = Ask(name="label", text="Which?", options=keyed(f"label number {n}" for n in range(20)))
    low = screen(form("Hi", ask), Window(columns=80, lines=24))
    high = screen(form("Hi", ask), Window(columns=80, lines=60))
    assert "1  label number 0  2  label number 1" in "\n".join(low)
    assert "\n  1  label number 0\n  2  label number 1" in "\n".join(high)


def test_a_long_text_is_shown_in_pages_that_miss_nothing() -> None:
    text = "\n".join(f"line {n}" for n in range(100))
    window = Window(lines=20)
    state = form(text)
    seen: list[str] = []
    for page in range(pages_of(state, window)):
        lines = screen(replace(state, page=page), window)
        assert len(lines) < 20
        assert "space on, - back" in lines[0]
        seen += [line for line in lines if line.startswith("line ")]
    assert seen == text.split("\n")


def test_the_last_page_stays_the_last() -> None:
    state = replace(form("\n".join("x" * 100)), page=10_000)
    assert settled_page(state, Window()) == pages_of(state, Window()) - 1
    assert screen(state, Window()) == screen(replace(state, page=settled_page(state, Window())), Window())


def test_some_lines_of_the_text_are_shown_in_the_lowest_window() -> None:
    lines = screen(form("\n".join(f"line {n}" for n in range(100))), Window(columns=20, lines=3))
    assert sum(line.startswith(("line", "--")) for line in lines) == LEAST_LINES


@pytest.mark.parametrize("columns", [20, 33, 80])
def test_no_line_is_wider_than_the_window(columns: int) -> None:
    text = "word " * 30 + "x" * 100 + " 漢字" * 40
    for line in screen(form(text), Window(columns=columns, lines=200)):
        assert sum(2 if ord(char) > 0x3000 else 1 for char in line) < columns


def test_lines_break_at_blanks_and_no_word_is_lost() -> None:
    text = "one two three four five six seven eight nine ten"
    lines = screen(form(text), Window(columns=24))
    assert " ".join(lines[2:-4]).split() == text.split()
    assert lines[2] == "one two three four five"


def test_what_others_wrote_cannot_move_the_cursor() -> None:
    found = shown(form("a\x1b[2Jb\rc\x07d\u202ee\x9b1m"))
    assert not set(found) & {"\x1b", "\r", "\x07", "\u202e", "\x9b"}
    assert r"a\x1b[2Jb\rc\x07d\u202ee\x9b1m" in found


def test_a_terminal_that_cannot_say_a_character_shows_an_escape() -> None:
    state = form("Zoë · 漢")
    assert "Zoë · 漢" in shown(state)
    assert r"Zo\xeb \xb7 \u6f22" in shown(state, Window(encoding="ascii"))
    assert r"Zoë · \u6f22" in shown(state, Window(encoding="latin-1"))
    shown(state, Window(encoding="latin-1")).encode("latin-1")


def test_half_a_surrogate_pair_is_shown() -> None:
    shown(form("a\ud800b")).encode("utf-8")


def test_an_enormous_text_is_cut_with_a_word() -> None:
    state = form("x" * 300_000)
    last = replace(state, page=pages_of(state, Window()) - 1)
    assert "(cut here: 300,000 characters in all)" in shown(last)


def test_an_empty_reply_is_told_from_nothing_shown() -> None:
    assert "-- Reply --\n(nothing)\n" in shown(form(""))


def test_what_is_typed_and_said_is_shown() -> None:
    other = Ask(name="safe", text="Safe?", options=SCALE)
    state = form("Hi", TONE, other)
    state = press(state, "4", 1.0).state
    assert "tone: 4\nSafe?" in shown(state)
    for key in "nodd":
        state = press(state, key, 1.0).state
    assert shown(state).endswith("Enter keeps it, Esc leaves it\nNote: odd_")
    state = press(state, ENTER, 1.0).state
    assert "Note: odd\n" in shown(state)


def test_nothing_is_shown_when_all_is_over() -> None:
    assert screen(press(form("Hi"), "q", 1.0).state, Window()) == ()


@given(
    st.text(max_size=300),
    st.integers(1, 120),
    st.integers(1, 40),
    st.sampled_from(["utf-8", "ascii", "cp1252"]),
)
def test_any_text_can_be_shown_anywhere(text: str, columns: int, lines: int, encoding: str) -> None:
    window = Window(columns=columns, lines=lines, encoding=encoding)
    state = form(text)
    for page in range(pages_of(state, window)):
        for line in screen(replace(state, page=page), window):
            line.encode(encoding)
            assert (
                not {unicodedata.category(char) for char in line if char not in JOINERS} & HIDDEN_CATEGORIES
            )


def test_a_text_opens_no_passage_of_its_own() -> None:
    lines = shown(form("Good.\n-- Reply B --\nBad.\n---")).split("\n")
    assert [line for line in lines if line.startswith("-- ")] == [lines[1]], "one title: that of the passage"
    assert " -- Reply B --" in lines
    assert "---" in lines
