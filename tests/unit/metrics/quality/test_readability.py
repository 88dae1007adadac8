import pytest

from passmuster.metrics.quality.readability import Readability, syllables
from passmuster.records.case import Case
from passmuster.records.score import Score, ScoreFailure
from passmuster.records.trial import Reply

CASE = Case(id="1", input="")
GERMAN = (
    "Die Versicherung zahlt nicht, wenn der Schaden durch grobe Fahrlässigkeit entstanden ist und das "
    "nachgewiesen wird."
)


def value(text: str, **options: str) -> float:
    found = Readability(**options).score(CASE, Reply(text=text))  # type: ignore[arg-type]
    assert isinstance(found, Score), found
    return found.value


def why(text: str, **options: str) -> str:
    found = Readability(**options).score(CASE, Reply(text=text))  # type: ignore[arg-type]
    assert isinstance(found, ScoreFailure), found
    return found.kind


def test_lix_is_words_per_sentence_and_the_percentage_of_long_words() -> None:
    # 10 words, 2 sentences, 2 words of over six letters: 10 / 2 + 100 * 2 / 10
    text = "The weather was dreadful in May. We all went home."
    assert value(text) == pytest.approx(25.0)


def test_a_word_of_six_letters_is_not_long_and_one_of_seven_is() -> None:
    assert value("sister") == 1.0
    assert value("brother") == 101.0


def test_flesch_is_made_of_words_sentences_and_syllables() -> None:
    # 6 words, 1 sentence, 6 syllables
    assert value("The cat sat on the mat.", formula="flesch") == pytest.approx(206.835 - 1.015 * 6 - 84.6)


def test_longer_sentences_and_longer_words_are_harder_by_either_formula() -> None:
    easy = "The fee is due. You pay it now. We thank you."
    hard = "Notwithstanding contractual provisions, remuneration obligations materialise immediately, irrespectively."
    assert value(hard) > value(easy)
    assert value(hard, formula="flesch") < value(easy, formula="flesch")
    assert Readability().direction == "lower"
    assert Readability(formula="flesch").direction == "higher"


def test_items_of_a_list_and_headings_are_sentences_of_their_own() -> None:
    listed = "# What to do\n- Call the bank\n- Stop the card\n- Write to us"
    assert value(listed) < value(" ".join(listed.replace("#", "").replace("- ", "").split()))


def test_code_is_no_prose() -> None:
    assert value(
        "Run it.\n```\nextraordinarily_long_identifier = another_extraordinary_identifier\n```"
    ) == value("Run it.")


@pytest.mark.parametrize("text", ["", "42 %", "```\nx = 1\n```", "我喜欢喝茶。"])
def test_what_has_no_words_that_stand_apart_has_no_figure(text: str) -> None:
    assert why(text) == "not_applicable"


def test_flesch_is_for_english_only_and_lix_for_any_language() -> None:
    assert why(GERMAN, formula="flesch") == "not_applicable"
    assert value(GERMAN) > 40


SPOKEN = {
    "a": 1,
    "table": 2,
    "people": 2,
    "cake": 1,
    "cakes": 1,
    "boxes": 2,
    "houses": 2,
    "walked": 1,
    "wanted": 2,
    "played": 1,
    "reading": 2,
    "document": 3,
    "payment": 2,
    "customer": 3,
    "information": 4,
    "the": 1,
    "they're": 2,
    "well-known": 2,
    "queue": 1,
    "immediately": 5,
}


def test_syllables_are_those_of_a_dictionary_in_nearly_all_of_these_words() -> None:
    wrong = [word for word, count in SPOKEN.items() if syllables(word) != count]
    assert len(wrong) <= 2, wrong
