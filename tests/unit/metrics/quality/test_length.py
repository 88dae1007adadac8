import pytest

from passmuster.metrics.quality.length import Length
from passmuster.records.case import Case
from passmuster.records.trial import Reply

CASE = Case(id="1", input="")


def test_words_characters_and_sentences_are_counted() -> None:
    reply = Reply(text="Dr. Smith paid 3.5 %. Why?\n\nNo idea")
    assert Length().score(CASE, reply).value == 8
    assert Length(unit="characters").score(CASE, reply).value == len(reply.text)
    assert Length(unit="sentences").score(CASE, reply).value == 3


@pytest.mark.parametrize("unit", ["words", "characters", "sentences"])
def test_an_empty_reply_has_no_length(unit: str) -> None:
    assert Length(unit=unit).score(CASE, Reply(text="")).value == 0  # type: ignore[arg-type]


def test_each_letter_of_a_script_without_blanks_is_a_word() -> None:
    assert Length().score(CASE, Reply(text="我喜欢 tea")).value == 4
