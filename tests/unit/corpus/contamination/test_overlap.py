"""Copies are found wherever they stand, and what only looks like one is not."""

import random

import pytest

from passmuster.corpus.contamination.overlap import Wanted
from passmuster.corpus.contamination.passages import Passage, pieces, strings
from passmuster.records.case import Case, Conversation, Document, Input, Message

WORDS = [f"word{number}" for number in range(2000)]
DRAW = random.Random(7)  # noqa: S311 - words, no secret


def text(count: int) -> str:
    return " ".join(DRAW.choice(WORDS) for _ in range(count))


def case(value: Input, name: str = "c", group: str | None = None) -> Case:
    return Case(id=name, input=value, group=group)


def holds(wanted: Case, passage: str, background: tuple[Case, ...] = ()) -> bool:
    found = Wanted([wanted], background).found("source", [Passage("here", passage)])
    return bool(found.copied)


def test_thirteen_words_in_the_middle_of_another_text_are_found() -> None:
    long = text(60)
    middle = " ".join(long.split()[20:33])
    assert holds(case(long), f"{text(30)} {middle} {text(30)}")


def test_twelve_words_of_a_longer_text_are_not() -> None:
    long = text(60)
    middle = " ".join(long.split()[20:32])
    assert not holds(case(long), f"{text(30)} {middle} {text(30)}")


def test_case_and_punctuation_do_not_hide_a_copy() -> None:
    long = text(20)
    assert holds(case(long), long.upper().replace(" ", ", ") + "!")


@pytest.mark.parametrize("count", [8, 10, 12])
def test_a_short_text_is_found_whole_among_other_words(count: int) -> None:
    short = text(count)
    assert holds(case(short), f"{text(9)} {short} {text(9)}")
    assert not holds(case(short), " ".join(short.split()[:-1]) + " " + text(3))


@pytest.mark.parametrize("count", [3, 5, 7])
def test_a_shorter_one_is_found_only_as_a_line_or_behind_a_label(count: int) -> None:
    short = text(count)
    assert holds(case(short), f"{text(9)}\n{short}?\n{text(9)}")
    assert holds(case(short), f"Example\nInput: {short}\nLabel: x")
    assert not holds(case(short), f"{text(9)} {short} {text(9)}")


@pytest.mark.parametrize("value", ["yes", "thank you", "", "?!"])
def test_a_text_of_a_word_or_two_is_not_looked_for(value: str) -> None:
    wanted = Wanted([case(value)])
    assert wanted.looked_for == 0
    assert not wanted.found("source", [Passage("here", value)]).copied


def test_each_field_is_looked_for_by_itself() -> None:
    subject, body = text(9), text(30)
    both = case({"subject": subject, "body": body})
    assert holds(both, subject)
    assert holds(both, body)


def test_each_message_of_a_conversation_is_looked_for_and_no_document() -> None:
    said, document = text(20), text(40)
    wanted = Conversation(
        messages=(Message(role="user", content=said),), context=(Document(text=document),), system=text(30)
    )
    assert holds(case(wanted), said)
    assert not holds(case(wanted), document)


def test_short_fields_are_looked_for_together_where_none_is_long_enough() -> None:
    wanted = case({"city": "Rome", "country": "Italy"})
    assert Wanted([wanted]).looked_for == 1


def test_the_share_is_that_of_the_words_that_stand_in_copied_runs() -> None:
    long = text(40)
    found = Wanted([case(long)]).found("s", [Passage("p", " ".join(long.split()[:20]))])
    (copied,) = found.copied
    assert copied.share == pytest.approx(0.5)
    assert copied.excerpt == " ".join(long.split()[:20])
    assert copied.place == "p"


def test_the_place_is_that_of_the_first_text_that_has_any_of_it() -> None:
    long = text(40)
    passages = [Passage("a", text(30)), Passage("b", long), Passage("c", long)]
    found = Wanted([case(long)]).found("s", passages)
    assert found.copied[0].place == "b"
    assert found.texts == 3


def test_one_source_does_not_remember_the_one_before() -> None:
    long = text(40)
    wanted = Wanted([case(long)])
    assert wanted.found("a", [Passage("p", long)]).copied
    assert not wanted.found("b", [Passage("p", text(40))]).copied


def test_a_run_that_stands_in_many_cases_is_boilerplate_and_does_not_count() -> None:
    letter = text(20)
    cases = [case(f"{letter} {text(20)}", str(number)) for number in range(10)]
    found = Wanted(cases).found("s", [Passage("p", f"{text(5)} {letter} {text(5)}")])
    assert found.copied == []
    assert found.boilerplate == {each.id for each in cases}


def test_boilerplate_is_learned_from_other_cases_of_the_kind_too() -> None:
    letter = text(20)
    one = case(f"{letter} {text(20)}")
    others = tuple(case(f"{letter} {text(20)}", f"o{number}") for number in range(10))
    assert holds(one, letter)
    assert not holds(one, letter, others)


def test_what_is_left_of_a_case_with_boilerplate_is_still_found() -> None:
    letter, own = text(20), text(20)
    cases = [case(f"{letter} {text(20)}", str(number)) for number in range(10)]
    cases.append(case(f"{letter} {own}", "own"))
    found = Wanted(cases).found("s", [Passage("p", f"{letter} {own}")])
    assert [each.case for each in found.copied] == ["own"]
    assert found.copied[0].share < 1


def test_a_conversation_that_fills_many_cases_is_no_boilerplate() -> None:
    opening = text(20)
    cases = [case(f"{opening} {text(20)}", str(number), group="one user") for number in range(30)]
    found = Wanted(cases).found("s", [Passage("p", opening)])
    assert len(found.copied) == 30


def test_equal_cases_count_once_for_boilerplate() -> None:
    same = text(20)
    cases = [case(same, str(number)) for number in range(30)]
    assert len(Wanted(cases).found("s", [Passage("p", same)]).copied) == 30


def test_a_copy_in_every_row_of_a_source_is_found_although_it_is_everywhere_there() -> None:
    few_shot = text(20)
    rows = [Passage(str(number), f"{few_shot} {text(20)}") for number in range(200)]
    assert Wanted([case(few_shot)]).found("s", rows).copied


def test_no_text_and_no_case_are_no_trouble() -> None:
    assert Wanted([]).found("s", [Passage("p", text(30))]).copied == []
    assert Wanted([case(text(20))]).found("s", []).copied == []


def test_a_script_without_blanks_is_found_as_a_line() -> None:
    assert holds(case("我的卡在哪里 我昨天丢了它 请帮帮我"), "问题\n我的卡在哪里 我昨天丢了它 请帮帮我\n")


def test_pieces_of_an_input_and_strings_of_a_value() -> None:
    assert pieces("a b") == ["a b"]
    assert pieces({"a": "x", "b": {"c": ["y", 1]}}) == ["x", "y"]
    assert list(strings([{"b": "1"}, "2", None, 3])) == ["1", "2"]


def test_a_value_nested_ten_thousand_deep_is_read() -> None:
    deep: object = "x"
    for _ in range(10_000):
        deep = [deep]
    assert list(strings(deep)) == ["x"]
