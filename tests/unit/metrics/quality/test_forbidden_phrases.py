import pytest

from passmuster.errors import ConfigurationError
from passmuster.metrics.quality.forbidden_phrases import ForbiddenPhrases
from passmuster.metrics.quality.words import FILLER
from passmuster.metrics.quotes import folded
from passmuster.records.case import Case
from passmuster.records.trial import Reply

CASE = Case(id="1", input="")


def found(text: str, metric: ForbiddenPhrases | None = None) -> object:
    score = (metric or ForbiddenPhrases()).score(CASE, Reply(text=text))
    assert score.value == float(not score.details["forbidden"])
    return score.details["forbidden"]


@pytest.mark.parametrize(
    "text",
    [
        "Certainly! Here is your text.",
        "CERTAINLY!  **Here** is your text.",
        "certainly!\nhere",
    ],
)
def test_a_phrase_is_found_whatever_its_capitals_blanks_and_marks(text: str) -> None:
    assert found(text) == ["certainly! here"]


def test_typographic_apostrophes_are_apostrophes() -> None:
    assert found("It\u2019s worth noting that he paid.") == ["it's worth noting"]


def test_a_part_of_a_word_is_no_phrase() -> None:
    metric = ForbiddenPhrases(phrases=("as an AI",), filler=())
    assert found("It was an aid. He worked as an aide.", metric) == []
    assert found("It was an AI.", metric) == []
    assert found("(As an AI, no.)", metric) == ["as an AI"]
    assert found("He works as an aide, and as an AI.", metric) == ["as an AI"]


def test_phrases_are_listed_in_the_order_of_the_reply_with_their_places() -> None:
    reply = Reply(text="Fine.\nFeel free to ask.\nI hope this helps.")
    score = ForbiddenPhrases().score(CASE, reply)
    assert score.details["forbidden"] == ["feel free to", "I hope this helps"]
    places = score.details["places"]
    assert isinstance(places, list)
    assert [(each["line"], reply.text[each["start"] : each["end"]]) for each in places] == [
        (2, "Feel free to"),
        (3, "I hope this helps"),
    ]


def test_a_pattern_is_searched_and_its_match_is_shown() -> None:
    metric = ForbiddenPhrases(patterns=(r"(?i)\bplease\b", "[0-9]{4}-[0-9]{4}"), filler=())
    assert found("Grüße. Please pay to 1234-5678.", metric) == ["Please", "1234-5678"]
    score = metric.score(CASE, Reply(text="Grüße.\nPlease"))
    assert score.details["places"] == [{"phrase": "Please", "line": 2, "start": 7, "end": 13}]


def test_filler_comes_in_lists_by_language_and_can_be_left_out() -> None:
    assert found("Ich hoffe, das hilft!") == []
    assert found("Ich hoffe, das hilft!", ForbiddenPhrases(filler=("de",))) == ["ich hoffe, das hilft"]
    assert found("I hope this helps", ForbiddenPhrases(phrases=("x",), filler=())) == []


@pytest.mark.parametrize(
    "options",
    [
        {"filler": ()},
        {"filler": ("fr",)},
        {"phrases": (" ",)},
        {"phrases": ("**",)},
        {"patterns": ("(?=a)",)},
        {"patterns": ("a*",)},
        {"phrases": tuple(f"phrase {n}" for n in range(501))},
    ],
)
def test_options_that_forbid_nothing_or_everything_are_refused(options: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ConfigurationError):
        ForbiddenPhrases(**options)  # type: ignore[arg-type]


def test_no_ready_list_says_a_phrase_twice() -> None:
    for phrases in FILLER.values():
        bare = [folded(phrase) for phrase in phrases]
        assert len(set(bare)) == len(bare)


def test_plain_answers_hold_no_filler() -> None:
    for text in ("The fee is 5 %.", "Yes, under clause 4.2.", "Call us at noon; we are open until six."):
        assert found(text) == []
