"""choice: the option that a reply takes is read however it is said."""

from dataclasses import replace
from typing import Any

import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.text.choice import Choice
from passmuster.metrics.text.choices import MOST_CHARACTERS, read_choice
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

CITIES = ["Rome", "Paris", "Oslo", "New York"]


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        (" (b). ", "B"),
        ("**B**", "B"),
        ("The answer is (B).", "B"),
        ("Answer: B", "B"),
        ("The correct answer is option B because A is far away.", "B"),
        ("A is tempting. So the final answer would be: **B**", "B"),
        ("the answer is b)", "B"),
        (r"Thus $\boxed{B}$", "B"),
        (r"The answer is $\boxed{\text{B}}$", "B"),
        ("B is correct, A is not.", "B"),
        ("B) Paris", "B"),
        ("I would say Paris.", "B"),
        ("Let us see.\nB. It lies on the Seine.", "B"),
        ("Surely it is (B)", "B"),
        ("The answer is (A). No, wait: the answer is (B).", "B"),
        ("The answer is a matter of taste.", None),
        ("Rome or Paris, who knows?", None),
        ("I do not know.", None),
        ("", None),
    ],
)
def test_a_choice_is_read(text: str, letter: str | None) -> None:
    found = read_choice(text, "ABCD", CITIES)
    assert (found.letter if found else None) == letter


def test_the_first_of_several_answers_can_count() -> None:
    text = "The answer is (C).\n\nQuestion: and now? The answer is (A)."

    assert read_choice(text, "ABCD", which="first") == ("C", "stated")
    assert read_choice(text, "ABCD") == ("A", "stated")


def test_a_function_of_that_name_is_no_choice() -> None:
    assert read_choice("So the answer is $C(8, 5) = 56$. The answer is (D).", "ABCD", which="first") == (
        "D",
        "stated",
    )


def test_of_options_within_one_another_the_longest_counts() -> None:
    assert read_choice("I take red wine.", "AB", ["wine", "red wine"]) == ("B", "option")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("It is -5.", "A"),
        ("It is 5.", "B"),
        ("It is 1.5", "C"),
        ("So 15", "D"),
        ("x = \u22125", "A"),
        ("2.5", None),
    ],
)
def test_a_minus_and_a_decimal_point_tell_options_apart(text: str, letter: str | None) -> None:
    found = read_choice(text, "ABCD", ["-5", "5", "1.5", "15"])
    assert (found.letter if found else None) == letter


@pytest.mark.parametrize(
    ("text", "letter"), [("Answer: I think it is (B).", "B"), ("The answer is I because of that.", "I")]
)
def test_the_word_i_is_not_the_letter(text: str, letter: str) -> None:
    found = read_choice(text, "ABCDEFGHIJ")
    assert found is not None
    assert found.letter == letter


@pytest.mark.timeout(30)  # minutes, where the time grows with the square of the number of lead-ins
def test_texts_of_nothing_but_lead_ins_do_not_hang() -> None:
    assert not any(read_choice("choice the " * 3600, letters) for letters in ["AB"] * 50)


def test_in_a_long_reply_both_ends_are_read() -> None:
    text = "a " * MOST_CHARACTERS + "The answer is (B)."

    assert read_choice(text, "AB") == ("B", "stated")


def scored(case: Case, text: str, **options: Any) -> Score:
    outcome = Choice(**options).score(case, Reply(text=text))
    assert isinstance(outcome, Score)
    return outcome


@pytest.mark.parametrize("options", [CITIES, dict(zip("ABCD", CITIES, strict=True))])
@pytest.mark.parametrize("reference", ["B", "(b)", "paris", ["A", "Paris"]])
def test_options_come_from_the_case_and_the_reference_names_one(options: Any, reference: Any) -> None:
    case = Case(id="1", input={"question": "?", "options": options}, reference=reference)

    assert scored(case, "It is Paris.").value == 1
    assert scored(case, "The answer is D").value == 0
    assert scored(case, "Answer: B").details == {"read_by": "stated"}


def test_a_reference_that_is_an_option_letter_by_letter_names_it() -> None:
    case = Case(id="1", input={"options": ["5%", "-5", "5", "C"]}, reference="5%")

    assert scored(case, "A").value == 1
    assert scored(replace(case, reference="-5"), "B").value == 1
    assert scored(replace(case, reference="C"), "C").value == 1


def test_what_is_not_read_of_a_long_reply_is_said() -> None:
    case = Case(id="1", input={"options": CITIES}, reference="B")

    assert "20000" in str(scored(case, "Paris " * MOST_CHARACTERS).details["cut"])


def test_options_may_have_numbers_and_a_field_of_another_name() -> None:
    case = Case(id="1", input={"answers": CITIES}, reference="2")

    assert scored(case, "The answer is 2", letters="1234", field="answers").value == 1
    assert scored(case, "Paris", letters="1234", field="answers").answer == "2"


def test_without_options_letters_alone_are_read() -> None:
    case = Case(id="1", input="Which?", reference="C")

    assert scored(case, "Answer: (C)").value == 1
    assert scored(case, "No idea.").details["unreadable"] is True


def test_a_reference_that_is_no_option_says_nothing_of_the_candidate() -> None:
    outcome = Choice(options=("one", "two")).score(Case(id="1", input="", reference="C"), Reply(text="A"))
    assert isinstance(outcome, ScoreFailure)
    assert (outcome.kind, "none of the options A, B" in outcome.message) == ("wrong_reference", True)


@pytest.mark.parametrize(
    "options", [{"letters": "AAB"}, {"letters": "A B"}, {"letters": "", "options": ("a",)}]
)
def test_letters_that_make_no_sense_are_an_error(options: Any) -> None:
    with pytest.raises(ConfigurationError):
        Choice(**options)
