"""Texts are cut in two, and asked for with the name of the source and without."""

from passmuster.corpus.contamination.completion import completion_case, halves
from passmuster.records.case import Case
from passmuster.records.text import input_text

LONG = [Case(id=str(n), input=" ".join(f"w{n}x{k}" for k in range(20)), stratum="s") for n in range(30)]


def test_a_text_is_cut_between_two_words() -> None:
    (half,) = halves(LONG[:1], 5)
    assert f"{half.first} {half.second}" == LONG[0].input


def test_a_short_text_says_too_little() -> None:
    assert halves([Case(id="1", input="one two three four five six seven")], 5) == []


def test_the_draw_hangs_on_the_seed_and_not_on_the_order() -> None:
    first = [half.case.id for half in halves(LONG, 10, seed=1)]
    assert first == [half.case.id for half in halves(LONG[::-1], 10, seed=1)]
    assert first != [half.case.id for half in halves(LONG, 10, seed=2)]


def test_of_a_group_one_text_is_taken() -> None:
    same = [Case(id=str(n), input=LONG[n].input, group="user") for n in range(10)]
    assert len(halves(same, 5)) == 1


def test_a_text_without_blanks_is_cut_in_the_middle() -> None:
    text = "\uff0c".join("我的卡在哪里" for _ in range(20))
    (half,) = halves([Case(id="1", input=text)], 5)
    assert half.first + half.second == text
    assert half.first
    assert half.second


def test_the_two_questions_differ_only_in_the_name() -> None:
    (half,) = halves(LONG[:1], 1)
    named, unnamed = completion_case(half, "the corpus"), completion_case(half, None)
    assert input_text(named.input).replace(" from the corpus", "") == input_text(unnamed.input)
    assert half.first in input_text(named.input)
    assert half.second.split()[0] not in input_text(named.input)


def test_a_question_may_go_where_its_case_may() -> None:
    tagged = Case(id="1", input=LONG[0].input, stratum="secret", tags=("personal_data",))
    asked = completion_case(halves([tagged], 1)[0], None)
    assert (asked.stratum, asked.tags) == ("secret", ("personal_data",))
